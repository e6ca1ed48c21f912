"""All reads of intake."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from civicline.engine import references
from civicline.engine.hours import Calendar as Hours
from civicline.engine.hours import from_plain
from civicline.intake.models import (
    Attachment,
    Calendar,
    Contact,
    Delivery,
    Draft,
    IntakeKey,
    Message,
    Service,
    ServiceMessage,
)
from civicline.intake.public_holidays import public_holidays
from civicline.intake.storage import uploads_folder
from civicline.kernel import clock, ids
from civicline.kernel import rows as fast
from civicline.kernel.readings import Reading, RowReading
from civicline.people import selectors as people

LIVE_STATES = ("received", "queued", "offered", "connected", "wrap_up", "parked")


def get_contact(contact_id: UUID | str) -> Contact | None:
    """Return a contact with its service, resident, queue and agent, or None."""
    if isinstance(contact_id, str):
        return _whole_contact(pk=contact_id).first()
    return _WHOLE_CONTACT.first(pk=contact_id)


def _whole_contact(*, pk: UUID | str) -> QuerySet[Contact, Contact]:
    rows = Contact.objects.select_related("service", "resident", "queue", "agent__user")
    return rows.filter(pk=pk)


_WHOLE_CONTACT = RowReading(_whole_contact)


def find_contact(contact_id: UUID) -> Contact | None:
    """Return a contact as it is, the short way and without what hangs on it, or None."""
    return fast.one(Contact, where={"id": contact_id})


def find_contacts(contact_ids: Iterable[UUID]) -> list[Contact]:
    """Return these contacts, the short way and without what hangs on them, in no order."""
    return fast.many(Contact, where={}, any_of=("id", contact_ids))


def has_parked(agent_id: UUID) -> bool:
    """Whether work of this agent is set aside."""
    return fast.key(Contact, where={"agent_id": agent_id, "state": "parked", "closed_at": None}) is not None


def get_contact_by_reference(reference: str) -> Contact | None:
    """Return the contact with this reference, however it was typed, or None. For staff: proves nothing."""
    try:
        known = str(references.parse(reference))
    except references.BadReference:
        return None
    return Contact.objects.select_related("service", "resident").filter(reference=known).first()


def was_received(scope: str, key: str, *, since: datetime) -> bool:
    """Whether a contact came in under this idempotency key at `since` or later."""
    return IntakeKey.objects.filter(scope=scope, key=key, created_at__gte=since).exists()


def opens(contact: Contact | None, secret: str) -> bool:
    """Whether `secret` is the contact's. Takes as long for a contact that is not there (no enumeration)."""
    known = contact.secret_hash if contact else "0" * 64
    return hmac.compare_digest(known, ids.hash_secret(secret)) and contact is not None


def list_contacts(contact_ids: Iterable[UUID]) -> list[Contact]:
    """Return these contacts with service and resident, in no order."""
    return list(Contact.objects.select_related("service", "resident").filter(pk__in=list(contact_ids)))


def contacts_in_states(states: Sequence[str]) -> QuerySet[Contact]:
    """Contacts in these states, by place in the line."""
    rows = Contact.objects.filter(state__in=states).order_by("queued_at", "id")
    # Live contacts are few among all; what tells them from the others has an index (see the model).
    return rows.filter(closed_at__isnull=True) if set(states) <= set(LIVE_STATES) else rows


def contacts_arrived(start: datetime, end: datetime) -> QuerySet[Contact]:
    """Contacts that arrived in [start, end), in that order, with service and queue."""
    rows = Contact.objects.filter(arrived_at__gte=start, arrived_at__lt=end)
    return rows.select_related("service", "queue").order_by("arrived_at", "id")


def contacts_of_agent(
    agent_id: UUID, states: Sequence[str] = ("connected", "wrap_up", "parked")
) -> QuerySet[Contact]:
    """What an agent has in hand, oldest word of a resident first."""
    return (
        Contact.objects.filter(agent_id=agent_id, state__in=states, closed_at__isnull=True)
        .select_related("service", "resident", "queue")
        .order_by("last_in_at", "id")
    )


def contacts_of_resident(resident_id: UUID, limit: int = 20) -> list[Contact]:
    """Return a resident's contacts, newest first."""
    return _of_resident(limit)(resident_id=resident_id)


