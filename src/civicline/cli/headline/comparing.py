"""Both plans over the same calls, day by day, with the intervals of paired replications."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from civicline.cli.headline.calls import Call, Days
from civicline.cli.headline.planning import agents_of, forecast, shifts
from civicline.cli.headline.staffed import ON_THE_LINE, Habits, day_of, hours, staff_of, stretches
from civicline.engine.simulation import Agent, Callback, Estimate, Results, Scenario, estimate, simulate
from civicline.engine.simulation.spreads import Floats

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What the comparison assumes; each is an option of the command.

    `unpaid_gap`: seconds between two calls of a server above which the time between was not paid. `resting`: share of
    Civicline's paid hours spent in rests. `strict`: instead, the same hours on the line as they were, without rests.
    """

    replications: int = 10
    seed: int = 1
    unpaid_gap: float = 3600.0
    resting: float = 0.10
    strict: bool = False
    callback: Callback | None = Callback(  # noqa: RUF009 -- frozen
        30.0, 0.6, 0.9, later_seconds=7200.0, attempts=2, again_seconds=1800.0
    )


class Side(NamedTuple):
    """One side of a day: one number for each replication. `lost`: gave up, or could not be called back.

    `on_line`: seconds spent waiting on the telephone; `until_served`: until an agent spoke, or the caller was lost.
    """

    lost: Floats
    on_line: Floats
    until_served: Floats
    called_back: Floats
    paid_hours: float
    line_hours: float


class Day(NamedTuple):
    """A day: calls, expected calls, how it was, and the two sides. `real`: share lost, mean wait in seconds.

    `least`: the share that is lost even when every planned hour on the line is talk: the calls bring more.
    """

    name: str
    calls: int
    expected: float
    real: tuple[float, float]
    before: Side
    planned: Side
    least: float


def compare_days(
    days: Days, terms: Terms, *, processes: int, progress: Callable[[int, int], None]
) -> list[Day]:
    """Every day of the log, in order."""
    habits = Habits(days)
    jobs = [_job(days, name, habits, terms) for name in days]
    found = []
    if processes == 1:
        for job in jobs:
            found.append(_day(job))
            progress(len(found), len(jobs))
        return found
    with ProcessPoolExecutor(processes) as pool:
        for day in pool.map(_day, jobs):
            found.append(day)
            progress(len(found), len(jobs))
    return found


class _Job(NamedTuple):
    name: str
    calls: list[Call]
    expected: float
    before: Scenario
    planned: Scenario
    paid_before: float
    work: float
    terms: Terms


def _job(days: Days, name: str, habits: Habits, terms: Terms) -> _Job:
    calls = days[name]
    on_line = hours(stretches(calls, ON_THE_LINE))
    paid = on_line if terms.strict else hours(stretches(calls, terms.unpaid_gap))
    expected = forecast(days, name)
    handle, patience = _means(days, name)
    planned = shifts(
        expected,
        paid,
        handle=handle + habits.gaps.average,
        patience=patience,
        resting=0.0 if terms.strict else terms.resting,
    )
    every = frozenset(queue for queue, _, _ in habits.queues)
    people: tuple[Agent, ...] = agents_of(planned, every)
    return _Job(
        name,
        calls,
        float(expected.sum()),
        day_of(calls, habits, staff_of(calls, habits), title=f"{name} as it was"),
        day_of(calls, habits, people, title=f"{name} planned", callback=terms.callback),
        paid,
        sum(_talk(call, habits) for call in calls) / HOUR,
        terms,
    )


def _talk(call: Call, habits: Habits) -> float:
    """How long a call is talked: as in the log, or what such calls take where the log has none."""
    return call.talked if call.answered and call.talked > 0 else habits.talk[call.queue].average


def _means(days: Days, name: str) -> tuple[float, float]:
    """Mean talk, and mean patience (waits in all by calls given up, as for exponential patience), of earlier days."""
    source = [day for day in days if day < name] or [day for day in days if day != name]
    calls = [call for day in source for call in days[day]]
    talks = [call.talked for call in calls if call.answered and call.talked > 0]
    gave_up = sum(not call.answered for call in calls)
    return float(np.mean(talks or [1.0])), sum(call.waited for call in calls) / max(gave_up, 1)


def _day(job: _Job) -> Day:
    terms = job.terms
    before = simulate(job.before, terms.replications, terms.seed)
    planned = simulate(job.planned, terms.replications, terms.seed)
    number = len(job.calls)
    lost = sum(not call.answered for call in job.calls) / number
    sides = _side(before, job.paid_before), _side(planned, planned.paid_hours)
    return Day(
        job.name,
        number,
        job.expected,
        (lost, sum(call.waited for call in job.calls) / number),
        *sides,
        max(0.0, 1 - sides[1].line_hours / max(job.work, 1e-9)),
    )


def _side(results: Results, paid: float) -> Side:
    told = results.per_replication()
    offered = np.maximum(told["offered"], 1.0)
    return Side(
        (told["abandoned"] + told["unreached"]) / offered,
        told["mean_hold"],
        told["mean_wait"],
        told["called_back"],
        paid,
        float(told["staffed_hours"].mean()),
    )


def together(days: Iterable[Day], side: str, figure: str) -> Floats:
    """A figure over several days, weighted by their calls: one number for each replication."""
    chosen = list(days)
    weights = np.array([day.calls for day in chosen], dtype=np.float64)
    told = np.stack([getattr(getattr(day, side), figure) for day in chosen])
    return np.asarray((weights[:, None] * told).sum(axis=0) / weights.sum())


def shorter(days: Iterable[Day], figure: str) -> Estimate:
    """By which share a figure is less than it was, with its interval."""
    chosen = list(days)
    before = together(chosen, "before", figure)
    return estimate(1 - together(chosen, "planned", figure) / np.maximum(before, 1e-9))
