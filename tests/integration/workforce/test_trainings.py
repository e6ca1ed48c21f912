"""Trainings: found by the simulator, booked where they do least harm, and at their end their people serve the queue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.kernel.errors import Conflict, Invalid
from civicline.people.models import AgentSkill
from civicline.routing.models import Queue, QueueMember
from civicline.workforce.models import Shift, WhatIf
from civicline.workforce.services.approvals import ask_change, decide_change, preview, undo_change
from civicline.workforce.services.forecasts import ask_forecast
from civicline.workforce.services.rosters import remove_shift
from civicline.workforce.services.scenarios import ask_training, run_what_if
from civicline.workforce.services.staffing import save_staffing
from civicline.workforce.services.trainings import finish_trainings
from civicline.workforce.training import TrainingAsked, training_answer
from tests.integration.workforce.conftest import TODAY, remember, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]


@pytest.fixture
def two_lines(crew: Crew, town: Town) -> Crew:
    """Council tax has six people, benefits as many contacts and one: Gita. Everybody works for two weeks."""
    calm, benefits = Queue.objects.get(code="council-tax"), Queue.objects.get(code="benefits")
    save_staffing(queue_id=calm.pk, handle_seconds=200)
    remember(benefits, weeks=10, size=0.8, seed=8)
    save_staffing(
        queue_id=benefits.pk, handle_seconds=400, patience_seconds=600, shrinkage=0.0, weekdays=list(range(6))
    )
    ask_forecast(queue_id=benefits.pk, days=21)
    work()
    crew = {**crew, "Gita": town.agent("Gita", queues=["benefits"], skills={"benefits": 4})}
    for agent in crew.values():
        for day in (1, 2, 3, 7, 8, 9, 10):
            shift(agent, TODAY + timedelta(days=day), 480, 1080)
    return crew


def found(most: int = 1, usual: int = 8) -> WhatIf:
    """A plan that is done."""
    row = ask_training(name="Spring", day=NEXT, asked=TrainingAsked(most=most, usual=usual))
    run_what_if(row.pk, replications=4)
    return WhatIf.objects.get(pk=row.pk)


def booked(agent: str) -> list[Shift]:
    """The sessions of somebody."""
    return list(Shift.objects.filter(agent_id=UUID(agent), kind="training"))


def test_somebody_of_the_calm_line_learns_the_busy_one(two_lines: Crew) -> None:
    answer = training_answer(NEXT, TrainingAsked(most=2, usual=8, hours={"benefits": 6}), replications=4)
    first = answer["steps"][0]
    assert (first["queue"], first["hours"]) == ("benefits", 6.0)
    assert first["wait"][2] < 0
    assert first["after"]["mean_wait"][0] < answer["before"]["mean_wait"][0]
    assert answer["hours"] == 6.0 * len(answer["steps"])


def test_a_plan_is_booked_out_of_own_shifts_and_at_its_end_the_queue_is_served(
    two_lines: Crew, town: Town
) -> None:
    row = found()
    who = row.result["steps"][0]["agent"]
    steps, problem = preview(row)
    assert (problem, [step.kind for step in steps]) == ("", ["session"])
    hours_before = sum(
        (one.end - one.start).total_seconds() for one in Shift.objects.filter(agent_id=UUID(who))
    )
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    sessions = booked(who)
    assert sum((one.end - one.start).total_seconds() for one in sessions) == 8 * 3600
    assert len({one.start.date() for one in sessions}) == len(sessions) == 2
    assert hours_before == sum(
        (one.end - one.start).total_seconds() for one in Shift.objects.filter(agent_id=UUID(who))
    )
    assert finish_trainings() == 0
    town.clock.set(max(one.end for one in sessions) + timedelta(minutes=1))
    assert finish_trainings() == 1
    assert finish_trainings() == 0
    assert QueueMember.objects.filter(queue__code="benefits", agent_id=UUID(who)).exists()
    assert AgentSkill.objects.filter(agent_id=UUID(who), skill__code="benefits").exists()
    undo_change(request_id=request.pk)
    assert not QueueMember.objects.filter(queue__code="benefits", agent_id=UUID(who)).exists()
    assert len(booked(who)) == 2  # what was held was held


def test_sessions_that_were_not_held_become_work_again(two_lines: Crew) -> None:
    row = found()
    who = row.result["steps"][0]["agent"]
    before = shifts_of(who)
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    assert shifts_of(who) != before
    undo_change(request_id=request.pk)
    assert shifts_of(who) == before


def shifts_of(agent: str) -> list[Any]:
    """Everything that is planned for somebody."""
    rows = Shift.objects.filter(agent_id=UUID(agent)).order_by("start")
    return list(rows.values_list("start", "end", "breaks", "kind"))


def test_where_there_is_no_time_the_page_says_so_and_nobody_can_ask(two_lines: Crew) -> None:
    row = found(usual=200)
    steps, problem = preview(row)
    assert steps == []
    assert "not enough time" in problem
    with pytest.raises(Exception, match="no-time-to-train"):
        ask_change(what_if_id=row.pk)


def test_a_roster_that_changed_in_the_meantime_is_not_undone_blindly(two_lines: Crew) -> None:
    row = found()
    who = row.result["steps"][0]["agent"]
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    cut = Shift.objects.filter(agent_id=UUID(who), kind="work", start__date=booked(who)[0].start.date()).get()
    remove_shift(shift_id=cut.pk)
    with pytest.raises(Conflict, match="is gone"):
        undo_change(request_id=request.pk)
    assert len(booked(who)) == 2  # all of it or nothing


def test_a_short_shift_becomes_a_session_as_a_whole(two_lines: Crew) -> None:
    row = found(usual=3)
    who = row.result["steps"][0]["agent"]
    Shift.objects.filter(agent_id=UUID(who)).delete()
    short = shift(UUID(who), TODAY + timedelta(days=4), 480, 660, breaks=[])
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    short.refresh_from_db()
    assert short.kind == "training"
    undo_change(request_id=request.pk)
    short.refresh_from_db()
    assert short.kind == "work"


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(Invalid) as refusal:
        TrainingAsked(most=0, usual=500, budget=-1).check()
    assert set(refusal.value.field_messages()) == {"most", "usual", "budget"}
