"""The forecast people see: the median, the mean and a range for every slot to come, with notes on its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from civicline.engine.forecast.calendar import Calendar
from civicline.engine.forecast.ranges import COVERAGE, Ranges, calibrate, medians
from civicline.engine.forecast.rolling import MOST_LEADS, Past, Rolling
from civicline.engine.forecast.series import WEEK, FloatArray, Series


@dataclass(frozen=True, slots=True)
class Outlook:
    """Days x slots from `first` on, in contacts.

    `median`: the whole number as often exceeded as not. `expected`: the mean, what staffing wants. `low`, `high`:
    the range that holds `coverage` of the counts. `notes`: the holiday or events of each day. `plain_share`: how
    much of it is the weekday's median. `dispersion`: variance of a slot's count over its mean.
    """

    first: date
    interval: int
    starts: tuple[int, ...]
    median: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    notes: tuple[str, ...]
    plain_share: float
    dispersion: float
    coverage: float = COVERAGE


def forecast(series: Series, calendar: Calendar | None = None, horizon: int = WEEK) -> Outlook:
    """Forecast the `horizon` days after the series. Raises TooShort, or ValueError for a horizon under a day."""
    if horizon < 1:
        raise ValueError("The horizon must be one day or more.")
    calendar = calendar or Calendar()
    return outlook_at(Rolling(series, calendar, horizon), series.days)


def outlook_at(rolling: Rolling, origin: int) -> Outlook:
    """The forecast as it would have been made after the first `origin` days of a rolling series."""
    made, past = rolling.at(origin), rolling.before(origin)
    share = past.plain_share()
    expected = made.blend(share)
    low, high = np.zeros_like(expected), np.zeros_like(expected)
    ranges: Ranges | None = None
    for begin in range(0, rolling.horizon, WEEK):
        if ranges is None or begin < WEEK * MOST_LEADS:
            ranges = _of_week(past, share, begin, made.dispersion, ranges)
        rows = slice(begin, begin + WEEK)
        low[rows], high[rows] = ranges.around(expected[rows])
    days = [made.first + timedelta(days=number) for number in range(rolling.horizon)]
    return Outlook(
        made.first, rolling.series.interval, rolling.series.starts, medians(expected, made.dispersion), expected,
        low, high, tuple(rolling.calendar.note(day) for day in days), share, made.dispersion,
    )  # fmt: skip


def _of_week(past: Past, share: float, begin: int, dispersion: float, nearer: Ranges | None) -> Ranges:
    """The ranges of one week ahead; those of the nearer week where too few such forecasts were judged yet."""
    rows = slice(begin, begin + WEEK)
    actual = past.actual[:, rows]
    judged = int(np.isfinite(actual).any(axis=(1, 2)).sum())
    if nearer is not None and judged < 4:
        return nearer
    return calibrate(past.blend(share)[:, rows], actual, dispersion)
