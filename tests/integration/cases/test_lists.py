"""Lists of cases: every filter, every page once, one query however long; and what outsiders see."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from civicline.cases import selectors
from civicline.cases.selectors import CaseFilter, list_cases
from civicline.cases.services import add_public_update, assign_owner, check_clocks, take_step
from civicline.engine.workflow import WORKFLOWS
from civicline.kernel.errors import Invalid


def shown(**wanted: Any) -> list[str]:
    return [case.title for case in list_cases(CaseFilter(**wanted)).cases]


@pytest.fixture
def desk(town: Any, time: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for title, case_type in (("Damp", "complaint"), ("Pothole", "incident"), ("Permit", "application")):
        made[title] = town.case(title=title, type=case_type, address="5 Ferry Lane")
        time.advance(60)
    assign_owner(case_id=made["Damp"].pk, agent_id=town.agent.pk, by=town.supervisor.pk)
    take_step(case_id=made["Permit"].pk, transition="withdraw", by=town.agent.pk, reason="moved away")
    return made


def test_each_filter(town: Any, desk: Any, time: Any) -> None:
    assert shown() == ["Permit", "Pothole", "Damp"]
    assert shown(open=True) == ["Pothole", "Damp"]
    assert shown(open=False) == ["Permit"]
    assert shown(types=("incident", "complaint")) == ["Pothole", "Damp"]
    assert shown(states=("withdrawn",)) == ["Permit"]
    assert shown(service_codes=("housing",)) == ["Permit", "Pothole", "Damp"]
    assert shown(service_codes=("parking",)) == []
    assert shown(owner_id=town.agent.pk) == ["Damp"]
    assert shown(unowned=True, open=True) == ["Pothole"]
    assert shown(resident_id=town.resident.pk, types=("incident",)) == ["Pothole"]
    assert shown(follower_id=town.agent.pk) == ["Damp"]
    assert shown(opened_from=desk["Pothole"].opened_at) == ["Permit", "Pothole"]
    assert shown(opened_to=desk["Damp"].opened_at) == ["Damp"]
    assert shown(breached=True) == []
    time.advance(timedelta(days=3))
    check_clocks()
    assert shown(breached=True) == ["Pothole", "Damp"]
    page = list_cases(CaseFilter(types=("incident",)))
    assert page.cases[0].breached  # type: ignore[attr-defined]  # annotated by the list
    assert selectors.count_cases(CaseFilter(open=True)) == 2


def test_a_text_finds_by_each_of_its_words(town: Any, desk: Any) -> None:
    def titles(text: str) -> list[str]:
        return [case.title for case in list_cases(CaseFilter(text=text)).cases]

    assert titles("ferry pot") == ["Pothole"]
    assert titles("SAMIRA permit") == ["Permit"]
    assert titles(desk["Damp"].reference.lower()) == ["Damp"]
    assert titles("100% sure_") == []


@pytest.mark.parametrize("order", ["newest", "updated", "due"])
def test_every_page_once_while_more_come_in(town: Any, time: Any, order: Any) -> None:
    made = []
    for number in range(7):
        made.append(town.case(title=f"Case {number}", type="complaint" if number % 2 else "incident").pk)
        time.advance(0 if number % 3 else 60)  # some at the same moment
    seen, cursor = [], ""
    for _ in range(10):
        page = list_cases(order=order, cursor=cursor, limit=2)
        seen += [case.pk for case in page.cases]
        cursor = page.next
        if not cursor:
            break
        time.advance(1)
        if order != "due":
            town.case(title="Late comer")
    assert len(seen) == len(set(seen))
    assert set(seen) == set(made)


def test_a_cursor_of_somebody_else_is_refused() -> None:
    for cursor in ("!!", "e30", base64.urlsafe_b64encode(b'["newest", "yesterday", 5]').decode(), "a" * 999):
        with pytest.raises(Invalid):
            list_cases(cursor=cursor)


def test_a_cursor_belongs_to_its_order(town: Any) -> None:
    for _ in range(3):
        town.case()
    cursor = list_cases(limit=1).next
    with pytest.raises(Invalid):
        list_cases(order="due", cursor=cursor)


def test_a_page_is_one_query(town: Any, time: Any, django_assert_num_queries: Any) -> None:
    for _ in range(15):
        case = town.case()
        assign_owner(case_id=case.pk, agent_id=town.agent.pk, by=town.supervisor.pk)
    with django_assert_num_queries(1):
        for case in list_cases().cases:
            assert case.service is not None
            assert case.resident is not None
            assert case.owner is not None
            assert case.owner.user.name == "Mo Adeyemi"
    with django_assert_num_queries(2):  # a short one first, for most residents have none
        assert len(selectors.cases_of_resident(town.resident.pk)) == 15
    with django_assert_num_queries(1):
        selectors.case_timeline(case.pk)


def test_outsiders_see_public_cases_only(
    town: Any, desk: Any, time: Any, django_assert_num_queries: Any
) -> None:
    pothole = desk["Pothole"]
    add_public_update(case_id=pothole.pk, text="Planned for Monday.", by=town.agent.pk)
    add_public_update(case_id=desk["Damp"].pk, text="For Samira only.", by=town.agent.pk)
    assert [case.title for case in selectors.list_public_cases()] == ["Pothole"]
    assert selectors.list_public_cases(references=[desk["Damp"].reference]) == []
    with django_assert_num_queries(2):
        [case] = selectors.list_public_cases(references=[pothole.reference], histories=True)
        assert [entry.text for entry in case.entries.all()] == ["Planned for Monday."]
    assert [entry.text for entry in selectors.list_public_entries()] == ["Planned for Monday."]
    assert not selectors.list_public_entries(start=time.now() + timedelta(seconds=1))
    open_states = {
        table.type: [state.code for state in table.states if state.open311 == "open"]
        for table in WORKFLOWS.values()
    }
    assert len(selectors.list_public_cases(states=open_states)) == 1
    assert selectors.list_public_cases(states={"incident": ["resolved"]}) == []
    assert selectors.list_public_cases(service_codes=["parking"]) == []
    assert selectors.list_public_cases(updated_after=time.now() + timedelta(seconds=1)) == []
    assert selectors.list_public_cases(offset=1) == []


def test_progress_says_where_it_stands_what_next_and_by_when(town: Any, time: Any, stride: Any) -> None:
    case = stride(town.case(), "acknowledge")
    progress = selectors.public_progress(selectors.get_case(case.pk))
    assert [(step.code, step.state) for step in progress.steps] == [
        ("received", "current"),
        ("looking_into_it", "ahead"),
        ("answered", "ahead"),
        ("closed", "ahead"),
    ]
    assert progress.what_next == "Somebody will look into it."
    assert progress.due_at == case.expected_at
    assert not progress.late
    time.advance(timedelta(days=1))
    stride(case, "investigate", "ask_resident")
    waiting = selectors.public_progress(selectors.get_case(case.pk))
    assert waiting.for_resident
    assert waiting.due_at is None
    assert [(step.state, step.at) for step in waiting.steps][1] == ("current", time.now())
    stride(case, "resident_replied", "answer", "close")
    closed = selectors.public_progress(selectors.get_case(case.pk))
    assert closed.closed
    assert closed.can_reopen
    assert [step.state for step in closed.steps] == ["done", "done", "done", "current"]


def test_a_broken_promise_is_owned_up_to(town: Any, time: Any) -> None:
    case = town.case(type="incident")
    time.advance(timedelta(days=30))
    check_clocks()
    assert selectors.public_progress(selectors.get_case(case.pk)).late
