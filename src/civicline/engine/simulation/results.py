"""What a simulation answers: figures with the interval in which their true value lies, nineteen times in twenty."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any, Final, NamedTuple

import numpy as np

from civicline.engine.simulation.spreads import Floats, SimulationError
from civicline.engine.simulation.student import quantile
from civicline.engine.simulation.tally import COUNTED, PERCENTILES, Replication, groups_of, languages_of
from civicline.engine.simulation.values import DAY, Scenario

CONFIDENCE: Final = 0.95


class Estimate(NamedTuple):
    """A mean over the replications, and the ends of its interval (equal to it after one replication)."""

    mean: float
    low: float
    high: float


Figures = Mapping[str, Estimate]

SHARES: Final[Mapping[str, Callable[[Mapping[str, Floats]], tuple[Floats, Floats]]]] = {
    "service_level": lambda s: (s["within"], s["offered"]),
    "service_level_of_patient": lambda s: (s["within"], s["offered"] - s["gave_up_within"]),
    "abandonment": lambda s: (s["abandoned"], s["offered"]),
    "abandonment_but_short": lambda s: (
        s["abandoned"] - s["short_abandoned"],
        s["offered"] - s["short_abandoned"],
    ),
    "mean_wait": lambda s: (s["wait_seconds"], s["offered"]),
    "mean_hold": lambda s: (s["hold_seconds"], s["offered"]),
    "asa": lambda s: (s["answered_wait_seconds"], s["answered"]),
    "mean_handle": lambda s: (s["handle_seconds"], s["answered"] + s["unreached"]),
}
"""Ratios of sums; 0 where there was nobody to count."""


def estimate(values: Sequence[float] | Floats) -> Estimate:
    """Mean of independent replications with Student's interval (Law, "Simulation modeling and analysis", 4.5)."""
    told = np.asarray(values, dtype=np.float64)
    mean = float(told.mean())
    if len(told) < 2:
        return Estimate(mean, mean, mean)
    half = quantile(CONFIDENCE, len(told) - 1) * float(told.std(ddof=1)) / sqrt(len(told))
    return Estimate(mean, mean - half, mean + half)


