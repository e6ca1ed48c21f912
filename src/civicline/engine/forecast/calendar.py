"""What days are: weekdays, places in the month, holidays and events, as columns that a regression can learn.

Each column belongs to a group; the size of the effects of a group is learned from the history (see `effects`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from civicline.engine.forecast.series import WEEK, FloatArray, IntArray, weekdays

BoolArray = NDArray[np.bool_]

MONTH_STARTS: Final = ((1, 2), (3, 2), (5, 3), (8, 3), (12, 3), (15, 3), (18, 3))
MONTH_ENDS: Final = ((1, 2), (3, 2), (6, 3))
HARMONICS: Final = 6
DAYS_FOR_YEAR: Final = 550
YEAR_DAYS: Final = 365.25
SUNDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changes demand on a day: letters going out, an election, a storm.

    Days with events of one name share one effect. `factor` is what people expect it to do to the day's volume
    (1.3 is 30 % more): the effect is learned as a deviation from it.
    """

    name: str
    factor: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.factor < np.inf):
            raise ValueError(f"The factor of event {self.name!r} must be above zero.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of days, past and to come.

    `holidays`: day -> name. `events`: day -> events. `outliers`: days that people marked to be left out.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    events: Mapping[date, tuple[Event, ...]] = field(default_factory=dict)
    outliers: frozenset[date] = frozenset()

    def note(self, day: date) -> str:
        """The holiday and events of a day in words, or ""."""
        names = [self.holidays[day]] if day in self.holidays else []
        return "; ".join([*names, *(event.name for event in self.events.get(day, ()))])


@dataclass(frozen=True, slots=True)
class Design:
    """`columns`: days x effects; `groups`: the group of each; `offset`: log factors that people gave."""

    columns: FloatArray
    groups: tuple[str, ...]
    offset: FloatArray


def design(days: list[date], is_open: BoolArray, calendar: Calendar) -> Design:
    """The columns for `days`, of which the first len(is_open) are history (True where the day has counts)."""
    known = len(is_open)
    columns: list[FloatArray] = []
    groups: list[str] = []

    def add(column: FloatArray | BoolArray, group: str) -> None:
        values = column.astype(np.float64)
        if np.abs(values[:known][is_open]).sum() > 0:  # what was never seen cannot be learned
            columns.append(values)
            groups.append(group)

    week = weekdays(days)
    holiday = np.array([day in calendar.holidays for day in days])
    for column in _week_columns(week, holiday, is_open).T:
        add(column, "week")
    for column in _month_columns(days):
        add(column, "month")
    for column, group in _holiday_columns(days, week, holiday, calendar):
        add(column, group)
    if known >= DAYS_FOR_YEAR:
        for column in _year_columns(days):
            add(column, "year")
    for name in sorted({event.name for day in days for event in calendar.events.get(day, ())}):
        add(np.array([any(e.name == name for e in calendar.events.get(day, ())) for day in days]), "event")
    offset = np.array([sum(float(np.log(e.factor)) for e in calendar.events.get(day, ())) for day in days])
    return Design(np.array(columns).reshape(len(columns), len(days)).T, tuple(groups), offset)


def _hat(distance: FloatArray, width: float) -> FloatArray:
    return np.clip(1 - np.abs(distance) / width, 0, None)


def _week_columns(week: IntArray, holiday: BoolArray, is_open: BoolArray) -> FloatArray:
    """One column a weekday. After a closed holiday, a service that closes weekly meets what a Monday meets.

    Residents who could not call wait for the first open day, whichever weekday it is. Whether a holiday to come
    is closed is judged by the share of those seen that were.
    """
    columns = np.eye(WEEK)[week]
    known = len(is_open)
    regular = np.array([(is_open[week[:known] == k]).mean() > 0.5 if (week[:known] == k).any() else False
                        for k in range(WEEK)])  # fmt: skip
    first = [k for k in range(WEEK) if regular[k] and not regular[k - 1]]
    if not first:
        return columns
    would_open = holiday & regular[week]
    closed = would_open[:known] & ~is_open
    chance = (closed.sum() + 0.5) / (would_open[:known].sum() + 1)
    for row in range(1, len(week)):
        if regular[week[row]] and would_open[row - 1]:
            share = (0.0 if is_open[row - 1] else 1.0) if row - 1 < known else chance
            columns[row] *= 1 - share
            columns[row, first[0]] += share
    return columns


def _month_columns(days: list[date]) -> list[FloatArray]:
    """Pay days, benefit days and bills come at places in the month, counted from its start and from its end."""
    number = np.array([float(day.day) for day in days])
    left = np.array(
        [float(((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day).days) for day in days]
    )
    return [_hat(number - at, width) for at, width in MONTH_STARTS] + [
        _hat(left - at, width) for at, width in MONTH_ENDS
    ]


def _holiday_columns(
    days: list[date], week: IntArray, holiday: BoolArray, calendar: Calendar
) -> list[tuple[FloatArray | BoolArray, str]]:
    """Effects of all holidays together, on the day and its neighbours, and what each by name adds to them."""
    one = np.zeros(1, dtype=bool)
    plain = ~holiday
    after, before = np.concatenate([one, holiday[:-1]]) & plain, np.concatenate([holiday[1:], one]) & plain
    found: list[tuple[FloatArray | BoolArray, str]] = [
        (column, "holidays")
        for column in (
            holiday,
            holiday & (week < 5),
            after,
            before,
            after & (week == 1),
            before & (week == 4),
        )
    ]
    for name in sorted({calendar.holidays[day] for day in days if day in calendar.holidays}):
        named = np.array([calendar.holidays.get(day) == name for day in days])
        found.append((named, "holiday"))
        found.append((np.concatenate([one, named[:-1]]) & plain, "beside"))
        found.append((np.concatenate([named[1:], one]) & plain, "beside"))
    return found


def _year_columns(days: list[date]) -> list[FloatArray]:
    angle = np.array([day.timetuple().tm_yday for day in days]) / YEAR_DAYS * 2 * np.pi
    return [wave(k * angle) / k for k in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
