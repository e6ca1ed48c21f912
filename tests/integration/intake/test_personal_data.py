"""A resident who asks gets every word, and a resident who wants to be forgotten leaves none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.intake import personal_data, services
from civicline.intake.models import Attachment, Contact, Delivery, Message
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.intake.storage import uploads_folder
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.models import AuditEntry, Event, Job

pytestmark = pytest.mark.django_db


def write(email: str = "samira@example.org", text: str = "Secretword damp") -> Contact:
    facts = ResidentFacts(name="Samira Haddad", email=email)
    inbound = Inbound(channel="webform", text=text, subject=text, resident=facts, data={"page": f"/{text}"})
    return services.receive(inbound=inbound).contact


@writes
def erase(resident_id: UUID) -> int:
    return personal_data.erase(resident_id)


def test_every_word_and_file_is_handed_out() -> None:
    contact = write()
    file = services.store_upload(contact_id=contact.pk, name="wall.txt", content=b"a wet wall")
    message = Message.objects.get(contact=contact)
    services.link_uploads(contact_id=contact.pk, message_id=message.pk, attachment_ids=[file.pk])
    assert contact.resident_id is not None
    [row] = json.loads(json.dumps(personal_data.export(contact.resident_id)))
    assert (row["reference"], row["messages"][0]["text"]) == (contact.reference, "Secretword damp")
    assert row["messages"][0]["files"][0]["name"] == "wall.txt"


def test_no_word_and_no_file_is_left_and_the_bare_facts_are() -> None:
    contact, other = write(), write(email="bo@example.org", text="Quite another matter")
    file = services.store_upload(contact_id=contact.pk, name="secretword.txt", content=b"secretword")
    stored = uploads_folder() / file.path
    services.add_message(contact_id=contact.pk, direction="out", body="Dear Secretword")
    assert contact.resident_id is not None
    assert erase(contact.resident_id) == 1
    for model in (Contact, Message, Delivery, Attachment, Event):
        for row in model.objects.values():
            assert "secretword" not in json.dumps(row, default=str).lower(), model.__name__
    kept = Contact.objects.get(pk=contact.pk)
    assert (kept.channel, kept.subject, kept.arrived_at) == (
        "webform",
        personal_data.ERASED,
        contact.arrived_at,
    )
    assert Message.objects.filter(contact=other).get().body == "Quite another matter"
    job = Job.objects.get(kind=personal_data.REMOVE_FILES)
    assert stored.exists(), "the file goes by a job, after the commit"
    for _twice in range(2):
        personal_data.remove_files(job.payload)
    assert not stored.exists()


def test_nothing_outside_of_the_folder_is_removed(tmp_path: Any) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("keep")
    personal_data.remove_files({"paths": [str(precious), f"../../../../../../../..{precious}"]})
    assert precious.exists()


def test_old_words_are_forgotten_and_young_and_open_ones_kept() -> None:
    with clock.use(clock.ManualClock(datetime(2026, 3, 10, 9, 0, tzinfo=UTC))) as time:
        old, still_open = write(), write(text="Still waiting")
        services.close(contact_id=old.pk, disposition="answered")
        time.advance(timedelta(days=10))
        young = write(text="A young matter")
        services.close(contact_id=young.pk, disposition="answered")
        before = clock.now() - timedelta(days=5)
        assert personal_data.forget_closed(before=before) == 1
        assert personal_data.forget_closed(before=before) == 0
    bodies = dict(Message.objects.values_list("contact_id", "body"))
    assert bodies == {
        old.pk: personal_data.ERASED,
        still_open.pk: "Still waiting",
        young.pk: "A young matter",
    }
    assert AuditEntry.objects.get(action="contact.forgotten").reason == "retention"


def test_the_job_forgets_after_the_days_that_are_set() -> None:
    with clock.use(clock.ManualClock(datetime(2024, 3, 10, 9, 0, tzinfo=UTC))) as time:
        contact = write()
        services.close(contact_id=contact.pk, disposition="answered")
        time.advance(timedelta(days=729))
        personal_data.forget_closed_job({})
        assert Message.objects.get().body == "Secretword damp"
        time.advance(timedelta(days=2))
        personal_data.forget_closed_job({})
        assert Message.objects.get().body == personal_data.ERASED
