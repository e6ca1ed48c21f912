"""What came, as series that the forecast learns from; and what came today so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from civicline.engine.forecast import Series
from civicline.intake.events import CONTACT_QUEUED
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.workforce.models import HistoryDay

LOG_INTERVAL = 15
"""Minutes of the slots in which the event log is counted."""
BUSY = 10.0
"""From so many contacts a day on, a day with none is a fault or a closed day, not a quiet one: it is unknown."""


class Line(NamedTuple):
    """Of which contacts: a queue, and a channel and a language; "" is all of them."""

    queue_id: int
    channel: str = ""
    language: str = ""


class Kept(NamedTuple):
    """How much history a queue has."""

    queue_id: int
    first: date
    last: date
    days: int


def local_midnight(day: date) -> datetime:
    """When this day of the town begins."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def today() -> date:
    """The day it is in the town."""
    return timezone.localtime(clock.now()).date()


def _rows(line: Line) -> QuerySet[HistoryDay]:
    rows = HistoryDay.objects.filter(queue_id=line.queue_id)
    if line.channel:
        rows = rows.filter(channel=line.channel)
    if line.language:
        rows = rows.filter(language=line.language)
    return rows


def kept() -> dict[int, Kept]:
    """How much history each queue has."""
    rows = HistoryDay.objects.values_list("queue_id").annotate(
        Min("day"), Max("day"), Count("day", distinct=True)
    )
    return {queue_id: Kept(queue_id, first, last, days) for queue_id, first, last, days in rows}


def ways(queue_id: int) -> tuple[list[str], list[str]]:
    """The channels and the languages that a queue's history tells apart."""
    pairs = HistoryDay.objects.filter(queue_id=queue_id).values_list("channel", "language").distinct()
    found = list(pairs)
    return sorted({c for c, _ in found if c}), sorted({l for _, l in found if l})  # noqa: E741 -- a language


def last_logged() -> date | None:
    """The newest day that was counted from the event log."""
    newest: date | None = HistoryDay.objects.filter(source=HistoryDay.Source.LOG).aggregate(Max("day"))[
        "day__max"
    ]
    return newest


def series(line: Line, interval: int, *, until: date | None = None) -> Series | None:
    """The history of a line before `until`, in slots of `interval` minutes; None without any.

    Slots before the first and after the last that ever saw a contact are left out. A day with no contact at all is
    unknown where days bring many.
    """
    rows = _rows(line)
    if until is not None:
        rows = rows.filter(day__lt=until)
    found = list(rows.values_list("day", "interval", "counts"))
    if not found:
        return None
    first, last = min(row[0] for row in found), max(row[0] for row in found)
    grid = np.full(((last - first).days + 1, 1440 // interval), np.nan)
    for day, minutes, counts in found:
        _add(grid[(day - first).days], _slots(counts, minutes, interval))
    totals = np.nansum(grid, axis=1)
    if np.isfinite(grid).any() and totals[totals > 0].mean() >= BUSY:
        grid[totals == 0] = np.nan
    used = np.flatnonzero(np.nansum(grid, axis=0) > 0)
    if not len(used):
        return None
    span = slice(int(used[0]), int(used[-1]) + 1)
    starts = tuple(slot * interval for slot in range(int(used[0]), int(used[-1]) + 1))
    return Series(first, interval, starts, grid[:, span])


def _slots(
    counts: list[float | None], minutes: int, interval: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Counts of a day in slots of another length: added up, or (coarser than asked) spread evenly."""
    values = np.array([np.nan if count is None else float(count) for count in counts])
    if minutes > interval:
        return np.repeat(values / (minutes // interval), minutes // interval)
    pieces = values.reshape(-1, interval // minutes)
    known = np.isfinite(pieces)
    sums = np.nansum(pieces, axis=1)
    return np.where(known.all(axis=1), sums, np.nan)


def _add(
    row: np.ndarray[tuple[int], np.dtype[np.float64]], counts: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    known = np.isfinite(counts)
    row[known] = np.nan_to_num(row[known]) + counts[known]


def zero_days(line: Line) -> list[date]:
    """Days of the history on which nothing came at all, in a line that is busy on others."""
    totals: dict[date, float] = defaultdict(float)
    for day, counts in _rows(line).values_list("day", "counts"):
        totals[day] += sum(count or 0 for count in counts)
    busy = [total for total in totals.values() if total]
    if not busy or sum(busy) / len(busy) < BUSY:
        return []
    return sorted(day for day, total in totals.items() if not total)


Arrival = tuple[datetime, int, str, str]
"""When, in which queue, by which channel, in which language."""


def arrivals(start: datetime, end: datetime) -> list[Arrival]:
    """Who joined a line first in [start, end), from the event log; a second line after a transfer is no new contact."""
    events = kernel.events_named([CONTACT_QUEUED.name], start - timedelta(hours=12), end)
    seen: set[UUID] = set()
    found = []
    for contact_id, at, data in events.values_list("contact_id", "at", "data"):
        if contact_id is None or contact_id in seen or data.get("queue") is None:
            continue
        seen.add(contact_id)
        if at >= start:
            languages = data.get("languages") or [""]
            found.append((at, int(data["queue"]), str(data.get("channel", "")), str(languages[0])[:12]))
    return found


def slot_of(at: datetime, interval: int) -> int:
    """The slot of the local day in which a moment falls."""
    local = timezone.localtime(at)
    return (local.hour * 60 + local.minute) // interval


def today_so_far(line: Line, interval: int, starts: Iterable[int]) -> list[float]:
    """Counts of today's slots that are over; NaN for the one that runs and those to come."""
    now = clock.now()
    begin = local_midnight(today())
    counts: dict[int, int] = defaultdict(int)
    for at, queue_id, channel, language in arrivals(begin, now):
        if queue_id == line.queue_id and line.channel in ("", channel) and line.language in ("", language):
            counts[slot_of(at, interval)] += 1
    over = slot_of(now, interval)
    return [
        float(counts[start // interval]) if start // interval < over else float("nan") for start in starts
    ]
