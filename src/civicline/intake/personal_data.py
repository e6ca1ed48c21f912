"""The personal data in contacts: what a resident is handed, what is blanked when they are forgotten.

Registered in `config.wiring`:

    erasure.register("contacts", erase=personal_data.erase, export=personal_data.export)
    jobs.job(personal_data.REMOVE_FILES, personal_data.remove_files)
    jobs.every(86_400, "intake.forget_closed", personal_data.forget_closed_job)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from civicline.intake.models import Attachment, Contact, Delivery, Draft, Message
from civicline.intake.storage import uploads_folder
from civicline.kernel import audit, clock, jobs
from civicline.kernel.db import writes
from civicline.people import erasure
from civicline.people import selectors as people

ERASED = "[erased]"
"""Stands where somebody's words were, so that a gap in a conversation is seen to be one."""

REMOVE_FILES = "intake.remove_files"
_BATCH = 200


def export(resident_id: UUID) -> list[dict[str, Any]]:
    """A resident's contacts with every message, oldest first; of files their names, sizes and checksums."""
    rows = Contact.objects.filter(resident_id=resident_id).select_related("service")
    rows = rows.prefetch_related("messages__attachments")
    return [_exported(contact) for contact in rows.order_by("arrived_at", "pk")]


def _exported(contact: Contact) -> dict[str, Any]:
    return {
        "reference": contact.reference,
        "channel": contact.channel,
        "service": contact.service.code if contact.service else "",
        "subject": contact.subject,
        "languages": contact.languages,
        "arrived_at": contact.arrived_at.isoformat(),
        "closed_at": contact.closed_at.isoformat() if contact.closed_at else None,
        "disposition": contact.disposition,
        "data": contact.data,
        "messages": [
            {
                "number": message.number,
                "at": message.at.isoformat(),
                "direction": message.direction,
                "text": message.body,
                "files": [
                    {"name": one.name, "size": one.size, "sha256": one.sha256}
                    for one in message.attachments.all()
                ],
            }
            for message in contact.messages.all()
        ],
    }


def erase(resident_id: UUID) -> int:
    """Blank what was said in a resident's contacts, by both sides, and remove their files; how many contacts.

    Times, channel, service, queue and disposition stay: reports count on. What is on legal hold stays as it is.
    """
    mine = Contact.objects.filter(resident_id=resident_id).exclude(_held())
    found = list(mine.values_list("pk", flat=True))
    for start in range(0, len(found), _BATCH):
        _blank(found[start : start + _BATCH])
    return len(found)


def kept(resident_id: UUID) -> int:
    """How many contacts of a resident are on legal hold."""
    return Contact.objects.filter(_held(), resident_id=resident_id).count()


def _held() -> Q:
    """On hold itself, as a contact about a case that is, or as a resident's who is."""
    about = Contact.objects.filter(
        Q(cases__in=people.held_ids("case")) | Q(cases__merged_into__in=people.held_ids("case"))
    )
    return (
        Q(pk__in=people.held_ids("contact"))
        | Q(pk__in=about.values("pk"))
        | Q(resident_id__in=people.held_ids("resident"))
    )


def held_contacts() -> QuerySet[Contact, UUID]:
    """Ids of contacts that legal holds keep: for rooms above that store more about them."""
    return Contact.objects.filter(_held()).values_list("pk", flat=True)


def _blank(contact_ids: Sequence[UUID]) -> None:
    contacts = Contact.objects.filter(pk__in=contact_ids)
    contacts.exclude(subject="").update(subject=ERASED)
    contacts.update(data={})
    messages = Message.objects.filter(contact_id__in=contact_ids)
    messages.exclude(body="").update(body=ERASED)
    messages.filter(direction=Message.Direction.IN).update(author_name="")
    messages.exclude(direction=Message.Direction.SYSTEM).update(data={})
    Delivery.objects.filter(message__contact_id__in=contact_ids).update(address="", error="")
    Draft.objects.filter(contact_id__in=contact_ids).update(answers={})
    files = Attachment.objects.filter(contact_id__in=contact_ids)
    paths = list(files.values_list("path", flat=True))
    files.delete()
    erasure.blanked("contact", contact_ids)
    if paths:
        # The files go once the rows are surely gone; a job, because a process may die in between.
        jobs.enqueue(REMOVE_FILES, {"paths": paths})


def remove_files(payload: dict[str, Any]) -> None:
    """Remove stored files; one that is gone already is no error. Nothing outside of the folder is touched."""
    folder = uploads_folder().resolve()
    for path in payload["paths"]:
        file = (folder / path).resolve()
        if file.is_relative_to(folder):
            file.unlink(missing_ok=True)


@writes
def forget_closed(*, before: datetime, limit: int = _BATCH) -> int:
    """Blank what was said in contacts that ended before this moment (retention), at most `limit`; how many.

    Each disposal stands in the audit. What is on legal hold is left. A job calls it until it returns 0.
    """
    due = _due(before).exclude(_held())
    found = list(due.order_by("closed_at").values_list("pk", "resident_id")[:limit])
    _blank([contact_id for contact_id, _owner in found])
    for contact_id, resident_id in found:
        audit.record(
            "contact.forgotten",
            object=("contact", str(contact_id)),
            resident_id=resident_id,
            reason="retention",
        )
    return len(found)


def _due(before: datetime) -> QuerySet[Contact]:
    said = Message.objects.exclude(body__in=["", ERASED]).values("contact_id")
    ended = Contact.objects.filter(state__in=["closed", "abandoned"], closed_at__lt=before)
    return ended.filter(Q(pk__in=said) | Q(pk__in=Attachment.objects.values("contact_id")))


def count_due(*, before: datetime) -> tuple[int, int]:
    """(contacts that retention would blank, contacts it would leave because they are on legal hold)."""
    due = _due(before)
    held = due.filter(_held()).count()
    return due.count() - held, held


def forget_closed_job(payload: dict[str, Any]) -> None:
    """Blank contacts that ended longer ago than the setting `retention.contacts_days`."""
    before = clock.now() - timedelta(days=settings.CIVICLINE.retention_contacts_days)
    while forget_closed(before=before):
        continue
