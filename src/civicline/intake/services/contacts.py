"""A contact's life: received once, moved by compare-and-set, closed or abandoned."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from civicline.engine import lifecycle
from civicline.intake import events
from civicline.intake.catalogue import key_of_service
from civicline.intake.models import Contact, IntakeKey, Message
from civicline.intake.ports import Inbound
from civicline.intake.references import next_reference
from civicline.kernel import audit, bus, clock, ids, metrics, rows
from civicline.kernel.db import after_commit, joins, writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.people import services as people

MAX_TEXT = 20_000
"""Characters of one message. Longer texts belong in a file; the error says so."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a resident: what to quote, and the secret that opens it (empty when this was a repeat)."""

    contact: Contact
    secret: str
    repeated: bool


def clean_text(text: str) -> str:
    """Return `text` as it is stored: no NUL (no database takes it), line ends as newlines. Nothing else is lost.

    Raises `Invalid` when it is longer than `MAX_TEXT`.
    """
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_TEXT:
        raise Invalid(
            code="text-too-long",
            text=_("The text has %(length)s characters. Shorten it to %(most)s, or send it as a file."),
            length=len(text),
            most=MAX_TEXT,
        )
    return text


def _fingerprint(inbound: Inbound) -> str:
    told = [inbound.channel, inbound.service_code, inbound.subject, inbound.text, dict(inbound.data)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _repeat(inbound: Inbound, fingerprint: str) -> Received | None:
    """Return the first answer to this key, if there was one; refuse the key for other content."""
    known = rows.one(IntakeKey, where={"scope": inbound.channel, "key": inbound.key})
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise Conflict(
            code="key-reused",
            text=_("This key was used before for another text. Use a new key for a new contact."),
        )
    return Received(contact=known.contact, secret="", repeated=True)


def _service_id(code: str | None) -> int | None:
    if not code:
        return None
    service_id = key_of_service(code)
    if service_id is None:
        raise NotFound(code="service-unknown", text=_("There is no service “%(service)s”."), service=code)
    return service_id


def receive(*, inbound: Inbound, secret: str | None = None) -> Received:
    """Take in one contact: Contact, first Message, event and audit row in one transaction.

    `secret` may be given by a caller who derives it (so that a repeat can be answered with it again); it must
    have 128 bits or more. Raises `Invalid` for a text too long, `NotFound` for an unknown service, `Conflict`
    for an idempotency key that was used for something else.
    """
    try:
        return _receive(inbound=inbound, secret=secret)
    except IntegrityError:
        # Twice at the same moment with one key: the other was first, so now its answer is there to be found.
        if not inbound.key:
            raise
        return _receive(inbound=inbound, secret=secret)


@writes
def _receive(*, inbound: Inbound, secret: str | None) -> Received:
    text = clean_text(inbound.text)
    fingerprint = _fingerprint(inbound) if inbound.key else ""
    if inbound.key and (repeated := _repeat(inbound, fingerprint)):
        return repeated
    now = clock.now()
    secret = secret or ids.new_secret()
    service_id = _service_id(inbound.service_code)
    contact = rows.create(
        Contact,
        id=ids.new_id(),
        reference=next_reference(),
        secret_hash=ids.hash_secret(secret),
        channel=inbound.channel,
        state="received",
        service_id=service_id,
        resident_id=_resident_id(inbound),
        preferred_agent_id=inbound.preferred_agent_id,
        languages=list(inbound.languages),
        skills=[[skill, level] for skill, level in inbound.skills],
        priority=inbound.priority,
        emergency=inbound.emergency,
        subject=clean_text(inbound.subject)[:300],
        message_count=1 if text else 0,
        arrived_at=min(inbound.at or now, now),
        last_in_at=now,
        data=dict(inbound.data),
    )
    if text:
        _first_message(contact.id, text, inbound, now)
    if inbound.key:
        rows.add(
            IntakeKey, scope=inbound.channel, key=inbound.key, fingerprint=fingerprint, contact_id=contact.id,
            created_at=now,
        )  # fmt: skip
    emit(
        events.CONTACT_RECEIVED,
        subject=("contact", contact.id),
        contact_id=contact.id,
        data={
            "channel": contact.channel,
            "service": inbound.service_code or None,
            "emergency": contact.emergency,
            **({"later": True} if inbound.later else {}),
        },
    )
    audit.record("contact.received", object=("contact", contact.id), resident_id=contact.resident_id)
    after_commit(metrics.contacts.labels(contact.channel).inc)
    return Received(contact=contact, secret=secret, repeated=False)


def _resident_id(inbound: Inbound) -> UUID | None:
    """Who it is, met again or new; None when they said nothing of themselves."""
    facts = inbound.resident
    if not facts.known:
        return None
    told = {name: getattr(facts, name) for name in facts.__slots__}
    return people.save_resident(**told).pk


def _first_message(contact_id: UUID, text: str, inbound: Inbound, now: datetime) -> None:
    rows.add(
        Message, id=ids.new_id(), contact_id=contact_id, number=1, direction="in", author_id=None,
        author_name=inbound.resident.name[:200], body=text, mentions=[], client_key=None, at=now, read_at=None,
        language=inbound.languages[0] if inbound.languages else "", data={},
    )  # fmt: skip


@joins
def move_contact(
    *,
    contact_id: UUID,
    to: str,
    expect: frozenset[str] | set[str],
    version: int | None = None,
    held_by: UUID | None = None,
    **fields: Any,
) -> Contact:
    """Move a contact to state `to` by compare-and-set, and return it as it is then.

    `expect`: the states it may be in; each must allow `to` by the lifecycle table. `version`: the version the
    caller read, when nothing else may have changed since. `held_by`: the agent whose it has to be. `fields` are
    set with it. Raises `Conflict` when somebody was first, `NotFound` when there is no such contact.
    """
    refused = [state for state in expect if not lifecycle.can(lifecycle.CONTACT, state, to)]
    if refused:
        raise lifecycle.MoveRefused("not_allowed", table="contact", origin=refused[0], target=to)
    where: dict[str, Any] = {"id": contact_id, "state": tuple(expect)}
    if version is not None:
        where["version"] = version
    if held_by is not None:
        where["agent_id"] = held_by
    if to in lifecycle.CONTACT.finals:
        fields.setdefault("closed_at", clock.now())  # what has none is looked upon as live
    contact = rows.moved(Contact, where=where, to={"state": to, **fields, "version": rows.NEXT})
    if contact is None:
        raise _lost(contact_id, expect)
    key = str(contact_id)
    bus.publish(f"contact:{key}", {"kind": "state", "id": key})
    bus.publish("queue-line", {"contact": key})
    bus.publish("board", {"kind": "contact", "id": key})
    return contact


def _lost(contact_id: UUID, expect: frozenset[str] | set[str]) -> NotFound | Conflict:
    """Why no row could be moved: somebody was first, or there is none."""
    contact = rows.one(Contact, where={"id": contact_id})
    if contact is None:
        return NotFound(code="contact-unknown", text=_("There is no such contact."))
    return _moved(contact.state, expect)


def _moved(state: str, expect: frozenset[str] | set[str]) -> Conflict:
    return Conflict(
        code="contact-moved",
        text=_("This contact has changed in the meantime. Look at it again, then decide."),
        state=state,
        expected=sorted(expect),
    )


@writes
def change_contact(*, contact_id: UUID, reason: str = "", **fields: Any) -> Contact:
    """Set facts of a contact (never its state) and say so in the log. Raises `NotFound`."""
    if "state" in fields or "version" in fields:
        raise ValueError("a contact's state is changed by move_contact only")
    if Contact.objects.filter(pk=contact_id).update(version=F("version") + 1, **fields) != 1:
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    emit(
        events.CONTACT_CHANGED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"fields": sorted(fields), "reason": reason},
    )
    bus.publish(f"contact:{contact_id}", {"kind": "changed", "id": str(contact_id)})
    bus.publish("queue-line", {"contact": str(contact_id)})
    return Contact.objects.select_related("service").get(pk=contact_id)


