"""EWT: how long a contact will wait, as a range that holds the truth four times in five, and learns to.

The wait behind `ahead` contacts, with n people who finish at rate mu and contacts that give up at rate theta, is
the sum of exponential times with rates n mu + j theta, j = 0 to `ahead` (Whitt, "Predicting queueing delays",
Management Science 45(6), 1999). We match a gamma distribution to its mean and variance, take the 10 % and 90 %
quantiles (Wilson and Hilferty, PNAS 17, 1931), and stretch them by two factors learned from outcomes: online
quantile tracking, as in adaptive conformal inference (Gibbs and Candes, NeurIPS 34, 2021; Angelopoulos, Candes
and Tibshirani, "Conformal PID control for time series prediction", NeurIPS 36, 2023). Times are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, exp, floor, isfinite, sqrt
from statistics import NormalDist, fmean, pvariance
from typing import Final

COVERAGE: Final = 0.8
LEAST_DATA: Final = 5
Z_HIGH: Final = NormalDist().inv_cdf((1 + COVERAGE) / 2)
MOST_OVERTAKEN: Final = 0.9
LOG_LIMIT: Final = 2.5
FEWEST_STAFF: Final = 0.01
MINUTE: Final = 60.0
COARSE_FROM: Final = 30
COARSE_STEP: Final = 5


@dataclass(frozen=True, slots=True)
class LineState:
    """One queue as a contact finds it.

    `ahead`: contacts before it, those on offer included. `staff`: people who serve this queue now, as a fraction
    where they serve others too. `idle`: how many of them are free. `staff_due`: (seconds from now, change) of
    people who come (+) or go (-), soonest first. `service_seconds`: recent handling times, wrap-up included.
    `abandon_rate`: share of waiting contacts that give up per second. `overtaking_rate`: arrivals per second
    that will be put before it (higher priority, emergencies). `answer_seconds`: what a free person takes to answer.
    `silent`: people signed in whose desks do not answer; they do no work, but are the reason why nobody does.
    """

    ahead: int
    staff: float
    service_seconds: tuple[float, ...]
    idle: float = 0.0
    staff_due: tuple[tuple[float, float], ...] = ()
    abandon_rate: float = 0.0
    overtaking_rate: float = 0.0
    answer_seconds: float = 20.0
    open: bool = True
    silent: float = 0.0

    def __post_init__(self) -> None:
        """ValueError, with a sentence, for numbers that cannot be."""
        numbers = (self.ahead, self.staff, self.idle, self.silent, self.abandon_rate, self.overtaking_rate)
        times = (*self.service_seconds, self.answer_seconds, *(after for after, _ in self.staff_due))
        if any(not isfinite(number) or number < 0 for number in (*numbers, *times)):
            raise ValueError("The state of a line has a number below zero or no number. Count again.")


@dataclass(frozen=True, slots=True)
class WaitRange:
    """From `low_s` to `high_s` seconds in `coverage` of cases. `basis`: codes of what it was worked out from."""

    low_s: float
    high_s: float
    coverage: float = COVERAGE
    basis: tuple[str, ...] = ()

    def holds(self, actual_s: float) -> bool:
        """Whether this wait lies in the range."""
        return self.low_s <= actual_s <= self.high_s


@dataclass(frozen=True, slots=True)
class UnknownWait:
    """We do not know, and why: "closed", "nobody_staffed", "nobody_answers", "staff_leaves", "too_little_data"."""

    reason: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """What outcomes taught about one queue. Immutable: keep the result of `observe`.

    `low_log`, `high_log`: natural logarithms of the factors on the two ends. `step`: how fast they move. The rest
    counts the ranges told: how many held, how many waits were shorter or longer, and the sum of errors in seconds
    against the middle of the range.
    """

    low_log: float = 0.0
    high_log: float = 0.0
    step: float = 0.05
    told: int = 0
    shorter: int = 0
    longer: int = 0
    error_sum_s: float = 0.0

    def observe(self, told: WaitRange, actual_s: float) -> Calibration:
        """Learn from a range that was told (as told: rounded, if it was) and the wait that came true.

        Each end moves by `step` times (miss - rate of misses wished for), so that in the long run each end is
        missed just as often as wished, whatever the waits do.
        """
        miss = (1 - COVERAGE) / 2
        shorter, longer = actual_s < told.low_s, actual_s > told.high_s
        return replace(
            self,
            low_log=_within(self.low_log + self.step * (miss - shorter)),
            high_log=_within(self.high_log + self.step * (longer - miss)),
            told=self.told + 1,
            shorter=self.shorter + shorter,
            longer=self.longer + longer,
            error_sum_s=self.error_sum_s + abs(actual_s - (told.low_s + told.high_s) / 2),
        )

    def observe_abandoned(self, told: WaitRange, waited_s: float) -> Calibration:
        """Learn from a contact that gave up: only that its wait would have been longer than `waited_s`."""
        return self.observe(told, waited_s) if waited_s > told.high_s else self

    def stretched(self, low_s: float, high_s: float, basis: str) -> WaitRange:
        """A range worked out in another way, its ends moved by what outcomes taught."""
        low, high = sorted((low_s * exp(self.low_log), high_s * exp(self.high_log)))
        return WaitRange(low, high, basis=(basis, "calibrated") if self.told else (basis,))

    def afresh(self) -> Calibration:
        """With ends unmoved, for ranges that are worked out in a new way from now on; what was counted stays."""
        return replace(self, low_log=0.0, high_log=0.0)

    @property
    def coverage(self) -> float | None:
        """Share of the told ranges that held the truth; None before the first."""
        return 1 - (self.shorter + self.longer) / self.told if self.told else None

    @property
    def mean_error_s(self) -> float | None:
        """Mean absolute error of the middle of the range; None before the first."""
        return self.error_sum_s / self.told if self.told else None


def estimate(state: LineState, calibration: Calibration | None = None) -> WaitRange | UnknownWait:
    """The range to tell a contact that has `state.ahead` before it, or why there is none."""
    if not state.open:
        return UnknownWait("closed")
    levels = _staff_levels(state)
    reference = next((people for _, people in levels if people > 0), 0.0)
    if not reference:
        return UnknownWait("nobody_answers" if state.silent else "nobody_staffed")
    if state.idle > state.ahead:
        return WaitRange(0.0, state.answer_seconds, basis=("free_staff",))
    if len(state.service_seconds) < LEAST_DATA or not (service := fmean(state.service_seconds)):
        return UnknownWait("too_little_data")
    mean, variance = _moments(state, reference, service)
    learned = calibration or Calibration()
    low = _gamma_quantile(mean, variance, -Z_HIGH) * exp(learned.low_log)
    high = _gamma_quantile(mean, variance, Z_HIGH) * exp(learned.high_log)
    ends = [_until_worked(levels, end * reference) for end in sorted((low, high))]
    if ends[0] is None or ends[1] is None:
        return UnknownWait("staff_leaves")
    return WaitRange(ends[0], ends[1], basis=_basis(state, learned))


def _basis(state: LineState, learned: Calibration) -> tuple[str, ...]:
    told = {
        "position": True,
        "service_times": True,
        "staff_due": bool(state.staff_due),
        "abandonment": state.abandon_rate > 0,
        "overtaking": state.overtaking_rate > 0,
        "calibrated": learned.told > 0,
    }
    return tuple(code for code, used in told.items() if used)


def _moments(state: LineState, people: float, service: float) -> tuple[float, float]:
    """Mean and variance of the wait with `people` at work all along."""
    rate = people / service
    rates = [rate + waiting * state.abandon_rate for waiting in range(state.ahead + 1)]
    mean = sum(1 / r for r in rates)
    # With several people at work their finishes mingle, whatever the spread of one service: nearly Poisson.
    spread = pvariance(state.service_seconds) / service**2
    share = 1 / max(1.0, people)
    variance = sum(1 / r**2 for r in rates) * max(0.2, share * spread + (1 - share))
    # A wait during which others are put before me is a busy period (Conway, Maxwell, Miller 1967, ch. 8).
    load = min(MOST_OVERTAKEN, state.overtaking_rate / rate)
    return mean / (1 - load), variance / (1 - load) ** 2 + mean * load / rate * 2 / (1 - load) ** 3


def _gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Quantile of the gamma distribution with these moments at the normal deviate `z`."""
    shape = mean**2 / variance
    root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return mean * max(0.0, root) ** 3


