"""How good a forecast was, beside simple ways and the limit that chance sets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import lgamma
from typing import Final

import numpy as np

from civicline.engine.forecast.calendar import Calendar
from civicline.engine.forecast.outlook import Outlook, outlook_at
from civicline.engine.forecast.rolling import FIRST_ORIGIN, Rolling
from civicline.engine.forecast.series import WEEK, FloatArray, Series

SIMPLE: Final = {"seasonal naive": 1, "mean of 4": 4, "median of 8": 8}
MANY: Final = 400.0
TAIL: Final = 10


def simple_forecast(series: Series, weeks: int, horizon: int) -> FloatArray:
    """The same slot of the last `weeks` weeks that had counts on that weekday: their mean, of 8 and more the median.

    One week is the seasonal naive forecast. Days x slots, NaN where there is no such day. No day is looked at twice.
    """
    told = np.full((horizon, series.counts.shape[1]), np.nan)
    open_days = np.asarray(np.isfinite(series.counts).any(axis=1))
    for ahead in range(horizon):
        rows = np.flatnonzero(open_days[(series.days + ahead) % WEEK :: WEEK])[-weeks:]
        if len(rows):
            same = series.counts[(series.days + ahead) % WEEK :: WEEK][rows]
            use = np.isfinite(same).any(axis=0)
            told[ahead, use] = (np.nanmedian if weeks >= 8 else np.nanmean)(same[:, use], axis=0)
    return told


def poisson_floor(expected: FloatArray) -> float:
    """The sum of absolute errors that remain when every mean is known exactly and only chance is left.

    The mean absolute deviation of a Poisson count of mean m around its median q is 2 q P(q) + (m - q) (2 F(q) - 1);
    for large m, sqrt(2 m / pi) (Johnson, Kemp and Kotz, Univariate Discrete Distributions, 2005, section 4.3).
    """
    means = expected[np.isfinite(expected) & (expected > 0)]
    large, small = means[means >= MANY], means[means < MANY]
    total = float(np.sqrt(2 * large / np.pi).sum())
    if len(small):
        counts = np.arange(int(small.max() + TAIL * np.sqrt(small.max()) + TAIL))
        logs = np.array([lgamma(count + 1) for count in counts])
        for mean in small:
            chance = np.exp(counts * np.log(mean) - mean - logs)
            median = int(np.searchsorted(np.cumsum(chance), 0.5))
            total += float((chance * np.abs(counts - median)).sum())
    return total


@dataclass(slots=True)
class Accuracy:
    """Sums over all judged slots. `errors`: method -> sum of absolute errors. WAPE = errors / actual."""

    actual: float = 0.0
    slots: int = 0
    held: int = 0
    floor: float = 0.0
    errors: dict[str, float] = field(default_factory=dict)

    def wape(self, method: str) -> float:
        """Weighted absolute percentage error of a method, as a share; NaN when nothing came."""
        return self.errors[method] / self.actual if self.actual else float("nan")

    @property
    def floor_wape(self) -> float:
        """The WAPE that counting noise alone would leave (the Poisson floor)."""
        return self.floor / self.actual if self.actual else float("nan")

    @property
    def coverage(self) -> float:
        """Share of the counts that lay within the range told."""
        return self.held / self.slots if self.slots else float("nan")

    def judge(self, actual: FloatArray, told: dict[str, FloatArray], outlook: Outlook | None = None) -> None:
        """Add forecasts of a week and what came; where a method told nothing, it told zero."""
        known = np.isfinite(actual)
        self.actual += float(actual[known].sum())
        for name, counts in told.items():
            error = np.abs(np.nan_to_num(counts)[known] - actual[known]).sum()
            self.errors[name] = self.errors.get(name, 0.0) + float(error)
        if outlook is not None:
            rows = slice(0, len(actual))
            inside = (actual >= outlook.low[rows]) & (actual <= outlook.high[rows])
            self.slots += int(known.sum())
            self.held += int(inside[known].sum())
            self.floor += poisson_floor(outlook.expected[rows][known])


OURS: Final = "civicline"


def backtest(
    series: Series,
    calendar: Calendar,
    weeks: int,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Accuracy:
    """Judge the last `weeks` weeks, each forecast from what was known before it, beside the simple ways.

    ValueError when the history is too short for so many weeks (it needs six more).
    """
    most = (series.days - FIRST_ORIGIN) // WEEK
    if not 1 <= weeks <= most:
        raise ValueError(f"The history allows a backtest of 1 to {max(most, 0)} weeks.")
    rolling, accuracy = Rolling(series, calendar, WEEK), Accuracy()
    for done in range(weeks):
        origin = series.days - WEEK * (weeks - done)
        outlook = outlook_at(rolling, origin)
        before = series.until(origin)
        told = {name: simple_forecast(before, number, WEEK) for name, number in SIMPLE.items()}
        accuracy.judge(series.counts[origin : origin + WEEK], {OURS: outlook.median, **told}, outlook)
        progress(done + 1, weeks)
    return accuracy
