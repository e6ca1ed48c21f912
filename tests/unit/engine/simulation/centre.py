"""Small centres for the simulator's tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from civicline.engine.simulation import (
    DAY,
    Agent,
    Queue,
    Rates,
    Scenario,
    Shift,
    Spread,
    Trace,
    Traced,
    constant,
    exponential,
)

ALL_DAY = (Shift(0.0, DAY),)


def line(*times: float, queue: str = "calls", service: float = 60.0, **fields: Any) -> Queue:
    """A queue to which contacts come at these seconds; each takes `service` seconds."""
    told = {"service": constant(service), **fields}
    return Queue(queue, Trace(tuple(Traced(time) for time in times)), **told)


def person(name: str, *queues: str, **fields: Any) -> Agent:
    """Somebody who is there all day for these queues."""
    told = {"shifts": ALL_DAY, **fields}
    return Agent(name, frozenset(queues or {"calls"}), **told)


def markov(
    people: int, *, load: float, handle: float = 300.0, patience: float | None = 180.0, days: int = 1
) -> Scenario:
    """M/M/n (+M): Poisson arrivals, exponential handling and patience, everybody equal."""
    counts = (load / handle * 3600,) * (24 * days)
    queue = Queue(
        "calls",
        Rates(counts, 3600.0),
        exponential(handle),
        patience=exponential(patience) if patience else None,
    )
    shift = (Shift(0.0, days * DAY),)
    return Scenario((queue,), tuple(person(f"p{n:03}", shifts=shift) for n in range(people)), days=days)


def with_queue(scenario: Scenario, **fields: Any) -> Scenario:
    """The same with its first queue changed."""
    first, *rest = scenario.queues
    return replace(scenario, queues=(replace(first, **fields), *rest))


NEVER = Spread("samples", samples=(float("inf"),))
