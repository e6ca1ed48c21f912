"""The year's shape: how much more or less comes in each month of the year, as far as whole weeks surely tell.

The logarithms of weekly counts are taken apart into a line (growth), twelve months and chance, by least squares. What a
month differs is then shrunk by how well it is known (James and Stein 1961, as empirical Bayes: Efron and Morris 1973):
a month seen in few and noisy weeks is near 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
MONTHS: Final = 12
LEAST_WEEKS: Final = 52
"""Fewer have not seen a year."""
WEEKS_OF_GROWTH: Final = 78
"""With fewer a rise over the weeks cannot be told from the season: no growth is taken out."""
ALIKE: Final = 2.0
"""Neighbouring weeks are alike, so that so many count as one."""
FAR: Final = 4.0
"""A week so many spreads (median absolute deviations) away is left out: a storm, or a broken count."""
BOUNDS: Final = (0.4, 2.5)


@dataclass(frozen=True, slots=True)
class Seasons:
    """`factors`: of January to December, 1 on average; all 1 where `weeks` of history tell nothing."""

    factors: tuple[float, ...] = (1.0,) * MONTHS
    weeks: int = 0

    @property
    def known(self) -> bool:
        """Whether any month is told apart."""
        return any(factor != 1 for factor in self.factors)

    def of(self, month: date) -> float:
        """The factor of the month of a day."""
        return self.factors[month.month - 1]


EVEN: Final = Seasons()


def seasons(weekly: Sequence[tuple[date, float]]) -> Seasons:
    """The seasons of weekly counts: (a day in the middle of the week, contacts), in order.

    All months are 1 with fewer than 52 weeks with contacts, or where a month was not seen twice.
    """
    rows = [(day, count) for day, count in weekly if count > 0]
    months = np.array([day.month - 1 for day, _count in rows], dtype=np.int64)
    seen = np.bincount(months, minlength=MONTHS)
    if len(rows) < LEAST_WEEKS or seen.min() < 2:
        return Seasons(weeks=len(rows))
    logs = np.log([count for _day, count in rows])
    years = np.array([(day - rows[0][0]).days / 365.25 for day, _count in rows])
    effects, rest, used = _taken_apart(logs, months, years)
    seen = np.bincount(months[used], minlength=MONTHS).clip(1)
    free = max(1, int(used.sum()) - MONTHS - 1)
    unsure = float((rest[used] ** 2).sum() / free) * ALIKE / seen
    spread = max(0.0, float(effects.var(ddof=1) - unsure.mean()))
    if spread == 0:
        return Seasons(weeks=len(rows))
    factors = np.exp(effects * spread / (spread + unsure)).clip(*BOUNDS)
    factors /= factors.mean()
    return Seasons(tuple(round(float(one), 4) for one in factors), len(rows))


def _taken_apart(
    logs: Floats, months: np.ndarray[Any, np.dtype[np.int64]], years: Floats
) -> tuple[Floats, Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """What each month differs from the mean of all, what is left of each week, and which weeks were used."""
    design = np.zeros((len(logs), MONTHS + 1))
    design[np.arange(len(logs)), months] = 1.0
    if len(logs) >= WEEKS_OF_GROWTH:
        design[:, MONTHS] = years - years.mean()
    middles = np.array([np.median(logs[months == month]) for month in range(MONTHS)])
    rest = logs - middles[months]
    used = _near(rest)
    effects = np.zeros(MONTHS)
    for _round in range(2):
        found = np.linalg.lstsq(design[used], logs[used], rcond=None)[0]
        rest = logs - design @ found
        effects = found[:MONTHS] - found[:MONTHS].mean()
        near = _near(rest)
        if (np.bincount(months[near], minlength=MONTHS) == 0).any():
            break
        used = near
    return effects, rest, used


def _near(rest: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(np.abs(rest) <= FAR * float(np.median(np.abs(rest))) + 1e-9)


def told(percent: Mapping[int, float], known: Seasons = EVEN) -> Seasons:
    """Seasons as people say them: {month 1 to 12: per cent of a mean month}; other months are as `known`.

    ValueError for a month that there is not, or a share that is not above nought.
    """
    if any(month not in range(1, MONTHS + 1) for month in percent):
        raise ValueError("Months are 1 to 12.")
    if any(not 0 < share <= 1000 for share in percent.values()):
        raise ValueError("Shares are above 0 per cent, and 1000 at most.")
    factors = [percent[at + 1] / 100 if at + 1 in percent else one for at, one in enumerate(known.factors)]
    return Seasons(tuple(factors), known.weeks)
