"""A history of counts, as a grid of days and slots of the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

DAY_MINUTES: Final = 1440
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of contacts, one row a day from `first` on without gaps, one column a slot of the day.

    `interval`: minutes of a slot, 1440 for a daily series. `starts`: minute of the day at which each slot begins.
    `counts`: days x slots; NaN where nothing is known or the service was closed. ValueError for other shapes and
    for counts below zero or infinite.
    """

    first: date
    interval: int
    starts: tuple[int, ...]
    counts: FloatArray

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or self.counts.shape[1] != len(self.starts) or not self.counts.size:
            raise ValueError("Counts must be a grid of days and slots, with one start for each slot.")
        if np.isinf(self.counts).any() or (self.counts < 0).any():
            raise ValueError("Counts must be zero or more.")

    @property
    def days(self) -> int:
        """How many days the history spans."""
        return int(self.counts.shape[0])

    @property
    def end(self) -> date:
        """The day after the last: the first to be forecast."""
        return self.first + timedelta(days=self.days)

    def until(self, days: int) -> Series:
        """The history as it stood after its first `days` days."""
        return replace(self, counts=self.counts[:days])

    def last(self, days: int) -> Series:
        """Only the last `days` days, or all when there are fewer."""
        skipped = max(0, self.days - days)
        return replace(self, first=self.first + timedelta(days=skipped), counts=self.counts[skipped:])

    def without(self, marked: frozenset[date]) -> Series:
        """The history with the marked days unknown: nothing is learned from them."""
        rows = [(day - self.first).days for day in marked]
        rows = [row for row in rows if 0 <= row < self.days]
        if not rows:
            return self
        counts = self.counts.copy()
        counts[rows] = np.nan
        return replace(self, counts=counts)

    def dates(self, more: int = 0) -> list[date]:
        """Every day of the history and `more` after it."""
        return [self.first + timedelta(days=number) for number in range(self.days + more)]


def weekdays(days: list[date]) -> IntArray:
    """Monday 0 to Sunday 6 of each day."""
    return np.array([day.weekday() for day in days], dtype=np.int64)
