"""Both plans over the same calls, with the intervals of paired replications.

All days of the log follow one another, so that a call that is still owed in the evening is made on a later day, by the
people of that day and in their paid hours. After the last day come those of the week before once more, uncounted,
so that what is owed in the end can be made, before as many callers as there would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from civicline.cli.headline.calls import Call, Days
from civicline.cli.headline.planning import agents_of, forecast, shifts
from civicline.cli.headline.replaying import Told, replayed
from civicline.cli.headline.staffed import ON_THE_LINE, Habits, days_of, hours, moved, staff_of, stretches
from civicline.engine.simulation import Agent, Callback, Estimate, Scenario, estimate
from civicline.engine.simulation.spreads import Floats

HOUR: Final = 3600.0
LINE_FIRST: Final = 28 * 24 * HOUR
"""A callback that stands so far behind its place is made when nobody waits on the line."""


def offered(accepted: float = 0.6, later_seconds: float = LINE_FIRST) -> Callback:
    """The callback of the plan: offered above 20 seconds, three attempts a quarter of an hour apart, 9 of 10 answer."""
    return Callback(20.0, accepted, 0.9, later_seconds=later_seconds, attempts=3, again_seconds=900.0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the comparison assumes; each is an option of the command.

    `unpaid_gap`: seconds between two calls of a server above which the time between was not paid. `resting`: share of
    Civicline's paid hours spent in rests. `strict`: instead, the same hours on the line as they were, without rests.
    `promise`: who is not called back by the end of so many days after their call counts as lost. `owed`: no callback is
    offered while so many are owed, as a share of the calls of a mean day.
    """

    replications: int = 10
    seed: int = 1
    unpaid_gap: float = 3600.0
    resting: float = 0.10
    strict: bool = False
    callback: Callback | None = field(default_factory=offered)
    promise: int = 2
    owed: float = 0.5


class Side(NamedTuple):
    """One side of a day: one number for each replication, but for the hours. See `replaying.Told` for the figures."""

    lost: Floats
    on_line: Floats
    until_served: Floats
    called_back: Floats
    next_day: Floats
    back_wait: Floats
    paid_hours: float
    line_hours: float


class Day(NamedTuple):
    """A day: calls, expected calls, how it was, and the two sides. `real`: share lost, mean wait in seconds.

    `work`: hours of talk that its callers bring, those who gave up included.
    """

    name: str
    calls: int
    expected: float
    real: tuple[float, float]
    before: Side
    planned: Side
    work: float

    @property
    def least(self) -> float:
        """The share lost on this day, when every planned hour on the line is talk and none is moved to another day."""
        return max(0.0, 1 - self.planned.line_hours / max(self.work, 1e-9))


def compare_days(
    days: Days, terms: Terms, *, processes: int, progress: Callable[[int, int], None]
) -> list[Day]:
    """Every day of the log, in order."""
    habits = Habits(days)
    row = [*range(len(days)), *_afterwards(len(days), terms.promise)]
    calls = [list(days.values())[at] for at in row]
    before = [staff_of(own, habits) for own in days.values()]
    planned = [_planned(days, name, habits, terms) for name in days]
    sides = (
        _scenario(calls, habits, [before[at] for at in row], "as it was", None),
        _scenario(calls, habits, [planned[at] for at in row], "planned", _callback(days, terms)),
    )
    told = _run(sides, terms, processes, progress)
    return [
        Day(
            name,
            len(days[name]),
            float(forecast(days, name).sum()),
            _as_it_was(days[name]),
            _side(told[0], at, _paid(days[name], terms), before[at]),
            _side(
                told[1], at, sum(s.paid_seconds for a in planned[at] for s in a.shifts) / HOUR, planned[at]
            ),
            sum(_talk(call, habits) for call in days[name]) / HOUR,
        )
        for at, name in enumerate(days)
    ]


def _callback(days: Days, terms: Terms) -> Callback | None:
    mean = sum(len(calls) for calls in days.values()) / len(days)
    return terms.callback and replace(terms.callback, most=round(terms.owed * mean))


def _afterwards(number: int, promise: int) -> list[int]:
    """The days that come once more after the last: those of a week before, or the first ones of a shorter log."""
    return [max(0, number - 7) + later % min(7, number) for later in range(promise)]


def _run(
    sides: tuple[Scenario, ...], terms: Terms, processes: int, progress: Callable[[int, int], None]
) -> list[list[Told]]:
    """The replications of each side, spread over processes."""
    jobs = [
        (side, terms.seed, number, terms.promise) for side in sides for number in range(terms.replications)
    ]
    found = []
    if processes == 1:
        for job in jobs:
            found.append(replayed(job))
            progress(len(found), len(jobs))
    else:
        with ProcessPoolExecutor(processes) as pool:
            for told in pool.map(replayed, jobs):
                found.append(told)
                progress(len(found), len(jobs))
    return [found[: terms.replications], found[terms.replications :]]


def _scenario(
    calls: list[list[Call]],
    habits: Habits,
    people: list[tuple[Agent, ...]],
    title: str,
    callback: Callback | None,
) -> Scenario:
    agents = tuple(agent for number, own in enumerate(people) for agent in moved(own, number))
    return days_of(calls, habits, agents, title=title, callback=callback)


def _paid(calls: list[Call], terms: Terms) -> float:
    """The hours that were paid on a day; with `strict`, those on the line."""
    return hours(stretches(calls, ON_THE_LINE if terms.strict else terms.unpaid_gap))


def _planned(days: Days, name: str, habits: Habits, terms: Terms) -> tuple[Agent, ...]:
    """Civicline's people of a day, for the hours that were paid."""
    handle, patience = _means(days, name)
    planned = shifts(
        forecast(days, name),
        _paid(days[name], terms),
        handle=handle + habits.gaps.average,
        patience=patience,
        resting=0.0 if terms.strict else terms.resting,
    )
    return agents_of(planned, frozenset(queue for queue, _, _ in habits.queues))


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


def _as_it_was(calls: list[Call]) -> tuple[float, float]:
    lost = sum(not call.answered for call in calls) / len(calls)
    return lost, sum(call.waited for call in calls) / len(calls)


def _side(told: list[Told], at: int, paid: float, people: tuple[Agent, ...]) -> Side:
    there = sum(
        shift.end - shift.start - sum(until - since for since, until in shift.breaks)
        for agent in people
        for shift in agent.shifts
    )
    figures = {name: np.array([getattr(one, name)[at] for one in told]) for name in Told._fields}
    return Side(**figures, paid_hours=paid, line_hours=there / HOUR)


def together(days: Iterable[Day], side: str, figure: str) -> Floats:
    """A figure over several days, weighted by their calls: one number for each replication."""
    chosen = list(days)
    weights = np.array([day.calls for day in chosen], dtype=np.float64)
    told = np.stack([getattr(getattr(day, side), figure) for day in chosen])
    return np.asarray((weights[:, None] * told).sum(axis=0) / weights.sum())


def shorter(days: Iterable[Day], figure: str) -> Estimate:
    """By which share a figure is less than it was, with its interval; 0 where there was nothing to lessen."""
    chosen = list(days)
    before = together(chosen, "before", figure)
    planned = together(chosen, "planned", figure)
    return estimate(
        np.where(before > 0, 1 - planned / np.maximum(before, 1e-9), np.where(planned > 0, -1.0, 0.0))
    )
