"""How a day comes out beside its plan, slot by slot, and what that says of its later slots.

A count, divided by the plan, is one plus: how high the day is as a whole (carried over from the days before it, and
fading), how high this part of the day is (fading within it), how the shape of the day has lately differed from the
plan's, and noise whose variance is that of counting, 1 / plan. That is a linear state-space model, and the Kalman
filter gives the means (Harvey, Forecasting, Structural Time Series Models and the Kalman Filter, 1989, chapter 3; for
call centres: Shen and Huang, M&SOM 10(3), 2008; Weinberg, Brown and Stroud, JASA 102, 2007). Since a plan of few
contacts has much noise, little is changed there. Surprises are clipped, so that one odd slot does not move a day.

The morning's first slots differ most and tell least of the rest, so where a day has an opening, its first part is let
be wider than the others.

There are many `WAYS`, which differ in how wide each part is, measured by how much whole days differ (`difference`);
all of them are reckoned at once.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np

from civicline.engine.forecast.series import DAY_MINUTES, FloatArray

WAYS: Final = np.array(
    list(product((0.2, 0.6), (0.8, 1.2, 1.8), (300.0, 700.0), (0.0, 0.4, 0.8)))
).T  # widths of the day's own height and of a part's, in units of how much days differ; minutes until a part fades
# to 1/e; what the next day keeps of the height
SHAPE_HALF_LIVES: Final = (0.0, 5.0, 10.0, 20.0)  # days; 0: the plan's shape stands
NOISE: Final = 1.0  # variance of a count over the plan's
SHAPE_WIDTH: Final = 0.03
SHAPE_BREADTH: Final = 30.0  # minutes
OPENING: Final = 9.0  # variance of the part of the day that it opens with, over that of any other
CLIP: Final = 2.0
FIRST_CLIP: Final = 3.0
FIRST_WIDTH: Final = 1.4
LEAST_DIFFERENCE: Final = 0.02
MOST_DIFFERENCE: Final = 0.4
USUAL_DIFFERENCE: Final = 0.05
USUAL_DAYS: Final = 20  # days that the usual difference is worth
MAD_TO_SIGMA: Final = 1.4826
LARGEST: Final = 4.0


def difference(told: FloatArray, came: FloatArray) -> float:
    """By how much days come out higher or lower than planned, beyond chance: a standard deviation, as a share.

    Drawn towards a usual one, the more so the fewer the days (Efron and Morris, JASA 70, 1975).

    `told`, `came`: days x slots; some count of a planned slot is known.
    """
    known = np.isfinite(came) & (told > 0)
    planned = np.where(known, told, 0).sum(axis=1)
    use = planned > 0
    off = np.where(known, came, 0).sum(axis=1)[use] / planned[use] - 1
    spread = MAD_TO_SIGMA * float(np.median(np.abs(off - np.median(off))))
    chance = NOISE / float(np.median(planned[use]))
    seen, days = max(spread**2 - chance, 0), len(off)
    variance = (days * seen + USUAL_DAYS * USUAL_DIFFERENCE**2) / (days + USUAL_DAYS)
    return float(np.clip(np.sqrt(variance), LEAST_DIFFERENCE, MOST_DIFFERENCE))


def rests(told: FloatArray, came: FloatArray, now: int, interval: int, differ: float) -> FloatArray:
    """What each way foretells for the slots from `now` on: ways x days x slots ahead.

    `told`: the plan, days x slots, oldest first. `came`: its counts, NaN unknown. Every day is foretold from its own
    first `now` counts and from the days before it. `interval`: minutes of a slot. `differ`: see `difference`.
    """
    found, ways = [], WAYS * np.array([differ, differ, 1.0, 1.0])[:, None]
    for half_life in SHAPE_HALF_LIVES:
        plan = told * (1 + _shapes(told, came, half_life, interval, differ))
        off = _off(plan, came, differ)
        height, doubt = _carried(plan, off, ways, interval)
        change = _ahead(plan, off[:, :now], height, doubt, ways, interval)
        found.append(plan[:, now:] * np.clip(1 + change, 1 / LARGEST, LARGEST))
    return np.concatenate(found)


def _off(plan: FloatArray, came: FloatArray, differ: float) -> FloatArray:
    """By how much each count differs from the plan, as a share of it and within reason; NaN unknown or unplanned."""
    known = np.isfinite(came) & (plan > 0)
    base = np.where(known, plan, 1.0)
    reach = FIRST_CLIP * np.sqrt(1 / base + (FIRST_WIDTH * differ) ** 2)
    return np.where(known, np.clip(np.where(known, came, 0) / base - 1, -reach, reach), np.nan)


def _shapes(told: FloatArray, came: FloatArray, half_life: float, interval: int, differ: float) -> FloatArray:
    """By how much the shape of each day will differ from the plan's, by the days before it: days x slots."""
    shapes = np.zeros(told.shape)
    if not half_life:
        return shapes
    minutes = np.arange(told.shape[1]) * interval
    kernel = np.exp(-0.5 * ((minutes[:, None] - minutes[None, :]) / SHAPE_BREADTH) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    off, keep = _off(told, came, differ), 0.5 ** (1 / half_life)
    seen, exposed = np.zeros(told.shape[1]), np.zeros(told.shape[1])
    for day, row in enumerate(off):
        shapes[day] = (kernel @ seen) / (kernel @ exposed + SHAPE_WIDTH**-2)
        known = np.isfinite(row)
        if known.any():
            weight = np.where(known, told[day], 0)
            mean = float((np.nan_to_num(row) * weight).sum() / weight.sum())
            seen = keep * seen + np.where(known, row - mean, 0) * weight
            exposed = keep * exposed + weight
    return shapes


def _carried(
    plan: FloatArray, off: FloatArray, ways: FloatArray, interval: int
) -> tuple[FloatArray, FloatArray]:
    """How high each day is thought to be on its eve, and the variance of that: ways x days, twice."""
    width, part, fade, keep = ways
    share = fade / (interval * plan.shape[1])
    of_mean = (
        part**2 * 2 * share * (1 - share * (1 - np.exp(-1 / share)))
    )  # variance of the parts' mean over a day
    height, doubt = np.zeros(len(width)), width**2
    heights, doubts = np.empty((len(width), len(plan))), np.empty((len(width), len(plan)))
    for day, row in enumerate(off):
        heights[:, day], doubts[:, day] = height, doubt
        known = np.isfinite(row)
        if known.any():
            weight = plan[day, known]
            total = float(weight.sum())
            variance = doubt + of_mean + NOISE / total
            reach = CLIP * np.sqrt(variance)
            surprise = np.clip(float(row[known] @ weight) / total - height, -reach, reach)
            height = (height + doubt / variance * surprise) * keep
            doubt = doubt * (1 - doubt / variance) * keep**2 + width**2 * (1 - keep**2)
    return heights, doubts


def _ahead(
    plan: FloatArray, off: FloatArray, height: FloatArray, doubt: FloatArray, ways: FloatArray, interval: int
) -> FloatArray:
    """By how much the slots after those of `off` will differ from the plan: ways x days x slots ahead."""
    part = ways[1][:, None] ** 2
    fade = np.exp(-interval / ways[2])[:, None]
    here = np.zeros_like(height)
    opening = OPENING if interval * plan.shape[1] < DAY_MINUTES else 1.0
    both, own = np.zeros_like(height), np.broadcast_to(part * opening, height.shape).copy()
    for slot in range(off.shape[1]):
        if slot:
            here, both, own = here * fade, both * fade, own * fade**2 + part * (1 - fade**2)
        known = np.isfinite(off[:, slot])
        noise = NOISE / np.where(known, plan[:, slot], 1.0)
        variance = doubt + own + 2 * both + noise
        reach = CLIP * np.sqrt(variance)
        surprise = np.clip(np.where(known, off[:, slot], 0) - height - here, -reach, reach)
        of_day, of_part = known * (doubt + both) / variance, known * (own + both) / variance
        height, here = height + of_day * surprise, here + of_part * surprise
        doubt, both, own = (
            doubt - of_day * (doubt + both), both - of_day * (own + both), own - of_part * (own + both)
        )  # fmt: skip
    lead = np.arange(1, plan.shape[1] - off.shape[1] + 1)
    return np.asarray(height[:, :, None] + here[:, :, None] * fade[:, :, None] ** lead)
