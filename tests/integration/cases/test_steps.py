"""Steps follow the tables; who was second is told who was first; promises pause, stop and run on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from civicline.cases import selectors
from civicline.cases.models import Case, CaseEntry, SlaClock
from civicline.cases.services import check_clocks, reopen, take_step
from civicline.kernel.actors import Actor, acting_as
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from civicline.kernel.models import Event
from civicline.people.permissions import Role

HOUR = 3600


def clock_of(case: Case, kind: str) -> SlaClock:
    return SlaClock.objects.get(case_id=case.pk, kind=kind)


def names() -> list[str]:
    return list(Event.objects.filter(name__startswith="case.").order_by("id").values_list("name", flat=True))


def test_a_complaint_from_first_word_to_last(town: Any, time: Any) -> None:
    case = town.case()
    time.advance(2 * HOUR)
    take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk)
    assert clock_of(case, "first_answer").stopped_at == datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
    take_step(case_id=case.pk, transition="investigate", by=town.agent.pk)
    time.advance(timedelta(days=2))
    answered = take_step(
        case_id=case.pk, transition="answer", by=town.agent.pk, note="We will repair the wall."
    )
    assert answered.status_note == "We will repair the wall."
    assert answered.expected_at is None
    closed = take_step(case_id=case.pk, transition="close", by=town.agent.pk)
    assert closed.closed_at == time.now()
    assert names() == ["case.opened", *["case.step_taken"] * 4, "case.closed"]
    states = [entry.to_state for entry in CaseEntry.objects.filter(case=case)]
    assert states == ["received", "acknowledged", "investigating", "answered", "closed"]
    assert [line.state for line in selectors.clocks_of(case.pk)] == ["met", "met"]


def test_waiting_for_the_resident_does_not_use_up_the_promise(town: Any, time: Any, stride: Any) -> None:
    case = stride(town.case(), "investigate")
    due = clock_of(case, "resolution").due_at
    stride(case, "ask_resident")
    paused = clock_of(case, "resolution")
    assert paused.due_at is None
    assert selectors.get_case(case.pk).expected_at is None
    time.advance(timedelta(days=7))
    with acting_as(Actor("resident", str(town.resident.pk))):
        take_step(case_id=case.pk, transition="resident_replied")
    assert clock_of(case, "resolution").due_at == due + timedelta(days=7)
    assert selectors.get_case(case.pk).expected_at == due + timedelta(days=7)


def test_who_comes_second_is_told_who_was_first_and_when(town: Any, time: Any) -> None:
    case = town.case()
    seen = selectors.get_case(case.pk).version
    take_step(case_id=case.pk, transition="acknowledge", by=town.colleague.pk, version=seen)
    with pytest.raises(Conflict):
        take_step(
            case_id=case.pk, transition="acknowledge", by=town.agent.pk
        )  # the same click, a blink later
    time.advance(60)
    with pytest.raises(Conflict) as refused:
        take_step(case_id=case.pk, transition="investigate", by=town.agent.pk, version=seen)
    assert "Ines Duarte changed this case" in refused.value.message("en")
    assert refused.value.params["changed_at"] == "2026-03-10T09:00:00+00:00"
    assert refused.value.params["changed_by"] == str(town.colleague.pk)
    time.advance(3600)
    with pytest.raises(Refused) as late:
        take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk)
    assert late.value.message("en") == "This step is not possible now: the case is “Acknowledged”."


def test_a_step_tells_what_it_needs(town: Any, stride: Any) -> None:
    case = stride(town.case(), "investigate")
    with pytest.raises(Invalid) as refused:
        take_step(case_id=case.pk, transition="answer", by=town.agent.pk, note="  ")
    assert refused.value.field_messages("en") == {"note": "Write what the resident is told."}
    with pytest.raises(Invalid) as refused:
        take_step(case_id=case.pk, transition="withdraw", by=town.agent.pk)
    assert list(refused.value.field_messages("en")) == ["reason"]
    with pytest.raises(Invalid) as refused:
        take_step(case_id=case.pk, transition="mark_duplicate", by=town.agent.pk, duplicate_of="SM-000-000")
    assert list(refused.value.field_messages("en")) == ["duplicate_of"]
    with pytest.raises(Refused):
        take_step(case_id=case.pk, transition="fly", by=town.agent.pk)
    with pytest.raises(NotFound):
        take_step(case_id=uuid4(), transition="answer", by=town.agent.pk)
    assert selectors.get_case(case.pk).state == "investigating"


def test_the_second_look_is_a_supervisors_and_not_that_of_who_decided(town: Any, stride: Any) -> None:
    case = stride(town.case(), "investigate")
    stride(case, "answer", by=town.supervisor)
    with acting_as(Actor("resident", str(town.resident.pk))):
        take_step(case_id=case.pk, transition="escalate", reason="The wall is still wet.")
    assert clock_of(case, "review").due_at is not None
    with pytest.raises(Forbidden):
        take_step(case_id=case.pk, transition="answer_review", by=town.agent.pk, note="No.")
    with pytest.raises(Refused) as refused:
        take_step(case_id=case.pk, transition="answer_review", by=town.supervisor.pk, note="No.")
    assert refused.value.code == "same-person"
    second = town.staff("Bo Lind", Role.SUPERVISOR)
    done = take_step(case_id=case.pk, transition="answer_review", by=second.pk, note="We will repair it.")
    assert done.state == "review_answered"
    assert [line.state for line in selectors.clocks_of(case.pk) if line.kind == "review"] == ["met"]


def test_residents_take_their_own_steps_only(town: Any) -> None:
    case = town.case()
    with acting_as(Actor("resident", str(town.resident.pk))), pytest.raises(Forbidden):
        take_step(case_id=case.pk, transition="acknowledge")
    names_for_resident = [step.name for step in selectors.open_steps(case, None)]
    assert names_for_resident == ["withdraw"]
    assert "acknowledge" in [step.name for step in selectors.open_steps(case, town.agent)]


def test_a_reopened_case_runs_on_where_it_stopped(town: Any, time: Any, stride: Any) -> None:
    case = stride(town.case(type="incident"), "triage")
    used_by = clock_of(case, "resolution").due_at
    stride(case, "resolve")
    assert selectors.get_case(case.pk).closed_at is not None
    time.advance(timedelta(days=14))
    again = reopen(case_id=case.pk, reason="It is broken again.", by=town.agent.pk)
    assert (again.state, again.closed_at) == ("reopened", None)
    assert clock_of(case, "resolution").due_at == used_by + timedelta(days=14)
    assert names()[-2:] == ["case.step_taken", "case.reopened"]
    with pytest.raises(Refused) as refused:
        reopen(case_id=case.pk, reason="Once more.", by=town.agent.pk)
    assert refused.value.code == "not-closed"


def test_a_year_later_it_is_a_new_case(town: Any, time: Any, stride: Any) -> None:
    case = stride(town.case(), "investigate", "answer", "close")
    time.advance(timedelta(days=365))
    with pytest.raises(Refused) as refused:
        reopen(case_id=case.pk, reason="Still damp.", by=town.agent.pk)
    assert refused.value.message("en") == "This is possible for 90 days only. Open a new case."


def test_a_duplicate_is_linked_to_the_first_and_promises_nothing_more(town: Any) -> None:
    first, second = town.case(), town.case()
    take_step(
        case_id=second.pk, transition="mark_duplicate", by=town.agent.pk, duplicate_of=first.reference.lower()
    )
    assert [(line.case, line.kind) for line in selectors.links_of(second.pk)] == [(first, "duplicate")]
    assert {line.state for line in selectors.clocks_of(second.pk)} == {"stopped"}
    with pytest.raises(Invalid):
        take_step(
            case_id=first.pk, transition="mark_duplicate", by=town.agent.pk, duplicate_of=first.reference
        )


def test_a_broken_promise_is_marked_and_told_once(town: Any, time: Any) -> None:
    case, fine = town.case(), town.case()
    take_step(case_id=fine.pk, transition="acknowledge", by=town.agent.pk)
    time.set(datetime(2026, 3, 10, 17, 0, tzinfo=UTC))
    assert check_clocks() == 0, "due exactly now still keeps the promise"
    time.advance(1)
    assert check_clocks() == 1
    assert check_clocks() == 0
    assert clock_of(case, "first_answer").breached_at == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    event = Event.objects.get(name="case.sla_breached")
    assert (event.case_id, event.data["clock"]) == (case.pk, "first_answer")
    assert [line.kind for line in selectors.case_timeline(case.pk)] == ["opened", "breach"]
    assert [one.pk for one in selectors.list_cases(selectors.CaseFilter(breached=True)).cases] == [case.pk]


def test_a_promise_broken_before_anybody_looked_is_told_with_the_step(town: Any, time: Any) -> None:
    case = town.case()
    time.advance(timedelta(days=2))
    take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk)
    assert clock_of(case, "first_answer").breached_at == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    assert check_clocks() == 0
    assert names().count("case.sla_breached") == 1
    assert selectors.clocks_of(case.pk)[0].state == "breached"


def test_a_withdrawn_case_breaks_no_promise(town: Any, time: Any) -> None:
    case = town.case()
    take_step(case_id=case.pk, transition="withdraw", by=town.agent.pk, reason="solved by the landlord")
    time.advance(timedelta(days=60))
    assert check_clocks() == 0
    assert clock_of(case, "resolution").called_off


@pytest.mark.parametrize("case_type", ["complaint", "application", "information_request", "incident"])
def test_each_type_can_be_walked_to_its_end(town: Any, stride: Any, case_type: str) -> None:
    ways = {
        "complaint": ("acknowledge", "investigate", "answer", "close"),
        "application": ("check", "refuse", "close"),
        "information_request": ("collect", "answer", "close"),
        "incident": ("triage", "schedule", "start_work", "hold", "start_work", "resolve", "close"),
    }
    case = stride(town.case(type=case_type), *ways[case_type])
    assert case.state == "closed"
    assert {line.state for line in selectors.clocks_of(case.pk)} == {"met"}


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_one_wins(town: Any) -> None:
    import threading

    from django.db import connection

    case = town.case()
    seen = selectors.get_case(case.pk).version
    outcomes: list[str] = []
    together = threading.Barrier(8)

    def click() -> None:
        together.wait()
        try:
            take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk, version=seen)
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert CaseEntry.objects.filter(case=case, kind="step").count() == 1
