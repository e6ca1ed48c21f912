"""A day of the log lived again: from a hand-made log exactly, from a real dispatcher's day nearly."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest

from civicline.engine.simulation import measured, simulate
from civicline.intake import services as intake
from civicline.kernel.errors import Invalid, Refused
from civicline.people import services as people
from civicline.routing import services as routing
from civicline.routing.models import Queue
from civicline.routing.selectors import offers_of
from civicline.workforce.day_replay import logged_days, past_day, replayed
from civicline.workforce.models import WhatIf
from civicline.workforce.scenarios import Changes
from civicline.workforce.services.scenarios import ask_what_if, past_answer, run_what_if
from tests.integration.workforce.conftest import TODAY
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


def pause(town: Town, seconds: float) -> None:
    """Time passes; everybody's desk stays open."""
    town.clock.advance(seconds)
    town.settle()


def hand_made(town: Town) -> None:
    """Nadia takes two chats in a row; a third resident gives up, a fourth waits to the end. A form comes in between."""
    nadia = town.agent(
        "Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1, "written": 0}
    )
    first = town.chat("council-tax")
    town.settle()
    routing.accept_offer(offer_id=offers_of(nadia)[0].id, agent_id=nadia)
    second = town.chat("council-tax")
    pause(town, 0)
    pause(town, 60)
    third = town.chat("council-tax")
    town.write("council-tax")
    pause(town, 0)
    pause(town, 30)
    intake.abandon(contact_id=third.id, reason="left")
    people.agent_seen(agent_id=nadia)
    pause(town, 30)
    routing.complete(contact_id=first.id, agent_id=nadia, disposition="solved")
    people.agent_seen(agent_id=nadia)
    town.settle()
    routing.accept_offer(offer_id=offers_of(nadia)[0].id, agent_id=nadia)
    pause(town, 60)
    town.chat("council-tax")
    people.agent_seen(agent_id=nadia)
    pause(town, 0)
    pause(town, 50)
    people.set_presence(agent_id=nadia, state="break", reason="lunch")
    pause(town, 10)
    routing.complete(contact_id=second.id, agent_id=nadia, disposition="solved")
    pause(town, 60)


def test_a_hand_made_log_is_told_as_it_was(town: Town) -> None:
    hand_made(town)
    past = past_day(TODAY)
    told = {one.fate: one for one in past.came if one.line == "council-tax" and one.fate != "answered"}
    answered = [one for one in past.came if one.fate == "answered"]
    assert [(one.waited, one.handled) for one in answered] == [(0.0, 120.0), (120.0, 120.0)]
    assert (told["left"].waited, told["left"].handled) == (30.0, None)
    assert told["waiting"].waited == 120.0
    assert {one.line for one in past.came} == {"council-tax", "council-tax~"}
    assert past.came[0].skills == (("council-tax", 1),)
    (nadia,) = past.people
    assert [(shift.start, shift.end) for shift in nadia.shifts] == [(9 * 3600, 9 * 3600 + 230)]
    assert {"council-tax", "council-tax~"} <= nadia.queues
    real = measured(past, ["council-tax"])
    assert (real.offered, real.answered, real.abandoned) == (4, 2, 2)
    assert real.mean_wait == pytest.approx(67.5)
    base, _other = replayed(past, Changes())
    again = simulate(base, replications=2).of_queues(["council-tax/1"])
    assert again["answered"].mean == 2
    assert again["mean_wait"].mean == pytest.approx(67.5)


def test_with_somebody_more_nobody_would_have_waited(town: Town) -> None:
    hand_made(town)
    more = Changes(extra=2, extra_queue="council-tax", extra_from=540, extra_until=1020)
    told = past_answer(past_day(TODAY), more, replications=4)
    assert told["real"]["mean_wait"] == pytest.approx(told["a"]["mean_wait"][0], rel=0.1)
    assert told["lines"]["council-tax"]["b"]["mean_wait"][0] < 1
    assert told["difference"]["mean_wait"][2] < 0
    assert told["offered"][18] == 4
    assert set(told["lines"]) == {"council-tax", "council-tax~"}


