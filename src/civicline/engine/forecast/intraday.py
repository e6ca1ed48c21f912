"""The rest of a day, forecast anew from what came so far; trusted as far as earlier weeks show it can be.

Many ways to read the morning (`course.py`) are tried on the same time of day in the weeks before; those that served
well count more, and their mean is taken (Bates and Granger, Operational Research Quarterly 20, 1969). Where all that
gained little or nothing for sure in those weeks, the plan stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from civicline.engine.forecast.course import difference, rests
from civicline.engine.forecast.outlook import Outlook, outlook_at
from civicline.engine.forecast.ranges import calibrate, medians
from civicline.engine.forecast.rolling import Rolling
from civicline.engine.forecast.series import WEEK, FloatArray

KEENNESS: Final = 30.0
SURE: Final = 2.5
LEAST_GAIN: Final = 0.03
MOST_USUAL: Final = 3.0
FEWEST_DAYS: Final = 15


@dataclass(frozen=True, slots=True)
class Update:
    """How to use the counts before slot `now`. `weights`: how much each way of `course.rests` counts; None: not.

    `differ`: how much days differ from their plans, as a share (`course.difference`).
    """

    now: int
    interval: int
    weights: FloatArray | None = None
    differ: float = 0.0

    def rest(self, told: FloatArray, came: FloatArray) -> FloatArray:
        """The slots from `now` on of every day, as forecast at that hour: days x slots ahead.

        `told`: the plans of days, oldest first, x slots; `came`: their counts, NaN unknown. Each day is forecast from
        its first counts and from the days before it, and from nothing later.
        """
        if self.weights is None:
            return told[:, self.now :]
        foretold = rests(told, came, self.now, self.interval, self.differ)
        return np.asarray(np.tensordot(self.weights, foretold, 1))


def learn_update(
    told: FloatArray, came: FloatArray, now: int, interval: int, plan: FloatArray | None = None
) -> Update:
    """The update that served best at slot `now` of past days: plans and counts, days x slots, NaN unknown.

    `plan`: what stands where there is no update, and what an update has to better; None: what is `told`.

    No update unless it lowered the absolute error of the rest of those days by more than 2.5 standard errors of that
    gain, and by 3 % even when no day counts more than three usual ones: one storm proves nothing, and a plan is not
    moved for a trifle.
    """
    use = np.isfinite(came[:, :now]).any(axis=1) & np.isfinite(came[:, now:]).any(axis=1)
    use &= (told > 0).any(axis=1)
    if use.sum() < FEWEST_DAYS:
        return Update(now, interval)
    differ = difference(told, came)
    foretold, actual = rests(told, came, now, interval, differ)[:, use], came[use, now:]
    errors = np.nansum(np.abs(foretold - actual), axis=(1, 2))
    weights = np.exp(-KEENNESS * (errors / max(float(errors.min()), 1e-12) - 1))
    weights /= weights.sum()
    stands = told if plan is None else plan
    plain = np.nansum(np.abs(stands[use, now:] - actual), axis=1)
    gain = plain - np.nansum(np.abs(np.tensordot(weights, foretold, 1) - actual), axis=1)
    doubt = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    most = MOST_USUAL * float(np.median(np.abs(gain)))
    usual = float(np.clip(gain, -most, most).sum())
    helps = float(gain.mean()) > SURE * doubt and usual >= LEAST_GAIN * float(plain.sum())
    return Update(now, interval, weights, differ) if helps else Update(now, interval)


def rest_of_day(rolling: Rolling, today: FloatArray) -> Outlook:
    """The forecast of the days after a series, the first of which is under way.

    `today`: its counts so far, one a slot, NaN from now on. They stand as they are; the rest is forecast anew, with
    the range that such forecasts needed in the weeks before. ValueError when `today` has another number of slots.
    """
    rolling_week = rolling if rolling.horizon >= WEEK else replace(rolling, horizon=WEEK, made={})
    outlook = _first_days(outlook_at(rolling_week, rolling.series.days), rolling.horizon)
    if today.shape != (len(outlook.starts),):
        raise ValueError(f"A day has {len(outlook.starts)} slots, not {today.shape}.")
    known = np.flatnonzero(np.isfinite(today))
    now = int(known[-1]) + 1 if len(known) else 0
    expected, median = outlook.expected.copy(), outlook.median.copy()
    low, high = outlook.low.copy(), outlook.high.copy()
    past, slots = rolling_week.before(rolling.series.days, eves=True), len(outlook.starts)
    told = past.blend(outlook.plain_share)[:, :WEEK].reshape(-1, slots)
    came = past.actual[:, :WEEK].reshape(-1, slots)
    update = learn_update(told, came, now, outlook.interval)
    if update.weights is not None:
        anew = update.rest(np.vstack([told, expected[:1]]), np.vstack([came, today]))
        weeks = (len(past.actual), -1, slots - now)
        ranges = calibrate(anew[:-1].reshape(weeks), came[:, now:].reshape(weeks), outlook.dispersion)
        expected[0, now:], median[0, now:] = anew[-1], medians(anew[-1], outlook.dispersion)
        low[0, now:], high[0, now:] = ranges.around(anew[-1])
    for grid in (expected, low, high, median):
        grid[0, :now] = np.where(np.isfinite(today[:now]), today[:now], grid[0, :now])
    return replace(outlook, expected=expected, low=low, high=high, median=median)


def _first_days(outlook: Outlook, days: int) -> Outlook:
    return replace(
        outlook, median=outlook.median[:days], expected=outlook.expected[:days], low=outlook.low[:days],
        high=outlook.high[:days], notes=outlook.notes[:days],
    )  # fmt: skip
