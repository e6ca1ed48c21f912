"""What was said in contacts, as plain texts: for the search over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from civicline.intake.models import Attachment, Contact, Message
from civicline.kernel import rows


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
    for row in rows.many(Contact, where={}, any_of=("id", contact_ids)):
        told = [text for text in (row.subject, *_answers(row.data)) if text]
        found[row.id] = Said(row.id, row.resident_id, row.reference, row.arrived_at, told)
    messages = rows.many(Message, where={}, any_of=("contact_id", contact_ids))
    for message in sorted(messages, key=lambda one: one.number):
        if message.body:
            found[message.contact_id].told.append(message.body)
    files = rows.many(Attachment, where={}, any_of=("contact_id", contact_ids))
    for file in sorted(files, key=lambda one: one.pk):
        if file.message_id is not None:
            found[file.contact_id].told.append(file.name)
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
    found = Contact.objects.order_by("pk")
    found = found.filter(pk__gt=after) if after is not None else found
    return list(found.values_list("pk", flat=True)[:limit])


def contacts_by_resident(resident_ids: Iterable[UUID]) -> list[UUID]:
    """Ids of all contacts of these residents."""
    theirs = Contact.objects.filter(resident_id__in=list(resident_ids))
    return list(theirs.values_list("pk", flat=True))
