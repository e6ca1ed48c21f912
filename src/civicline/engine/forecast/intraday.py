"""The rest of a day, forecast anew from what came so far; trusted as far as earlier weeks show it can be.

The day's factor is (sum of counts so far + trust) / (sum of expected + trust): the mean of a gamma distribution
after Poisson counts (Gelman et al., Bayesian Data Analysis, 2013, section 2.6), so that it stays near 1 while few
contacts came. Counts long ago may weigh less, and the factor may fade in slots far ahead. How much of each, and
whether to update at all, is what served best on the same time of day in the weeks before (for the idea see Shen and
Huang, "Interday forecasting and intraday updating of call center arrivals", M&SOM 10(3), 2008).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from civicline.engine.forecast.outlook import Outlook, outlook_at
from civicline.engine.forecast.ranges import medians
from civicline.engine.forecast.rolling import Rolling
from civicline.engine.forecast.series import FloatArray

TRUST_DAYS: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # contacts of a day's forecast up to now, as a multiple
MEMORY_MINUTES: Final = (float("inf"), 240.0, 120.0, 60.0)
FADE_MINUTES: Final = (float("inf"), 960.0, 480.0, 240.0, 120.0)
SURE: Final = 2.5
FEWEST_DAYS: Final = 15
LARGEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Update:
    """How to use the counts so far.

    `trust`: how many contacts the forecast itself is worth; None is no update. `memory`, `fade`: minutes after
    which a count, or the effect on a slot ahead, weighs 1/e.
    """

    trust: float | None
    memory: float = float("inf")
    fade: float = float("inf")

    def rest(self, expected: FloatArray, so_far: FloatArray, interval: int) -> FloatArray:
        """The rest of the day: `expected` is the whole day's forecast, `so_far` its first counts (NaN unknown).

        Both may be one day or days x slots. `interval`: minutes of a slot.
        """
        now = so_far.shape[-1]
        ahead = expected[..., now:]
        if self.trust is None or not now:
            return ahead
        age = (now - 1 - np.arange(now)) * interval
        weight = np.exp(-age / self.memory) * np.isfinite(so_far)
        came = (np.nan_to_num(so_far) * weight).sum(axis=-1, keepdims=True)
        foretold = (expected[..., :now] * weight).sum(axis=-1, keepdims=True)
        factor = np.clip((came + self.trust) / (foretold + self.trust), 1 / LARGEST, LARGEST)
        lead = np.arange(ahead.shape[-1]) * interval
        return np.asarray(ahead * (1 + (factor - 1) * np.exp(-lead / self.fade)))


def learn_update(expected: FloatArray, actual: FloatArray, now: int, interval: int) -> Update:
    """The update that served best at slot `now` of past days (days x slots, forecasts and what came, NaN unknown).

    No update unless it lowered the absolute error of the rest of those days by more than 2.5 standard errors
    of that gain, as the best of many tries must: one storm proves nothing.
    """
    use = np.isfinite(actual[:, :now]).any(axis=1) & np.isfinite(actual[:, now:]).any(axis=1)
    expected, actual = expected[use], actual[use]
    if len(actual) < FEWEST_DAYS:
        return Update(None)
    typical = float(expected[:, :now].sum(axis=1).mean())

    def errors(update: Update) -> FloatArray:
        off = np.abs(update.rest(expected, actual[:, :now], interval) - actual[:, now:])
        return np.asarray(np.nansum(off, axis=1))

    candidates = [
        Update(days * typical, memory, fade)
        for days, memory, fade in product(TRUST_DAYS, MEMORY_MINUTES, FADE_MINUTES)
    ]
    best = min(candidates, key=lambda update: float(errors(update).sum()))
    gain = errors(Update(None)) - errors(best)
    doubt = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    return best if float(gain.mean()) > SURE * doubt else Update(None)


def rest_of_day(rolling: Rolling, today: FloatArray) -> Outlook:
    """The forecast of the days after a series, the first of which is under way.

    `today`: its counts so far, one a slot, NaN from now on. They stand as they are; the rest is forecast anew, its
    range moved in proportion. ValueError when `today` has another number of slots.
    """
    outlook = outlook_at(rolling, rolling.series.days)
    if today.shape != (len(outlook.starts),):
        raise ValueError(f"A day has {len(outlook.starts)} slots, not {today.shape}.")
    known = np.flatnonzero(np.isfinite(today))
    now = int(known[-1]) + 1 if len(known) else 0
    past = rolling.before(rolling.series.days)
    slots = len(outlook.starts)
    told = past.blend(outlook.plain_share).reshape(-1, slots)
    update = learn_update(told, past.actual.reshape(-1, slots), now, outlook.interval)
    expected = outlook.expected.copy()
    expected[0, now:] = update.rest(expected[0], today[:now], outlook.interval)
    moved = expected[0, now:] / np.maximum(outlook.expected[0, now:], 1e-12)
    low, high, median = outlook.low.copy(), outlook.high.copy(), outlook.median.copy()
    low[0, now:] *= moved
    high[0, now:] *= moved
    median[0, now:] = medians(expected[0, now:], outlook.dispersion)
    for grid in (expected, low, high, median):
        grid[0, :now] = np.where(np.isfinite(today[:now]), today[:now], grid[0, :now])
    return replace(outlook, expected=expected, low=low, high=high, median=median)
