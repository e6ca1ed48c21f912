"""A planned day as a strip: where each stretch stands, in per cent of the strip's length."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from civicline.workforce.selectors.adherence import OwnDay

KINDS = {"kept": "work", "excused": "excused", "missing": "missing"}


def hours_of(days: Iterable[OwnDay]) -> tuple[datetime, datetime] | None:
    """From the first begin to the last end of all shifts, so that all strips share one scale."""
    shifts = [shift for day in days for shift in day.shifts]
    if not shifts:
        return None
    return min(shift.start for shift in shifts), max(shift.end for shift in shifts)


def strip(day: OwnDay, span: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    """Stretches of one day: {x, width, kind}; the ground is the shift as planned."""
    start, end = span
    length = max((end - start).total_seconds(), 1.0)

    def piece(first: datetime, last: datetime, kind: str) -> dict[str, Any]:
        x = (first - start).total_seconds() / length
        return {
            "x": round(100 * x, 2),
            "width": round(100 * (last - first).total_seconds() / length, 2),
            "kind": kind,
        }

    ground = [piece(shift.start, shift.end, "ground") for shift in day.shifts]
    breaks = [
        piece(
            shift.start + timedelta(minutes=after), shift.start + timedelta(minutes=after + minutes), "break"
        )
        for shift in day.shifts
        for after, minutes, _paid in shift.breaks
    ]
    done = [piece(one.start, one.end, KINDS[one.kind]) for one in day.kept.pieces if one.kind in KINDS]
    return [*ground, *done, *breaks]
