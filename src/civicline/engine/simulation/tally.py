"""Counting one replication: by queue and interval, by language, by group of agents."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from civicline.engine.simulation.crowd import Crowd
from civicline.engine.simulation.outcomes import Fates, Outcome
from civicline.engine.simulation.spreads import Floats
from civicline.engine.simulation.values import DAY, Scenario, Stretch

COUNTED: Final = (
    "offered",
    "answered",
    "abandoned",
    "short_abandoned",
    "within",
    "gave_up_within",
    "wait_seconds",
    "answered_wait_seconds",
    "hold_seconds",
    "handle_seconds",
    "called_back",
    "unreached",
    "closed",
    "self_served",
    "diverted",
)
"""What is added up for each queue and interval (of arrival). See docs/subsystems/simulator.md."""

PERCENTILES: Final = (50, 80, 90, 95)


class Replication(NamedTuple):
    """One replication, counted. Plain arrays, so that it can be sent between processes.

    `counts`: queues x intervals x COUNTED. `percentiles`: of the wait of all offered, queues + 1 (all) x
    PERCENTILES, seconds. `longest` likewise. `languages`: for each language of the scenario offered and seconds
    of wait. `staffed`, `busy`: hours by group of agents; `late`: those of `busy` that were not
    `staffed`, after the end of a shift or in a break. `contacts`: how many came.
    """

    counts: Floats
    percentiles: Floats
    longest: Floats
    languages: Floats
    staffed: Floats
    busy: Floats
    late: Floats
    contacts: int


def groups_of(scenario: Scenario) -> tuple[str, ...]:
    """The groups of agents, in order of first mention."""
    return tuple(dict.fromkeys(agent.group for agent in scenario.agents))


def languages_of(scenario: Scenario, crowd: Crowd | None = None) -> tuple[str, ...]:
    """The languages that contacts may ask for, "" (any) last."""
    named = {name for queue in scenario.queues for name, _ in queue.languages}
    for queue in scenario.queues:
        named |= {one.language for one in getattr(queue.arrivals, "contacts", ())}
    return (*sorted(named - {""}), "")


def intervals_of(scenario: Scenario) -> int:
    """How many intervals the scenario's days have."""
    return int(np.ceil(scenario.days * DAY / scenario.interval_seconds))


def tally(scenario: Scenario, crowd: Crowd, fates: Fates, working: list[list[Stretch]]) -> Replication:
    """Count what became of everybody."""
    rows, wait = _measures(scenario, crowd, fates)
    intervals = intervals_of(scenario)
    slot = np.clip(crowd.arrived // scenario.interval_seconds, 0, intervals - 1).astype(np.int64)
    cell = crowd.queue * intervals + slot
    size = len(scenario.queues) * intervals
    counts: Floats = np.stack(
        [np.bincount(cell, weights=row, minlength=size) for row in rows], axis=1
    ).astype(np.float64)
    percentiles, longest = _percentiles(len(scenario.queues), crowd, wait, rows[0] > 0)
    staffed, busy, late = _groups(scenario, fates, working)
    return Replication(
        counts.reshape(len(scenario.queues), intervals, len(COUNTED)),
        percentiles,
        longest,
        _languages(scenario, crowd, rows),
        staffed,
        busy,
        late,
        len(crowd.arrived),
    )


def _measures(scenario: Scenario, crowd: Crowd, fates: Fates) -> tuple[list[Floats], Floats]:
    """A number for each contact and each of COUNTED, in that order; and the waits."""
    is_a = {kind: fates.outcome == int(kind) for kind in Outcome}
    answered = is_a[Outcome.ANSWERED] | is_a[Outcome.CALLED_BACK]
    gone = is_a[Outcome.ABANDONED] | is_a[Outcome.WAITING]
    offered = answered | gone | is_a[Outcome.UNREACHED]
    promise = np.array([queue.within_seconds for queue in scenario.queues])[crowd.queue]
    short = np.array([queue.short_seconds for queue in scenario.queues])[crowd.queue]
    wait = np.where(offered, fates.wait, 0.0)
    found: dict[str, NDArray[np.bool_] | Floats] = {
        "offered": offered,
        "answered": answered,
        "abandoned": gone,
        "short_abandoned": gone & (wait < short),
        "within": answered & (wait <= promise),
        "gave_up_within": gone & (wait <= promise),
        "wait_seconds": wait,
        "answered_wait_seconds": np.where(answered, wait, 0.0),
        "hold_seconds": np.where(offered, fates.hold, 0.0),
        "handle_seconds": fates.handle,
        "called_back": is_a[Outcome.CALLED_BACK],
        "unreached": is_a[Outcome.UNREACHED],
        "closed": is_a[Outcome.CLOSED],
        "self_served": is_a[Outcome.SELF_SERVED],
        "diverted": is_a[Outcome.DIVERTED],
    }
    return [np.asarray(found[name], dtype=np.float64) for name in COUNTED], wait


def _percentiles(
    queues: int, crowd: Crowd, wait: Floats, offered: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    percentiles = np.zeros((queues + 1, len(PERCENTILES)))
    longest = np.zeros(queues + 1)
    for at in range(queues + 1):
        own = wait[offered & (crowd.queue == at)] if at < queues else wait[offered]
        if len(own):
            percentiles[at] = np.percentile(own, PERCENTILES)
            longest[at] = own.max()
    return percentiles, longest


def _languages(scenario: Scenario, crowd: Crowd, rows: list[Floats]) -> Floats:
    names = languages_of(scenario)
    place = {name: at for at, name in enumerate(names)}
    which = np.array([place[name] for name in crowd.language], dtype=np.int64)
    seconds = rows[COUNTED.index("wait_seconds")]
    return np.stack(
        [np.bincount(which, weights=row, minlength=len(names)) for row in (rows[0], seconds)], axis=1
    )


def _groups(scenario: Scenario, fates: Fates, working: list[list[Stretch]]) -> tuple[Floats, Floats, Floats]:
    names = groups_of(scenario)
    place = {name: at for at, name in enumerate(names)}
    whose = np.array([place[agent.group] for agent in scenario.agents], dtype=np.int64)
    there = np.array([sum(until - since for since, until in stretches) for stretches in working])
    staffed, busy, late = (
        np.bincount(whose, weights=seconds, minlength=len(names)) / 3600
        for seconds in (there, fates.busy, fates.late)
    )
    return staffed, busy, late
