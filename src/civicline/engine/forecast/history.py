"""Reading a history: rows of text become series, or one sentence says what is wrong and in which row.

Two kinds of table are known, by their columns: counts (a time or a date, and how many), and logs (one row a contact,
with the time at which it came). Every row is counted once, in local time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import gcd, isfinite
from typing import Final
from zoneinfo import ZoneInfo

from civicline.engine.forecast.problems import HistoryError, Told
from civicline.engine.forecast.series import DAY_MINUTES

TIMES: Final = (
    "interval_start", "start", "timestamp", "datetime", "date_time", "arrival", "arrived_at", "received_at",
    "opened", "time", "ds", "date", "day",
)  # fmt: skip
COUNTS: Final = ("count", "offered", "calls", "contacts", "volume", "arrivals", "received", "y", "value", "n")
KEYS: Final = ("series", "unique_id", "queue", "service", "skill")
LARGEST_COUNT: Final = 1e9
FIRST_YEAR, LAST_YEAR = 1970, 2100
MOST_SERIES: Final = 2000


@dataclass(frozen=True, slots=True)
class Columns:
    """What to read. "" is: find it by its name. `by`: columns whose values name the series."""

    time: str = ""
    count: str = ""
    by: tuple[str, ...] = ()
    date_format: str = ""
    zone: str = ""


@dataclass(slots=True)
class Table:
    """What was read: `counts[key][moment]` in local time; `native`: minutes between counts, None for a log."""

    counts: dict[str, dict[datetime, float]] = field(default_factory=dict)
    native: int | None = None
    rows: int = 0
    twice: set[datetime] = field(default_factory=set)


def read_table(lines: Iterable[str], columns: Columns) -> Table:
    """Read every row once. Raises HistoryError, with all rows that cannot be used."""
    heading, rows = _rows(lines)
    time_at = _find(heading, columns.time, TIMES, "no_time")
    count_at = _find(heading, columns.count, COUNTS, "no_count", needed=bool(columns.count))
    keys_at = [_find(heading, name, (), "no_series") for name in columns.by]
    if not columns.by:
        keys_at = [at for at in (_find(heading, "", KEYS, "", needed=False),) if at is not None]
    reading = _Reading(
        len(heading), time_at or 0, count_at, [at for at in keys_at if at is not None], columns
    )
    faults: list[Told] = []
    for number, row in rows:
        try:
            reading.take(number, row)
        except HistoryError as fault:
            if "row" not in fault.told.values:
                raise
            faults.append(fault.told)
    if faults:
        raise HistoryError.of_rows(faults)
    table = reading.table
    if not table.rows:
        raise HistoryError("no_rows")
    table.native = None if count_at is None else _native(table)
    return table


def _rows(lines: Iterable[str]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    source = iter(lines)
    first = next(source, "").lstrip("\ufeff")
    if not first.strip():
        raise HistoryError("empty")
    separator = max(",;\t", key=first.count)
    heading = [name.strip().strip('"').lower() for name in first.strip("\r\n").split(separator)]
    numbered = enumerate(csv.reader(source, delimiter=separator), 2)
    return heading, ((number, row) for number, row in numbered if any(cell.strip() for cell in row))


def _find(
    heading: list[str], asked: str, known: tuple[str, ...], missing: str, *, needed: bool = True
) -> int | None:
    for name in (asked.strip().lower(),) if asked else known:
        if name in heading:
            return heading.index(name)
    if not needed:
        return None
    there = ", ".join(heading)
    if asked:
        raise HistoryError("no_column", name=asked, there=there)
    raise HistoryError(missing, there=there)


class _Reading:
    """Puts rows into a table, one by one."""

    def __init__(
        self, width: int, time_at: int, count_at: int | None, keys_at: list[int], columns: Columns
    ) -> None:
        self.width, self.time_at, self.count_at, self.keys_at = width, time_at, count_at, keys_at
        self.moments = _Moments(columns)
        self.table = Table()

    def take(self, number: int, row: list[str]) -> None:
        """Count this row. Raises HistoryError, and nothing is counted then."""
        if len(row) < self.width:
            raise HistoryError("short_row", row=number, cells=len(row), columns=self.width)
        moment = self.moments.read(row[self.time_at], number)
        count = None if self.count_at is None else _count(row[self.count_at], number)
        key = " / ".join(row[at].strip() for at in self.keys_at) or "all"
        series = self.table.counts.setdefault(key, {})
        if len(self.table.counts) > MOST_SERIES:
            raise HistoryError("many_series", most=MOST_SERIES)
        if count is None:
            minute = moment.replace(second=0, microsecond=0)
            series[minute] = series.get(minute, 0.0) + self.moments.share(moment)
        else:
            self._add(series, moment, count, number)
        self.table.rows += 1

    def _add(self, series: dict[datetime, float], moment: datetime, count: float, number: int) -> None:
        if moment.second or moment.microsecond:
            raise HistoryError("seconds", row=number, moment=str(moment))
        if moment not in series:
            series[moment] = count
        elif self.moments.repeated(moment) and moment not in self.table.twice:
            series[moment] = (series[moment] + count) / 2
            self.table.twice.add(moment)
        else:
            raise HistoryError("repeats", row=number, moment=f"{moment:%Y-%m-%d %H:%M}")


class _Moments:
    """Times as text, into local time without a zone."""

    def __init__(self, columns: Columns) -> None:
        self.format = columns.date_format
        try:
            self.zone = ZoneInfo(columns.zone) if columns.zone else None
        except (KeyError, ValueError, OSError) as unknown:
            raise HistoryError("no_zone", zone=columns.zone) from unknown
        self.changes: dict[date, bool] = {}

    def read(self, text: str, number: int) -> datetime:
        """The local time of a row. Raises HistoryError."""
        text = text.strip()
        try:
            moment = datetime.strptime(text, self.format) if self.format else datetime.fromisoformat(text)  # noqa: DTZ007 -- local time by intent
        except ValueError:
            form = self.format or "2026-03-02 08:30"
            raise HistoryError("no_moment", row=number, cell=text, form=form) from None
        if moment.tzinfo is not None:
            if self.zone is None:
                raise HistoryError("not_local", row=number, cell=text)
            moment = moment.astimezone(self.zone).replace(tzinfo=None, fold=0)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise HistoryError("year", row=number, year=moment.year, first=FIRST_YEAR, last=LAST_YEAR)
        return moment

    def repeated(self, moment: datetime) -> bool:
        """Whether the clock shows this time twice on that day."""
        if self.zone is None:
            return False
        day = moment.date()
        if day not in self.changes:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=self.zone)
            self.changes[day] = noon.utcoffset() != (noon - timedelta(days=1)).utcoffset()
        if not self.changes[day]:
            return False
        first, second = (moment.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
        return first is not None and second is not None and first > second

    def share(self, moment: datetime) -> float:
        """What a contact at this time counts for: half in an hour that comes twice."""
        return 0.5 if self.repeated(moment) else 1.0


def _count(text: str, number: int) -> float:
    """A count; NaN for an empty cell, which is unknown."""
    text = text.strip()
    if not text:
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        raise HistoryError("no_number", row=number, cell=text) from None
    if not isfinite(value) or value < 0:
        raise HistoryError("negative", row=number, cell=text)
    if value > LARGEST_COUNT:
        raise HistoryError("too_many", row=number, cell=text)
    return value


def _native(table: Table) -> int:
    """Minutes between the slots of a table of counts."""
    minutes = {moment.hour * 60 + moment.minute for series in table.counts.values() for moment in series}
    step = DAY_MINUTES
    for minute in minutes:
        step = gcd(step, minute - min(minutes))
    return step
