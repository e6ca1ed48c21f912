"""Made histories for the tests: weeks with a shape, and noise that is the same every time."""

from datetime import date

import numpy as np

from civicline.engine.forecast import Series

MONDAY = date(2024, 1, 1)
WEEK_SHAPE = np.array([1.3, 1.1, 1.0, 0.95, 1.05, 0.5, 0.4])


def daily(days: int = 140, level: float = 1000.0, noise: float = 0.03, seed: int = 1) -> Series:
    """A daily series from a Monday on."""
    rng = np.random.default_rng(seed)
    volumes = level * WEEK_SHAPE[np.arange(days) % 7] * np.exp(rng.normal(0, noise, days))
    return Series(MONDAY, 1440, (0,), volumes[:, None])


def hourly(
    days: int = 84, level: float = 600.0, seed: int = 2, slots: int = 12, days_differ: float = 0.0
) -> Series:
    """Poisson counts of slots of an hour from 08:00, busiest before noon. `days_differ`: whole days do, in logs."""
    rng = np.random.default_rng(seed)
    shape = np.exp(-(((np.arange(slots) - 3) / 4) ** 2))
    mean = level * WEEK_SHAPE[np.arange(days) % 7][:, None] * shape / shape.sum()
    if days_differ:
        mean = mean * np.exp(rng.normal(0, days_differ, (days, 1)))
    return Series(MONDAY, 60, tuple(480 + 60 * n for n in range(slots)), rng.poisson(mean).astype(float))
