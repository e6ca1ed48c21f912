"""Reads of calls that are owed, and of the rules by which we call and announce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from civicline.channels.voice.models import Call, Callback, CallingRule, NoCall
from civicline.engine import announcing, hours
from civicline.engine.callbacks import OPEN, Rule
from civicline.intake import selectors as intake
from civicline.kernel import clock, rows
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from civicline.routing.models import Queue

WAITS: Final = ("waiting", "resting")
"""States of a call back in which its resident may still call it off or wait on the line instead."""


@dataclass(frozen=True, slots=True)
class LineRule:
    """The rules of one queue. `hours`: when we may call; None at any time."""

    callbacks: bool
    again: Rule
    news: announcing.Rule
    caller_id: str
    hours: hours.Calendar | None


def rule_row(queue_id: int) -> CallingRule:
    """The stored rule of a queue, or one with the defaults that is not stored."""
    return rows.one(CallingRule, where={"queue_id": queue_id}) or CallingRule(queue_id=queue_id)


def rule_of(queue_id: int) -> LineRule:
    """The rules of a queue. Without calling hours of its own, its opening hours hold."""
    row = rule_row(queue_id)
    return LineRule(
        callbacks=row.callbacks,
        again=Rule(row.tries, row.pause_seconds, row.busy_seconds, row.ring_seconds),
        news=announcing.Rule(row.comfort_seconds, row.news_seconds, row.offer_seconds),
        caller_id=row.caller_id,
        hours=_hours(row, queue_id),
    )


def _hours(row: CallingRule, queue_id: int) -> hours.Calendar | None:
    if row.calendar is not None:
        return intake.hours_of(row.calendar)
    queue: Queue | None = next((one for one in routing.list_queues() if one.pk == queue_id), None)
    return intake.hours_of(queue.calendar) if queue is not None else None


def is_open(queue: Queue) -> bool:
    """Whether this queue is open now."""
    return hours.is_open(intake.hours_of(queue.calendar), clock.now())


def get_callback(callback_id: UUID) -> Callback | None:
    """One call that is or was owed."""
    return rows.one(Callback, where={"id": callback_id})


def callback_of(contact_id: UUID) -> Callback | None:
    """The call that is or was owed to this contact."""
    return rows.one(Callback, where={"contact_id": contact_id})


def open_callbacks() -> list[Callback]:
    """All calls that are still owed and have a contact, the oldest first."""
    states = [state for state in OPEN if state != "planned"]
    return list(Callback.objects.filter(state__in=states, contact__isnull=False).order_by("asked_at"))


@dataclass(frozen=True, slots=True)
class OwedCall:
    """What the exchange has to know of a call that is owed. `busy`: an agent has it, or is offered it."""

    call_id: UUID
    contact_id: UUID
    number: str
    tries: int
    busy: bool


def owed_calls() -> list[OwedCall]:
    """Calls that are owed to somebody who is not on the line, the oldest first."""
    callbacks = {one.contact_id: one for one in open_callbacks()}
    calls = Call.objects.filter(contact__in=callbacks, state__in=("callback", "dialling")).select_related(
        "contact"
    )
    found = [
        OwedCall(
            call.pk, call.contact_id, callbacks[call.contact_id].number, callbacks[call.contact_id].tries,
            call.contact.state in ("offered", "connected"),
        )
        for call in calls
    ]  # fmt: skip
    return sorted(found, key=lambda one: callbacks[one.contact_id].asked_at)


def owed_to(number: str, queue_id: int) -> Callback | None:
    """The call back that somebody at this number waits for in this queue."""
    found = Callback.objects.filter(number=number, queue_id=queue_id, kind=Callback.Kind.CALLBACK)
    return found.filter(state__in=OPEN).first()


def numbers_owed() -> frozenset[str]:
    """Every number at which somebody waits to be called back, in any queue."""
    found = Callback.objects.filter(state__in=WAITS, kind=Callback.Kind.CALLBACK)
    return frozenset(found.values_list("number", flat=True))


def owed_to_resident(resident_id: UUID) -> list[Callback]:
    """The calls that a resident waits for, the first one first."""
    found = Callback.objects.filter(contact__resident_id=resident_id, state__in=("waiting", "resting"))
    return list(found.exclude(kind=Callback.Kind.DIRECT).select_related("contact").order_by("asked_at"))


def due(now: datetime) -> list[Callback]:
    """Calls whose time has come."""
    return list(
        Callback.objects.filter(state__in=("planned", "resting"), next_at__lte=now).order_by("next_at")
    )


def planned_calls() -> QuerySet[Callback]:
    """Calls planned for later, the next one first."""
    return Callback.objects.filter(state="planned").select_related("agent__user", "queue").order_by("next_at")


def callbacks_of(contact_ids: Iterable[UUID]) -> dict[UUID, Callback]:
    """Those of these contacts that are to be called, or were."""
    found = rows.many(Callback, where={}, any_of=("contact_id", contact_ids))
    return {one.contact_id: one for one in found if one.contact_id is not None}


def is_barred(number: str) -> bool:
    """Whether nobody here calls this number unless they asked for it."""
    return rows.key(NoCall, where={"number": number}) is not None


def barred_numbers() -> QuerySet[NoCall]:
    """The numbers that nobody calls."""
    return NoCall.objects.select_related("added_by")
