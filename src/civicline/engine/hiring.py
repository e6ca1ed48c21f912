"""When to hire how many: hours needed each month beside hours that people bring, who leave by chance.

How many leave is uncertain twice over: the yearly rate is known only from the few who left (a Beta distribution with
Jeffreys' prior: Brown, Cai and DasGupta 2001), and given the rate each person stays or goes by themselves (binomial).
Both are drawn, many times over with the same luck, so that one more person hired never makes a month look worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NamedTuple

import numpy as np

from civicline.engine.simulation.student import quantile

Floats = np.ndarray[Any, np.dtype[np.float64]]
MONTHS: Final = 12
MOST_HIRES: Final = 2_000
"""More in one plan is a slip of the pen."""


class HiringError(ValueError):
    """A plan that cannot be; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is known of people leaving: so many of so many years of people (a team of 40 over a year is 40)."""

    leavers: float
    person_years: float

    def __post_init__(self) -> None:
        """Refuse more leavers than can be."""
        if not (0 <= self.leavers <= self.person_years and isfinite(self.person_years)):
            raise HiringError(
                "Those who left are 0 or more, and no more than the years of people they left from."
            )


@dataclass(frozen=True, slots=True)
class HiringTerms:
    """`lead`: months from the decision to the first day; `training`: months until somebody new brings hours.

    `hours`: what a new person then brings each month. `chance`: with what probability a month shall have enough.
    """

    hours: float
    lead: int = 3
    training: int = 1
    chance: float = 0.8
    replications: int = 2_000
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        if not (self.hours > 0 and isfinite(self.hours)):
            raise HiringError("Somebody new brings more than 0 hours a month.")
        if min(self.lead, self.training) < 0 or not 0 < self.chance < 1 or self.replications < 100:
            raise HiringError(
                "Months are 0 or more, the chance lies between 0 and 1, simulations are 100 or more."
            )


class Range(NamedTuple):
    """The middle, and the ends within which 8 of 10 lie."""

    low: float
    middle: float
    high: float


class Month(NamedTuple):
    """One month. Hours; `number` 0 is the first.

    `present`: without anybody new, `planned`: with the hires of this plan; `chance_present` and `chance_planned` that
    they suffice. `starts`: new people whose first day is in this month; `decide`: those to be decided on now, so that
    they start in time. `people`: how many of those here today are still there.
    """

    number: int
    need: float
    present: Range
    planned: Range
    chance_present: float
    chance_planned: float
    starts: int
    decide: int
    people: Range


class HiringPlan(NamedTuple):
    """`months` in order. `yearly`: the share who leave in a year. `late`: months that no hire can reach any more."""

    months: tuple[Month, ...]
    yearly: Range
    late: tuple[int, ...]

    @property
    def hires(self) -> int:
        """All who start."""
        return sum(month.starts for month in self.months)


def plan_hiring(
    need: Sequence[float], people: Sequence[float], leaving: Leaving, terms: HiringTerms,
    agreed: Mapping[int, int] | None = None,
) -> HiringPlan:  # fmt: skip
    """The fewest new people, as late as can be, so that each month has enough hours with the chance asked for.

    `need`: hours of each month from the next one on; `people`: the hours that each person here brings a month;
    `agreed`: how many start in which month whatever is decided now, counted with those present. Months before
    `lead + training` can be reached by nobody new. Raises HiringError for negative or endless hours.
    """
    if any(not (isfinite(hours) and hours >= 0) for hours in (*need, *people)):
        raise HiringError("Hours are 0 or more.")
    rng = np.random.default_rng([terms.seed, 1])
    yearly = _yearly(leaving, terms, rng)
    stays = _last_months(yearly, rng.random((terms.replications, len(people))))
    months = np.arange(len(need))
    there = stays[:, :, None] > months
    present = (there * np.asarray(people, dtype=np.float64)[None, :, None]).sum(axis=1)
    present = present + _agreed(agreed or {}, len(need), yearly, terms)
    planned, starts = _hired(np.asarray(need, dtype=np.float64), present, yearly, terms)
    rows = tuple(
        Month(
            number, float(hours), _range(present[:, number]), _range(planned[:, number]),
            _chance(present[:, number], hours), _chance(planned[:, number], hours), starts[number],
            starts[number + terms.lead] if number + terms.lead < len(need) else 0, _range(there.sum(axis=1)[:, number]),
        )
        for number, hours in enumerate(need)
    )  # fmt: skip
    late = tuple(
        row.number
        for row in rows
        if row.number < terms.lead + terms.training and row.chance_present < terms.chance
    )
    return HiringPlan(rows, _range(yearly), late)


def _yearly(leaving: Leaving, terms: HiringTerms, rng: np.random.Generator) -> Floats:
    """The share who leave in a year, as far as those who left tell it."""
    stayed = leaving.person_years - leaving.leavers
    return np.minimum(rng.beta(leaving.leavers + 0.5, stayed + 0.5, terms.replications), 1 - 1e-9)


def _last_months(yearly: Floats, luck: Floats) -> Floats:
    """For each replication and person: how many whole months they stay, in which each month has the same risk."""
    monthly = np.log1p(-yearly) / MONTHS
    return np.asarray(np.floor(np.log1p(-luck) / np.minimum(monthly, -1e-12)[:, None]) + 1)


def _agreed(agreed: Mapping[int, int], count: int, yearly: Floats, terms: HiringTerms) -> Floats:
    """Hours of people who start already agreed, from the month after their training on."""
    hours = np.zeros((len(yearly), count))
    months = np.arange(count)
    number = 0
    for begins, people in sorted(agreed.items()):
        for _person in range(people):
            number += 1
            luck = np.random.default_rng([terms.seed, 3, number]).random((terms.replications, 1))
            stays = begins + _last_months(yearly, luck)
            hours += np.where((months >= begins + terms.training) & (stays > months), terms.hours, 0.0)
    return hours


def _hired(need: Floats, present: Floats, yearly: Floats, terms: HiringTerms) -> tuple[Floats, list[int]]:
    """Hours with new people, and how many start in each month."""
    planned, starts, hired = present.copy(), [0] * len(need), 0
    first = terms.lead + terms.training
    for number in range(first, len(need)):
        begins = number - terms.training
        while _chance(planned[:, number], need[number]) < terms.chance:
            hired += 1
            if hired > MOST_HIRES:
                raise HiringError(
                    f"More than {MOST_HIRES:,} people would have to be hired. Look at the hours again."
                )
            luck = np.random.default_rng([terms.seed, 2, hired]).random((terms.replications, 1))
            stays = begins + _last_months(yearly, luck)
            months = np.arange(len(need))
            planned += np.where((months >= number) & (stays > months), terms.hours, 0.0)
            starts[begins] += 1
    return planned, starts


def _chance(hours: Floats, need: float) -> float:
    return float(np.mean(hours >= need - 1e-9))


def _range(values: Floats) -> Range:
    low, middle, high = np.percentile(values, (10, 50, 90)).tolist()
    return Range(low, middle, high)


class Trend(NamedTuple):
    """How much more comes in a year, as a factor, and the ends of its 95 % interval."""

    yearly: float
    low: float
    high: float


FLAT: Final = Trend(1.0, 1.0, 1.0)
LEAST_WEEKS: Final = 8


def trend(weekly: Sequence[float]) -> Trend:
    """The growth of weekly counts, oldest first: a straight line through their logarithms (least squares).

    Where the interval holds 1, nothing is known of growth, and none is assumed: then `yearly` is 1. Fewer than
    8 weeks with contacts tell nothing. No year grows by more than a half or shrinks by more than a third.
    """
    counts = np.asarray(weekly, dtype=np.float64)
    at = np.flatnonzero(counts > 0)
    if len(at) < LEAST_WEEKS:
        return FLAT
    years, logs = at / 52.18, np.log(counts[at])
    spread = years - years.mean()
    slope = float((spread * logs).sum() / (spread**2).sum())
    rest = logs - logs.mean() - slope * spread
    error = float(np.sqrt((rest**2).sum() / (len(at) - 2) / (spread**2).sum()))
    half = quantile(0.95, len(at) - 2) * error
    low, middle, high = (
        float(np.clip(np.exp(one), 2 / 3, 3 / 2)) for one in (slope - half, slope, slope + half)
    )
    return Trend(1.0 if low <= 1 <= high else middle, low, high)
