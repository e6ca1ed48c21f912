"""A new service has no history: it borrows that of a service like it, and its own first days correct the size."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from civicline.engine.forecast.outlook import Outlook
from civicline.engine.forecast.ranges import medians
from civicline.engine.forecast.series import FloatArray

TRUST_DAYS: Final = 5.0
SURE_DAYS: Final = 10.0
UNSURE: Final = 0.5


def by_analogy(model: Outlook, scale: float, days_seen: int = 0) -> Outlook:
    """The forecast of a new service: the other's, `scale` times its size.

    Its dispersion stays, so that fewer contacts come with relatively wider ranges: noise shrinks with the root of the
    size. How much the scale itself is in doubt (half of it, before any day was seen) widens the range too.
    ValueError when the scale is not above zero.
    """
    if not (0 < scale < np.inf):
        raise ValueError("The scale of a new service must be above zero.")
    expected = model.expected * scale
    doubt = UNSURE / np.sqrt(1 + days_seen / SURE_DAYS * 4)
    noise = np.sqrt(scale) if scale < 1 else scale

    def reach(side: FloatArray) -> FloatArray:
        return np.asarray(np.sqrt((side * noise) ** 2 + (doubt * expected) ** 2))

    return replace(
        model,
        expected=expected,
        median=medians(expected, model.dispersion),
        low=np.maximum(expected - reach(model.expected - model.low), 0),
        high=expected + reach(model.high - model.expected),
    )


def learned_scale(first_days: FloatArray, like: FloatArray, guess: float) -> tuple[float, int]:
    """The scale shown by the first days of a service, and how many days showed it.

    `first_days` and `like`: counts of the new service and of the other in the same slots (NaN unknown). `guess`: what
    people think it is; it is worth five days (a gamma prior for a Poisson rate; Gelman et al., 2013, section 2.6).
    """
    both = np.isfinite(first_days) & np.isfinite(like)
    days = int(both.reshape(len(both), -1).any(axis=1).sum())
    seen, exposed = float(first_days[both].sum()), float(like[both].sum())
    if not exposed:
        return guess, 0
    trust = TRUST_DAYS * exposed / days
    return (seen + trust * guess) / (exposed + trust), days
