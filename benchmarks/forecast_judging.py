"""How well one series is forecast, week after week and day after day: errors, ranges, the rest of the day."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from benchmarks.forecast_peers import spread
from benchmarks.forecast_subjects import Subject
from civicline.engine.forecast import (
    Accuracy,
    Calendar,
    Outlook,
    Rolling,
    Series,
    learn_update,
    outlook_at,
    simple_forecast,
)
from civicline.engine.forecast.accuracy import OURS, SIMPLE
from civicline.engine.forecast.ranges import medians

TARGET_GAIN, TARGET_INTRADAY, HOURS = 0.06, 0.20, (10, 12, 14)


@dataclass
class Intraday:
    """Absolute errors of the rest of the days, from one hour on: by what was known."""

    week_eve: float = 0.0
    day_eve: float = 0.0
    updated: float = 0.0
    sum_known: float = 0.0

    def add(self, rest: np.ndarray, outlook: Outlook, day_eve: np.ndarray, updated: np.ndarray) -> None:
        """Add a week: what came from the hour on, the week's plan, and the later forecasts of it."""
        now = len(outlook.starts) - rest.shape[1]
        planned = np.where(np.isfinite(rest), outlook.expected[:, now:], 0).sum(axis=1, keepdims=True)
        scale = np.nansum(rest, axis=1, keepdims=True) / np.maximum(planned, 1e-12)
        self.week_eve += _error(outlook.median[:, now:], rest)
        self.day_eve += _error(day_eve, rest)
        self.updated += _error(updated, rest)
        self.sum_known += _error(medians(outlook.expected[:, now:] * scale, outlook.dispersion), rest)

    def plain(self) -> dict[str, float]:
        """The changes, as shares."""
        return {
            "change": self.updated / self.week_eve - 1, "day_eve": self.updated / self.day_eve - 1,
            "bound": self.sum_known / self.week_eve - 1,
        }  # fmt: skip


def _error(told: np.ndarray, actual: np.ndarray) -> float:
    return float(np.nansum(np.abs(told - actual)))


@dataclass
class Judged:
    """What was found of one series. `held`: days x slots, whether the range held, NaN where nothing is known."""

    accuracy: Accuracy
    intraday: dict[int, Intraday]
    held: np.ndarray
    seconds: float


def judge(
    subject: Subject, series: Series, calendar: Calendar, peers: dict[str, list[list[float]]]
) -> Judged:
    """Judge every week of a series, beside the peers' numbers for it."""
    rolling, accuracy, held = Rolling(series, calendar, 7), Accuracy(), []
    intraday = {hour: Intraday() for hour in HOURS if subject.minutes < 1440}
    origins = [series.days - 7 * (subject.weeks - week) for week in range(subject.weeks)]
    began = time.process_time()
    outlooks = [outlook_at(rolling, origin) for origin in origins]
    seconds = (time.process_time() - began) / max(len(rolling.made), 1)
    for week, (origin, outlook) in enumerate(zip(origins, outlooks, strict=True)):
        before, actual = series.until(origin), series.counts[origin : origin + 7]
        told = {name: simple_forecast(before, number, 7) for name, number in SIMPLE.items()}
        told |= {name: spread(before, weeks[week], name) for name, weeks in peers.items()}
        accuracy.judge(actual, {OURS: outlook.median, **told}, outlook)
        inside = (actual >= outlook.low) & (actual <= outlook.high)
        held.append(np.where(np.isfinite(actual), inside, np.nan))
        eves = on_the_eve(rolling, origin, outlook) if intraday else outlook.expected
        for hour, found in intraday.items():
            now = sum(start < hour * 60 for start in series.starts)
            better = update_at(rolling, origin, outlook, actual, now)
            found.add(actual[:, now:], outlook, eves[:, now:], better)
    return Judged(accuracy, intraday, np.vstack(held), seconds)


def on_the_eve(rolling: Rolling, origin: int, outlook: Outlook) -> np.ndarray:
    """Each day of a week, as forecast on its own eve."""
    days = np.array([rolling.at(origin + day).blend(outlook.plain_share)[0] for day in range(7)])
    return medians(days, outlook.dispersion)


def update_at(rolling: Rolling, origin: int, outlook: Outlook, actual: np.ndarray, now: int) -> np.ndarray:
    """The rest of each day of a week, forecast anew at slot `now`: learned on the weeks before, told by what came."""
    share, slots, past = outlook.plain_share, len(outlook.starts), rolling.before(origin, eves=True)
    told, came = past.blend(share).reshape(-1, slots), past.actual.reshape(-1, slots)
    plan = rolling.before(origin).blend(share)
    update = learn_update(told, came, now, outlook.interval, plan.reshape(-1, slots))
    if update.weights is None:
        return outlook.median[:, now:]
    anew = update.rest(np.vstack([told, rolling.on_eves(origin).blend(share)]), np.vstack([came, actual]))
    return medians(anew[-7:], outlook.dispersion)


def parts(series: Series, held: np.ndarray) -> dict[str, dict[str, float]]:
    """The share of counts within the range by part of the day and by weekday."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    found: dict[str, dict[str, float]] = {"part of day": {}, "weekday": {}}
    first = (series.days - len(held) + series.first.weekday()) % 7
    for day in range(7):
        rows = held[(day - first) % 7 :: 7]
        if np.isfinite(rows).any():
            found["weekday"][names[day]] = float(np.nanmean(rows))
    blocks = np.array(series.starts) // 240
    for block in np.unique(blocks):
        found["part of day"][f"{4 * block:02d}-{4 * block + 4:02d}"] = float(
            np.nanmean(held[:, blocks == block])
        )
    return found


def verdicts(subject: Subject, judged: Judged) -> dict[str, bool]:
    """Which targets are met."""
    accuracy, intraday = judged.accuracy, judged.intraday
    best = min(accuracy.wape(name) for name in accuracy.errors if name != OURS)
    share = TARGET_GAIN if subject.minutes < 1440 else 0.0
    found = {
        f"WAPE {'6 % below' if share else 'not above'} the best peer": accuracy.wape(OURS)
        <= best * (1 - share),
        "range holds 78-82 %": 0.78 <= accuracy.coverage <= 0.82,
    }
    if intraday:
        changes = {hour: one.plain()["change"] for hour, one in intraday.items()}
        if subject.name.startswith("bank"):
            found["afternoon 20 % better"] = changes[12] <= -TARGET_INTRADAY
        else:
            found["update never worse"] = max(changes.values()) <= 0
    return found
