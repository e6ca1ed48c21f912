"""From moments and counts to days and slots: what is zero, what is unknown, and what to tell people about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from civicline.engine.forecast.calendar import BoolArray
from civicline.engine.forecast.history import Columns, Table, read_table
from civicline.engine.forecast.problems import HistoryError, Told
from civicline.engine.forecast.series import DAY_MINUTES, FloatArray, IntArray, Series

LOG_INTERVAL: Final = 30
SHORTEST: Final = 15
MOST_DAYS: Final = 40 * 366
MOST_CELLS: Final = 50_000_000
WHOLE_SLOT: Final = 0.8
WHOLE_DAY: Final = 0.5


@dataclass(frozen=True, slots=True)
class History:
    """The series by name, and what people should know about how they were read."""

    series: dict[str, Series]
    notes: tuple[Told, ...]


def read_history(
    lines: Iterable[str], *, interval: int | None = None, columns: Columns | None = None
) -> History:
    """Read a table with a heading into series. Raises HistoryError.

    `interval`: minutes of a slot; None takes the table's own, 15 at least, and 30 for a log. A slot that no row
    speaks of is unknown; it is zero in a log, and where another series of the same table has a row.
    """
    columns = columns or Columns()
    table = read_table(lines, columns)
    minutes = _interval(table, interval)
    moments = [moment for series in table.counts.values() for moment in series]
    first, last = min(moments), max(moments)
    days = (last.date() - first.date()).days + 1
    if days > MOST_DAYS:
        raise HistoryError("span", days=days, first=str(first.date()), last=str(last.date()))
    grid = _Grid(first, last, minutes, table.native or 1)
    if grid.shape[0] * grid.shape[1] * len(table.counts) > MOST_CELLS:
        raise HistoryError("cells")
    covered = grid.covered(moments) if table.native else grid.between(moments)
    starts = np.flatnonzero(grid.used(moments))
    skipped = _skipped(first.date(), days, [int(start) * minutes for start in starts], columns)
    series = {}
    notes: list[Told] = []
    for name in sorted(table.counts):
        counts = grid.fill(table.counts[name], covered)[:, starts]
        kept = tuple(int(start) * minutes for start in starts)
        series[name] = Series(first.date(), minutes, kept, counts)
        notes += _notes(name, np.isfinite(counts), skipped)
    if table.twice:
        notes.append(Told("twice", count=len(table.twice)))
    return History(series, tuple(notes))


def _interval(table: Table, asked: int | None) -> int:
    native = table.native
    if asked is None:
        if native is None:
            return LOG_INTERVAL
        return native if native >= SHORTEST else -(-SHORTEST // native) * native
    if asked < 1 or DAY_MINUTES % asked:
        raise HistoryError("interval", minutes=asked)
    if native is not None and asked % native:
        raise HistoryError("coarse", native=native, minutes=asked)
    return asked


class _Grid:
    """Where each moment of a history belongs. `native`: minutes between the rows of a table, 1 for a log."""

    def __init__(self, first: datetime, last: datetime, minutes: int, native: int) -> None:
        self.first, self.last = first, last
        self.minutes, self.native = minutes, native
        self.shape = ((last.date() - first.date()).days + 1, DAY_MINUTES // minutes)

    def _at(self, moment: datetime, first: date) -> tuple[int, int]:
        return (moment.date() - first).days, (moment.hour * 60 + moment.minute) // self.minutes

    def cells(self, moments: Iterable[datetime]) -> tuple[IntArray, IntArray]:
        """Rows and columns of the moments."""
        first = self.first.date()
        found = np.array([self._at(moment, first) for moment in moments], dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def used(self, moments: list[datetime]) -> IntArray:
        """How often each slot of the day is spoken of."""
        return np.bincount(self.cells(moments)[1], minlength=self.shape[1])

    def covered(self, moments: list[datetime]) -> FloatArray:
        """1 where the rows of some series cover the slot as they usually do, else 0."""
        pieces = np.zeros(self.shape)
        np.add.at(pieces, self.cells(set(moments)), 1)
        usual = np.array([np.median(column[column > 0]) if column.any() else 1 for column in pieces.T])
        if self.minutes < DAY_MINUTES:
            return (pieces >= WHOLE_SLOT * usual).astype(np.float64)
        whole = pieces >= WHOLE_DAY * usual
        whole[[0, -1]] = pieces[[0, -1]] >= usual  # the table may begin or end within a day
        return whole.astype(np.float64)

    def between(self, moments: list[datetime]) -> FloatArray:
        """For a log: 1 on days with rows, from the slot after the first row to the slot before the last."""
        cover = np.zeros(self.shape)
        cover[np.unique(self.cells(moments)[0])] = 1
        if self.minutes < DAY_MINUTES:
            begin, end = (self._at(moment, self.first.date()) for moment in (self.first, self.last))
            cover[begin[0], : begin[1] + 1] = 0
            cover[end[0], end[1] :] = 0
        return cover

    def fill(self, counts: dict[datetime, float], covered: FloatArray) -> FloatArray:
        """The counts of one series: sums by slot, zero where covered, NaN elsewhere."""
        filled = np.zeros(self.shape)
        np.add.at(filled, self.cells(counts), np.array(list(counts.values())))
        return np.where(covered > 0, filled, np.nan)


def _skipped(first: date, days: int, starts: list[int], columns: Columns) -> BoolArray:
    """Days x slots: whether the clock left the slot out when it was put forward. Never where no zone was said."""
    skipped = np.zeros((days, len(starts)), dtype=np.bool_)
    if not columns.zone:
        return skipped
    zone = ZoneInfo(columns.zone)
    midnight = datetime(first.year, first.month, first.day)  # noqa: DTZ001 -- local time by intent
    offsets = [
        (midnight + timedelta(days=day)).replace(tzinfo=zone).utcoffset() or timedelta()
        for day in range(days + 1)
    ]
    for day in (day for day in range(days) if offsets[day + 1] > offsets[day]):
        for column, minute in enumerate(starts):
            shown = midnight + timedelta(days=day, minutes=minute)
            there = shown.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
            skipped[day, column] = there.replace(tzinfo=None) != shown
    return skipped


def _notes(name: str, known: BoolArray, skipped: BoolArray) -> list[Told]:
    open_days = known.any(axis=1)
    found = []
    missing = int((~known & ~skipped)[open_days].sum())
    if missing:
        found.append(Told("gaps", series=name, count=missing))
    closed = int((~open_days).sum())
    if closed:
        found.append(Told("closed", series=name, count=closed, days=len(known)))
    return found
