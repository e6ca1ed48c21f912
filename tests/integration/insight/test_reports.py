"""Reports against an independent recount of the log; occupancy, downloads, and the board's own numbers."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from dataclasses import astuple
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.insight import occupancy
from civicline.insight.board import day_of, read_board
from civicline.insight.reports import Report, day_report
from civicline.insight.services import give_feedback
from civicline.insight.tables import plain_report, report_rows
from civicline.kernel import selectors as kernel
from civicline.people import services as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing
from civicline.web.supervisor.tables import BOM, cell, csv_text
from tests.town import MONDAY_MORNING, Town

pytestmark = pytest.mark.django_db(transaction=True)


def live_a_morning(town: Town, contacts: int = 40) -> list[UUID]:
    """Chats of two queues: answered soon, late, given up at once, given up after a while; some transferred."""
    dice = random.Random(7)
    agents = [
        town.agent(name, queues=["council-tax", "benefits"], skills={"council-tax": 4, "benefits": 4})
        for name in ("Nadia", "Ruth")
    ]
    for number in range(contacts):
        contact = town.chat(dice.choice(["council-tax", "benefits"]))
        routing.triage(contact_id=contact.pk)
        kind = number % 8
        if kind == 0:
            town.clock.advance(3)
            routing.leave_queue(contact_id=contact.pk)
        elif kind == 1:
            town.clock.advance(dice.uniform(20, 400))
            routing.leave_queue(contact_id=contact.pk)
        else:
            town.clock.advance(dice.uniform(5, 300))
            agent, other = dice.sample(agents, 2)
            routing.assign(contact_id=contact.pk, agent_id=agent, by=agent, reason="the story")
            town.clock.advance(dice.uniform(30, 90))
            if kind == 2:  # a second wait is no second contact
                routing.assign(contact_id=contact.pk, agent_id=other, by=other, reason="the story goes on")
                agent = other
            routing.complete(contact_id=contact.pk, agent_id=agent, disposition="solved")
    return agents


def recount(report: Report) -> Counter[str]:
    """The same numbers, counted another way: contact by contact over its whole log."""
    found: Counter[str] = Counter()
    logs: dict[Any, list[Any]] = {}
    for event in kernel.events_since(0, 100_000):
        logs.setdefault(event.contact_id, []).append(event)
    for contact_id, log in logs.items():
        if contact_id is None:
            continue
        queued = next((event for event in log if event.name == "contact.queued"), None)
        end = next((one for one in log if one.name in ("contact.connected", "contact.abandoned")), None)
        if queued is None or end is None or not report.start <= end.at < report.end:
            continue
        waited = (end.at - queued.at).total_seconds()
        found["offered"] += 1
        if end.name == "contact.connected":
            found["answered"] += 1
            found["within"] += waited <= 180
            found["waited"] += round(waited * 1000)
        else:
            found["abandoned"] += 1
            found["short"] += waited < 5
    return found


def test_the_report_equals_a_recount_of_the_event_log(town: Town) -> None:
    live_a_morning(town)
    town.settle()
    report = day_report(MONDAY_MORNING)
    counts = report.total.counts
    again = recount(report)
    assert counts.offered == again["offered"] == 40
    assert counts.answered == again["answered"]
    assert counts.answered_within == again["within"]
    assert counts.abandoned == again["abandoned"] == 10
    assert counts.short_abandoned == again["short"] == 5
    assert counts.waited_seconds == pytest.approx(again["waited"] / 1000, abs=0.1)


def test_parts_add_up_to_the_whole_by_queue_channel_and_interval(town: Town) -> None:
    live_a_morning(town)
    report = day_report(MONDAY_MORNING)
    for rows in (
        [row for _queue, row in report.queues],
        list(report.channels),
        [row for _moment, row in report.intervals],
    ):
        assert sum(row.counts.offered for row in rows) == report.total.counts.offered
        assert sum(row.counts.answered_within for row in rows) == report.total.counts.answered_within
        assert sum(row.waits.told for row in rows) == report.total.waits.told
    assert len(report.intervals) > 4


def test_the_board_and_the_report_tell_the_same_day(town: Town) -> None:
    live_a_morning(town, 16)
    town.settle()
    board, report = read_board(), day_report(town.clock.now())
    assert board.counts == report.total.counts
    assert board.words == report.total.waits
    assert sum(board.arrivals) == report.total.arrived
    # The journal goes on from where it was read: what comes later is added, nothing twice.
    contact = town.chat("benefits")
    town.settle()
    routing.leave_queue(contact_id=contact.pk)
    town.settle()
    assert read_board().counts == day_report(town.clock.now()).total.counts


def test_satisfaction_belongs_to_the_queue_that_answered(town: Town) -> None:
    nadia = town.agent("Nadia", queues=["benefits"], skills={"benefits": 4})
    contact = town.chat("benefits")
    routing.triage(contact_id=contact.pk)
    routing.assign(contact_id=contact.pk, agent_id=nadia, by=nadia, reason="the story")
    elsewhere = routing_selectors.get_queue("council-tax")
    routing.transfer(contact_id=contact.pk, agent_id=nadia, to_queue=elsewhere)
    give_feedback(contact_id=contact.pk, satisfaction=5)
    answered, passed_on = (day_report(town.clock.now(), code) for code in ("benefits", "council-tax"))
    assert [sum(astuple(one.satisfaction)) for one in (answered, passed_on)] == [1, 0]


def test_another_day_is_another_report(town: Town) -> None:
    live_a_morning(town, 8)
    assert day_report(MONDAY_MORNING - timedelta(days=1)).total.counts.offered == 0


def test_occupancy_lays_presence_and_contacts_over_each_other(town: Town) -> None:
    nadia = town.agent("Nadia", queues=["benefits"], skills={"benefits": 4})  # available at 9:00:00
    town.clock.advance(100)
    first, second = town.chat("benefits"), town.chat("benefits")
    for contact in (first, second):
        routing.triage(contact_id=contact.pk)
        routing.assign(contact_id=contact.pk, agent_id=nadia, by=nadia, reason="the story")
    town.clock.advance(200)  # two chats at once: 200 busy seconds, not 400
    routing.start_wrap_up(contact_id=first.pk, agent_id=nadia)
    town.clock.advance(40)  # the second is still in conversation
    routing.complete(contact_id=second.pk, agent_id=nadia, disposition="solved")
    town.clock.advance(60)  # wrap-up of the first alone
    routing.complete(contact_id=first.pk, agent_id=nadia, disposition="solved")
    town.clock.advance(30)
    people.set_presence(agent_id=nadia, state="break", reason="rest")
    town.clock.advance(500)
    start, _end = day_of(MONDAY_MORNING)
    time = occupancy.work_time(start, town.clock.now(), before=start)[nadia]
    assert (time.talk, time.wrap_up, time.available) == (240, 60, 130)


def test_the_csv_is_rfc_4180_and_safe_in_a_spreadsheet(town: Town) -> None:
    live_a_morning(town, 8)
    text = csv_text(report_rows(day_report(MONDAY_MORNING)), bom=True)
    assert text.startswith(BOM)
    assert text.count("\r\n") == text.count("\n")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    level = next(row for row in rows if row["part"] == "day" and row["measure"].startswith("Service level"))
    assert float(level["value"]) == pytest.approx(float(level["numerator"]) / float(level["denominator"]))
    assert "promise" in level["definition"] or "within 180 s" in level["definition"]
    for nasty in ("=1+1", "+44 20", "-2", "@SUM(A1)", "\t=1", " =1"):
        assert cell(nasty).startswith("'")
    assert cell(-2.5) == "-2.5"
    assert csv_text([['say "yes"', "two\nlines", "a,b"]]) == '"say ""yes""","two\nlines","a,b"\r\n'


def test_plain_values_carry_the_definition_beside_each_number(town: Town) -> None:
    live_a_morning(town, 8)
    plain = plain_report(day_report(MONDAY_MORNING, "benefits"))
    assert plain["queue"] == "benefits"
    assert all(figure["definition"].endswith(".") for figure in plain["figures"])
    codes = [figure["code"] for figure in plain["figures"]]
    assert codes[:2] == ["service_level_counted", "service_level_left_out"]
    assert {"occupancy", "csat", "ces", "ewt_calibration", "ewt_mae"} <= set(codes)
