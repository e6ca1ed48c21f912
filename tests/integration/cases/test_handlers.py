"""Followers hear of changes, a contact's end stands in its case, and forgetting reaches every line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from civicline.cases import handlers, personal_data, selectors
from civicline.cases.models import Case, CaseEntry
from civicline.cases.services import (
    add_from_resident,
    add_note,
    add_public_update,
    change_details,
    follow,
    merge,
    take_step,
)
from civicline.kernel import bus, clock
from civicline.kernel.actors import Actor
from civicline.kernel.db import writes
from civicline.kernel.handlers import PublishedEvent
from civicline.kernel.models import AuditEntry, Event
from civicline.kernel.selectors import published
from civicline.people import services as people


def heard_by(*users: Any) -> tuple[list[str], Any]:
    topics: list[str] = []
    wanted = [f"user:{user.pk}" for user in users]
    return topics, bus.subscribe(
        wanted, lambda message: topics.append(f"{message['topic']} {message['kind']}")
    )


@pytest.mark.django_db(transaction=True)
def test_followers_hear_and_who_did_it_does_not(town: Any) -> None:
    case = town.case()
    for user in (town.agent, town.colleague):
        follow(case_id=case.pk, user_id=user.pk)
    topics, subscription = heard_by(town.agent, town.colleague, town.supervisor)
    try:
        take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk)
        handlers.tell_followers(published(Event.objects.get(name="case.step_taken")))
        add_note(case_id=case.pk, text="@Ada please look", by=town.agent.pk, mentions=(town.supervisor.pk,))
        handlers.tell_followers(published(Event.objects.get(name="case.updated")))
        handlers.tell_followers(published(Event.objects.filter(name="case.followed").latest("id")))
        handlers.tell_followers(published(Event.objects.filter(name="staff.created").latest("id")))
    finally:
        subscription.close()
    colleague, supervisor = f"user:{town.colleague.pk}", f"user:{town.supervisor.pk}"
    noted = sorted([f"{colleague} case.updated", f"{supervisor} mention"])
    assert topics == [f"{colleague} case.step_taken", *noted]


def closed(contact: Any) -> PublishedEvent:
    return PublishedEvent(
        seq=7,
        uid=uuid4(),
        name="contact.closed",
        version=1,
        subject_kind="contact",
        subject_id=str(contact.pk),
        contact_id=contact.pk,
        case_id=None,
        actor=Actor("system"),
        at=contact.arrived_at,
    )


def test_the_end_of_a_contact_stands_in_its_case_once(town: Any) -> None:
    contact = town.contact(disposition="answered")
    case = town.case(contact=contact)
    event = closed(contact)
    handlers.note_contact_closed(event)
    handlers.note_contact_closed(event)
    line = selectors.case_timeline(case.pk)[-1]
    assert (line.kind, line.data["disposition"]) == ("contact_closed", "answered")
    assert line.what == f"Contact {contact.reference} closed"
    assert len(selectors.case_timeline(case.pk)) == 2
    handlers.note_contact_closed(closed(town.contact()))  # about no case
    nobody = PublishedEvent(**{**event.__dict__, "contact_id": uuid4()})
    handlers.note_contact_closed(nobody)


def test_the_job_marks_all_that_is_late(town: Any, time: Any) -> None:
    check = handlers.clocks_job()
    for _ in range(3):
        town.case()
    time.advance(timedelta(days=2))
    check({})
    assert Event.objects.filter(name="case.sla_breached").count() == 3


def test_a_clock_that_was_just_set_breaks_no_promise(town: Any, time: Any) -> None:
    check = handlers.clocks_job()
    town.case()
    right = clock.now()
    time.set(right + timedelta(days=2))
    check({})
    assert not Event.objects.filter(name="case.sla_breached").exists()
    time.set(right)
    check({})
    check({})
    assert not Event.objects.filter(name="case.sla_breached").exists()


@writes
def erase(resident_id: Any) -> int:
    return personal_data.erase(resident_id)


def test_forgetting_a_resident_leaves_no_word_of_theirs_in_any_case(town: Any) -> None:
    opened = town.open(
        title="Secretword damp",
        description="Secretword",
        address="Secretword Lane",
        answers={"q": "Secretword"},
    )
    other = town.open(resident=people.save_resident(email="bo@example.org"), title="Bo's own")
    add_from_resident(reference=opened.case.reference, secret=opened.secret, text="Secretword again")
    add_note(case_id=opened.case.pk, text="Secretword is upset", by=town.agent.pk)
    add_public_update(case_id=opened.case.pk, text="Dear Secretword", by=town.agent.pk)
    change_details(case_id=opened.case.pk, description="Secretword 2", by=town.agent.pk)
    merge(case_id=opened.case.pk, into_id=other.case.pk, by=town.agent.pk)
    add_from_resident(reference=opened.case.reference, secret=opened.secret, text="Secretword once more")
    assert erase(town.resident.pk) == 1
    everything = json.dumps(
        [list(Case.objects.values()), list(CaseEntry.objects.values()), list(Event.objects.values())],
        default=str,
    )
    assert "Secretword" not in everything
    case = selectors.get_case(opened.case.pk)
    assert (case.type, case.title, case.service) == ("complaint", personal_data.ERASED, town.service)
    assert selectors.get_case(other.case.pk).title == "Bo's own"


def test_the_place_of_a_pothole_stays(town: Any) -> None:
    case = town.case(type="incident", title="Pothole", address="Ferry Lane", latitude=51.0, longitude=0.1)
    erase(town.resident.pk)
    kept = selectors.get_case(case.pk)
    assert (kept.title, kept.address, kept.latitude) == (personal_data.ERASED, "Ferry Lane", 51.0)


def test_a_resident_is_handed_their_cases(town: Any) -> None:
    case = town.case(description="Wet wall")
    [row] = json.loads(json.dumps(personal_data.export(town.resident.pk)))
    assert (row["reference"], row["description"]) == (case.reference, "Wet wall")
    assert [line["kind"] for line in row["history"]] == ["opened"]


def test_old_cases_are_forgotten_and_the_disposal_is_logged(town: Any, time: Any, stride: Any) -> None:
    old = stride(town.case(), "investigate", "answer", "close")
    time.advance(timedelta(days=10))
    young = stride(town.case(), "investigate", "answer", "close")
    running = town.case()
    before = time.now() - timedelta(days=5)
    assert personal_data.forget_closed(before=before) == 1
    assert personal_data.forget_closed(before=before) == 0
    titles = {case.pk: case.title for case in Case.objects.all()}
    assert titles[old.pk] == personal_data.ERASED
    assert titles[young.pk] == titles[running.pk] == "Damp in the flat"
    disposal = AuditEntry.objects.get(action="case.forgotten")
    assert (disposal.object_id, disposal.reason) == (str(old.pk), "retention")


def test_the_job_forgets_after_the_days_that_are_set(town: Any, time: Any, stride: Any) -> None:
    case = stride(town.case(), "investigate", "answer", "close")
    time.advance(timedelta(days=2189))
    handlers.forget_closed_job({})
    assert selectors.get_case(case.pk).title == "Damp in the flat"
    time.advance(timedelta(days=2))
    handlers.forget_closed_job({})
    assert selectors.get_case(case.pk).title == personal_data.ERASED
