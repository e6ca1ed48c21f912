"""Ranges that hold four counts in five, from how wrong forecasts of past weeks were.

The spread of a count is taken as sqrt(mean + k mean^2): counting noise, overdispersed, and days that come out higher
or lower as a whole (the negative binomial's variance; McCullagh and Nelder, Generalized Linear Models, 1989, section
11.2), wider in hours of the day that were wilder. Errors of rolling past forecasts, divided by it, give the quantiles:
split conformal prediction (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., JASA
113, 2018), with both ends on their own.
The median of a skewed count lies below its mean by skewness x standard deviation / 6 (Cornish and Fisher, 1938).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from civicline.engine.forecast.series import FloatArray, IntArray

COVERAGE: Final = 0.8
DAY_SHARES: Final = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
FEWEST_ERRORS: Final = 40
HALF_LIFE_WEEKS: Final = 4.0
FIRST_CHECKED: Final = 4
STEP: Final = 1.5
HALF_STEP: Final = 30  # counts in a week with which the ends move half a step: a week of days proves little
LEAST_MISSED: Final = 0.02  # within these stays the share of misses that is aimed at
MOST_MISSED: Final = 0.7
SLOT_PRIOR: Final = 60.0  # counts that the wildness of the whole day is worth beside that of one slot
SLOT_BREADTH: Final = 2.0  # slots beside a slot that tell of it
FALLBACK: Final = 1.2816  # the normal distribution's 90 % quantile
FALLBACK_DAY: Final = 0.01  # days differ by 10 % as a whole


@dataclass(frozen=True, slots=True)
class Ranges:
    """A spread sqrt(mean + k mean^2) times `low` (below zero) and `high` around the mean; `coverage` it aims at.

    `wildness`: what the spread is multiplied by in each slot; one number where slots do not differ.
    """

    k: float
    low: float
    high: float
    wildness: FloatArray
    coverage: float = COVERAGE

    def around(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The lowest and highest count to be expected (the last axis is slots); never below zero."""
        spread = np.sqrt(expected + self.k * expected**2) * self.wildness
        return np.maximum(expected + self.low * spread, 0), np.maximum(expected + self.high * spread, 0)


def calibrate(
    expected: FloatArray, actual: FloatArray, dispersion: float, coverage: float = COVERAGE
) -> Ranges:
    """Ranges from past forecasts and what came: forecasts (weekly, oldest first) x days x slots, NaN unknown.

    Older weeks weigh less (Barber et al., "Conformal prediction beyond exchangeability", Annals of Statistics
    51(2), 2023), and the share of misses that is aimed at follows what such ranges missed in the weeks that followed
    (Gibbs and Candes, "Adaptive conformal inference under distribution shift", NeurIPS 34, 2021), both ends together:
    a week that came high as a whole says that weeks differ, not that the next is high. With few errors to learn
    from, the ranges are those of theory.
    """
    wish = aim = 1 - coverage
    for week in range(FIRST_CHECKED, len(expected)):
        known = np.isfinite(actual[week]) & (expected[week] > 0)
        told = _of_weeks(expected[:week], actual[:week], aim, coverage)
        if told is not None and known.any():
            low, high = told.around(expected[week])
            missed = float(np.mean(((actual[week] < low) | (actual[week] > high))[known]))
            step = STEP * known.sum() / (known.sum() + HALF_STEP)
            aim = float(np.clip(aim + step * (wish - missed), LEAST_MISSED, MOST_MISSED))
    told = _of_weeks(expected, actual, aim, coverage)
    if told is None:
        reach = FALLBACK * float(np.sqrt(max(dispersion, 1e-12)))
        return Ranges(FALLBACK_DAY / max(dispersion, 1e-12), -reach, reach, np.ones(1), coverage)
    return told


def _of_weeks(expected: FloatArray, actual: FloatArray, aim: float, coverage: float) -> Ranges | None:
    """Weighted quantiles of the errors of these weeks, outside of which a share `aim` lay; None when too few."""
    use = np.isfinite(actual) & (expected > 0)
    mean, error = expected[use], (actual - expected)[use]
    if len(mean) < FEWEST_ERRORS:
        return None
    age = np.arange(len(expected))[::-1].reshape(-1, *[1] * (expected.ndim - 1))
    weight = np.broadcast_to(0.5 ** (age / HALF_LIFE_WEEKS), expected.shape)[use]
    k = _day_share(mean, error, weight)
    slots = np.broadcast_to(np.arange(expected.shape[-1]), expected.shape)[use]
    ratios = error / np.sqrt(mean + k * mean**2)
    wildness = _wildness(np.abs(ratios), weight, slots, expected.shape[-1])
    ratios = ratios / wildness[slots]
    order = np.argsort(ratios, kind="stable")
    below = np.cumsum(weight[order]) / (weight.sum() + weight.max())  # the one to come counts too
    at_low = max(int(np.searchsorted(below, aim / 2, side="right")) - 1, 0)
    at_high = min(int(np.searchsorted(below, 1 - aim / 2)), len(order) - 1)
    return Ranges(k, float(ratios[order[at_low]]), float(ratios[order[at_high]]), wildness, coverage)


def _day_share(mean: FloatArray, error: FloatArray, weight: FloatArray) -> float:
    """The k under which the errors are most likely, were they Laplace distributed."""
    typical = float(mean.mean())
    scores = {}
    for share in DAY_SHARES:
        spread = np.sqrt(mean + share / typical * mean**2)
        scale = float(np.average(np.abs(error) / spread, weights=weight)) + 1e-12
        scores[share] = float(np.log(scale) + np.average(np.log(spread), weights=weight))
    return min(scores, key=lambda share: scores[share]) / typical


def _wildness(sizes: FloatArray, weight: FloatArray, slots: IntArray, count: int) -> FloatArray:
    """How much larger than usual the errors of each slot were, smoothed over its neighbours and shrunk to 1."""
    usual = float(np.average(sizes, weights=weight))
    if count == 1 or not usual:
        return np.ones(count)
    distance = np.abs(np.arange(count)[:, None] - np.arange(count)[None, :])
    kernel = np.exp(-0.5 * (distance / SLOT_BREADTH) ** 2)
    seen = kernel @ np.bincount(slots, weights=weight * sizes, minlength=count)
    exposed = kernel @ np.bincount(slots, weights=weight, minlength=count)
    return np.asarray((seen / usual + SLOT_PRIOR) / (exposed + SLOT_PRIOR))


def medians(expected: FloatArray, dispersion: float) -> FloatArray:
    """The most central whole count: as often exceeded as not. Zero or more."""
    skew = max(2 * dispersion - 1, 0.0) / 6
    return np.maximum(np.round(expected - np.minimum(skew, expected / 2)), 0)
