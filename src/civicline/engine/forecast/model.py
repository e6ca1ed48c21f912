"""The forecast of a series: level, effects of the calendar, and the profile of the day, put together.

Where a day brings fewer than `FEW` contacts, logarithms mislead and effects cannot be told from chance: the plain
mean of each weekday, drawn towards that of all days, is taken instead.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from civicline.engine.forecast import effects, level, profile
from civicline.engine.forecast.calendar import BoolArray, Calendar, design
from civicline.engine.forecast.level import Level
from civicline.engine.forecast.problems import TooShort
from civicline.engine.forecast.profile import Profile
from civicline.engine.forecast.series import WEEK, FloatArray, IntArray, Series, weekdays

USED_DAYS: Final = 1500
FEW: Final = 10.0
LEAST_DAYS: Final = 14
PLAIN_DAYS: Final = 84
CLOSED_DAYS: Final = 56
PLAIN_PRIOR_WEEKS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Learned:
    """What a forecast was made of. `seasonal`: log effects of its days. `floor`: no day counts for less."""

    spread: Profile
    seasonal: FloatArray
    height: Level
    floor: float

    def on_eves(self, came: FloatArray, week: IntArray) -> FloatArray:
        """The volume of each of the first days, as told on its eve. `came`: their counts; `week`: their weekdays."""
        told, height = np.empty(len(came)), deepcopy(self.height)
        volumes = profile.day_volumes(came, week, self.spread.shares, self.spread.dispersion)
        with np.errstate(invalid="ignore"):
            log_volume = np.log(np.maximum(volumes, self.floor))
        for day, seasonal in enumerate(self.seasonal[: len(came)]):
            told[day] = np.exp(seasonal + height.ahead(1)[0])
            height.see(float(log_volume[day] - seasonal))
        return told


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected from `first` on, days x slots, means.

    `full`: with everything that was learned. `plain`: medians of the weekday, except on days that are special.
    `dispersion`: variance over mean of a slot's count. `learned`: None where contacts are too few to learn from.
    """

    first: date
    full: FloatArray
    plain: FloatArray
    dispersion: float
    learned: Learned | None = None

    def blend(self, plain_share: float) -> FloatArray:
        """The two together, `plain_share` (0 to 1) of the plain one."""
        return self.full + plain_share * (self.plain - self.full)

    def followed(self, came: FloatArray) -> Expected:
        """The same, but each of the first days as told on its own eve: its level moved by what came before it.

        `came`: the counts of the first days, at most a week of them, x slots, NaN unknown. A day is moved by the days
        before it only, never by its own counts.
        """
        if self.learned is None:
            return self
        full, days = self.full.copy(), min(len(came), len(self.full))
        week = (self.first.weekday() + np.arange(days)) % WEEK
        told = self.learned.on_eves(came[:days], week)[:, None] * self.learned.spread.shares[week]
        full[:days] = np.where(full[:days].any(axis=1, keepdims=True), told, 0.0)  # closed days stay closed
        return replace(self, full=full)


def expect(series: Series, calendar: Calendar, horizon: int) -> Expected:
    """The expected counts of the `horizon` days after the series. Raises TooShort (under 14 days with counts).

    Zero on weekdays without counts in the last eight weeks, and on holidays that had none whenever they came before.
    Any other holiday is forecast as if open: opening hours are the caller's to know.
    """
    used = series.last(USED_DAYS).without(calendar.outliers)
    seen = np.asarray(np.isfinite(used.counts).any(axis=1))
    if seen.sum() < LEAST_DAYS:
        raise TooShort("too_short", days=int(seen.sum()), least=LEAST_DAYS)
    days = used.dates(horizon)
    week = weekdays(days)
    slots = len(series.starts)
    if not np.nansum(used.counts):
        nothing = np.zeros((horizon, slots))
        return Expected(series.end, nothing, nothing, 1.0)
    spread = profile.learn(used, week[: used.days])
    shares = spread.shares[week[used.days :]]
    volumes = spread.volumes
    if np.nanmedian(volumes) < FEW:
        open_days = ~_closed(days, week, seen, calendar)
        mean = (_means(volumes, week) * open_days)[:, None] * shares
        return Expected(series.end, mean, mean, spread.dispersion)
    learned = _learned(spread, days, week, calendar)
    full = np.exp(learned.seasonal + learned.height.ahead(horizon))
    full = np.where(_closed(days, week, seen, calendar), 0.0, full)
    ordinary = np.array([not calendar.note(day) for day in days[used.days :]])
    plain = np.where(ordinary & (full > 0), _medians(volumes, week, full), full)
    return Expected(series.end, full[:, None] * shares, plain[:, None] * shares, spread.dispersion, learned)


def _learned(spread: Profile, days: list[date], week: IntArray, calendar: Calendar) -> Learned:
    volumes = spread.volumes
    known = np.isfinite(volumes)
    floor = float(np.nanmedian(volumes)) / 1000  # a day of zeros is a day of very few
    with np.errstate(invalid="ignore"):
        log_volume = np.log(np.maximum(volumes, floor))
    effect = effects.learn(design(days, known, calendar), log_volume)
    height = level.learn(effect.rest, week[: len(volumes)], effect.sigma)
    return Learned(spread, effect.seasonal[len(volumes) :], height, floor)


def _closed(days: list[date], week: IntArray, seen: BoolArray, calendar: Calendar) -> BoolArray:
    """Which of the days after the first len(seen) find the service closed, by what it did before."""
    known = len(seen)
    recent = slice(max(known - CLOSED_DAYS, 0), known)
    weekday_open = np.array([seen[recent][week[recent] == k].any() for k in range(WEEK)])
    ran = {True: set[str](), False: set[str]()}
    for day, weekday, there in zip(days[:known], week[:known], seen, strict=True):
        if day in calendar.holidays and weekday_open[weekday]:
            ran[bool(there)].add(calendar.holidays[day])
    shut = ran[False] - ran[True]
    return np.array(
        [
            not weekday_open[weekday] or calendar.holidays.get(day, "") in shut
            for day, weekday in zip(days[known:], week[known:], strict=True)
        ]
    )


def _medians(volumes: FloatArray, week: IntArray, otherwise: FloatArray) -> FloatArray:
    """Medians of the weekday over the last 12 weeks; `otherwise` where it had no counts in them."""
    recent, at = volumes[-PLAIN_DAYS:], week[: len(volumes)][-PLAIN_DAYS:]
    told = otherwise.copy()
    for weekday in range(WEEK):
        here = recent[np.isfinite(recent) & (at == weekday)]
        if len(here):
            told[week[len(volumes) :] == weekday] = np.median(here)
    return told


def _means(volumes: FloatArray, week: IntArray) -> FloatArray:
    recent, at = volumes[-PLAIN_DAYS:], week[: len(volumes)][-PLAIN_DAYS:]
    known = np.isfinite(recent)
    everyday = float(recent[known].mean()) if known.any() else float(np.nanmean(volumes))
    means = np.zeros(WEEK)
    for weekday in range(WEEK):
        here = recent[known & (at == weekday)]
        means[weekday] = (here.sum() + PLAIN_PRIOR_WEEKS * everyday) / (len(here) + PLAIN_PRIOR_WEEKS)
    return means[week[len(volumes) :]]
