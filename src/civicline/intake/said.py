"""What was said in contacts, as plain texts: for the search over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from civicline.intake.models import Attachment, Contact, Message


@dataclass(slots=True)
class Said:
    """One contact: `told` are the texts in which words may be looked for, what it is about first."""

    contact_id: UUID
    resident_id: UUID | None
    reference: str
    arrived_at: datetime
    told: list[str] = field(default_factory=list)


def said_in(contact_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """The contacts among these that there are: subject, answers of a form, messages of both sides, notes, files."""
    found: dict[UUID, Said] = {}
    rows = Contact.objects.filter(pk__in=contact_ids)
    for key, resident_id, reference, at, subject, data in rows.values_list(
        "pk", "resident_id", "reference", "arrived_at", "subject", "data"
    ):
        told = [subject, *_answers(data)]
        found[key] = Said(key, resident_id, reference, at, [text for text in told if text])
    messages = Message.objects.filter(contact_id__in=contact_ids).exclude(body="").order_by("number")
    for key, body in messages.values_list("contact_id", "body"):
        found[key].told.append(body)
    files = Attachment.objects.filter(contact_id__in=contact_ids, message__isnull=False).order_by("pk")
    for key, name in files.values_list("contact_id", "name"):
        found[key].told.append(name)
    return found


def _answers(data: Mapping[str, Any]) -> Iterable[str]:
    """What a form was answered, and the number of a call, as far as they are words."""
    if isinstance(number := data.get("number"), str):
        yield number
    answers = data.get("answers")
    for value in answers.values() if isinstance(answers, dict) else ():
        yield from (str(one) for one in (value if isinstance(value, list) else [value]) if one)


def some_contacts(after: UUID | None, limit: int) -> list[UUID]:
    """Ids of contacts after this one, in the order of their ids: to go through all of them in parts."""
    rows = Contact.objects.order_by("pk")
    rows = rows.filter(pk__gt=after) if after is not None else rows
    return list(rows.values_list("pk", flat=True)[:limit])


def contacts_by_resident(resident_ids: Iterable[UUID]) -> list[UUID]:
    """Ids of all contacts of these residents."""
    rows = Contact.objects.filter(resident_id__in=list(resident_ids))
    return list(rows.values_list("pk", flat=True))
