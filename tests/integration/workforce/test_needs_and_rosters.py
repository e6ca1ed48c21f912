"""From the need to people: requirements, coverage, a planned week, changes by hand, and rules told in words."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils.translation import override

from civicline.kernel import selectors as kernel
from civicline.kernel.errors import Conflict, Invalid
from civicline.routing.models import Queue
from civicline.workforce import wording
from civicline.workforce.models import Leave, Schedule, Shift
from civicline.workforce.rules import Finding, check, day_of, paid_minutes
from civicline.workforce.selectors import rosters
from civicline.workforce.selectors.coverage import cover, share_out
from civicline.workforce.selectors.staffing import week_needs
from civicline.workforce.services import rosters as services
from civicline.workforce.services.contracts import Hours, save_contract, save_pattern, save_wishes
from civicline.workforce.services.planning import ask_plan
from civicline.workforce.services.rosters import (
    change_shift,
    draft_shift,
    publish_week,
    remove_shift,
    withdraw_week,
)
from civicline.workforce.services.sites import save_site
from civicline.workforce.services.staffing import save_staffing
from tests.integration.workforce.conftest import TODAY, hire, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)  # a Monday
Crew = dict[str, UUID]


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found}


def test_the_need_follows_the_forecast_the_promise_and_the_open_hours(crew: Crew, queue: Queue) -> None:
    need = week_needs(NEXT, 1)[queue.pk][0]
    at_ten = need.starts.index(600)
    assert need.positions[at_ten] >= need.load[at_ten] / 0.9
    assert need.busy[at_ten] >= need.people[at_ten] > 0
    assert all(not people for start, people in zip(need.starts, need.people, strict=True) if start >= 1080)
    assert not any(week_needs(NEXT + timedelta(days=6), 1)[queue.pk][0].people)  # closed on Sunday
    before = need.people[at_ten]
    save_staffing(queue_id=queue.pk, shrinkage=0.5)
    assert week_needs(NEXT, 1)[queue.pk][0].people[at_ten] == pytest.approx(2 * before, abs=1)
    with pytest.raises(Invalid) as refused:
        save_staffing(queue_id=queue.pk, share=1.0, handle_seconds=0, opens=900, closes=600)
    assert set(refused.value.fields) == {"share", "handle_seconds", "closes"}


def test_people_are_shared_out_to_where_most_is_missing_the_least_free_first() -> None:
    assert share_out([(1, {1, 2}), (1, {1})], {1: 1, 2: 1}) == {1: 1, 2: 1}
    assert share_out([(1, {3})], {1: 2}) == {}
    assert share_out([(0.5, {1})], {1: 2}) == {1: 0.5}


def test_breaks_and_training_are_no_cover(crew: Crew) -> None:
    shift(crew["Asha"], NEXT)
    shift(crew["Bela"], NEXT, kind="training")
    day = cover(NEXT, 1)[0]
    assert (day.planned[15], day.planned[16], day.planned[24], day.planned[32]) == (0, 1, 0, 0)


def test_a_week_is_planned_within_law_and_contract_and_covers_most_of_the_need(crew: Crew) -> None:
    save_wishes(agent_id=crew["Asha"], wishes=[Hours(2, "cannot")])
    Leave.objects.create(
        agent_id=crew["Bela"], first=NEXT, last=NEXT + timedelta(6), state="approved", asked_at=kernel_now()
    )
    ask_plan(week=NEXT, seconds=2)
    work()
    schedule = Schedule.objects.get(week=NEXT)
    assert (schedule.planning, schedule.state, schedule.progress) == ("done", "draft", 100)
    shifts = rosters.shifts_of_week(NEXT)
    by_agent = {agent: [one for one in shifts if one.agent_id == agent] for agent in crew.values()}
    assert by_agent[crew["Bela"]] == []
    assert NEXT + timedelta(days=2) not in {day_of(one) for one in by_agent[crew["Asha"]]}
    known = rosters.team(crew.values(), NEXT, NEXT + timedelta(days=6))
    for agent, own in by_agent.items():
        assert [one for one in known.check(agent, own) if not one.soft] == []
    found = cover(NEXT, 7)
    assert sum(day.short for day in found) < 0.5 * sum(sum(day.needed) / 2 for day in found)
    assert kernel.history("schedule", NEXT.isoformat())[0].action == "schedule.planned"


def kernel_now() -> object:
    from civicline.kernel import clock

    return clock.now()


def test_a_plan_that_cannot_be_is_explained_by_name(crew: Crew, town: Town) -> None:
    save_contract(agent_id=crew["Asha"], week_min=38 * 60, row_max=5)
    save_wishes(agent_id=crew["Asha"], wishes=[Hours(day, "cannot") for day in range(5)])
    ask_plan(week=NEXT, seconds=2)
    work()
    schedule = Schedule.objects.get(week=NEXT)
    assert schedule.planning == "failed"
    (sentence,) = wording.finding_words(schedule.findings, NEXT)
    assert sentence.startswith(
        "Asha: at least 38 hours of work a week cannot go together with 120 hours away"
    )
    with override("fr"):
        assert wording.finding_words(schedule.findings, NEXT)  # nothing was stored as English
    assert not Shift.objects.exists()


def test_whoever_works_two_days_on_end_may_still_work_four_a_week(crew: Crew) -> None:
    save_contract(agent_id=crew["Asha"], week_min=30 * 60, row_max=2)
    ask_plan(week=NEXT, seconds=2)
    work()
    schedule = Schedule.objects.get(week=NEXT)
    assert (schedule.planning, schedule.findings) == ("done", [])
    days = {day_of(one) for one in rosters.shifts_of_week(NEXT) if one.agent_id == crew["Asha"]}
    assert len(days) == 4


def test_an_office_with_too_few_seats_is_told_of_by_its_name(crew: Crew) -> None:
    hall = save_site(code="town-hall", name="The old town hall", seats=1)
    for agent in crew.values():
        save_contract(agent_id=agent, site_id=hall.pk, place="office")
    ask_plan(week=NEXT, seconds=2)
    work()
    (sentence,) = wording.finding_words(Schedule.objects.get(week=NEXT).findings, NEXT)
    assert sentence.startswith("The old town hall has too few seats (1)")


def test_without_people_or_kinds_of_shifts_the_plan_says_so(town: Town) -> None:
    ask_plan(week=NEXT)
    work()
    findings = Schedule.objects.get(week=NEXT).findings
    assert wording.finding_words(findings) == ["There are no contracts yet."]


def test_rules_are_told_with_days_and_hours(crew: Crew) -> None:
    agent = crew["Asha"]
    late = shift(agent, NEXT, 720, 1380)
    early = draft_shift(
        agent_id=agent, start=late.start + timedelta(hours=18), end=late.start + timedelta(hours=29)
    )
    found = rosters.consequences([], [early])
    assert {"rest", "day_max"} <= codes([one for _agent, one in found.findings])
    words = [one.words() for _agent, one in found.findings if one.code == "rest"]
    assert words == ["Only 7 hours of rest before the shift on Tue 10 Mar; 11 are due."]
    contract = rosters.find_contract(agent)
    six = [
        draft_shift(agent_id=agent, start=late.start + timedelta(days=at), end=late.end + timedelta(days=at))
        for at in range(7)
    ]
    assert {"row", "week_max", "day_max"} <= codes(check(six, contract))
    assert "week_min" in codes(check([late], contract, weeks=[NEXT]))


def test_a_change_by_hand_shows_cover_before_and_after_and_stays_in_the_history(crew: Crew) -> None:
    one = shift(crew["Asha"], NEXT)
    found = rosters.consequences([one], [])
    assert found.short_after > found.short_before
    assert codes(found.hard) == {"short"}
    with pytest.raises(Conflict):
        shift(crew["Asha"], NEXT, 900, 1020, breaks=[])
    moved = change_shift(
        shift_id=one.pk, version=0, start=one.start + timedelta(hours=1), end=one.end + timedelta(hours=1)
    )
    with pytest.raises(Conflict):
        change_shift(shift_id=one.pk, version=0, agent_id=crew["Bela"])
    change_shift(shift_id=one.pk, version=moved.version, agent_id=None)
    remove_shift(shift_id=one.pk)
    done = [row.action for row in kernel.history("schedule", NEXT.isoformat())]
    assert sorted(done) == ["shift.added", "shift.given", "shift.moved", "shift.removed"]


def test_a_week_is_published_once_and_taken_back_only_before_it_begins(crew: Crew, town: Town) -> None:
    with pytest.raises(Conflict):
        publish_week(week=NEXT)
    shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    with pytest.raises(Conflict):
        publish_week(week=NEXT)
    with pytest.raises(Conflict):
        ask_plan(week=NEXT)
    withdraw_week(week=NEXT)
    publish_week(week=NEXT)
    town.clock.advance(8 * 86_400)
    with pytest.raises(Conflict):
        withdraw_week(week=NEXT)


def test_contracts_against_the_law_and_shifts_that_cannot_be_are_refused(town: Town) -> None:
    agent = town.agent("Gina", queues=["benefits"], skills={"benefits": 3})
    with pytest.raises(Invalid) as refused:
        save_contract(agent_id=agent, week_max=50 * 60, rest=480, week_min=60 * 60)
    assert set(refused.value.fields) == {"week_max", "rest", "week_min"}
    with pytest.raises(Invalid):
        save_pattern(code="Ärger", name="", start=1500, minutes=30)
    with pytest.raises(Invalid):
        save_pattern(code="x", name="X", start=480, minutes=240, breaks=[[200, 60, False]])
    hire(town, "Hana", ["benefits"])
    noon = town.clock.now()
    with pytest.raises(Invalid):
        draft_shift(agent_id=agent, start=noon, end=noon + timedelta(minutes=10))
    assert services.week_of(TODAY) == TODAY
    assert (
        paid_minutes(
            draft_shift(agent_id=None, start=noon, end=noon + timedelta(hours=8), breaks=[[60, 30, False]])
        )
        == 450
    )
