"""The level of demand: many ways to smooth it at once, each weighed by how well it foretold past weeks.

A way is exponential smoothing with a step for the level, one for each weekday's own deviation, and one for a
deviation that fades (Holt 1957; Winters, Management Science 6(3), 1960; damping: Gardner and McKenzie, Management
Science 31(10), 1985), with surprises clipped (Gelper, Fried and Croux, Journal of Forecasting 29(3), 2010). Their
mean is taken, since combined forecasts beat chosen ones (Bates and Granger, Operational Research Quarterly 20, 1969).
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np

from civicline.engine.forecast.series import WEEK, FloatArray, IntArray

LEVEL_STEPS: Final = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35)
WEEKDAY_STEPS: Final = (0.0, 0.05, 0.15)
WAYS: Final = np.array(
    [(level, 0.0, 0.0, weekday) for level, weekday in product(LEVEL_STEPS, WEEKDAY_STEPS)]
    + list(product(LEVEL_STEPS[:-1], (0.2, 0.4), (0.8, 0.93), WEEKDAY_STEPS))
)  # level step, fading step, what is left of the fading part after a day, weekday step
CLIP: Final = 2.5
SCORE_CLIP: Final = 4.0
SCORED_DAYS: Final = 182
WARM_DAYS: Final = 28
START_DAYS: Final = 14
KEENNESS: Final = 5.0
USED_DAYS: Final = 430


class Level:
    """The log level after the days learned from. `see` a day and it moves on; the weights of the ways stay."""

    def __init__(self, ways: _Ways, weights: FloatArray, weekday: int) -> None:
        self.ways, self.weights, self.weekday = ways, weights, weekday

    def ahead(self, days: int) -> FloatArray:
        """The log level of the next days."""
        return np.asarray(self.weights @ self.ways.ahead(self.weekday, days))

    def see(self, value: float) -> None:
        """Move on by a day: its log volume without effects, NaN unknown."""
        self.ways.see(value, self.weekday)
        self.weekday = (self.weekday + 1) % WEEK


def learn(rest: FloatArray, week: IntArray, sigma: float) -> Level:
    """Learn the level.

    `rest`: log volume without effects, one a day, NaN unknown, at least one known. `week`: the weekday of each.
    `sigma`: the noise of a day, in logs.
    """
    rest, week = rest[-USED_DAYS:], week[-USED_DAYS:]
    known = np.flatnonzero(np.isfinite(rest))
    state = _Ways(float(np.median(rest[known[:START_DAYS]])), sigma)
    scored_from = max(known[0] + WARM_DAYS, len(rest) - SCORED_DAYS)
    errors, judged = np.zeros(len(WAYS)), 0
    for day, value in enumerate(rest):
        if day >= scored_from and (day - scored_from) % 2 == 0:
            ahead = rest[day : day + WEEK]
            here = np.isfinite(ahead)
            foretold = state.ahead(int(week[day]), len(ahead))[:, here]
            errors += np.minimum(np.abs(ahead[here] - foretold), SCORE_CLIP * sigma).sum(axis=1)
            judged += int(here.sum())
        state.see(float(value), int(week[day]))
    weights = np.ones(len(WAYS))
    if judged:
        weights = np.exp(-KEENNESS * (errors / max(errors.min(), 1e-12) - 1))
    return Level(state, weights / weights.sum(), int(week[-1] + 1) % WEEK)


class _Ways:
    """What every way believes: the level, the fading deviation, and each weekday's own deviation."""

    def __init__(self, level: float, sigma: float) -> None:
        self.limit = CLIP * sigma
        self.level_step, self.fading_step, self.keep, self.weekday_step = WAYS.T
        self.level = np.full(len(WAYS), level)
        self.fading = np.zeros(len(WAYS))
        self.weekdays = np.zeros((len(WAYS), WEEK))

    def see(self, value: float, weekday: int) -> None:
        """Learn from a day's value; from NaN only that a day went by."""
        self.fading = self.fading * self.keep
        if np.isfinite(value):
            surprise = value - self.level - self.fading - self.weekdays[:, weekday]
            surprise = np.clip(surprise, -self.limit, self.limit)
            self.level = self.level + self.level_step * surprise
            self.fading = self.fading + self.fading_step * surprise
            self.weekdays[:, weekday] += self.weekday_step * surprise

    def ahead(self, weekday: int, days: int) -> FloatArray:
        """What each way says of the next days, the first of which is a `weekday`: ways x days."""
        steps = np.arange(1, days + 1)
        fading = self.fading[:, None] * self.keep[:, None] ** steps
        return np.asarray(self.level[:, None] + fading + self.weekdays[:, (weekday + steps - 1) % WEEK])
