"""Contacts and their messages as callers of the API see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from civicline.api.operation import Call
from civicline.api.resources.documents import Code, Cursor, Language, Limit, Next, Version, WaitRange
from civicline.api.schema import Rule
from civicline.engine.lifecycle import ContactState

if TYPE_CHECKING:
    from civicline.intake import models

MAX_TEXT = 20_000
Channel = Literal["chat", "webform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResident:
    """Who it is about, as far as they said. Nobody has to say who they are to ask."""

    name: Annotated[str, Rule("How they want to be called.", most=200)] = ""
    email: Annotated[str, Rule("Where an answer can be sent.", most=254)] = ""
    phone: Annotated[str, Rule("A telephone number.", most=40)] = ""
    external_id: Annotated[str, Rule("Your own id of this person.", most=128)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """What a resident asks."""

    text: Annotated[
        str, Rule("The first message.", least=1, most=MAX_TEXT, example="When is my bin emptied?")
    ]
    service: Annotated[str | None, Rule("The code of the service it is about.", least=1, most=64)] = None
    channel: Annotated[
        Channel, Rule("`chat`: the resident is there and waits. `webform`: they are answered in writing.")
    ] = "chat"
    subject: Annotated[str, Rule("A title.", most=300)] = ""
    languages: Annotated[tuple[Language, ...], Rule("In order of preference.", most=10)] = ()
    resident: NewResident | None = None
    data: Annotated[
        dict[str, Annotated[str, Rule("", most=2_000)]],
        Rule("Facts of your own, kept with the contact.", most=50),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Who it is about."""

    id: UUID
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One attempt of one resident to reach the public body, from arrival to closure."""

    id: UUID
    url: Annotated[str, Rule("Where it is read again.", format="uri")]
    reference: Annotated[str, Rule("What residents quote.", example="SM-4K7-291")]
    channel: str
    state: ContactState
    version: Annotated[
        int, Rule("Grows with each change of state; give it back to notice changes in between.")
    ]
    service: str | None
    queue: str | None
    agent: Annotated[str | None, Rule("The name of the one who helps, while they do.")]
    subject: str
    languages: tuple[str, ...]
    emergency: bool
    messages: Annotated[int, Rule("The number of the last message.")]
    arrived_at: datetime
    queued_at: datetime | None
    connected_at: datetime | None
    closed_at: datetime | None
    due_at: Annotated[datetime | None, Rule("By when written work is promised an answer.")]
    disposition: Annotated[str, Rule("What became of it, once it is closed.")]
    resident: Resident | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunContact(Contact):
    """A contact just begun. `secret` opens it without a token; it is told to the resident and kept as a hash."""

    secret: Annotated[str, Rule("Send it as `Authorization: Contact <secret>`. Keep it to the resident.")] = (
        ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """A page of contacts, newest first."""

    items: tuple[Contact, ...]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactQuery:
    """Which contacts."""

    state: Annotated[ContactState | None, Rule("Only in this state.")] = None
    service: Code | None = None
    channel: Annotated[str | None, Rule("Only of this channel.", least=1, most=16)] = None
    arrived_from: Annotated[datetime | None, Rule("Arrived then or later.")] = None
    arrived_to: Annotated[datetime | None, Rule("Arrived before then.")] = None
    cursor: Cursor = ""
    limit: Limit = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message."""

    id: UUID
    name: str
    content_type: str
    size: Annotated[int, Rule("In bytes.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One utterance. Numbers count from 1 within the contact; internal notes are left out."""

    id: UUID
    number: int
    direction: Annotated[
        Literal["in", "out", "system"], Rule("`in`: from the resident. `system`: see `code`.")
    ]
    author: str
    text: str
    code: Annotated[str, Rule("What a system message says, such as `resident_left`.")]
    language: str
    at: datetime
    read_at: datetime | None
    delivery: Annotated[
        str | None, Rule("How far an outward message has come: queued, sent, delivered, read, ...")
    ]
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageList:
    """Messages in order; `last` is the number to ask after next time."""

    items: tuple[Message, ...]
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQuery:
    """Which messages."""

    after: Annotated[int, Rule("Only those with a larger number.", least=0, most=2_000_000_000)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What the resident says."""

    text: Annotated[str, Rule("The words.", least=1, most=MAX_TEXT)]
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """The resident goes."""

    version: Version = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Place and range of a contact that waits, or why there is none."""

    state: ContactState
    position: Annotated[int | None, Rule("1 is first.")]
    range: WaitRange | None
    reason: Annotated[
        str,
        Rule(
            "Why there is no range: closed, nobody_staffed, nobody_answers, staff_leaves, too_little_data, "
            "connected, over."
        ),
    ]
    at: datetime
    due_at: datetime | None


def document(call: Call, contact: models.Contact) -> Contact:
    """A contact as callers see it."""
    resident, agent = contact.resident, contact.agent
    return Contact(
        id=contact.id,
        url=f"{call.base}/contacts/{contact.id}",
        reference=contact.reference,
        channel=contact.channel,
        state=contact.state,  # type: ignore[arg-type]  # the column holds these only
        version=contact.version,
        service=contact.service.code if contact.service else None,
        queue=contact.queue.code if contact.queue else None,
        agent=agent.user.name if agent else None,
        subject=contact.subject,
        languages=tuple(contact.languages),
        emergency=contact.emergency,
        messages=contact.message_count,
        arrived_at=contact.arrived_at,
        queued_at=contact.queued_at,
        connected_at=contact.connected_at,
        closed_at=contact.closed_at,
        due_at=contact.due_at,
        disposition=contact.disposition,
        resident=Resident(id=resident.id, name=resident.name, email=resident.email, phone=resident.phone)
        if resident
        else None,
    )


def message_document(row: models.Message, *, fresh: bool = False) -> Message:
    """A message as callers see it. `fresh`: it was just written, so nothing hangs on it yet."""
    delivery = None if fresh else getattr(row, "delivery", None)
    return Message(
        id=row.id,
        number=row.number,
        direction=row.direction,  # type: ignore[arg-type]  # notes are never asked for
        author=row.author_name,
        text=row.body,
        code=str(row.data.get("code", "")) if row.direction == "system" else "",
        language=row.language,
        at=row.at,
        read_at=row.read_at,
        delivery=delivery.state if delivery else None,
        attachments=()
        if fresh
        else tuple(
            Attachment(id=one.id, name=one.name, content_type=one.content_type, size=one.size)
            for one in row.attachments.all()
        ),
    )
