"""Reads of the kernel's rows."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from civicline.kernel import clock, rows
from civicline.kernel.actors import Actor
from civicline.kernel.handlers import PublishedEvent
from civicline.kernel.models import AuditEntry, AuditSeal, Event, HandlerRun, Job
from civicline.kernel.readings import RowReading


@dataclass(frozen=True, slots=True)
class Outbox:
    """depth: events not yet published; lag_seconds: age of the oldest of them, 0 when there is none."""

    depth: int
    lag_seconds: float


def published(event: Event) -> PublishedEvent:
    """The value that handlers and readers get; `seq` is 0 for one that has no place in the log yet."""
    return PublishedEvent(
        seq=event.seq or 0, uid=event.uid, name=event.name, version=event.version,
        subject_kind=event.subject_kind, subject_id=event.subject_id, contact_id=event.contact_id,
        case_id=event.case_id, actor=Actor(event.actor_kind, event.actor_id),  # type: ignore[arg-type]  # stored by us
        at=event.at, data=event.data,
    )  # fmt: skip


def events_since(seq: int, limit: int = 500) -> list[PublishedEvent]:
    """Up to `limit` published events after `seq`, in order and without gaps."""
    return [published(row) for row in Event.objects.filter(seq__gt=seq).order_by("seq")[:limit]]


def events_called(names: Collection[str], prefix: str, *, after: int, until: int) -> list[PublishedEvent]:
    """Published events after one place in the log, up to another, of these names or with this beginning; in order.

    For who follows the log and wants few of its kinds: the others are not read.
    """
    wanted = Q(name__in=names) | Q(name__startswith=prefix)
    return [
        published(row) for row in Event.objects.filter(wanted, seq__gt=after, seq__lte=until).order_by("seq")
    ]


def last_seq() -> int:
    """The place of the newest published event; 0 when there is none."""
    return Event.objects.filter(seq__isnull=False).order_by("-seq").values_list("seq", flat=True).first() or 0


def events_of_contact(contact_id: uuid.UUID) -> QuerySet[Event]:
    """All events of a contact, oldest first, also those that are not published yet."""
    return Event.objects.filter(contact_id=contact_id).order_by("id")


_OF_CONTACT = RowReading(lambda *, contact_id: Event.objects.filter(contact_id=contact_id).order_by("id"))


def what_happened_to(contact_id: uuid.UUID) -> list[Event]:
    """The same, read at once by a statement that is there already: for pages of one contact."""
    return _OF_CONTACT(contact_id=contact_id)


def happened_before(contact_id: uuid.UUID, names: Sequence[str], seq: int) -> bool:
    """Whether an event of these names about a contact stands before this place in the log."""
    where = {"contact_id": contact_id, "name": tuple(names), "seq": rows.Below(seq)}
    return rows.key(Event, where=where) is not None


def events_of_case(case_id: uuid.UUID) -> QuerySet[Event]:
    """All events of a case, oldest first, also those that are not published yet."""
    return Event.objects.filter(case_id=case_id).order_by("id")


def events_named(names: Sequence[str], start: datetime, end: datetime) -> QuerySet[Event]:
    """Events of these names that happened in [start, end), in the order of the log."""
    return Event.objects.filter(name__in=names, at__gte=start, at__lt=end).order_by("at", "id")


def events_of_contacts(contact_ids: Sequence[uuid.UUID], names: Sequence[str]) -> QuerySet[Event]:
    """Events of these names about these contacts (some hundreds at most), as they were written."""
    return Event.objects.filter(contact_id__in=contact_ids, name__in=names).order_by("id")


def history(kind: str, object_id: object) -> QuerySet[AuditEntry]:
    """What was done to one object, newest first."""
    return AuditEntry.objects.filter(object_kind=kind, object_id=str(object_id)).order_by("-id")


audit_of = history


def audit_of_resident(resident_id: uuid.UUID) -> QuerySet[AuditEntry]:
    """Who read or changed what belongs to a resident, newest first."""
    return AuditEntry.objects.filter(resident_id=resident_id).order_by("-id")


def outbox_depth_and_lag() -> Outbox:
    """How many events wait for publication, and for how long (seconds)."""
    found = Event.objects.filter(seq__isnull=True).aggregate(depth=Count("id"), oldest=Min("at"))
    lag = 0.0 if found["oldest"] is None else (clock.now() - found["oldest"]).total_seconds()
    return Outbox(found["depth"], max(0.0, lag))


def count_handler_runs() -> dict[str, int]:
    """{state: runs} of those that are owed or have failed."""
    rows = HandlerRun.objects.exclude(state=HandlerRun.State.DONE).values_list("state").annotate(Count("id"))
    return dict(rows)


def failed_runs() -> QuerySet[HandlerRun]:
    """Handler runs that were given up, newest first, with their events."""
    return HandlerRun.objects.filter(state=HandlerRun.State.FAILED).select_related("event").order_by("-id")


def count_jobs() -> dict[str, int]:
    """{state: jobs} of those that are queued, leased or have failed."""
    return dict(Job.objects.exclude(state=Job.State.DONE).values_list("state").annotate(Count("id")))


def failed_jobs() -> QuerySet[Job]:
    """Jobs that were given up, newest first."""
    return Job.objects.filter(state=Job.State.FAILED).order_by("-id")


def search_audit(
    *,
    actor_id: str = "",
    actor_ids: Sequence[str] | None = None,
    resident_id: uuid.UUID | None = None,
    action: str = "",
    object_id: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """What was read and changed, newest first, narrowed by all that is given; times in [start, end).

    `action` is the beginning of an action ("resident." finds every reading and change of residents).
    """
    rows = AuditEntry.objects.order_by("-id")
    if actor_id:
        rows = rows.filter(actor_id=actor_id)
    if actor_ids is not None:
        rows = rows.filter(actor_id__in=actor_ids)
    if resident_id is not None:
        rows = rows.filter(resident_id=resident_id)
    if action:
        rows = rows.filter(action__startswith=action)
    if object_id:
        rows = rows.filter(object_id=object_id)
    if start is not None:
        rows = rows.filter(at__gte=start)
    return rows if end is None else rows.filter(at__lt=end)


def next_run(kind: str) -> datetime | None:
    """When the recurring job of this kind runs next; None where no worker has run yet."""
    rows = Job.objects.filter(key=f"every:{kind}", state__in=(Job.State.QUEUED, Job.State.LEASED))
    return rows.values_list("run_at", flat=True).first()


def audit_on_days(actions: Sequence[str], since: datetime) -> list[tuple[date, str, int]]:
    """[(day in the current time zone, action, entries)] of these actions since a moment, newest first."""
    rows = AuditEntry.objects.filter(action__in=actions, at__gte=since)
    days = rows.annotate(day=TruncDate("at")).values_list("day", "action").annotate(Count("pk"))
    return list(days.order_by("-day", "action"))


def last_audit(action: str) -> AuditEntry | None:
    """The newest entry of one action, or None."""
    return AuditEntry.objects.filter(action=action).order_by("-pk").first()


def last_seal() -> AuditSeal | None:
    """The newest seal over the audit log, or None."""
    return AuditSeal.objects.order_by("-last_entry").first()
