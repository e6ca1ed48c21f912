"""Staffing with several skills: formulas start it, the simulator corrects it.

Counting a flexible agent in full for every skill promises far too much; counting them once and treating skills
apart promises far too little. So a mix is found by simulation: all flexible first, then as many specialists in the
place of flexible people as the promise bears, since a specialist needs less training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from civicline.engine.queueing import Target, positions_a, positions_c
from civicline.engine.simulation.results import Results
from civicline.engine.simulation.running import simulate
from civicline.engine.simulation.spreads import SimulationError, exponential
from civicline.engine.simulation.values import DAY, Agent, Queue, Rates, Scenario, Shift

FLEXIBLE = "flexible"


@dataclass(frozen=True, slots=True)
class Work:
    """One skill's line: `load` in erlangs, times in seconds; `patience` None: nobody gives up."""

    load: float
    handle_seconds: float = 300.0
    patience_seconds: float | None = 180.0


class Mix(NamedTuple):
    """People: specialists by skill, and those who can do all; with the service level of each skill as simulated.

    `shares`: skill to (mean, low, high), all contacts counted.
    """

    specialists: Mapping[str, int]
    flexible: int
    shares: Mapping[str, tuple[float, float, float]]

    @property
    def people(self) -> int:
        """All of them."""
        return sum(self.specialists.values()) + self.flexible


def mixed(work: Mapping[str, Work], specialists: Mapping[str, int], flexible: int, days: int) -> Scenario:
    """A scenario of steady lines, one for each skill, and these people, there all the time."""
    queues = tuple(
        Queue(
            skill,
            Rates((one.load / one.handle_seconds * 3600,) * (24 * days), 3600.0),
            exponential(one.handle_seconds),
            patience=None if one.patience_seconds is None else exponential(one.patience_seconds),
            skills=((skill, 1),),
        )
        for skill, one in work.items()
    )
    always = (Shift(0.0, days * DAY),)
    # Whoever can do one thing only takes it first: the higher level goes before, flexible people stay free.
    agents = [
        Agent(f"{skill} {n:03}", frozenset({skill}), always, group=skill, skills={skill: 5})
        for skill, number in specialists.items()
        for n in range(number)
    ]
    agents += [
        Agent(f"{FLEXIBLE} {n:03}", frozenset(work), always, group=FLEXIBLE, skills=dict.fromkeys(work, 1))
        for n in range(flexible)
    ]
    return Scenario(queues, tuple(agents), days=days)


def staff_skills(
    work: Mapping[str, Work],
    *,
    target: Target | None = None,
    people: int | None = None,
    days: int = 5,
    replications: int = 6,
    seed: int = 1,
) -> Mix:
    """The mix with the fewest people, and among those the fewest flexible, that keeps the target for every skill.

    A promise counts as kept when the low end of its interval keeps it. `people`: the most there may be; by
    default as many as apart, one team for each skill. Raises SimulationError if they do not suffice.
    """
    promise = target or Target()
    apart = {skill: _apart(one, promise) for skill, one in work.items()}
    most = sum(apart.values()) if people is None else people

    def tried(flexible: int, number: int) -> Mix:
        specialists = _shared(work, number - flexible)
        return _judged(work, specialists, flexible, promise, days, replications, seed)

    fewest = _pooled(work, promise)
    while fewest <= most and not _keeps(best := tried(fewest, fewest), promise):
        fewest += 1
    if fewest > most:
        raise SimulationError(f"{most} people do not keep the promise, even if each can do everything.")
    low, high = 0, fewest
    while low < high:  # fewer flexible people never help, so halving finds where the promise breaks
        middle = (low + high) // 2
        found = tried(middle, fewest)
        if _keeps(found, promise):
            best, high = found, middle
        else:
            low = middle + 1
    return best


def _judged(
    work: Mapping[str, Work],
    specialists: Mapping[str, int],
    flexible: int,
    promise: Target,
    days: int,
    *luck: int,
) -> Mix:
    replications, seed = luck
    results = simulate(_promised(mixed(work, specialists, flexible, days), promise), replications, seed)
    return Mix(specialists, flexible, {skill: _share(results, skill, promise) for skill in work})


def _promised(scenario: Scenario, promise: Target) -> Scenario:
    queues = tuple(replace(queue, within_seconds=promise.within_seconds) for queue in scenario.queues)
    return replace(scenario, queues=queues)


def _share(results: Results, skill: str, promise: Target) -> tuple[float, float, float]:
    name = "service_level_of_patient" if promise.of_patient else "service_level"
    mean, low, high = results.queue(skill)[name]
    return mean, low, high


def _keeps(mix: Mix, promise: Target) -> bool:
    return all(low >= promise.share for _, low, _ in mix.shares.values())


def _apart(one: Work, promise: Target) -> int:
    if one.patience_seconds is None:
        return int(positions_c(one.load, handle_seconds=one.handle_seconds, target=promise))
    return int(
        positions_a(
            one.load, handle_seconds=one.handle_seconds, patience_seconds=one.patience_seconds, target=promise
        )
    )


def _pooled(work: Mapping[str, Work], promise: Target) -> int:
    """As if all were one line: no mix keeps the promise with fewer."""
    load = sum(one.load for one in work.values())
    handle = sum(one.load * one.handle_seconds for one in work.values()) / load
    known = [one.patience_seconds for one in work.values() if one.patience_seconds is not None]
    patient = len(known) < len(work)
    return _apart(Work(load, handle, None if patient else max(known)), promise)


def _shared(work: Mapping[str, Work], number: int) -> dict[str, int]:
    """So many specialists, by load; the largest remainders take what is left over."""
    load = sum(one.load for one in work.values())
    exact = {skill: number * one.load / load for skill, one in work.items()}
    found = {skill: int(share) for skill, share in exact.items()}
    for skill in sorted(exact, key=lambda s: found[s] - exact[s])[: number - sum(found.values())]:
        found[skill] += 1
    return found
