"""The master programme: one schedule for each employee so that cover costs least, over the schedules known so far.

Dantzig-Wolfe decomposition of a piece. Rows: one schedule each; cover of each day and shift with prices for too few
and too many; and the limits on shifts which the pricing leaves open. HiGHS keeps its basis between solves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.instance import OFF
from civicline.workforce.rostering.piece import Floats, Piece
from civicline.workforce.rostering.pricing import Found
from civicline.workforce.rostering.programme import INF, Programme, quiet_solver

if TYPE_CHECKING:
    import highspy

MISSING: Final = 50_000.0
"""The cost of having no schedule for an employee: more than any schedule can cost."""

Schedule = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Column:
    """A schedule of one employee (by place in the piece), and what it costs in wishes."""

    place: int
    schedule: Schedule
    cost: float
    valid: bool
    """Whether it keeps the limits that the pricing leaves open; if not, it can only stand for a part of a person."""


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The answer of the linear programme. `prices`: employees x days x shifts, wishes included."""

    cost: float
    weights: Floats
    """Of each column."""
    cover: Floats
    """Days x shifts: what one more required would cost."""
    limits: Floats
    one: Floats
    """By employee: the price of having a schedule."""


@dataclass(slots=True)
class Master:
    """The columns known, and the solver."""

    piece: Piece
    loose: Sequence[tuple[int, int, int]]
    columns: list[Column] = field(default_factory=list)
    known: dict[tuple[int, bytes], int] = field(default_factory=dict)
    solver: highspy.Highs = field(init=False)
    offset: int = field(init=False)
    seed: int = 0

    def __post_init__(self) -> None:
        piece = self.piece
        count, cells = len(piece.who), piece.required.size
        self.solver = quiet_solver(INF, self.seed)
        self.solver.setOptionValue("presolve", "off")
        self.solver.setOptionValue("simplex_strategy", 4)
        low = np.concatenate([np.ones(count), piece.required.ravel(), np.full(len(self.loose), -INF)])
        high = np.concatenate([np.ones(count), piece.required.ravel(), [most for *_, most in self.loose]])
        empty = np.zeros(0, dtype=np.int32)
        self.solver.addRows(len(low), low, high, 0, np.zeros(len(low), np.int32), empty, np.zeros(0))
        costs = np.concatenate([np.full(count, MISSING), piece.under.ravel(), piece.over.ravel()])
        rows = np.concatenate([np.arange(count + cells), np.arange(count, count + cells)]).astype(np.int32)
        signs = np.concatenate([np.ones(count + cells), -np.ones(cells)])
        self.offset = len(costs)
        self._add(costs, np.arange(len(costs), dtype=np.int32), rows, signs)

    def _add(
        self, costs: Floats, starts: NDArray[np.int32], rows: NDArray[np.int32], factors: Floats
    ) -> None:
        many = len(costs)
        self.solver.addCols(many, costs, np.zeros(many), np.full(many, INF), len(rows), starts, rows, factors)

    def column(self, place: int, schedule: Schedule) -> Column:
        """A schedule with its cost."""
        days = np.flatnonzero(schedule != OFF)
        worked = np.bincount(schedule[days], minlength=self.piece.counts.shape[1])
        valid = bool((worked <= self.piece.counts[place]).all())
        return Column(place, schedule, float(self.piece.wishes[place, days, schedule[days]].sum()), valid)

    def number(self, place: int, schedule: Schedule) -> int:
        """The number of a schedule that is known."""
        return self.known[place, schedule.tobytes()]

    def add(self, found: Iterable[Found]) -> int:
        """Take schedules in; returns how many were new."""
        fresh: list[Column] = []
        for item in found:
            key = (item.place, item.schedule.tobytes())
            if key not in self.known:
                self.known[key] = len(self.columns) + len(fresh)
                fresh.append(self.column(item.place, item.schedule))
        if fresh:
            rows = [self._rows(column) for column in fresh]
            starts = np.concatenate([[0], np.cumsum([len(part) for part, _ in rows[:-1]])]).astype(np.int32)
            self.columns += fresh
            self._add(
                np.array([column.cost for column in fresh]),
                starts,
                np.concatenate([part for part, _ in rows]).astype(np.int32),
                np.concatenate([part for _, part in rows]),
            )
        return len(fresh)

    def _rows(self, column: Column) -> tuple[NDArray[np.int64], Floats]:
        """The rows of a column, and its factors in them."""
        count, shifts = len(self.piece.who), self.piece.required.shape[1]
        days = np.flatnonzero(column.schedule != OFF)
        rows = [column.place, *(count + days * shifts + column.schedule[days]).tolist()]
        factors = [1.0] * len(rows)
        for number, (place, shift, _) in enumerate(self.loose):
            if place == column.place:
                times = int((column.schedule == shift).sum())
                if times:
                    rows.append(count + self.piece.required.size + number)
                    factors.append(float(times))
        return np.array(rows), np.array(factors)

    def relax(self) -> Relaxed:
        """Solve the linear programme over the columns known."""
        import highspy  # the solver has loaded it

        self.solver.run()
        answer = self.solver.getSolution()
        solved = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        duals = np.array(answer.row_dual)
        count, cells = len(self.piece.who), self.piece.required.size
        return Relaxed(
            float(self.solver.getInfo().objective_function_value) if solved else np.inf,
            np.array(answer.col_value)[self.offset :],
            duals[count : count + cells].reshape(self.piece.required.shape),
            duals[count + cells :],
            duals[:count],
        )

    def prices(self, cover: Floats, limits: Floats) -> Floats:
        """What each shift costs each employee at these duals."""
        prices = self.piece.wishes - cover
        for (place, shift, _), dual in zip(self.loose, limits, strict=True):
            if dual:
                prices[place, :, shift] -= dual
        return prices

    def bound(self, cover: Floats, limits: Floats, values: float) -> float:
        """The Lagrangian bound of these duals, `values` being the sum of the cheapest schedules at their prices."""
        most = np.array([limit for *_, limit in self.loose])
        return values + float((cover * self.piece.required).sum()) + float((limits * most).sum())

    def fix(self, chosen: Iterable[int]) -> None:
        """Hold these columns at 1 and all others of their employees at 0."""
        kept = {self.columns[number].place: number for number in chosen}
        for number, column in enumerate(self.columns):
            if column.place in kept:
                on = float(kept[column.place] == number)
                self.solver.changeColBounds(self.offset + number, on, on)

    def release(self) -> None:
        """All columns free again."""
        many = len(self.columns)
        at = np.arange(self.offset, self.offset + many, dtype=np.int32)
        self.solver.changeColsBounds(many, at, np.zeros(many), np.full(many, INF))

    def choose(
        self, numbers: Sequence[int], seconds: float, start: Sequence[int] | None = None, *, seed: int = 0
    ) -> tuple[list[int], float] | None:
        """The best whole choice among these columns (those of `start` too), by branch and bound; (columns, cost)."""
        piece = self.piece
        numbers = sorted({*numbers, *(start or ())})
        programme = Programme()
        choices = {number: programme.choice(self.columns[number].cost) for number in numbers}
        rows: dict[int, dict[int, float]] = {}
        for number, choice in choices.items():
            for row, factor in zip(*self._rows(self.columns[number]), strict=True):
                rows.setdefault(int(row), {})[choice] = float(factor)
        count, cells = len(piece.who), piece.required.size
        for place in range(count):
            if place not in rows:
                return None
            programme.row(rows[place], low=1, high=1)
        given = np.zeros(len(numbers))
        for number in start or ():
            given[choices[number]] = 1.0
        slack: list[float] = []
        for cell in range(cells):
            terms = rows.get(count + cell, {})
            need = float(piece.required.flat[cell])
            short = programme.variable(float(piece.under.flat[cell]))
            extra = programme.variable(float(piece.over.flat[cell]))
            programme.row({**terms, short: 1.0, extra: -1.0}, low=need, high=need)
            there = sum(factor * given[choice] for choice, factor in terms.items())
            slack += [max(0.0, need - there), max(0.0, there - need)]
        for number, (*_, most) in enumerate(self.loose):
            if count + cells + number in rows:
                programme.row(rows[count + cells + number], high=most)
        begin = np.concatenate([given, slack]) if start is not None else None
        answer = programme.solve(seconds, start=begin, seed=seed)
        if answer.values is None:
            return None
        return [number for number, choice in choices.items() if answer.values[choice] > 0.5], answer.cost
