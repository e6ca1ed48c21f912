"""Ranges that hold four counts in five, from how wrong forecasts of past weeks were.

The spread of a count is taken as sqrt(mean + k mean^2): counting noise, overdispersed, and days that come out higher
or lower as a whole (the negative binomial's variance; McCullagh and Nelder, Generalized Linear Models, 1989, section
11.2). Errors of rolling past forecasts, divided by it, give the quantiles: split conformal prediction (Vovk, Gammerman
and Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., JASA 113, 2018), with both ends on their own.
The median of a skewed count lies below its mean by skewness x standard deviation / 6 (Cornish and Fisher, 1938).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from civicline.engine.forecast.series import FloatArray

COVERAGE: Final = 0.8
DAY_SHARES: Final = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
FEWEST_ERRORS: Final = 40
HALF_LIFE_WEEKS: Final = 12.0
FIRST_CHECKED: Final = 4
STEP: Final = 5.0
HALF_STEP: Final = 30  # counts in a week with which the ends move half a step: a week of days proves little
FALLBACK: Final = 1.2816  # the normal distribution's 90 % quantile
FALLBACK_DAY: Final = 0.01  # days differ by 10 % as a whole


@dataclass(frozen=True, slots=True)
class Ranges:
    """A spread sqrt(mean + k mean^2) times `low` (below zero) and `high` around the mean; `coverage` it aims at."""

    k: float
    low: float
    high: float
    coverage: float = COVERAGE

    def stretched(self, low_log: float, high_log: float) -> Ranges:
        """Each end further out (above zero) or in, by the exponential of the number."""
        grow, shrink = np.exp([low_log, high_log]), np.exp([-low_log, -high_log])
        low = self.low * (grow[0] if self.low < 0 else shrink[0])
        high = self.high * (grow[1] if self.high > 0 else shrink[1])
        return replace(self, low=float(low), high=float(high))

    def around(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The lowest and highest count to be expected; never below zero."""
        spread = np.sqrt(expected + self.k * expected**2)
        return np.maximum(expected + self.low * spread, 0), np.maximum(expected + self.high * spread, 0)


def calibrate(
    expected: FloatArray, actual: FloatArray, dispersion: float, coverage: float = COVERAGE
) -> Ranges:
    """Ranges from past forecasts and what came: forecasts (weekly, oldest first) x days x slots, NaN unknown.

    Older weeks weigh less (Barber et al., "Conformal prediction beyond exchangeability", Annals of Statistics
    51(2), 2023), and each end moves with the rate at which such ranges missed in the weeks that followed (Gibbs and
    Candes, "Adaptive conformal inference under distribution shift", NeurIPS 34, 2021). With few errors to learn
    from, the ranges are those of theory.
    """
    weeks = len(expected)
    low_log, high_log, wish = 0.0, 0.0, (1 - coverage) / 2
    for week in range(FIRST_CHECKED, weeks):
        came, foretold = actual[week], expected[week]
        known = np.isfinite(came) & (foretold > 0)
        told = _of_weeks(expected[:week], actual[:week], dispersion, coverage)
        if told is not None and known.any():
            low, high = told.stretched(low_log, high_log).around(foretold[known])
            step = STEP * known.sum() / (known.sum() + HALF_STEP)
            low_log += step * (float(np.mean(came[known] < low)) - wish)
            high_log += step * (float(np.mean(came[known] > high)) - wish)
    told = _of_weeks(expected, actual, dispersion, coverage)
    if told is None:
        reach = FALLBACK * float(np.sqrt(max(dispersion, 1e-12)))
        return Ranges(FALLBACK_DAY / max(dispersion, 1e-12), -reach, reach, coverage)
    return told.stretched(low_log, high_log)


def _of_weeks(expected: FloatArray, actual: FloatArray, dispersion: float, coverage: float) -> Ranges | None:
    """Weighted quantiles of the errors of these weeks; None when they are too few."""
    use = np.isfinite(actual) & (expected > 0)
    mean, error = expected[use], (actual - expected)[use]
    if len(mean) < FEWEST_ERRORS:
        return None
    age = np.arange(len(expected))[::-1].reshape(-1, *[1] * (expected.ndim - 1))
    weight = np.broadcast_to(0.5 ** (age / HALF_LIFE_WEEKS), expected.shape)[use]
    typical = float(mean.mean())
    scores = {}
    for share in DAY_SHARES:
        spread = np.sqrt(mean + share / typical * mean**2)
        scale = float(np.average(np.abs(error) / spread, weights=weight)) + 1e-12
        scores[share] = float(
            np.log(scale) + np.average(np.log(spread), weights=weight)
        )  # Laplace likelihood
    k = min(scores, key=lambda share: scores[share]) / typical
    ratios = error / np.sqrt(mean + k * mean**2)
    order = np.argsort(ratios, kind="stable")
    below = np.cumsum(weight[order]) / (weight.sum() + weight.max())  # the one to come counts too
    low, high = (1 - coverage) / 2, (1 + coverage) / 2
    at_low = max(int(np.searchsorted(below, low, side="right")) - 1, 0)
    at_high = min(int(np.searchsorted(below, high)), len(order) - 1)
    return Ranges(k, float(ratios[order[at_low]]), float(ratios[order[at_high]]), coverage)


def medians(expected: FloatArray, dispersion: float) -> FloatArray:
    """The most central whole count: as often exceeded as not. Zero or more."""
    skew = max(2 * dispersion - 1, 0.0) / 6
    return np.maximum(np.round(expected - np.minimum(skew, expected / 2)), 0)
