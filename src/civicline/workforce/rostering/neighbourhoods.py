"""Large neighbourhood search on schedules: some employees are freed, and the linear programme judges before any dive.

With the others held, generated columns give a bound for the freed ones: where it leaves no room for a better roster
(costs are whole numbers), the neighbourhood is left at once. Otherwise a dive or a small branch and bound looks for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from civicline.workforce.rostering.columns import Generator, complete
from civicline.workforce.rostering.master import Relaxed

MIP_SECONDS = 3.0
FEW = 600  # columns


@dataclass(slots=True)
class Search:
    """The best choice of columns in hand, and how large a neighbourhood is."""

    generator: Generator
    chance: random.Random
    improved: Callable[[list[int], float], None]
    best: list[int] = field(default_factory=list)
    cost: float = np.inf
    size: float = 0.35
    tried: int = 0
    pruned: int = 0

    def take(self, chosen: list[int] | None) -> bool:
        """Keep a choice if it is better."""
        if chosen is None:
            return False
        cost = self.generator.cost(chosen)
        if cost >= self.cost - 1e-6:
            return False
        self.best, self.cost = chosen, cost
        self.improved(chosen, cost)
        return True

    @property
    def proved(self) -> bool:
        """Whether nothing can be better."""
        return self.cost < self.generator.bound + 1 - 1e-3

    def run(self, until: Callable[[], bool]) -> None:
        """Search until told to stop, the time is up, or the bound is met."""
        while not (until() or self.generator.late or self.proved):
            self.step()

    def step(self) -> bool:
        """One neighbourhood; whether it bettered the roster."""
        self.tried += 1
        generator, master = self.generator, self.generator.master
        places = self._free()
        free = np.zeros(len(generator.piece.who), dtype=bool)
        free[places] = True
        held = [number for number in self.best if not free[master.columns[number].place]]
        began = time.monotonic()
        try:
            master.fix(held)
            relaxed = generator.again(free, 40, self.cost)
            if relaxed.cost > self.cost - 1 + 1e-3 or not complete(relaxed):
                self.pruned += 1
                self.size = min(1.0, self.size * 1.04)
                return False
            found = generator.dive(relaxed, held=held, below=self.cost)
            better = self.take(found)
        finally:
            master.release()
        if not better:
            better = self.branch(relaxed, held, free)
        slow = time.monotonic() - began > 4.0
        self.size = max(0.1, self.size * (0.85 if slow else 0.97)) if not better else self.size
        return better

    def branch(self, relaxed: Relaxed, held: list[int], free: np.ndarray) -> bool:
        """Branch and bound over the columns of the freed that may be part of something better."""
        generator, master = self.generator, self.generator.master
        prices = master.prices(relaxed.cover, relaxed.limits)
        gap = self.cost - relaxed.cost
        worth = []
        for number, column in enumerate(master.columns):
            if free[column.place] and column.valid:
                days = np.flatnonzero(column.schedule >= 0)
                value = float(prices[column.place, days, column.schedule[days]].sum())
                over = value - relaxed.one[column.place]
                if over < gap:
                    worth.append((over, number))
        worth.sort()
        seconds = min(MIP_SECONDS, generator.deadline - time.monotonic())
        if seconds <= 0:
            return False
        numbers = [number for _, number in worth[:FEW]]
        answer = master.choose([*numbers, *held], seconds, self.best, seed=self.chance.randrange(1000))
        return answer is not None and self.take(answer[0])

    def _free(self) -> list[int]:
        """Whom to free: by chance; or those around days where too few or too many are at work."""
        generator = self.generator
        count = len(generator.piece.who)
        many = min(count, max(3, round(self.size * count)))
        if self.chance.random() < 0.5:
            return self.chance.sample(range(count), many)
        weights = self._trouble()
        order = sorted(range(count), key=lambda place: -weights[place] * self.chance.random())
        return order[:many]

    def _trouble(self) -> np.ndarray:
        """For each employee how much she has to do with a cover that fails, and with wishes that were not met."""
        generator, piece = self.generator, self.generator.piece
        duty = np.zeros(piece.required.shape)
        chosen = {
            generator.master.columns[number].place: generator.master.columns[number] for number in self.best
        }
        for column in chosen.values():
            days = np.flatnonzero(column.schedule >= 0)
            duty[days, column.schedule[days]] += 1
        gap = piece.required - duty
        bad = np.maximum(gap, 0) * piece.under + np.maximum(-gap, 0) * piece.over
        day = self.chance.choices(range(piece.days), weights=(bad.sum(axis=1) + 1e-3).tolist())[0]
        near = range(max(0, day - 1), min(piece.days, day + 2))
        weights = np.ones(len(chosen))
        for place, column in chosen.items():
            for at in near:
                able = np.isfinite(piece.wishes[place, at]) & (gap[at] > 0)
                weights[place] += 2 * able.any() + 2 * (column.schedule[at] >= 0)
        return weights