@dataclass(frozen=True)
class Results:
    """A scenario and its replications.

    All figures are means over replications: `total`, `queue(name)`, `day(number)`, `by_interval(name)`.
    Counts are contacts, waits are seconds, shares lie between 0 and 1.
    """

    scenario: Scenario
    seed: int
    replications: tuple[Replication, ...]

    @property
    def total(self) -> Figures:
        """All queues and days together, with occupancy, cost and fairness."""
        return {name: estimate(values) for name, values in self.per_replication().items()}

    def per_replication(self, queue_ids: Collection[str] | None = None) -> dict[str, Floats]:
        """The figures of `total`, one number for each replication: what comparisons are made of.

        `queue_ids`: contacts of these queues only; without percentiles of waits, gaps, and cost of an answer.
        """
        if queue_ids is not None:
            return self._figures(self._sums_of(queue_ids)) | self._paid()
        figures = self._figures(self._sums(None))
        figures |= self._waits(len(self.scenario.queues)) | self._paid()
        handled = figures["answered"] + figures["self_served"]
        figures["cost_per_answer"] = figures["cost"] / np.maximum(handled, 1.0)
        figures["queue_gap"] = self._gap([self._sums(at) for at in range(len(self.scenario.queues))])
        figures["language_gap"] = self._language_gap()
        return figures

    def _paid(self) -> dict[str, Floats]:
        """What people were there for, in all."""
        figures: dict[str, Floats] = {}
        staffed, busy, late = (hours.sum(axis=1) for hours in self._hours())
        figures["occupancy"] = _occupancy(staffed, busy, late)
        figures |= {"staffed_hours": staffed, "busy_hours": busy, "late_hours": late}
        number = len(self.replications)
        figures["paid_hours"] = np.full(number, self.paid_hours)
        figures["cost"] = np.full(number, self.cost)
        return figures

    def queue(self, queue_id: str) -> Figures:
        """One queue over all days."""
        at = self._at(queue_id)
        figures = self._figures(self._sums(at)) | self._waits(at)
        return {name: estimate(values) for name, values in figures.items()}

    def of_queues(self, queue_ids: Collection[str]) -> Figures:
        """Several queues together over all days, as `per_replication` tells them; hours and cost are those of all."""
        return {name: estimate(values) for name, values in self.per_replication(queue_ids).items()}

    def _sums_of(self, queue_ids: Collection[str]) -> dict[str, Floats]:
        wanted = [self._sums(self._at(queue_id)) for queue_id in queue_ids]
        return {name: np.sum([one[name] for one in wanted], axis=0) for name in COUNTED}

    def day(self, number: int, queue_id: str | None = None) -> Figures:
        """One day, 0 is the first; of all queues or one."""
        per_day = round(DAY / self.scenario.interval_seconds)
        cut = slice(number * per_day, (number + 1) * per_day)
        sums = self._sums(None if queue_id is None else self._at(queue_id), cut)
        return {name: estimate(values) for name, values in self._figures(sums).items()}

    def by_interval(
        self, queue_id: str | None = None, *, among: Collection[str] = ()
    ) -> dict[str, list[float]]:
        """Means for each interval of arrival: every count, and the shares and waits. `among`: of several queues."""
        stacked = np.stack([r.counts for r in self.replications])
        if among:
            stacked = stacked[:, [self._at(one) for one in among]]
        chosen = stacked.sum(axis=1) if queue_id is None else stacked[:, self._at(queue_id)]
        means = chosen.mean(axis=0)
        sums = {name: means[:, at] for at, name in enumerate(COUNTED)}
        return {name: [round(float(v), 6) for v in values] for name, values in self._figures(sums).items()}

    def groups(self) -> dict[str, dict[str, Estimate]]:
        """Hours staffed, busy and late, and occupancy, by group of agents."""
        staffed, busy, late = self._hours()
        return {
            name: {
                "staffed_hours": estimate(staffed[:, at]),
                "busy_hours": estimate(busy[:, at]),
                "late_hours": estimate(late[:, at]),
                "occupancy": estimate(_occupancy(staffed[:, at], busy[:, at], late[:, at])),
            }
            for at, name in enumerate(groups_of(self.scenario))
        }

    def languages(self) -> dict[str, dict[str, Estimate]]:
        """Contacts offered and their mean wait, by the language asked for ("" is any)."""
        told = np.stack([r.languages for r in self.replications])
        return {
            name: {
                "offered": estimate(told[:, at, 0]),
                "mean_wait": estimate(told[:, at, 1] / np.maximum(told[:, at, 0], 1.0)),
            }
            for at, name in enumerate(languages_of(self.scenario))
        }

    @property
    def paid_hours(self) -> float:
        """Hours paid, by the shifts as planned: whoever is absent is paid too."""
        return sum(shift.paid_seconds for agent in self.scenario.agents for shift in agent.shifts) / 3600

    @property
    def cost(self) -> float:
        """Paid hours times what each agent costs an hour."""
        return sum(
            shift.paid_seconds / 3600 * agent.hourly_cost
            for agent in self.scenario.agents
            for shift in agent.shifts
        )

    def plain(self) -> dict[str, Any]:
        """Everything as plain data, JSON-ready."""
        ids = [queue.queue_id for queue in self.scenario.queues]
        return {
            "title": self.scenario.title,
            "seed": self.seed,
            "replications": len(self.replications),
            "confidence": CONFIDENCE,
            "total": _told(self.total),
            "queues": {name: _told(self.queue(name)) for name in ids},
            "days": [_told(self.day(number)) for number in range(self.scenario.days)],
            "groups": {name: _told(figures) for name, figures in self.groups().items()},
            "languages": {name or "any": _told(figures) for name, figures in self.languages().items()},
            "interval_seconds": self.scenario.interval_seconds,
            "intervals": {name: self.by_interval(name) for name in ids} | {"": self.by_interval()},
        }

    # --- within -------------------------------------------------------------------------------------------

    def _at(self, queue_id: str) -> int:
        for at, queue in enumerate(self.scenario.queues):
            if queue.queue_id == queue_id:
                return at
        raise SimulationError(f"There is no queue {queue_id} in this scenario.")

    def _sums(self, queue: int | None, cut: slice = slice(None)) -> dict[str, Floats]:
        """For each of COUNTED: one sum for each replication."""
        rows = [
            (r.counts if queue is None else r.counts[queue : queue + 1])[:, cut] for r in self.replications
        ]
        sums = np.stack([row.sum(axis=(0, 1)) for row in rows])
        return {name: sums[:, at] for at, name in enumerate(COUNTED)}

    @staticmethod
    def _figures(sums: Mapping[str, Floats]) -> dict[str, Floats]:
        """Counts as they are, seconds as shares and means."""
        figures = {name: values for name, values in sums.items() if not name.endswith("_seconds")}
        for name, parts in SHARES.items():
            above, below = parts(sums)
            figures[name] = np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
        return figures

    def _waits(self, row: int) -> dict[str, Floats]:
        found = {
            f"wait_p{share}": np.array([r.percentiles[row, at] for r in self.replications])
            for at, share in enumerate(PERCENTILES)
        }
        return found | {"longest_wait": np.array([r.longest[row] for r in self.replications])}

    def _hours(self) -> tuple[Floats, Floats, Floats]:
        return (
            np.stack([r.staffed for r in self.replications]),
            np.stack([r.busy for r in self.replications]),
            np.stack([r.late for r in self.replications]),
        )

    @staticmethod
    def _gap(sums: Sequence[Mapping[str, Floats]]) -> Floats:
        """Longest less shortest mean wait among those with contacts: how unequal waits are, in seconds."""
        waits = np.stack([s["wait_seconds"] / np.where(s["offered"] > 0, s["offered"], nan) for s in sums])
        low = np.where(np.isnan(waits), inf, waits).min(axis=0)
        high = np.where(np.isnan(waits), -inf, waits).max(axis=0)
        return np.where(high >= low, high - low, 0.0)

    def _language_gap(self) -> Floats:
        told = np.stack([r.languages for r in self.replications])
        return self._gap(
            [{"wait_seconds": told[:, at, 1], "offered": told[:, at, 0]} for at in range(told.shape[1])]
        )


def compare(base: Results, other: Results, queue_ids: Collection[str] | None = None) -> Figures:
    """What `other` has more than `base`: the mean of the differences of equal replications, with its interval.

    `queue_ids`: of the contacts of these queues only, as in `per_replication`.

    Raises SimulationError unless both have the same seed and number of replications: only then are the
    contacts of both the same, and the intervals those of paired differences.
    """
    if (base.seed, len(base.replications)) != (other.seed, len(other.replications)):
        raise SimulationError("Compare results of the same seed and the same number of replications.")
    mine, theirs = base.per_replication(queue_ids), other.per_replication(queue_ids)
    return {name: estimate(theirs[name] - values) for name, values in mine.items()}


def _occupancy(staffed: Floats, busy: Floats, late: Floats) -> Floats:
    """Busy over busy and available. Work finished late is busy, and no time in which they were available."""
    return np.asarray(busy / np.maximum(staffed + late, 1e-9), dtype=np.float64)


def _told(figures: Figures) -> dict[str, list[float]]:
    return {name: [round(float(number), 6) for number in told] for name, told in figures.items()}
