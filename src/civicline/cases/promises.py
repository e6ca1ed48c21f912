"""A stored promise (`SlaClock`) as the engine's value (`engine.sla.Clock`), for writes and reads alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from civicline.engine import sla
from civicline.intake import selectors as intake

if TYPE_CHECKING:
    from civicline.cases.models import SlaClock


def as_clock(row: SlaClock) -> sla.Clock:
    """The stored promise as the engine's value."""
    pauses = tuple(
        sla.Pause(
            datetime.fromisoformat(since),
            datetime.fromisoformat(until) if until else None,
            rest[0] if rest else "",
        )
        for since, until, *rest in row.pauses
    )
    return sla.Clock(
        target=row.target_seconds,
        calendar=intake.hours_of(row.calendar),
        started=row.started_at,
        pauses=pauses,
        ended=row.stopped_at,
        fulfilled=row.stopped_at is not None and not row.called_off,
    )
