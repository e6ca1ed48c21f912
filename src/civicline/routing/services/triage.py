"""Triage: which queue a contact belongs to, with which needs. Rules only, and each with its reason in the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine import hours
from civicline.intake import events as intake_events
from civicline.intake import selectors as intake
from civicline.intake.services import move_contact
from civicline.kernel import clock, rows
from civicline.kernel.db import joins
from civicline.kernel.errors import NotFound
from civicline.kernel.events import emit
from civicline.routing.channels import is_live
from civicline.routing.models import Queue, Route

if TYPE_CHECKING:
    from civicline.intake.models import Contact


def route_of(service_id: int | None) -> Route | None:
    """Return where contacts about a service go, with its queue; None without a route to an active queue."""
    route = rows.one(Route, where={"service_id": service_id}) if service_id is not None else None
    queue = rows.one(Queue, where={"id": route.queue_id, "active": True}) if route else None
    if route is None or queue is None:
        return None
    route.queue = queue
    return route


def catch_all() -> Queue:
    """Return the queue for what nobody routed: the first active one. Raises `NotFound` when there is none."""
    queue = rows.one(Queue, where={"active": True, "emergency": False}, order=("position", "code"))
    if queue is None:
        raise NotFound(
            code="queue-missing", text=_("There is no queue to take this contact. Add one under Queues.")
        )
    return queue


@joins
def triage(*, contact_id: UUID, known: Contact | None = None) -> Contact | None:
    """Put a received contact into its queue, and return it. Harmless (None) when it is there already, or gone.

    `known`: its row, from whoever has just written it.
    """
    contact = known or intake.find_contact(contact_id)
    if contact is None or contact.state != "received":
        return None
    route = route_of(contact.service_id)
    queue = route.queue if route else catch_all()
    now = clock.now()
    return enqueue(
        contact_id=contact_id,
        queue=queue,
        reason="service_route" if route else "no_route",
        skills=_together(route.skills if route else [], contact.skills),
        priority=contact.priority + (route.priority if route else 0),
        emergency=contact.emergency or queue.emergency,
        due_at=None if is_live(contact.channel) else due(queue, now),
    )


def _together(first: list[list[Any]], second: list[list[Any]]) -> list[list[Any]]:
    """Both lists of (skill, level), the higher level where a skill is in both."""
    levels: dict[str, int] = {}
    for skill, level in [*first, *second]:
        levels[skill] = max(int(level), levels.get(skill, 0))
    return [[skill, level] for skill, level in sorted(levels.items())]


def due(queue: Queue, start: datetime) -> datetime | None:
    """When written work that arrived at `start` is promised: open seconds of the queue's calendar later."""
    seconds = queue.written_target_seconds
    promised = hours.add_open_seconds(intake.hours_of(queue.calendar), start, seconds)
    # A calendar that never opens again gives no date; then real time is the honest promise.
    return promised or start + timedelta(seconds=seconds)


@joins
def enqueue(*, contact_id: UUID, queue: Queue, reason: str, **fields: Any) -> Contact:
    """Move a received contact into `queue`, say why, and return it. Its place hangs on `arrived_at`, kept for ever."""
    now = clock.now()
    contact = move_contact(
        contact_id=contact_id, to="queued", expect={"received"}, queue_id=queue.pk, queued_at=now, **fields
    )
    emit(
        intake_events.CONTACT_QUEUED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={
            "queue": queue.pk,
            "queue_code": queue.code,
            "channel": contact.channel,
            "reason": reason,
            "skills": contact.skills,
            "languages": contact.languages,
            "priority": contact.priority,
            "emergency": contact.emergency,
        },
    )
    return contact