@joins
def tell_wait(*, contact_id: UUID, low_s: int, high_s: int, position: int, first: bool) -> None:
    """Keep the range that a resident was told. The first one told is what calibration is measured by."""
    if first:
        told = {"told_low_s": low_s, "told_high_s": high_s}
        rows.change(Contact, where={"id": contact_id, "told_low_s": None}, to=told)
    emit(
        events.WAIT_TOLD,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"low_s": low_s, "high_s": high_s, "position": position, "first": first},
    )


def seconds_between(start: datetime | None, end: datetime | None) -> float:
    """Seconds from `start` to `end`, nought when either is unknown or a clock went backwards."""
    if start is None or end is None:
        return 0.0
    return max(0.0, (end - start).total_seconds())


@joins
def abandon(*, contact_id: UUID, reason: str) -> Contact:
    """The resident left before anyone could join. Raises `Conflict` when somebody already had."""
    now = clock.now()
    contact = move_contact(
        contact_id=contact_id,
        to="abandoned",
        expect={"received", "queued", "offered"},
        closed_at=now,
    )
    emit(
        events.CONTACT_ABANDONED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={
            "queue": contact.queue_id,
            "channel": contact.channel,
            "waited_s": seconds_between(contact.queued_at, now),
            "told_low_s": contact.told_low_s,
            "told_high_s": contact.told_high_s,
            "reason": reason,
        },
    )
    return contact


CLOSABLE = frozenset({"received", "queued", "connected", "wrap_up"})


@joins
def close(
    *,
    contact_id: UUID,
    disposition: str,
    cause: str = "",
    expect: frozenset[str] | set[str] = CLOSABLE,
    **fields: Any,
) -> Contact:
    """Close a contact with what became of it. Raises `Conflict` when it is on offer, or closed already.

    `expect` and `fields`, `held_by` among them, as in `move_contact`.
    """
    now = clock.now()
    contact = move_contact(
        contact_id=contact_id,
        to="closed",
        expect=expect,
        closed_at=now,
        disposition=disposition[:64],
        cause=cause[:64],
        **fields,
    )
    emit(
        events.CONTACT_CLOSED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={
            "queue": contact.queue_id,
            "channel": contact.channel,
            "agent": str(contact.agent_id) if contact.agent_id else None,
            "disposition": contact.disposition,
            "cause": contact.cause,
            "talk_s": seconds_between(contact.connected_at, contact.wrapped_at or now),
            "wrap_s": seconds_between(contact.wrapped_at, now),
        },
    )
    return contact
