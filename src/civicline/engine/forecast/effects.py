"""Effects of weekdays, months, holidays and events on a day's volume: multiplicative, robust and shrunk.

The logarithm of a day's volume is a slowly moving level plus the effects of its columns plus noise. Effects have a
normal prior around no effect (ridge regression; Hoerl and Kennard, Technometrics 12(1), 1970) whose width for each
group is the one that makes the history most probable (evidence, MacKay, "Bayesian interpolation", Neural
Computation 4(3), 1992), so that a history that shows none gets none. Large residuals weigh less (Huber, Annals of
Mathematical Statistics 35(1), 1964), and older days weigh less by a half-life.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from civicline.engine.forecast.calendar import Design
from civicline.engine.forecast.series import FloatArray

WIDTHS: Final = {
    "week": 0.3, "month": 0.01, "holidays": 0.08, "holiday": 0.08, "beside": 0.04, "year": 0.08, "event": 0.2,
}  # fmt: skip
LEARNED: Final = ("month", "holidays", "holiday", "beside", "year")
GRID: Final = (0.0001, 0.01, 0.02, 0.04, 0.08, 0.16)
GRID_SPREAD: Final = 1.0
HALF_LIFE_DAYS: Final = 1000.0
LEVEL_STEP_DAYS: Final = 28
LEVEL_DRIFT: Final = 0.02
HUBER: Final = 2.0
LEAST_SIGMA: Final = 1e-6
MAD_TO_SIGMA: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Effects:
    """`seasonal`: log effect of every day of the design. `rest`: history's log volume without it. `sigma`: noise."""

    seasonal: FloatArray
    rest: FloatArray
    sigma: float
    widths: dict[str, float]


class _Ridge:
    """The penalised least squares of one history, with a width for each group of effects."""

    def __init__(self, design: Design, log_volume: FloatArray) -> None:
        known = len(log_volume)
        seen = np.isfinite(log_volume)
        self.groups = np.array(design.groups)
        self.effects = design.columns.shape[1]
        level = _level_columns(known)
        self.columns = np.hstack([design.columns[:known], level])[seen]
        values = (log_volume - design.offset[:known])[seen]
        self.values = values - np.median(values)
        age = (known - 1 - np.arange(known))[seen]
        self.fresh = 0.5 ** (age / HALF_LIFE_DAYS)
        bends = np.diff(np.eye(level.shape[1]), axis=0)
        self.smooth = bends.T @ bends / LEVEL_DRIFT**2 + np.eye(level.shape[1])
        self.widths = {group: WIDTHS[group] for group in design.groups}
        self.sigma = _spread(self.values)
        self.weights = self.fresh.copy()
        self.solution: FloatArray = np.zeros(self.columns.shape[1])

    def settle(self, rounds: int) -> None:
        """Solve, weigh the residuals, and again."""
        for _ in range(rounds):
            weighted = self.columns.T * self.weights
            gram = weighted @ self.columns + self._penalty()
            self.solution = np.asarray(np.linalg.solve(gram, weighted @ self.values), dtype=np.float64)
            residual = self.values - self.columns @ self.solution
            self.sigma = _spread(residual)
            self.weights = self.fresh * np.minimum(
                1, HUBER * self.sigma / np.maximum(np.abs(residual), 1e-12)
            )

    def choose_widths(self) -> None:
        """Take for each group, one after the other and twice round, the width of highest evidence."""
        weighted = self.columns.T * self.weights
        gram, target = weighted @ self.columns, weighted @ self.values
        for group in LEARNED * 2:
            if group in self.widths:
                scores = []
                for width in GRID:
                    self.widths[group] = width
                    belief = np.log(width / WIDTHS[group]) / GRID_SPREAD
                    scores.append(self._evidence(gram, target) - belief**2 / 2)
                self.widths[group] = GRID[int(np.argmax(scores))]

    def _penalty(self) -> FloatArray:
        size = self.columns.shape[1]
        penalty = np.zeros((size, size))
        widths = np.array([self.widths[group] for group in self.groups])
        penalty[np.arange(self.effects), np.arange(self.effects)] = widths**-2.0
        penalty[self.effects :, self.effects :] = self.smooth
        return np.asarray(penalty * self.sigma**2)

    def _evidence(self, gram: FloatArray, target: FloatArray) -> float:
        penalty = self._penalty()
        root = np.linalg.cholesky(gram + penalty)
        explained = np.linalg.solve(root, target)
        fit = float(explained @ explained) / (2 * self.sigma**2)
        return fit - float(np.log(np.diag(root)).sum()) + float(np.linalg.slogdet(penalty)[1]) / 2


def learn(design: Design, log_volume: FloatArray) -> Effects:
    """Learn the effects from the history `log_volume` (one a day, NaN unknown; at least one is known)."""
    ridge = _Ridge(design, log_volume)
    ridge.settle(5)
    ridge.choose_widths()
    ridge.settle(3)
    seasonal = design.columns @ ridge.solution[: ridge.effects] + design.offset
    return Effects(seasonal, log_volume - seasonal[: len(log_volume)], ridge.sigma, ridge.widths)


def _level_columns(days: int) -> FloatArray:
    """Hats every four weeks: the level that moves while effects are learned."""
    knots = np.arange(days - 1, -LEVEL_STEP_DAYS, -LEVEL_STEP_DAYS)[::-1]
    distance = np.abs(np.arange(days)[:, None] - knots[None, :])
    return np.asarray(np.clip(1 - distance / LEVEL_STEP_DAYS, 0, None))


def _spread(values: FloatArray) -> float:
    return MAD_TO_SIGMA * float(np.median(np.abs(values - np.median(values)))) + LEAST_SIGMA
