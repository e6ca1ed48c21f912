"""A part of an instance to be solved anew: some employees, some days, everything else held as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.instance import OFF, Instance, Roster

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Before:
    """What an employee did on the eve: the shift (OFF if none) and for how many days on end she worked, or not."""

    shift: int
    run: int


@dataclass(frozen=True, slots=True)
class After:
    """What she does on the day after the piece, for how many days on end, and whether until the horizon's end."""

    shift: int
    run: int
    to_the_end: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Days `first` to `last` (not with it; whole weeks unless the horizon ends) for the employees `who`.

    `required` is what those outside the piece leave open (it may be negative). `least` and `most` are the minutes,
    `weekends` and `counts` the weekends and shifts of each kind that may still be worked. Costs of wishes are infinite
    where a shift cannot be worked at all.
    """

    instance: Instance
    who: tuple[int, ...]
    first: int
    last: int
    required: Floats
    under: Floats
    over: Floats
    wishes: Floats
    least: Ints
    most: Ints
    weekends: Ints
    counts: Ints
    before: tuple[Before | None, ...]
    after: tuple[After | None, ...]

    @property
    def days(self) -> int:
        """How many."""
        return self.last - self.first

    def cover_cost(self, duty: Floats) -> float:
        """The cost of so many at work, days x shifts."""
        gap = self.required - duty
        return float((np.maximum(gap, 0) * self.under + np.maximum(-gap, 0) * self.over).sum())


def cut(
    instance: Instance,
    roster: Roster,
    who: Sequence[int],
    first: int,
    last: int,
    pace: tuple[Ints, Ints, Ints] | None = None,
) -> Piece:
    """The piece of a roster. Days from `last` on that are not decided (OFF everywhere) need `pace`: the least and most
    minutes and the weekends of each employee of the piece up to its end; then nothing comes after it.
    """
    held = roster.copy()
    held[list(who), first:last] = OFF
    duty = np.stack([(held[:, first:last] == s).sum(axis=0) for s in range(len(instance.shifts))], axis=1)
    wishes = instance.wish_costs[list(who), first:last].copy()
    lengths = np.array([shift.minutes for shift in instance.shifts] + [0])
    least, most, weekends = [], [], []
    counts = np.zeros((len(who), len(instance.shifts)), dtype=np.int64)
    for at, number in enumerate(who):
        person, row = instance.staff[number], held[number]
        wishes[at][[day - first for day in person.days_off if first <= day < last]] = np.inf
        worked = int(lengths[row].sum())
        least.append(max(0, person.min_minutes - worked))
        most.append(person.max_minutes - worked)
        weekends.append(person.max_weekends - weekends_worked(row))
        counts[at] = [most_of - int((row == shift).sum()) for shift, most_of in enumerate(person.max_shifts)]
        wishes[at][:, counts[at] <= 0] = np.inf
        if person.max_run < 1:
            wishes[at] = np.inf
    lowest, highest, ends = pace or (np.array(least), np.array(most), np.array(weekends))
    open_end = pace is not None or last == instance.days
    return Piece(
        instance,
        tuple(who),
        first,
        last,
        instance.required[first:last] - duty,
        instance.under[first:last],
        instance.over[first:last],
        wishes,
        lowest,
        highest,
        ends,
        counts,
        tuple(_before(held[number], first) for number in who),
        tuple(None if open_end else _after(held[number], last) for number in who),
    )


def weekends_worked(row: Roster) -> int:
    """Weekends with work on Saturday or Sunday; day 0 is a Monday."""
    worked = row != OFF
    saturdays = worked[5::7]
    sundays = np.zeros_like(saturdays)
    sundays[: len(worked[6::7])] = worked[6::7]
    return int((saturdays | sundays).sum())


def _before(row: Roster, first: int) -> Before | None:
    if first == 0:
        return None
    run = 1
    works = row[first - 1] != OFF
    while first - 1 - run >= 0 and (row[first - 1 - run] != OFF) == works:
        run += 1
    unlimited = not works and run == first
    return Before(int(row[first - 1]), 1_000 if unlimited else run)


def _after(row: Roster, last: int) -> After:
    run = 1
    works = row[last] != OFF
    while last + run < len(row) and (row[last + run] != OFF) == works:
        run += 1
    return After(int(row[last]), run, last + run == len(row))
