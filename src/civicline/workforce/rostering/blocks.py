"""A roster at once for the longest horizons: everybody's year laid out in blocks of one kind of shift.

Hard rules bind single employees, so a roster exists as soon as each has a row. A row of blocks, stretches of the same
shift with days off between them, is found by dynamic programming over (day, minutes so far): a thousand times fewer
states than the pricing has, because weekends and scarce shifts have a price here and no dimension. Several prices of
a weekend are tried in one pass. What comes of it keeps every rule, serves the cover as it stands when its turn
comes, and is a start for the pieces.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.instance import OFF, Employee, Instance, Roster
from civicline.workforce.rostering.piece import Floats, weekends_worked

Row = NDArray[np.int16]
Costs = NDArray[np.float32]

WEEKEND_PRICES: Final = np.array([0.0, 15.0, 60.0, 250.0, 1_000.0], dtype=np.float32)
AHEAD: Final = 12
"""So many shifts somebody may be before or behind the even pace of her hours; when that fails, any number."""
HURRY: Final = 0.6
"""The share of the time left that the rows may need before they are laid out in a hurry."""
WARM: Final = 8
"""Rows after which their time is believed."""
TRIALS: Final = 6
"""Rises of the price of shifts that came too often, before they are barred."""


class Length(NamedTuple):
    """The shifts that last so many units of time; a block takes whichever of them costs least."""

    units: int
    shifts: tuple[int, ...]


def laid_out(instance: Instance, chance: random.Random, *, deadline: float = np.inf) -> Roster | None:
    """Rows of blocks for everybody, those with the least freedom first. None when somebody has none, or too late."""
    roster = np.full((len(instance.staff), instance.days), OFF, dtype=np.int16)
    gap = instance.required.copy()
    order = sorted(range(len(instance.staff)), key=lambda at: (_freedom(instance.staff[at]), chance.random()))
    began, hurried = time.monotonic(), False
    for done, number in enumerate(order):
        now = time.monotonic()
        if now > deadline:
            return None
        needed = (now - began) / max(1, done) * (len(order) - done)
        hurried = hurried or (done >= WARM and needed > HURRY * (deadline - now))
        prices = instance.wish_costs[number] + np.where(gap > 0, -instance.under, instance.over)
        row = row_of_blocks(instance, instance.staff[number], prices, hurried=hurried)
        if row is None:
            return None
        roster[number] = row
        days = np.flatnonzero(row != OFF)
        gap[days, row[days]] -= 1
    return roster


def _freedom(person: Employee) -> int:
    return sum(most > 0 for most in person.max_shifts)


def row_of_blocks(
    instance: Instance, person: Employee, prices: Floats, *, hurried: bool = False
) -> Row | None:
    """The cheapest row of blocks found at these prices (days x shifts) that keeps every rule; None without one.

    `hurried`: first only long blocks of shifts of one length are looked at, in a sixth of the time.
    """
    for ahead, quick in ((AHEAD, True), (AHEAD, False), (instance.days, False)):
        if quick and not hurried:
            continue
        found = _kept(instance, person, prices, ahead, hurried=quick)
        if found is not None:
            return found
    return None


def _kept(
    instance: Instance, person: Employee, prices: Floats, ahead: int, *, hurried: bool = False
) -> Row | None:
    """Price what comes too often until it does not; at last bar it."""
    own = prices.copy()
    own[list(person.days_off)] = np.inf
    own[:, [shift for shift, most in enumerate(person.max_shifts) if most == 0]] = np.inf
    for trial in range(TRIALS + len(instance.shifts)):
        plan = _Plan.of(instance, person, own, ahead, hurried=hurried)
        rows = [] if plan is None else plan.rows()
        best: tuple[float, Row] | None = None
        often: set[int] = set()
        for row in rows:
            over = _exchanged(row, instance, person, own)
            often |= over
            if not over and weekends_worked(row) <= person.max_weekends:
                days = np.flatnonzero(row != OFF)
                cost = float(prices[days, row[days]].sum())
                if best is None or cost < best[0]:
                    best = (cost, row)
        if best is not None:
            return best[1]
        if not often:
            return None
        for shift in often:
            own[:, shift] += np.inf if trial >= TRIALS else 25.0 * 2**trial
    return None


def _exchanged(row: Row, instance: Instance, person: Employee, prices: Floats) -> set[int]:
    """Give blocks of a shift that comes too often to others as long, where that costs least; what is left too often.

    The days off stay as they are, so rest, weekends and hours do too.
    """
    left = np.array(person.max_shifts) - np.bincount(row[row != OFF], minlength=len(instance.shifts))
    for shift in np.flatnonzero(left < 0):
        others = [
            other
            for other, type_ in enumerate(instance.shifts)
            if type_.minutes == instance.shifts[shift].minutes and instance.may_follow[other, other]
        ]
        offers = [
            (float((prices[first:last, other] - prices[first:last, shift]).sum()) / (last - first), first, last, other)
            for first, last in _stretches(row, int(shift))
            for other in others
            if other != shift
        ]  # fmt: skip
        for cost, first, last, other in sorted(offers):
            if left[shift] >= 0 or not np.isfinite(cost):
                break
            if row[first] == shift and left[other] >= last - first:
                row[first:last] = other
                left[shift] += last - first
                left[other] -= last - first
    return {int(shift) for shift in np.flatnonzero(left < 0)}


def _stretches(row: Row, shift: int) -> list[tuple[int, int]]:
    """Where the shift stands without a break: (first day, the day after the last)."""
    there = np.concatenate([[False], row == shift, [False]])
    edges = np.flatnonzero(there[1:] != there[:-1]).reshape(-1, 2)
    return [(int(first), int(last)) for first, last in edges]


@dataclass(slots=True)
class _Plan:
    """One dynamic programme: layers are weekend prices x units of time worked.

    `free[day]`: least costs with the right to begin a block on that day; `ended[day]`: with a block that ended on the
    eve. `block[length][at, day]`: what the best block of so many days from that day costs, and of which shift it is.
    """

    person: Employee
    days: int
    lengths: list[Length]
    span: tuple[int, int]
    """Least and most units of the whole row."""
    bands: list[tuple[int, int]]
    costs: dict[int, Costs]
    picks: dict[int, NDArray[np.int16]]
    free: list[Costs]
    ended: list[Costs]
    hurried: bool = False

    @classmethod
    def of(
        cls, instance: Instance, person: Employee, prices: Floats, ahead: int, *, hurried: bool = False
    ) -> _Plan | None:
        """The programme, worked out; None when nothing can be worked or the hours contradict each other."""
        usable = [
            shift
            for shift in range(len(instance.shifts))
            if instance.may_follow[shift, shift] and np.isfinite(prices[:, shift]).any()
        ]
        unit = int(np.gcd.reduce([instance.shifts[shift].minutes for shift in usable])) if usable else 1
        least, most = -(-person.min_minutes // unit), person.max_minutes // unit
        if least > most:
            return None
        by_units: dict[int, list[int]] = {}
        for shift in usable:
            by_units.setdefault(instance.shifts[shift].minutes // unit, []).append(shift)
        lengths = [Length(units, tuple(shifts)) for units, shifts in sorted(by_units.items())]
        if hurried and lengths:
            lengths = [max(lengths, key=lambda one: sum(person.max_shifts[shift] for shift in one.shifts))]
        longest = max((length.units for length in lengths), default=0)
        days, room = instance.days, ahead * longest
        bands = [
            (max(0, least * day // days - room), min(most, -(-most * day // days) + room))
            for day in range(days + 1)
        ]
        costs, picks = _blocks(person, prices, lengths)
        plan = cls(person, days, lengths, (least, most), bands, costs, picks, [], [], hurried)
        plan._forward(most + 1)
        return plan

    def runs(self, day: int) -> range | list[int]:
        """How long a block from this day may be: at the horizon's edges it may be short, as it goes on beyond."""
        left = self.days - day
        most = min(max(1, self.person.max_run), left)
        least = 1 if day == 0 else max(1, self.person.min_run)
        if self.hurried and most > least:
            least = most - 1
        return [*range(least, most + 1)] if least <= most else ([left] if left == most else [])

    @property
    def rest(self) -> int:
        """Days off between two blocks."""
        return max(1, self.person.min_off)

    def _forward(self, size: int) -> None:
        shape = (len(WEEKEND_PRICES), size)
        self.ended = [np.full(shape, np.inf, dtype=np.float32) for _ in range(self.days + 1)]
        self.free = [np.full(shape, np.inf, dtype=np.float32)]
        self.free[0][:, 0] = 0
        for day in range(self.days + 1):
            if day:
                self.free.append(self.free[-1].copy())
            if day >= self.rest:
                np.minimum(self.free[day], self.ended[day - self.rest], out=self.free[day])
            for run in self.runs(day) if day < self.days else ():
                self._begin(day, run)

    def _begin(self, day: int, run: int) -> None:
        low, high = self.bands[day]
        until = self.bands[day + run][1]
        for at, length in enumerate(self.lengths):
            cost = self.costs[run][at, day]
            step = run * length.units
            top = min(high, until - step)
            if top < low or not np.isfinite(cost):
                continue
            came = self.free[day][:, low : top + 1] + self._priced(cost, day, run)
            to = self.ended[day + run][:, low + step : top + step + 1]
            np.minimum(to, came, out=to)

    def _priced(self, cost: np.float32, day: int, run: int) -> Costs:
        weekends = len({at // 7 for at in range(day, day + run) if at % 7 > 4})
        return (cost + WEEKEND_PRICES * np.float32(weekends))[:, None]

    def rows(self) -> list[Row]:
        """The cheapest row for each price of a weekend (those that can be reached)."""
        least, most = self.span
        ends = [(self.days, self.free[self.days])]
        ends += [(day, self.ended[day]) for day in range(max(1, self.days - self.rest + 1), self.days + 1)]
        found: list[Row] = []
        for price in range(len(WEEKEND_PRICES)):
            best = min(
                (
                    (float(layer[price, least : most + 1].min()), number)
                    for number, (_, layer) in enumerate(ends)
                ),
            )
            if not np.isfinite(best[0]):
                continue
            day, layer = ends[best[1]]
            units = least + int(layer[price, least : most + 1].argmin())
            row = self._back(price, day, units, resting=best[1] == 0)
            if not any(np.array_equal(row, other) for other in found):
                found.append(row)
        return found

    def _back(self, price: int, day: int, units: int, *, resting: bool) -> Row:
        row = np.full(self.days, OFF, dtype=np.int16)
        while day > 0:
            if resting:
                stays = day < self.rest or (
                    self.free[day - 1][price, units] <= self.ended[day - self.rest][price, units]
                )
                day, resting = (day - 1, True) if stays else (day - self.rest, False)
                continue
            first, at = self._came_from(price, day, units)
            run = day - first
            row[first:day] = self.picks[run][at, first]
            units -= run * self.lengths[at].units
            day, resting = first, True
        return row

    def _came_from(self, price: int, day: int, units: int) -> tuple[int, int]:
        """(first day, which length) of the block that ends on the eve of `day` at the least cost."""
        best: tuple[float, int, int] | None = None
        for run in range(1, min(max(1, self.person.max_run), day) + 1):
            first = day - run
            if run not in self.runs(first):
                continue
            for at, length in enumerate(self.lengths):
                before = units - run * length.units
                cost = self.costs[run][at, first]
                if before < 0 or not np.isfinite(cost):
                    continue
                value = float(self.free[first][price, before] + self._priced(cost, first, run)[price, 0])
                if best is None or value < best[0]:
                    best = (value, first, at)
        if best is None:
            raise AssertionError("a layer was reached from nowhere")
        return best[1], best[2]


def _blocks(
    person: Employee, prices: Floats, lengths: list[Length]
) -> tuple[dict[int, Costs], dict[int, NDArray[np.int16]]]:
    """By days of a block: lengths x first days, the least cost and its shift."""
    days = len(prices)
    costs: dict[int, Costs] = {}
    picks: dict[int, NDArray[np.int16]] = {}
    sums: Floats = np.zeros_like(prices)
    for run in range(1, min(max(1, person.max_run), days) + 1):
        sums = sums[: days - run + 1] + prices[run - 1 :]
        costs[run] = np.full((len(lengths), days), np.inf, dtype=np.float32)
        picks[run] = np.full((len(lengths), days), OFF, dtype=np.int16)
        for at, length in enumerate(lengths):
            own = sums[:, list(length.shifts)]
            best = own.argmin(axis=1)
            costs[run][at, : len(own)] = own[np.arange(len(own)), best]
            picks[run][at, : len(own)] = np.array(length.shifts, dtype=np.int16)[best]
    return costs, picks
