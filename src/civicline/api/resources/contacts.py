"""Contacts: begin one, follow it, write into it, leave it."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from civicline.api import access
from civicline.api.operation import Answer, Call, operation
from civicline.api.problems import Flaw, Problem
from civicline.api.resources.asking import by_id_or_reference, known_service, paged, read_record
from civicline.api.resources.contact_documents import (
    BegunContact,
    Contact,
    ContactPage,
    ContactQuery,
    Leave,
    Message,
    MessageList,
    MessageQuery,
    NewContact,
    NewMessage,
    NewResident,
    Wait,
    document,
    message_document,
)
from civicline.api.resources.documents import range_of
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel import actors
from civicline.kernel.errors import Conflict
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services

if TYPE_CHECKING:
    from civicline.intake import models


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
    service = known_service(asked.service)
    if service is not None and asked.channel not in service.channels:
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
    rows, following = paged(
        "contact",
        wanted,
        asked.cursor,
        lambda place: intake.page_of_contacts(wanted, after=place, limit=asked.limit),
    )
    return Answer(ContactPage(items=tuple(document(call, row) for row in rows), next=following))


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
    items = tuple(message_document(row) for row in rows)
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
    return Answer(message_document(message, fresh=True), status=201)


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
    contact = by_id_or_reference(call.path["contact_id"], intake.get_contact, _by_reference)
    return access.open_contact(call.caller, contact)


def _by_reference(reference: str) -> models.Contact | None:
    known = intake.get_contact_by_reference(reference)
    return intake.get_contact(known.id) if known else None


def _as_resident(call: Call, contact: models.Contact) -> AbstractContextManager[actors.Actor]:
    who = call.caller.actor
    return actors.acting_as(
        who if call.caller.token else replace(who, id=str(contact.resident_id or contact.id))
    )


def _read_by_token(call: Call, contact: models.Contact) -> None:
    if call.caller.token is not None:
        read_record("contact", contact)