def test_more_contacts_longer_work_and_absence_are_changes_of_a_past_day(town: Town) -> None:
    hand_made(town)
    base, other = replayed(
        past_day(TODAY), Changes(more=100, handle=50, absent=20, self_service=30, closes=600)
    )
    assert (other.surges[0].factor, other.absence) == (2.0, 0.2)
    works = [
        [one.service for one in scenario.queues[0].arrivals.contacts if one.service]  # type: ignore[union-attr]
        for scenario in (base, other)
    ]
    assert works[1] == [1.5 * one for one in works[0]]
    assert other.queues[0].hours == ((0.0, 36_000.0),)
    assert (base.queues[0].hours, other.queues[0].self_service) == ((), 0.3)


def busy_day(town: Town) -> None:
    """Fifty chats, three people and a real dispatcher; they take what is offered and need four minutes on average."""
    chance = random.Random(7)
    for name in ("Nadia", "Omar", "Ines"):
        town.agent(
            name,
            queues=["council-tax", "benefits"],
            skills={"council-tax": 3, "benefits": 3},
            capacity={"chat": 1},
        )
    agents = people_there()
    ends: dict[UUID, tuple[UUID, float]] = {}
    left, seconds = 50, 0.0
    coming = 20.0
    while left or ends:
        town.clock.advance(15)
        seconds += 15
        for agent in agents:
            people.agent_seen(agent_id=agent)
        if left and seconds >= coming:
            town.chat(chance.choice(["council-tax", "benefits"]))
            left, coming = left - 1, seconds + chance.expovariate(1 / 85)
        for contact, (agent, at) in list(ends.items()):
            if seconds >= at:
                routing.complete(contact_id=contact, agent_id=agent, disposition="solved")
                del ends[contact]
        town.settle()
        for agent in agents:
            for offer in offers_of(agent):
                routing.accept_offer(offer_id=offer.id, agent_id=agent)
                ends[offer.contact_id] = (agent, seconds + chance.expovariate(1 / 240))


def people_there() -> list[UUID]:
    """Everybody who is available."""
    from civicline.people.selectors import agent_names

    return [agent_id for agent_id, _name in agent_names()]


def test_a_real_dispatchers_day_comes_out_nearly_as_it_was(town: Town) -> None:
    busy_day(town)
    past = past_day(TODAY)
    real = measured(past)
    assert (real.offered, real.answered) == (50, 50)
    again = simulate(replayed(past, Changes())[0], replications=5).total
    assert again["answered"].mean == 50
    assert again["mean_wait"].mean == pytest.approx(real.mean_wait, rel=0.15, abs=10)
    assert again["mean_handle"].mean == pytest.approx(real.mean_handle, rel=0.02)


def test_a_job_replays_the_day_and_keeps_the_answer(town: Town) -> None:
    hand_made(town)
    assert logged_days() == [TODAY]
    row = ask_what_if(name="One team", day=TODAY, changes=Changes(pool=True), past=True)
    run_what_if(row.pk, replications=3)
    row = WhatIf.objects.get(pk=row.pk)
    assert (row.kind, row.state, row.result["replications"]) == ("past", "done", 3)


def test_who_waited_since_the_day_before_comes_at_midnight_and_who_was_done_does_not(town: Town) -> None:
    nadia = town.agent(
        "Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 0, "written": 1}
    )
    done, late = town.write("council-tax"), town.write("council-tax")
    town.settle()
    routing.accept_offer(offer_id=offers_of(nadia)[0].id, agent_id=nadia)
    routing.complete(contact_id=done.id, agent_id=nadia, disposition="solved")
    pause(town, 24 * 3600)
    town.write("council-tax")
    pause(town, 60)
    pause(town, 1)
    past = past_day(TODAY + timedelta(days=1))
    assert (past.came[0].contact_id, past.came[0].at) == (str(late.id), 0.0)
    assert len(past.came) == 2


def test_days_without_a_log_are_refused_in_words(town: Town) -> None:
    with pytest.raises(Refused, match="has not begun"):
        past_day(TODAY + timedelta(days=2))
    with pytest.raises(Refused, match="no contacts"):
        past_day(TODAY - timedelta(days=2))
    with pytest.raises(Invalid):
        ask_what_if(name="Nothing", day=TODAY, changes=Changes(), past=True)
    assert Queue.objects.filter(active=True).exists()