@lru_cache
def _of_resident(limit: int) -> RowReading[Contact]:
    rows = Contact.objects.select_related("service", "agent__user").order_by("-arrived_at")
    return RowReading(lambda *, resident_id: rows.filter(resident_id=resident_id)[:limit])


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts a list shows; None filters nothing. `arrived_to` itself is left out."""

    state: str | None = None
    service_code: str | None = None
    channel: str | None = None
    arrived_from: datetime | None = None
    arrived_to: datetime | None = None


def page_of_contacts(wanted: ContactFilter, *, after: str = "", limit: int = 50) -> tuple[list[Contact], str]:
    """One page, newest first, and where it ended ("" on the last page): give that back as `after`.

    A place names the last contact shown, so that those who arrive meanwhile neither repeat nor hide one.
    """
    exact = {
        "state": wanted.state,
        "service__code": wanted.service_code,
        "channel": wanted.channel,
        "arrived_at__gte": wanted.arrived_from,
        "arrived_at__lt": wanted.arrived_to,
    }
    rows = Contact.objects.filter(**{name: value for name, value in exact.items() if value is not None})
    if after:
        at, _, key = after.partition(" ")
        moment, pk = datetime.fromisoformat(at), UUID(key)
        rows = rows.filter(Q(arrived_at__lt=moment) | Q(arrived_at=moment, pk__lt=pk))
    rows = rows.select_related("service", "resident", "queue", "agent__user").order_by("-arrived_at", "-pk")
    found = list(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], f"{last.arrived_at.isoformat()} {last.pk}" if last else ""


def find_open(channel: str, subject: str) -> Contact | None:
    """The newest contact of a channel under this subject that has not ended: a conversation that may go on."""
    ended = ("closed", "abandoned")
    found = Contact.objects.filter(channel=channel, subject=subject).exclude(state__in=ended)
    return found.order_by("-arrived_at").first()


def notes_handed_on(contact_ids: Iterable[UUID]) -> dict[UUID, Message]:
    """For each of these contacts the note that whoever passed it on wrote last for the next one, if there is one."""
    found = fast.many(Message, where={"direction": "note"}, any_of=("contact_id", contact_ids))
    handed = sorted((one for one in found if one.data.get("handed_on")), key=lambda one: one.number)
    return {one.contact_id: one for one in handed}


def list_messages(contact_id: UUID, *, after: int = 0, notes: bool = False) -> list[Message]:
    """Return messages with a number above `after`, in order, with files and delivery; notes only if asked for."""
    found = [
        message
        for message in _MESSAGES(contact_id=contact_id)
        if message.number > after and (notes or message.direction != Message.Direction.NOTE)
    ]
    files: dict[UUID | None, list[Attachment]] = {}
    if fast.key(Attachment, where={"contact_id": contact_id}) is not None:
        for file in Attachment.objects.filter(contact_id=contact_id).order_by("id"):
            files.setdefault(file.message_id, []).append(file)
    for message in found:
        # As `prefetch_related` leaves it: `message.attachments.all()` asks no more.
        message.__dict__["_prefetched_objects_cache"] = {"attachments": _files(files.get(message.pk, []))}
    return found


def _files(found: list[Attachment]) -> QuerySet[Attachment]:
    known = Attachment.objects.none() if not found else Attachment.objects.all()
    known._result_cache = found
    return known


_MESSAGES = RowReading(
    lambda *, contact_id: (
        Message.objects.filter(contact_id=contact_id).select_related("delivery").order_by("number")
    )
)


@dataclass(frozen=True, slots=True)
class InHand:
    """What a list shows of one contact: words of the resident nobody has read, and the last word of either side."""

    unread: int
    last: str
    last_direction: str


HELD_STATES = ("connected", "wrap_up", "parked")


def _held_lines(*, agent_id: UUID) -> QuerySet[Contact, tuple[UUID, int, str | None, str | None]]:
    last = Message.objects.filter(contact_id=OuterRef("pk"), direction__in=["in", "out"]).order_by("-number")
    mine = Contact.objects.filter(agent_id=agent_id, state__in=HELD_STATES, closed_at__isnull=True)
    rows = mine.annotate(
        unread=Count("messages", filter=Q(messages__direction="in", messages__read_at__isnull=True)),
        last=Subquery(last.values("body")[:1]),
        last_direction=Subquery(last.values("direction")[:1]),
    )
    return rows.values_list("pk", "unread", "last", "last_direction")


_HELD_LINES = Reading(_held_lines)


def in_hand(agent_id: UUID) -> tuple[list[Contact], dict[UUID, InHand]]:
    """What an agent has in hand, with service and resident, and its lines: one short reading when it is nothing."""
    where = {"agent_id": agent_id, "closed_at": None}
    held = fast.many(Contact, where=where, any_of=("state", HELD_STATES))
    if not held:
        return [], {}
    services = {one.service_id for one in held if one.service_id is not None}
    service_of = {row.pk: row for row in fast.many(Service, where={}, any_of=("id", services))}
    resident_of = people.find_residents({one.resident_id for one in held if one.resident_id is not None})
    for one in held:
        one.service = service_of.get(one.service_id) if one.service_id is not None else None
        one.resident = resident_of.get(one.resident_id) if one.resident_id is not None else None
    lines = {
        pk: InHand(unread, last or "", way or "") for pk, unread, last, way in _HELD_LINES(agent_id=agent_id)
    }
    return sorted(held, key=lambda one: one.pk), lines


def _notes_naming(*, user: str, since: datetime, **contact: UUID) -> QuerySet[Message, tuple[UUID]]:
    # No database of ours asks both ways what a JSON list holds; its text holds the id, and that narrows enough.
    rows = Message.objects.annotate(named=Cast("mentions", TextField())).filter(
        direction=Message.Direction.NOTE, at__gte=since, named__contains=user, **contact
    )
    return rows.order_by("-at").values_list("pk")[:1000]


_NAMING = Reading(_notes_naming)
_NAMING_IN = Reading(_notes_naming)


def notes_naming(user_id: UUID, since: datetime, *, contact_id: UUID | None = None) -> list[Message]:
    """Internal notes after `since` that mention this member of staff, newest first, with their contact."""
    if contact_id is None:
        keys = _NAMING(user=str(user_id), since=since)
    else:
        keys = _NAMING_IN(user=str(user_id), since=since, contact_id=contact_id)
    if not keys:
        return []
    rows = Message.objects.filter(pk__in=[pk for (pk,) in keys])
    rows = rows.select_related("contact__service", "contact__resident").order_by("-at")
    return [row for row in rows if str(user_id) in row.mentions]


def get_attachment(attachment_id: UUID) -> Attachment | None:
    """Return a file's row with its contact, or None."""
    return Attachment.objects.select_related("contact", "message").filter(pk=attachment_id).first()


