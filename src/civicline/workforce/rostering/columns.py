"""Column generation and diving on a piece.

Generation: the master's duals price the shifts, the pricing finds each employee's cheapest schedule, until none
improves. The duals are smoothed towards those of the best bound (Wentges 1997), which halves the rounds. Diving: the
schedules that the linear programme likes most are held one after the other, with new schedules generated for the
rest (the B&P literature's "diving with column generation"; Sadykov et al. 2019).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.instance import Roster
from civicline.workforce.rostering.master import MISSING, Column, Master, Relaxed
from civicline.workforce.rostering.piece import Floats, Piece
from civicline.workforce.rostering.pricing import Found, Pricer

SMOOTH = 0.6


@dataclass(slots=True)
class Generator:
    """A piece with its master and pricing; `deadline` in time.monotonic seconds."""

    piece: Piece
    deadline: float
    chance: random.Random
    pricer: Pricer = field(init=False)
    master: Master = field(init=False)
    bound: float = -np.inf
    rounds: int = 0
    centre: tuple[Floats, Floats] | None = None
    together: int = 1
    """How many employees `finish` serves at a time: more is faster, and worse."""

    def __post_init__(self) -> None:
        self.pricer = Pricer.of(self.piece)
        self.master = Master(self.piece, self.pricer.loose, seed=self.chance.randrange(1000))

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.deadline

    def generate(
        self,
        rounds: int = 10_000,
        *,
        until: float = np.inf,
        only: NDArray[np.bool_] | None = None,
        tolerance: float = 0.5,
        below: float = np.inf,
        watch: Callable[[Relaxed], None] | None = None,
    ) -> Relaxed:
        """Generate columns (for the employees marked in `only`) until the bound meets the master's cost.

        Or until `until`, or until the bound shows that nothing costs less than `below`.
        """
        relaxed = self.master.relax()
        best = -np.inf
        for _ in range(rounds):
            if self.late or time.monotonic() > until:
                break
            if watch:
                watch(relaxed)
            new, bound = self._round(relaxed, only)
            if bound > best:
                best = bound
            if only is None:
                self.bound = max(self.bound, best)
            if not new:
                break
            relaxed = self.master.relax()
            if only is None and (relaxed.cost - self.bound < tolerance or self.bound > below - 1 + 1e-3):
                break
        return relaxed

    def _round(self, relaxed: Relaxed, only: NDArray[np.bool_] | None) -> tuple[int, float]:
        """Price once at smoothed duals; if nothing comes of it, at the master's own. (new columns, bound)."""
        self.rounds += 1
        bound = -np.inf
        if self.centre is not None:
            cover = SMOOTH * self.centre[0] + (1 - SMOOTH) * relaxed.cover
            limits = SMOOTH * self.centre[1] + (1 - SMOOTH) * relaxed.limits
            new, bound = self._price(relaxed, cover, limits, only)
            if new:
                return new, bound
        new, own = self._price(relaxed, relaxed.cover, relaxed.limits, only)
        return new, max(own, bound)

    def _price(
        self, relaxed: Relaxed, cover: Floats, limits: Floats, only: NDArray[np.bool_] | None
    ) -> tuple[int, float]:
        found = self.pricer.price(self.master.prices(cover, limits), only=only)
        bound = -np.inf
        if only is None and len(found) == len(self.piece.who):
            bound = self.master.bound(cover, limits, sum(item.value for item in found))
            if bound > self.bound:
                self.bound, self.centre = bound, (cover, limits)
        true = self.master.prices(relaxed.cover, relaxed.limits)
        better = [item for item in found if _value(item, true) < relaxed.one[item.place] - 1e-4]
        return self.master.add(better), bound

    def dive(
        self,
        relaxed: Relaxed,
        *,
        held: Iterable[int] = (),
        rounds: int = 8,
        share: float = 0.05,
        below: float = np.inf,
        until: float = np.inf,
    ) -> list[int] | None:
        """Hold schedules until each employee has one: the columns.

        None when it got stuck, or as soon as the linear programme shows that the end cannot cost less than `below`.
        `held` are given; `relaxed` has to be of the master with them held. So that it ends by `until`, more are held
        at a time as that comes near; who is left at the last moment gets what serves best then.
        """
        chosen = list(held)
        until = min(until, self.deadline)
        free = np.ones(len(self.piece.who), dtype=bool)
        free[[self.master.columns[number].place for number in chosen]] = False
        took = 0.0
        while free.any():
            began = time.monotonic()
            if relaxed.cost > below - 1 + 1e-4:
                return None
            if until - began < took:
                return self.finish(chosen, free)
            hurry = took / max(1e-3, until - began)
            likeliest = self._likeliest(relaxed, free, max(share, hurry), hurried=hurry > share)
            if not likeliest:
                return self.finish(chosen, free) if below == np.inf else None
            self.master.fix(likeliest)
            chosen += likeliest
            free[[self.master.columns[number].place for number in likeliest]] = False
            relaxed = self.again(free, rounds, below, until) if free.any() else relaxed
            took = max(0.7 * took, time.monotonic() - began)
        return chosen

    def finish(self, chosen: list[int], free: NDArray[np.bool_]) -> list[int] | None:
        """The free employees, some at a time, get the schedules that are cheapest beside those before them."""
        duty = np.zeros(self.piece.required.shape)
        for number in chosen:
            _count(duty, self.master.columns[number].schedule)
        chosen = list(chosen)
        order = [int(place) for place in np.flatnonzero(free)]
        self.chance.shuffle(order)
        for first in range(0, len(order), self.together):
            group = order[first : first + self.together]
            gap = self.piece.required - duty
            step = np.where(gap > 0, -self.piece.under, self.piece.over)
            prices = self.piece.wishes + step
            if len(group) > 1:  # not all of them for the same gap
                prices += np.array([[[self.chance.random()]] for _ in prices]) * np.clip(gap, 0, 1) * -20
            found = self._together(group, prices)
            if found is None:
                return None
            chosen += [self._known(column, duty) for column in found]
        return chosen

    def _known(self, column: Column, duty: Floats) -> int:
        self.master.add([Found(column.place, 0.0, column.schedule)])
        _count(duty, column.schedule)
        return self.master.number(column.place, column.schedule)

    def _together(self, group: list[int], prices: Floats) -> list[Column] | None:
        """The cheapest schedules that keep also the limits left to the master, by trial.

        Where a shift comes too often, its last days are barred; and after some trials all of it.
        """
        prices = prices.copy()
        columns: list[Column] = []
        for trial in range(8 + prices.shape[2]):
            own = np.zeros(len(self.piece.who), dtype=bool)
            own[group] = True
            found = self.pricer.price(prices, only=own)
            if len(found) < len(group):
                return None
            made = [self.master.column(item.place, item.schedule) for item in found]
            columns += [column for column in made if column.valid]
            group = [column.place for column in made if not column.valid]
            if not group:
                return columns
            for column in made:
                if not column.valid:
                    self._bar(prices[column.place], column, wholly=trial >= 8)
        return None

    def _bar(self, prices: Floats, column: Column, *, wholly: bool) -> None:
        for shift, most in enumerate(self.piece.counts[column.place]):
            days = np.flatnonzero(column.schedule == shift)
            if len(days) > most:
                prices[slice(None) if wholly else days[most:], shift] = np.inf

    def again(
        self, free: NDArray[np.bool_], rounds: int, below: float = np.inf, until: float = np.inf
    ) -> Relaxed:
        """Generate for those who are free, at the master's own duals: a few rounds suffice after a small change."""
        relaxed = self.master.relax()
        for _ in range(rounds):
            prices = self.master.prices(relaxed.cover, relaxed.limits)
            found = self.pricer.price(prices, only=free)
            better = [item for item in found if item.value < relaxed.one[item.place] - 1e-3]
            gain = sum(relaxed.one[item.place] - item.value for item in better)
            if relaxed.cost - gain > below - 1 + 1e-2 or not self.master.add(better):
                break
            if self.late or time.monotonic() > until:
                break
            relaxed = self.master.relax()
        return relaxed

    def _likeliest(
        self, relaxed: Relaxed, free: NDArray[np.bool_], share: float, *, hurried: bool = False
    ) -> list[int]:
        """The columns to hold next: all that are whole, else the largest (a little by chance)."""
        best: dict[int, tuple[float, int]] = {}
        for number, weight in enumerate(relaxed.weights):
            place = self.master.columns[number].place
            if (
                self.master.columns[number].valid
                and free[place]
                and weight > 1e-6
                and weight > best.get(place, (0.0, 0))[0]
            ):
                best[place] = (float(weight), number)
        if not best:
            return []
        ranked = sorted(best.values(), key=lambda item: -item[0] + self.chance.random() * 0.1)
        most = max(1, round(share * int(free.sum())))
        whole = [number for weight, number in ranked if weight > 0.99]
        if hurried and len(whole) < most:
            return [number for _, number in ranked[:most]]
        return whole or [number for weight, number in ranked[:most] if weight > ranked[0][0] - 0.25]

    def cost(self, numbers: list[int]) -> float:
        """What a choice of columns costs within the piece."""
        duty = np.zeros(self.piece.required.shape)
        for number in numbers:
            _count(duty, self.master.columns[number].schedule)
        wishes = sum(self.master.columns[number].cost for number in numbers)
        return wishes + self.piece.cover_cost(duty)

    def write(self, roster: Roster, numbers: list[int]) -> Roster:
        """The roster with these schedules in place of what the piece had."""
        changed = roster.copy()
        for number in numbers:
            column = self.master.columns[number]
            changed[self.piece.who[column.place], self.piece.first : self.piece.last] = column.schedule
        return changed


def _count(duty: Floats, schedule: NDArray[np.int16]) -> None:
    days = np.flatnonzero(schedule >= 0)
    duty[days, schedule[days]] += 1


def _value(item: Found, prices: Floats) -> float:
    days = np.flatnonzero(item.schedule >= 0)
    return float(prices[item.place, days, item.schedule[days]].sum())


def complete(relaxed: Relaxed) -> bool:
    """Whether every employee has a schedule in the linear programme."""
    return relaxed.cost < MISSING
