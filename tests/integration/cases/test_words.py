"""What is written on a case: inside, outside, and by the resident with reference and secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from civicline.cases import selectors
from civicline.cases.models import CaseEntry
from civicline.cases.services import (
    Place,
    add_feedback_entry,
    add_from_resident,
    add_note,
    add_public_update,
    assign_owner,
    attach_media,
    change_details,
    take_step,
)
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.models import AuditEntry, Event
from civicline.people import services as people


def kinds(case: Any) -> list[str]:
    return [line.kind for line in selectors.case_timeline(case.pk)]


def test_a_note_stays_in_the_house_and_an_update_goes_out(town: Any) -> None:
    case = town.case()
    add_note(case_id=case.pk, text="Landlord is difficult.", by=town.agent.pk)
    add_public_update(case_id=case.pk, text="An inspector comes on Friday.", by=town.agent.pk)
    progress = selectors.public_progress(selectors.get_case(case.pk))
    assert [update.text for update in progress.updates] == ["An inspector comes on Friday."]
    assert selectors.get_case(case.pk).status_note == "An inspector comes on Friday."
    assert kinds(case) == ["opened", "note", "update"]
    assert {event.data["kind"] for event in Event.objects.filter(name="case.updated")} == {"note", "update"}
    for text in ("", " \n ", "\x00", "x" * 20_001):
        with pytest.raises(Invalid):
            add_note(case_id=case.pk, text=text, by=town.agent.pk)


def test_a_resident_adds_with_reference_and_secret(town: Any) -> None:
    opened = town.open()
    typed = opened.case.reference.lower().replace("-", " ")
    add_from_resident(reference=typed, secret=opened.secret, text="Now the ceiling too.", attachment_ids=())
    [entry] = CaseEntry.objects.filter(case=opened.case, kind="resident")
    assert (entry.text, entry.actor_kind, entry.public) == ("Now the ceiling too.", "resident", False)
    assert Event.objects.filter(name="case.updated").get().actor_kind == "resident"
    audit = AuditEntry.objects.get(action="case.resident_added")
    assert (audit.actor_kind, audit.resident_id) == ("resident", town.resident.pk)


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000])
def test_without_the_secret_nothing_is_told(town: Any, secret: str) -> None:
    case = town.case()
    for reference in (case.reference, "SM-000-000", "nonsense", "", "SM-" + "9" * 3000):
        with pytest.raises(NotFound) as refused:
            add_from_resident(reference=reference, secret=secret, text="Hello")
        assert refused.value.message("en") == "We cannot find a case with this reference and this code."


def test_what_waited_for_the_resident_goes_on(town: Any, stride: Any) -> None:
    opened = town.open()
    stride(opened.case, "investigate", "ask_resident")
    case = add_from_resident(
        reference=opened.case.reference, secret=opened.secret, text="It is the bathroom."
    )
    assert case.state == "investigating"
    assert case.expected_at is not None


def test_a_closed_case_is_opened_again_by_its_resident(town: Any, time: Any, stride: Any) -> None:
    opened = town.open()
    stride(opened.case, "investigate", "answer", "close")
    with pytest.raises(Refused) as refused:
        add_from_resident(
            reference=opened.case.reference, secret=opened.secret, text="Still wet.", reopen=False
        )
    assert refused.value.code == "closed"
    case = add_from_resident(reference=opened.case.reference, secret=opened.secret, text="Still wet.")
    assert (case.state, case.closed_at) == ("reopened", None)
    assert kinds(case)[-2:] == ["resident", "step"]
    stride(case, "investigate", "answer", "close")
    time.advance(timedelta(days=100))
    with pytest.raises(Refused) as late:
        add_from_resident(reference=opened.case.reference, secret=opened.secret, text="And again.")
    assert late.value.code == "too-late"
    assert kinds(case).count("resident") == 1, "what was refused is not half kept"


def test_not_fixed_is_the_word_for_an_incident(town: Any, stride: Any) -> None:
    opened = town.open(type="incident", title="Pothole")
    stride(opened.case, "triage", "resolve")
    case = add_from_resident(reference=opened.case.reference, secret=opened.secret, text="It is still there.")
    assert CaseEntry.objects.filter(case=case, kind="step").latest("id").transition == "not_fixed"


def test_pictures_come_by_address(town: Any) -> None:
    case = town.case(type="incident", title="Pothole")
    attach_media(case_id=case.pk, url="https://example.org/a.jpg")
    attach_media(case_id=case.pk, url="/files/b.jpg", by=town.agent.pk)
    assert selectors.get_case(case.pk).media_url == "https://example.org/a.jpg"
    assert kinds(case) == ["opened", "media", "media"]
    for url in ("javascript:alert(1)", "//evil.example/x", "ftp://example.org/x", "https://", ""):
        with pytest.raises(Invalid):
            attach_media(case_id=case.pk, url=url)


def test_an_owner_is_given_taken_and_follows(town: Any) -> None:
    case = town.case()
    version = selectors.get_case(case.pk).version
    owned = assign_owner(case_id=case.pk, agent_id=town.agent.pk, by=town.supervisor.pk, version=version)
    assert owned.owner is not None
    assert owned.owner.user == town.agent
    assert selectors.followers_of(case.pk) == [town.agent]
    with pytest.raises(Conflict) as refused:
        assign_owner(case_id=case.pk, agent_id=town.colleague.pk, by=town.colleague.pk, version=version)
    assert "Ada Byrne" in refused.value.message("en")
    assign_owner(case_id=case.pk, agent_id=town.agent.pk, by=town.supervisor.pk)
    assign_owner(case_id=case.pk, agent_id=None, by=town.agent.pk, reason="on leave")
    lines = [line.what for line in selectors.case_timeline(case.pk) if line.kind == "owner"]
    assert lines == ["Given to Mo Adeyemi", "Given back: nobody owns it now"]
    assert [event.data["to"] for event in Event.objects.filter(name="case.assigned").order_by("id")] == [
        str(town.agent.pk),
        "",
    ]
    people.set_active(user_id=town.colleague.pk, active=False)
    with pytest.raises(Invalid) as gone:
        assign_owner(case_id=case.pk, agent_id=town.colleague.pk, by=town.agent.pk)
    assert "Ines Duarte" in gone.value.field_messages("en")["agent"]


def test_details_are_corrected_and_the_history_knows_what_was(town: Any) -> None:
    case = town.case(type="incident", title="Pothole", address="1 High Street")
    change_details(case_id=case.pk, title="Deep pothole", priority=2, place=Place(address="2 High Street"))
    kept = selectors.get_case(case.pk)
    assert (kept.title, kept.priority, kept.address) == ("Deep pothole", 2, "2 High Street")
    entry = CaseEntry.objects.get(case=case, kind="details")
    assert entry.data["changed"] == ["address", "priority", "title"]
    assert entry.data["before"] == {"address": "1 High Street", "priority": 0}
    change_details(case_id=case.pk, title="Deep pothole")
    assert kinds(case) == ["opened", "details"]


def test_feedback_leaves_its_mark(town: Any) -> None:
    case = town.case()
    add_feedback_entry(case_id=case.pk, data={"satisfaction": 5})
    assert [line.what for line in selectors.case_timeline(case.pk)][-1] == "The resident gave feedback"


def test_a_note_on_a_step_reads_well_in_the_timeline(town: Any) -> None:
    case = town.case()
    take_step(case_id=case.pk, transition="acknowledge", by=town.agent.pk, note="We have it.")
    line = selectors.case_timeline(case.pk, newest_first=True)[0]
    assert (line.what, line.who, line.text, line.public) == (
        "Acknowledge: Acknowledged",
        "Mo Adeyemi",
        "We have it.",
        True,
    )