def attachment_path(attachment: Attachment) -> Path:
    """Where a file lies on disk."""
    return uploads_folder() / attachment.path


def owed_deliveries(now: datetime, limit: int) -> list[Delivery]:
    """Return deliveries that should be sent now, or whose worker let its lease run out."""
    due = Q(state__in=("queued", "retry"), next_try_at__lte=now) | Q(state="in_flight", leased_until__lte=now)
    rows = Delivery.objects.filter(due).select_related("message__contact")
    return list(rows.order_by("next_try_at", "id")[:limit])


def list_services(*, channel: str | None = None, questions: bool = True) -> list[Service]:
    """Return active services in their order, with calendar; only those on `channel` if given.

    `questions` False leaves their forms' questions out, which lists of services do not show.
    """
    rows = Service.objects.filter(active=True).select_related("calendar")
    rows = rows.prefetch_related("attributes") if questions else rows
    return [row for row in rows if channel is None or channel in row.channels]


def get_service(code: str) -> Service | None:
    """Return an active service with its attributes and calendar, or None."""
    rows = Service.objects.filter(active=True).select_related("calendar").prefetch_related("attributes")
    return rows.filter(code=code).first()


def get_draft(draft_id: UUID, secret: str) -> Draft | None:
    """Return the draft that this link opens, or None when it is another's, sent, or past its time."""
    draft = Draft.objects.select_related("service").filter(pk=draft_id, contact__isnull=True).first()
    fits = hmac.compare_digest(draft.secret_hash if draft else "0" * 64, ids.hash_secret(secret))
    return draft if draft and fits and draft.expires_at > clock.now() else None


def find_draft(secret: str) -> Draft | None:
    """Return the draft that a saved link's secret opens, or None."""
    draft = Draft.objects.select_related("service").filter(secret_hash=ids.hash_secret(secret)).first()
    return draft if draft and draft.contact_id is None and draft.expires_at > clock.now() else None


def find_sent_draft(secret: str) -> Draft | None:
    """Return the draft that was sent from this link, with the contact it became, or None."""
    rows = Draft.objects.select_related("service", "contact")
    return rows.filter(secret_hash=ids.hash_secret(secret), contact__isnull=False).first()


def count_old_drafts(at: datetime) -> int:
    """How many unsent forms are past their time at this moment."""
    return Draft.objects.filter(expires_at__lte=at).count()


def hours_of(calendar: Calendar) -> Hours:
    """Return the engine's calendar, public holidays of the years around now included.

    The same object comes back while nothing changes, because it remembers what was worked out from it.
    """
    plain = {"tz": calendar.timezone, "weekly": calendar.weekly, "exceptions": calendar.exceptions}
    text = json.dumps(plain, sort_keys=True)
    return _hours(text, calendar.holiday_country, calendar.holiday_subdivision, clock.now().year)


@lru_cache(maxsize=256)
def _hours(plain: str, country: str, subdivision: str, year: int) -> Hours:
    hours = from_plain(json.loads(plain))
    if not country:
        return hours
    return replace(hours, holidays=public_holidays(country, year - 1, year + 2, subdivision=subdivision))


def list_calendars() -> list[Calendar]:
    """Every calendar by code, for those who keep them."""
    return list(Calendar.objects.order_by("code"))


def get_calendar(code: str) -> Calendar | None:
    """A calendar by its code, or None."""
    return Calendar.objects.filter(code=code).first()


def list_kept_services() -> list[Service]:
    """Every service, retired ones too, in their order, for those who keep them."""
    return list(Service.objects.select_related("calendar").prefetch_related("attributes"))


def get_kept_service(code: str) -> Service | None:
    """A service by its code, retired or not, or None."""
    return Service.objects.select_related("calendar").prefetch_related("attributes").filter(code=code).first()


def list_service_messages() -> list[ServiceMessage]:
    """Every message about services, latest first, past and coming ones too."""
    return list(ServiceMessage.objects.prefetch_related("services").order_by("-starts_at", "-pk"))


def get_service_message(message_id: int) -> ServiceMessage | None:
    """A message about services, or None."""
    return ServiceMessage.objects.prefetch_related("services").filter(pk=message_id).first()
