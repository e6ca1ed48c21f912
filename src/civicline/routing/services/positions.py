"""Tells, in the log and to residents' pages, why places in a line got worse."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from civicline.engine.routing import PositionChange
from civicline.kernel import bus
from civicline.kernel.db import writes
from civicline.kernel.events import emit
from civicline.routing import events


@writes
def tell_positions(*, changes: Sequence[PositionChange]) -> None:
    """Write one event per change: who took which place, why, and how many stand behind it now."""
    for change in changes:
        emit(
            events.POSITION_CHANGED,
            subject=("queue", change.queue_id),
            contact_id=UUID(change.cause),
            data={"reason": change.reason, "place": change.place, "affected": change.affected},
        )
    queues = sorted({change.queue_id for change in changes})
    for queue in queues:
        bus.publish(f"queue:{queue}", {"kind": "moved", "id": queue})
