"""A case is opened in one go: reference, secret, history, promises, events; or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from civicline.cases import selectors
from civicline.cases.models import Case, CaseContact, CaseEntry, CasePolicy
from civicline.cases.services import Place
from civicline.engine import references
from civicline.kernel import ids
from civicline.kernel.errors import Forbidden, Invalid
from civicline.kernel.models import AuditEntry, Event
from civicline.people import services as people
from civicline.people.permissions import Role


def test_everything_about_a_new_case_is_written_at_once(town: Any) -> None:
    contact = town.contact()
    opened = town.open(contact=contact, by=town.agent.pk)
    case = Case.objects.get(pk=opened.case.pk)
    assert str(references.parse(case.reference)) == case.reference
    assert case.secret_hash == ids.hash_secret(opened.secret)
    assert opened.secret not in json.dumps(list(Event.objects.values_list("data", flat=True)))
    assert (case.state, case.resident_id) == ("received", town.resident.pk)
    [entry] = CaseEntry.objects.filter(case=case)
    assert (entry.kind, entry.actor, entry.to_state) == ("opened", town.agent, "received")
    event = Event.objects.get(name="case.opened")
    assert (event.case_id, event.actor_id) == (case.pk, str(town.agent.pk))
    assert event.data["service"] == "housing"
    assert event.data["contact"] == str(contact.pk)
    assert "Damp" not in json.dumps(event.data)
    assert selectors.cases_of_contact(contact.pk) == [case]
    assert AuditEntry.objects.filter(action="case.opened", resident_id=town.resident.pk).exists()


def test_promises_run_on_the_calendar_of_the_policy(town: Any) -> None:
    case = town.case()
    due = {line.kind: line.due_at for line in selectors.clocks_of(case.pk)}
    assert due == {
        "first_answer": datetime(2026, 3, 10, 17, 0, tzinfo=UTC),
        "resolution": datetime(2026, 3, 23, 17, 0, tzinfo=UTC),
    }
    assert case.expected_at == due["resolution"]
    assert Case.objects.get(pk=case.pk).expected_at == due["resolution"]


def test_a_service_may_promise_more_and_nothing_may_be_promised(town: Any) -> None:
    CasePolicy.objects.create(
        type="complaint", service=town.service, targets={"resolution": 3600}, calendar=town.calendar
    )
    [line] = selectors.clocks_of(town.case().pk)
    assert (line.kind, line.target_s) == ("resolution", 3600)
    CasePolicy.objects.all().delete()
    case = town.case()
    assert selectors.clocks_of(case.pk) == []
    assert case.expected_at is None


def test_a_draft_promises_nothing_until_it_is_sent(town: Any, stride: Any) -> None:
    case = town.case(type="application", state="draft")
    assert selectors.clocks_of(case.pk) == []
    stride(case, "submit")
    assert {line.kind for line in selectors.clocks_of(case.pk)} == {"first_answer", "resolution"}


def test_two_cases_never_share_a_reference(town: Any) -> None:
    assert len({town.case().reference for _ in range(20)}) == 20


def test_a_resident_may_keep_the_secret_they_know(town: Any) -> None:
    opened = town.open(secret="the-one-they-know")
    assert opened.secret == "the-one-they-know"
    assert (
        selectors.get_case_by_reference_and_secret(opened.case.reference, "the-one-they-know") == opened.case
    )


def test_incidents_are_public_and_complaints_are_not(town: Any) -> None:
    assert town.case(type="incident").public
    assert not town.case().public
    assert not town.case(type="incident", public=False).public


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"type": "petition"}, "type"),
        ({"state": "closed"}, "state"),
        ({"description": "x" * 20_001}, "description"),
        ({"latitude": 51.0}, "latitude"),
        ({"place": Place(latitude=91.0, longitude=0.0)}, "latitude"),
        ({"place": Place(latitude=0.0, longitude=181.0)}, "longitude"),
        ({"place": Place(latitude=float("nan"), longitude=0.0)}, "latitude"),
        ({"zipcode": "9" * 17}, "zipcode"),
    ],
)
def test_bad_input_names_its_field_and_leaves_nothing(town: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        town.open(**given)
    assert list(refused.value.field_messages("en")) == [field]
    assert not Case.objects.exists()
    assert not CaseContact.objects.exists()
    assert not Event.objects.filter(name="case.opened").exists()


def test_null_bytes_do_not_reach_the_database(town: Any) -> None:
    case = town.case(title="Damp\x00 in the flat", description="a\r\nb\x00")
    assert (case.title, case.description) == ("Damp in the flat", "a\nb")


def test_an_auditor_opens_no_case(town: Any) -> None:
    auditor = people.create_staff(email="audit@example.org", name="Al", roles=[Role.AUDITOR])
    with pytest.raises(Forbidden):
        town.open(by=auditor.pk)
