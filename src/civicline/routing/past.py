"""The turns that contacts took in each line: what waits are learned from, and what somebody who joins can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from civicline.engine.experience import Experience, Turn
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.routing.channels import is_live
from civicline.routing.models import Queue, WaitExperience

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from civicline.intake.models import Contact

REMEMBERED: Final = timedelta(hours=1)
EMERGENCY: Final = 1000  # above every priority that people give
_COLUMNS = (
    "queue_id", "id", "queued_at", "connected_at", "closed_at", "channel", "priority", "emergency"
)  # fmt: skip


def learned_by(queue: Queue) -> Experience | None:
    """What the queue learned to foretell; None while it learned nothing of use."""
    stored: WaitExperience | None = getattr(queue, "experience", None)
    return Experience.of_data(stored.state) if stored and stored.state else None


def priority_in_line(priority: int, *, emergency: bool) -> int:
    """One number for the two: emergencies go before everybody."""
    return priority + EMERGENCY * emergency


def turns_now() -> dict[int, dict[UUID, Turn]]:
    """By queue, those who came in the last hour by a channel that keeps people waiting."""
    now = clock.now()
    return _turns(intake.contacts_arrived(now - REMEMBERED, now + timedelta(seconds=1)))


def turns_between(queue_id: int, start: datetime, end: datetime) -> list[Turn]:
    """One queue's, of those who arrived in [start, end), in the order in which they joined."""
    found = _turns(intake.contacts_arrived(start, end).filter(queue_id=queue_id))
    return sorted(found.get(queue_id, {}).values(), key=lambda turn: turn.joined)


def _turns(contacts: QuerySet[Contact]) -> dict[int, dict[UUID, Turn]]:
    turns: dict[int, dict[UUID, Turn]] = defaultdict(dict)
    rows: Iterable[tuple[int | None, UUID, datetime | None, datetime | None, datetime | None, str, int, bool]]
    rows = contacts.filter(queue__isnull=False, queued_at__isnull=False).values_list(*_COLUMNS)
    for queue_id, contact_id, queued, connected, closed, channel, priority, emergency in rows:
        if queue_id is not None and queued is not None and is_live(channel):
            turns[queue_id][contact_id] = Turn(
                queued.timestamp(),
                connected.timestamp() if connected else None,
                closed.timestamp() if closed else None,
                channel,
                priority_in_line(priority, emergency=emergency),
            )
    return turns