def _staff_levels(state: LineState) -> list[tuple[float, float]]:
    """(from second, people), from now on."""
    levels, people = [], state.staff
    for after, change in [(0.0, 0.0), *sorted(state.staff_due)]:
        people = max(0.0, people + change)
        levels.append((after, people if people >= FEWEST_STAFF else 0.0))
    return levels


def _until_worked(levels: list[tuple[float, float]], person_seconds: float) -> float | None:
    """When so many person-seconds have been worked; None if never."""
    for (start, people), (end, _) in pairwise(levels):
        worked = people * (end - start)
        if worked >= person_seconds and people > 0:
            return start + person_seconds / people
        person_seconds -= worked
    start, people = levels[-1]
    return start + person_seconds / people if people > 0 else None


def _within(log: float) -> float:
    return max(-LOG_LIMIT, min(LOG_LIMIT, log))


@dataclass(frozen=True, slots=True)
class RoundedRange:
    """Whole minutes to tell. `form`: "under_a_minute", "up_to" (high only) or "range"."""

    low_minutes: int
    high_minutes: int
    form: str

    def as_range(self, coverage: float = COVERAGE) -> WaitRange:
        """The promise that was made, to be observed against the truth."""
        return WaitRange(self.low_minutes * MINUTE, self.high_minutes * MINUTE, coverage, ("rounded",))


def rounded(wait: WaitRange) -> RoundedRange:
    """Outwards, to 1 minute under 30 minutes and to 5 from there on. Never "0 minutes": see `form`."""
    low, high = wait.low_s / MINUTE, wait.high_s / MINUTE
    low_minutes = floor(low) if low < COARSE_FROM else floor(low / COARSE_STEP) * COARSE_STEP
    high_minutes = ceil(high) if high <= COARSE_FROM else ceil(high / COARSE_STEP) * COARSE_STEP
    high_minutes = max(high_minutes, low_minutes + 1)
    if low_minutes:
        return RoundedRange(low_minutes, high_minutes, "range")
    return RoundedRange(0, high_minutes, "under_a_minute" if high_minutes == 1 else "up_to")
