"""How a day's volume spreads over its slots: shares by weekday, robust, smoothed as much as past weeks ask for.

Counts far from what is expected are drawn in to `CLIP` standard deviations of an overdispersed Poisson count
(variance = dispersion x mean; McCullagh and Nelder, Generalized Linear Models, 1989, section 6.2), so that a storm
or a broken feed does not become a habit. Shares of a weekday are shrunk to those of all weekdays, or of the whole
weekend, in the manner of a gamma prior (Efron and Morris, JASA 70, 1975), and smoothed over neighbouring slots by a
Gaussian kernel; how much of each is chosen on the last part of the history, from the part before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from civicline.engine.forecast.series import DAY_MINUTES, WEEK, FloatArray, IntArray, Series

CLIP: Final = 1.5
HALF_LIFE_DAYS: Final = 112.0
BANDWIDTHS: Final = (0.0, 0.6, 0.9, 1.4, 2.0, 3.0)  # slots
SHAPES: Final = (0.02, 0.05, 0.15)  # how much weekdays of a group differ in shape, relative
FIRST_PRIOR_DAYS: Final = 10.0
GROUPS: Final = ((0, 1, 2, 3, 4), (5, 6))
USED_DAYS: Final = 371
CHOICE_SHARE: Final = 0.25
LEAST_CHOICE_DAYS: Final = 56
LEVEL_LIMITS: Final = (0.3, 2.0)
MAD_TO_SIGMA: Final = 1.4826
TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Profile:
    """`shares`: 7 x slots, each row sums to 1. `volumes`: each day's whole volume as shown by its slots, NaN unknown.

    `dispersion`: variance of a slot's count over its mean.
    """

    shares: FloatArray
    volumes: FloatArray
    dispersion: float


def learn(series: Series, week: IntArray) -> Profile:
    """Learn the shares of each weekday. `week`: the weekday of each day. Some count of the last year is known."""
    used = min(USED_DAYS, series.days)
    if not np.nansum(series.counts[-used:]):  # closed or silent for a year: what was before it is all we have
        used = series.days
    counts, recent = series.counts[-used:], week[-used:]
    cyclic = len(series.starts) * series.interval == DAY_MINUTES
    bandwidth, shape = _choice(counts, recent, cyclic)
    shares, dispersion = _robust(counts, recent, bandwidth, shape, cyclic)
    return Profile(shares, day_volumes(series.counts, week, shares, dispersion), dispersion)


def _choice(counts: FloatArray, week: IntArray, cyclic: bool) -> tuple[float, float]:
    """The bandwidth and shape difference that foretell the shares of the last part of the history best."""
    days = len(counts)
    cut = days - int(days * CHOICE_SHARE)
    if days < LEAST_CHOICE_DAYS or not np.nansum(counts[:cut]) or counts.shape[1] == 1:
        return 0.0, SHAPES[0]
    scores = {}
    for bandwidth, shape in product(BANDWIDTHS, SHAPES):
        shares, dispersion = _robust(counts[:cut], week[:cut], bandwidth, shape, cyclic)
        later, at = counts[cut:], week[cut:]
        expected = shares[at] * day_volumes(later, at, shares, dispersion)[:, None]
        scores[bandwidth, shape] = float(np.nansum(np.abs(later - expected)))
    return min(scores, key=lambda pair: scores[pair])


def day_volumes(counts: FloatArray, week: IntArray, shares: FloatArray, dispersion: float) -> FloatArray:
    """Each day's volume from its known slots, with counts drawn in around what the day's own level lets expect.

    `counts`: days x slots, NaN unknown; `week`: their weekdays; the others as in `Profile`. NaN where all is unknown.
    """
    known = np.isfinite(counts)
    mass = np.maximum((known * shares[week]).sum(axis=1), TINY)
    raw = np.where(known.any(axis=1), np.nansum(counts, axis=1) / mass, np.nan)
    if counts.shape[1] == 1:
        return raw
    drawn = _drawn_in(counts, shares[week] * _tempered(raw, week)[:, None], dispersion)
    return np.where(known.any(axis=1), np.nansum(drawn, axis=1) / mass, np.nan)


def _tempered(volumes: FloatArray, week: IntArray) -> FloatArray:
    """Volumes held within limits around the median of their weekday."""
    middle = np.full(WEEK, np.nan)
    for weekday in range(WEEK):
        here = volumes[week == weekday]
        here = here[np.isfinite(here)]
        if len(here):
            middle[weekday] = np.median(here)
    return np.clip(volumes, LEVEL_LIMITS[0] * middle[week], LEVEL_LIMITS[1] * middle[week])


def _drawn_in(counts: FloatArray, expected: FloatArray, dispersion: float) -> FloatArray:
    reach = CLIP * np.sqrt(dispersion * np.maximum(expected, dispersion / 2))
    return np.clip(counts, expected - reach, expected + reach)


def _robust(
    counts: FloatArray, week: IntArray, bandwidth: float, shape: float, cyclic: bool
) -> tuple[FloatArray, float]:
    """Shares and dispersion, found together with the drawn-in counts in a few rounds."""
    known = np.isfinite(counts)
    age = len(counts) - 1 - np.arange(len(counts))
    fresh = 0.5 ** (age / HALF_LIFE_DAYS)
    kernel = _kernel(counts.shape[1], bandwidth, cyclic)
    drawn, dispersion = counts, 1.0
    typical = float(np.nanmean(np.where(known.any(axis=1), np.nansum(counts, axis=1), np.nan)))
    shares = _shares(drawn, week, fresh, kernel, FIRST_PRIOR_DAYS * typical)
    for _ in range(3 if counts.shape[1] > 1 else 0):
        mass = np.maximum((known * shares[week]).sum(axis=1), TINY)
        volumes = np.where(known.any(axis=1), np.nansum(drawn, axis=1) / mass, np.nan)
        expected = shares[week] * _tempered(volumes, week)[:, None]
        dispersion = _dispersion(counts, expected)
        drawn = _drawn_in(counts, expected, dispersion)
        shares = _shares(drawn, week, fresh, kernel, dispersion * counts.shape[1] / shape**2)
    return shares, dispersion


def _dispersion(counts: FloatArray, expected: FloatArray) -> float:
    """Robust variance over mean of counts."""
    use = np.isfinite(counts) & (expected > TINY)
    if not use.any():
        return 1.0
    deviation = (counts[use] - expected[use]) / np.sqrt(expected[use])
    spread = MAD_TO_SIGMA * float(np.median(np.abs(deviation - np.median(deviation))))
    return max(spread**2, 1e-6 * float(expected[use].mean()))


def _kernel(slots: int, bandwidth: float, cyclic: bool) -> FloatArray:
    """How much of each slot goes into the smoothed share of each other: rows sum to 1."""
    if not bandwidth:
        return np.eye(slots)
    distance = np.abs(np.arange(slots)[:, None] - np.arange(slots)[None, :])
    if cyclic:
        distance = np.minimum(distance, slots - distance)
    kernel = np.exp(-0.5 * (distance / bandwidth) ** 2)
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))


def _shares(
    counts: FloatArray, week: IntArray, fresh: FloatArray, kernel: FloatArray, prior: float
) -> FloatArray:
    """Shares by weekday; `prior`: how many contacts the shares of the whole group count for."""
    known = np.isfinite(counts)
    weighted = np.where(known, counts, 0) * fresh[:, None]
    whole = known * (np.nansum(counts, axis=1) * fresh)[:, None]
    at = np.eye(WEEK)[week].T
    seen, exposed = at @ weighted @ kernel.T, at @ whole @ kernel.T
    everyone = seen.sum(axis=0) / np.maximum(exposed.sum(axis=0), TINY)
    shares = np.zeros_like(seen)
    for group in GROUPS:
        rows = list(group)
        there = exposed[rows].sum(axis=0)
        common = np.where(there > 0, seen[rows].sum(axis=0) / np.maximum(there, TINY), everyone)
        shares[rows] = (seen[rows] + prior * common) / (exposed[rows] + prior)
    sums = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums > 0, shares / np.maximum(sums, TINY), 1 / counts.shape[1]))
