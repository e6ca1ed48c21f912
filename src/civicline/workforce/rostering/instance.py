"""A rostering problem in the sense of Curtois and Qu (2014): the published benchmark of schedulingbenchmarks.org.

Every instance begins on a Monday. Before and after its horizon, as its authors say: as many days off as a minimum of
days off asks for, and as many shifts as a minimum of consecutive shifts asks for, but none that counts to a maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Roster = NDArray[np.int16]
"""Employees by days: the number of the shift worked, OFF for none."""

OFF = -1


@dataclass(frozen=True, slots=True)
class ShiftType:
    """`barred_next`: the numbers of the shifts that must not follow on the next day."""

    key: str
    minutes: int
    barred_next: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Employee:
    """Contract of one employee. `max_shifts`: by shift number, over the horizon; minutes are over the horizon too."""

    key: str
    max_shifts: tuple[int, ...]
    max_minutes: int
    min_minutes: int
    max_run: int
    min_run: int
    min_off: int
    max_weekends: int
    days_off: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """An employee's wish to work (or, among the off requests, not to work) that shift on that day."""

    employee: int
    day: int
    shift: int
    weight: int


@dataclass(frozen=True, slots=True)
class Cover:
    """How many are required; each one too few costs `under`, each one too many `over`."""

    day: int
    shift: int
    required: int
    under: int
    over: int


@dataclass(frozen=True)
class Instance:
    """The whole problem."""

    days: int
    shifts: tuple[ShiftType, ...]
    staff: tuple[Employee, ...]
    on_requests: tuple[Request, ...] = ()
    off_requests: tuple[Request, ...] = ()
    cover: tuple[Cover, ...] = ()

    @cached_property
    def wish_costs(self) -> NDArray[np.float64]:
        """Employees x days x shifts: what giving that shift changes; a wish to work counts where it is met."""
        costs = np.zeros((len(self.staff), self.days, len(self.shifts)))
        for request in self.on_requests:
            costs[request.employee, request.day, request.shift] -= request.weight
        for request in self.off_requests:
            costs[request.employee, request.day, request.shift] += request.weight
        return costs

    @cached_property
    def wish_constant(self) -> int:
        """What it costs if no wish to work is met."""
        return sum(request.weight for request in self.on_requests)

    @cached_property
    def wishes_on(self) -> NDArray[np.int64]:
        """Rows employee, day, shift, weight; a column for each wish to work."""
        return _columns(self.on_requests)

    @cached_property
    def wishes_off(self) -> NDArray[np.int64]:
        """The same of the wishes not to work."""
        return _columns(self.off_requests)

    @cached_property
    def required(self) -> NDArray[np.float64]:
        """Days x shifts; where nothing is said, nobody is required and nobody is too many (its weights are 0)."""
        return self._cover_table("required")

    @cached_property
    def under(self) -> NDArray[np.float64]:
        """Days x shifts: the cost of each one too few."""
        return self._cover_table("under")

    @cached_property
    def over(self) -> NDArray[np.float64]:
        """Days x shifts: the cost of each one too many."""
        return self._cover_table("over")

    @cached_property
    def may_follow(self) -> NDArray[np.bool_]:
        """[shift, next shift]: whether the second may be worked on the day after the first."""
        table = np.ones((len(self.shifts), len(self.shifts)), dtype=bool)
        for number, shift in enumerate(self.shifts):
            table[number, list(shift.barred_next)] = False
        return table

    def _cover_table(self, name: str) -> NDArray[np.float64]:
        table = np.zeros((self.days, len(self.shifts)))
        for cover in self.cover:
            table[cover.day, cover.shift] = getattr(cover, name)
        return table


def _columns(requests: tuple[Request, ...]) -> NDArray[np.int64]:
    rows = [(one.employee, one.day, one.shift, one.weight) for one in requests]
    return np.array(rows, dtype=np.int64).reshape(-1, 4).T


@dataclass(frozen=True, slots=True)
class Penalty:
    """A roster's cost by rule; the sum is what the benchmark compares."""

    on_requests: int
    off_requests: int
    under: int
    over: int

    @property
    def total(self) -> int:
        """The whole cost."""
        return self.on_requests + self.off_requests + self.under + self.over


def penalty(instance: Instance, roster: Roster) -> Penalty:
    """The exact cost of a roster, by the tables the optimiser uses."""
    gap = instance.required - on_duty(instance, roster)
    unmet = _granted(roster, instance.wishes_on, 0)
    broken = _granted(roster, instance.wishes_off, 1)
    return Penalty(
        unmet,
        broken,
        round(float((np.maximum(gap, 0) * instance.under).sum())),
        round(float((np.maximum(-gap, 0) * instance.over).sum())),
    )


def on_duty(instance: Instance, roster: Roster) -> NDArray[np.float64]:
    """Days x shifts: how many work it."""
    who, days = np.nonzero(roster != OFF)
    cells = days * len(instance.shifts) + roster[who, days]
    counts = np.bincount(cells, minlength=instance.days * len(instance.shifts))
    return counts.reshape(instance.days, len(instance.shifts)).astype(np.float64)


def _granted(roster: Roster, wishes: NDArray[np.int64], worked: int) -> int:
    """The weights of the wishes whose shift is worked (1), or is not (0)."""
    who, days, shifts, weights = wishes
    return int(weights[(roster[who, days] == shifts) == bool(worked)].sum())
