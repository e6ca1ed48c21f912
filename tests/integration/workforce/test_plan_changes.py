"""A scenario made real: seen before, done as a whole by somebody else's yes, kept in the history, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.channels.voice import calling
from civicline.channels.voice.services import save_calling_rule
from civicline.intake.models import Calendar
from civicline.kernel.errors import Conflict, Forbidden
from civicline.kernel.models import AuditEntry
from civicline.people import services as people
from civicline.people.models import AgentSkill
from civicline.routing.models import Queue, QueueMember
from civicline.workforce.models import ChangeRequest, Shift, Staffing, WhatIf
from civicline.workforce.scenarios import Changes, planned_scenario
from civicline.workforce.selectors.coverage import cover
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.approvals import ask_change, decide_change, preview, undo_change
from civicline.workforce.services.plan_changes import other_weekly, register_line
from civicline.workforce.services.rosters import change_shift, remove_shift
from civicline.workforce.services.scenarios import ask_what_if, run_what_if
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]


@pytest.fixture
def planned(crew: Crew) -> Crew:
    """Three people on the day."""
    for agent in list(crew.values())[:3]:
        shift(agent, NEXT, 480, 1080)
    return crew


def simulated(**changes: Any) -> WhatIf:
    """A scenario that is done."""
    row = ask_what_if(name="Better", day=NEXT, changes=Changes(**changes))
    run_what_if(row.pk, replications=2)
    return WhatIf.objects.get(pk=row.pk)


def staff(name: str) -> UUID:
    """An administrator."""
    found: UUID = people.create_staff(email=f"{name}@saltmere.example", name=name, roles=["administrator"]).pk
    return found


def members(code: str) -> set[UUID]:
    """Who serves a queue."""
    return set(QueueMember.objects.filter(queue__code=code).values_list("agent_id", flat=True))


def test_one_team_is_made_real_and_taken_back(planned: Crew) -> None:
    row = simulated(pool=True)
    steps, problem = preview(row)
    assert problem == ""
    assert {step.kind for step in steps} == {"members", "skill"}
    assert members("benefits") == set()
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    three = set(list(planned.values())[:3])
    assert members("benefits") == three
    assert AgentSkill.objects.filter(agent__in=three, skill__code="benefits", level=1).count() == 3
    assert preview(row) == ([], "There is nothing to change: it is so already.")
    undo_change(request_id=request.pk)
    assert members("benefits") == set()
    assert not AgentSkill.objects.filter(skill__code="benefits").exists()
    assert len(members("council-tax")) == 6
    told = (
        AuditEntry.objects.filter(object_kind="plan_change").order_by("id").values_list("action", flat=True)
    )
    assert list(told) == ["plan_change.asked", "plan_change.approved", "plan_change.undone"]
    with pytest.raises(Conflict, match="nothing to take back"):
        undo_change(request_id=request.pk)
    assert ask_change(what_if_id=row.pk).pk != request.pk


def test_calls_back_self_service_and_hours_change_what_is_planned_by(planned: Crew) -> None:
    row = simulated(callback=5, self_service=20, opens=540, closes=960)
    before = cover(NEXT, 1)[0]
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    rule = Staffing.objects.get(queue__code="council-tax")
    assert (rule.callback_minutes, rule.self_service, rule.opens, rule.closes) == (5, 0.2, 540, 960)
    weekly = Calendar.objects.get(code="always").weekly
    assert {(one["start"], one["end"]) for one in weekly} == {("09:00", "16:00")}
    assert sum(cover(NEXT, 1)[0].needed) < sum(before.needed)
    now = planned_scenario(NEXT).queues[0]
    assert (now.self_service, now.callback is not None, now.hours) == (0.2, True, ((32_400, 57_600),))
    undo_change(request_id=request.pk)
    rule.refresh_from_db()
    assert (rule.callback_minutes, rule.self_service, rule.opens, rule.closes) == (0, 0.0, 480, 1080)
    assert Calendar.objects.get(code="always").weekly[0]["start"] == "00:00"


def offer(code: str = "council-tax") -> tuple[bool, int]:
    """Whether callers of a queue are offered a call back, and after how many seconds."""
    row = calling.rule_row(Queue.objects.get(code=code).pk)
    return row.callbacks, row.offer_seconds


def test_calls_back_are_what_callers_hear_too_and_the_rest_of_the_rule_stays(planned: Crew) -> None:
    queue = Queue.objects.get(code="council-tax")
    save_calling_rule(queue_id=queue.pk, callbacks=False, offer_seconds=0, tries=5)
    row = simulated(callback=5)
    steps, _problem = preview(row)
    assert {step.of: step.before for step in steps if step.kind == "calling"} == {
        "council-tax": {"callbacks": False, "offer_seconds": 0},
        "benefits": {"callbacks": True, "offer_seconds": 90},
    }
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    assert (offer(), offer("benefits")) == ((True, 300), (True, 300))
    assert calling.rule_row(queue.pk).tries == 5
    undo_change(request_id=request.pk)
    assert (offer(), offer("benefits")) == ((False, 0), (True, 90))
    told = AuditEntry.objects.filter(action="calling.rule_saved", object_id=str(queue.pk))
    assert told.count() == 3


def test_a_rule_of_the_line_that_somebody_changed_since_is_not_put_back(planned: Crew) -> None:
    request = ask_change(what_if_id=simulated(callback=5).pk)
    decide_change(request_id=request.pk, approve=True)
    save_calling_rule(queue_id=Queue.objects.get(code="council-tax").pk, offer_seconds=600)
    with pytest.raises(Conflict, match="1 of these"):
        undo_change(request_id=request.pk)
    assert (offer(), offer("benefits")) == ((True, 600), (True, 300))


def test_without_a_telephone_only_the_plan_is_changed(planned: Crew) -> None:
    there = register_line(None)
    try:
        steps, _problem = preview(simulated(callback=5))
    finally:
        register_line(there)
    assert {step.kind for step in steps} == {"staffing"}


def test_what_residents_notice_wants_somebody_elses_yes_and_an_open_shift_does_not(planned: Crew) -> None:
    amina, tom = staff("amina"), staff("tom")
    request = ask_change(what_if_id=simulated(closes=960).pk, by=amina)
    with pytest.raises(Forbidden, match="Somebody else"):
        decide_change(request_id=request.pk, approve=True, by=amina)
    assert ChangeRequest.objects.get(pk=request.pk).state == "asked"
    decide_change(request_id=request.pk, approve=True, by=tom)
    own = ask_change(what_if_id=simulated(extra=2).pk, by=amina)
    decide_change(request_id=own.pk, approve=True, by=amina)
    assert Shift.objects.filter(agent__isnull=True).count() == 2


def test_no_shift_is_opened_in_the_past(planned: Crew, town: Town) -> None:
    later = simulated(extra=1)
    town.clock.set(slot_start(NEXT + timedelta(days=1), 600))
    assert preview(later) == ([], "There is nothing left to change: the day is over.")
    with pytest.raises(Conflict, match="day is over"):
        ask_change(what_if_id=later.pk)
    WhatIf.objects.update(kind="past")
    steps, _problem = preview(WhatIf.objects.get(pk=later.pk))
    week_on = NEXT + timedelta(days=7)  # what that day lacked, the next such day gets
    assert [step.after for step in steps] == [
        [slot_start(week_on, 540).isoformat(), slot_start(week_on, 1020).isoformat()]
    ]


def test_nothing_is_taken_back_over_what_somebody_changed_since(planned: Crew, town: Town) -> None:
    request = ask_change(what_if_id=simulated(extra=1, callback=5).pk)
    decide_change(request_id=request.pk, approve=True)
    opened = Shift.objects.get(agent__isnull=True)
    change_shift(shift_id=opened.pk, agent_id=planned["Finn"])
    with pytest.raises(Conflict, match="1 of these"):
        undo_change(request_id=request.pk)
    assert Staffing.objects.get(queue__code="council-tax").callback_minutes == 5
    change_shift(shift_id=opened.pk, agent_id=None)
    undo_change(request_id=request.pk)
    assert not Shift.objects.filter(pk=opened.pk).exists()
    assert Staffing.objects.get(queue__code="council-tax").callback_minutes == 0


def test_somebody_lent_by_another_body_stays_lent(planned: Crew) -> None:
    benefits = Queue.objects.get(code="benefits")
    QueueMember.objects.create(queue=benefits, agent_id=planned["Asha"], partner=True)
    request = ask_change(what_if_id=simulated(pool=True).pk)
    decide_change(request_id=request.pk, approve=True)
    assert QueueMember.objects.get(queue=benefits, agent_id=planned["Asha"]).partner
    assert len(members("benefits")) == 3


def test_a_day_is_opened_later_and_closed_earlier_with_its_breaks_kept() -> None:
    weekly = [
        {"day": 0, "start": "08:00", "end": "12:00"}, {"day": 0, "start": "13:00", "end": "18:00"},
        {"day": 1, "start": "08:00", "end": "11:00"}, {"day": 5, "start": "22:00", "end": "02:00"},
    ]  # fmt: skip
    assert other_weekly(weekly, 540, 1140) == [
        {"day": 0, "start": "09:00", "end": "12:00"}, {"day": 0, "start": "13:00", "end": "19:00"},
        {"day": 1, "start": "09:00", "end": "19:00"}, {"day": 5, "start": "22:00", "end": "02:00"},
    ]  # fmt: skip
    assert other_weekly(weekly[:2], None, 660) == [{"day": 0, "start": "08:00", "end": "11:00"}]
    assert other_weekly(weekly[:2], 780, None) == [{"day": 0, "start": "13:00", "end": "18:00"}]
    assert other_weekly(weekly[2:3], 720, None) == []  # it closes at eleven: nothing is left of the day


def test_a_shift_that_is_gone_is_not_taken_back(planned: Crew) -> None:
    request = ask_change(what_if_id=simulated(extra=1).pk)
    decide_change(request_id=request.pk, approve=True)
    remove_shift(shift_id=Shift.objects.get(agent__isnull=True).pk)
    with pytest.raises(Conflict):
        undo_change(request_id=request.pk)
