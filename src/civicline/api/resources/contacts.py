"""Contacts: begin one, follow it, write into it, leave it."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from civicline.api import access, cursors
from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import Flaw, Problem
from civicline.api.resources.documents import Code, Cursor, Language, Limit, Next, WaitRange, range_of
from civicline.api.schema import Rule
from civicline.engine.lifecycle import ContactState
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel import actors, audit
from civicline.kernel.errors import Conflict
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services

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

    version: Annotated[
        int | None, Rule("The version that was read; a conflict when it is another now.", least=0)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Place and range of a contact that waits, or why there is none."""

    state: ContactState
    position: Annotated[int | None, Rule("1 is first.")]
    range: WaitRange | None
    reason: Annotated[
        str,
        Rule(
            "Why there is no range: closed, nobody_staffed, staff_leaves, too_little_data, connected, over."
        ),
    ]
    at: datetime
    due_at: datetime | None


@operation(
    "POST",
    "/contacts",
    tag="contacts",
    scope="contacts:write",
    body=NewContact,
    answer=BegunContact,
    status=201,
    keyed=True,
    secret=True,
    problems=("conflict",),
)
def begin_contact(call: Call) -> Answer:
    """Begin a contact.

    It joins the line of its service at once. With an Idempotency-Key a repeat gets the same answer, the secret
    included, and the header Idempotent-Replayed.
    """
    asked: NewContact = call.body
    _check_service(asked)
    resident = asked.resident or NewResident()
    languages = tuple(tag.lower() if len(tag) == 2 else tag for tag in asked.languages)
    inbound = Inbound(
        channel=asked.channel,
        text=asked.text,
        service_code=asked.service,
        subject=asked.subject,
        resident=ResidentFacts(
            name=resident.name,
            email=resident.email,
            phone=resident.phone,
            external_id=resident.external_id,
            language=languages[0] if languages else "",
        ),
        languages=languages,
        data={"from_api": asked.data} if asked.data else {},
    )
    received = intake_services.receive(inbound=inbound, secret=call.secret)
    made = document(call, received.contact)
    return Answer(made, status=201)


def _check_service(asked: NewContact) -> None:
    if asked.service is None:
        return
    service = intake.get_service(asked.service)
    if service is None:
        raise Problem(
            "invalid", flaws=[Flaw("/service", "There is no such service; GET /services lists them.")]
        )
    if asked.channel not in service.channels:
        words = f"This service is not offered on {asked.channel}, only on: {', '.join(service.channels)}."
        raise Problem("invalid", flaws=[Flaw("/channel", words)])


@operation("GET", "/contacts", tag="contacts", scope="contacts:read", query=ContactQuery, answer=ContactPage)
def list_contacts(call: Call) -> Answer:
    """List contacts, newest first."""
    asked: ContactQuery = call.query
    wanted = intake.ContactFilter(
        state=asked.state,
        service_code=asked.service,
        channel=asked.channel,
        arrived_from=asked.arrived_from,
        arrived_to=asked.arrived_to,
    )
    scope = f"contacts:{wanted}"
    found, place = intake.page_of_contacts(
        wanted, after=cursors.unseal(scope, asked.cursor), limit=asked.limit
    )
    audit.record("contact.listed", object=("contact", "list"), data={"count": len(found)})
    items = tuple(document(call, row) for row in found)
    return Answer(ContactPage(items=items, next=cursors.seal(scope, place)))


@operation(
    "GET",
    "/contacts/{contact_id}",
    tag="contacts",
    scope="contacts:read",
    contact=True,
    answer=Contact,
    etag=True,
)
def get_contact(call: Call) -> Answer:
    """Read a contact."""
    contact = _contact(call)
    _read_by_token(call, contact)
    return Answer(document(call, contact))


@operation(
    "GET",
    "/contacts/{contact_id}/messages",
    tag="contacts",
    scope="contacts:read",
    contact=True,
    query=MessageQuery,
    answer=MessageList,
)
def list_messages(call: Call) -> Answer:
    """Read messages, those after a number if one is given."""
    contact, asked = _contact(call), call.query
    _read_by_token(call, contact)
    rows = intake.list_messages(contact.id, after=asked.after)
    items = tuple(_message(row) for row in rows)
    return Answer(MessageList(items=items, last=max([asked.after, *(item.number for item in items)])))


@operation(
    "POST",
    "/contacts/{contact_id}/messages",
    tag="contacts",
    scope="contacts:write",
    contact=True,
    body=NewMessage,
    answer=Message,
    status=201,
    keyed=True,
    problems=("conflict",),
)
def add_message(call: Call) -> Answer:
    """Say something for the resident.

    With an Idempotency-Key a repeat finds the first message, also for callers who show the secret of the contact.
    """
    contact, asked = _contact(call), call.body
    name = contact.resident.name if contact.resident else ""
    key = call.request.headers.get("Idempotency-Key", "")
    known = hashlib.sha256(key.encode()).hexdigest() if key else None
    with _as_resident(call, contact):
        message = intake_services.add_message(
            contact_id=contact.id,
            direction="in",
            body=asked.text,
            author_name=name,
            language=asked.language or "",
            client_key=known,
        )
    if message.body != intake_services.contacts.clean_text(asked.text):
        raise Problem("key-reused")
    return Answer(_message(message, fresh=True), status=201)


@operation(
    "POST",
    "/contacts/{contact_id}/leave",
    tag="contacts",
    scope="contacts:write",
    contact=True,
    body=Leave,
    answer=Contact,
    problems=("conflict",),
)
def leave_contact(call: Call) -> Answer:
    """End it for the resident.

    Out of the line, or into wrap-up when somebody was with them. Harmless when repeated.
    """
    contact, asked = _contact(call), call.body
    if asked.version not in (None, contact.version):
        raise Conflict(version=contact.version)
    with _as_resident(call, contact):
        routing_services.leave_queue(contact_id=contact.id)
    return Answer(document(call, _contact(call)))


@operation(
    "GET", "/contacts/{contact_id}/wait", tag="contacts", scope="contacts:read", contact=True, answer=Wait
)
def get_contact_wait(call: Call) -> Answer:
    """Place in the line and how long it takes."""
    contact = _contact(call)
    told = routing.get_wait(contact)
    return Answer(
        Wait(
            state=contact.state,  # type: ignore[arg-type]  # the column holds these only
            position=told.position,
            range=range_of(told.range),
            reason=told.reason,
            at=told.at,
            due_at=told.due_at,
        )
    )


def _contact(call: Call) -> models.Contact:
    """The contact of the address (its id or its reference), when this caller may see it."""
    asked = call.path["contact_id"]
    try:
        contact = intake.get_contact(UUID(asked))
    except ValueError:
        known = intake.get_contact_by_reference(asked)
        contact = intake.get_contact(known.id) if known else None
    return access.open_contact(call.caller, contact)


def _as_resident(call: Call, contact: models.Contact) -> AbstractContextManager[actors.Actor]:
    who = call.caller.actor
    return actors.acting_as(
        who if call.caller.token else replace(who, id=str(contact.resident_id or contact.id))
    )


def _read_by_token(call: Call, contact: models.Contact) -> None:
    if call.caller.token is not None:
        audit.record("contact.read", object=("contact", contact.id), resident_id=contact.resident_id)


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


def _message(row: models.Message, *, fresh: bool = False) -> Message:
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
