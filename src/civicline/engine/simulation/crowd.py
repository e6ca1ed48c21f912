"""The contacts of one replication, drawn so that two scenarios with one seed see the same people.

Each queue has one stream of random numbers for each thing that is drawn (arrivals, patience, service, ...), and
the i-th contact takes the i-th number of each. Arrivals are the points of one Poisson process of rate 1, seen
through the expected number up to each moment (Cinlar 1975): where rates are a little higher, the same contacts
come a little earlier. So the difference of two scenarios is due to what differs between them (common random
numbers: Law, "Simulation modeling and analysis", 11.2).
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from civicline.engine.simulation.spreads import Floats, Spread
from civicline.engine.simulation.values import DAY, Queue, Rates, Scenario, Surge, Trace, Traced

Whole = NDArray[np.int64]

STREAMS = (
    "arrivals",
    "patience",
    "service",
    "wrap_up",
    "language",
    "self_service",
    "callback",
    "reached",
    "surge",
)


class Crowd(NamedTuple):
    """Contacts in order of arrival; each field has one entry for each contact.

    `queue`: index of the queue. `stays`: "" if it goes into the line, else why not. `language`: index into the
    queue's languages, -1 for any. `handle` is service and wrap-up in seconds. `callback`, `reached`: numbers between 0
    and 1, to be compared with the shares.
    """

    arrived: Floats
    queue: Whole
    patience: Floats
    service: Floats
    wrap_up: Floats
    language: list[str]
    priority: Whole
    self_served: NDArray[np.bool_]
    closed: NDArray[np.bool_]
    callback: Floats
    reached: Floats
    names: list[str]


def stream(seed: int, replication: int, name: str, purpose: str) -> np.random.Generator:
    """The random numbers for one purpose of one queue or agent."""
    return np.random.default_rng([seed, replication, crc32(name.encode()), crc32(purpose.encode())])


def gather_crowd(scenario: Scenario, seed: int, replication: int) -> Crowd:
    """Everybody who comes, in order of arrival."""
    parts = [_of_queue(scenario, at, seed, replication) for at in range(len(scenario.queues))]
    arrived = np.concatenate([part.arrived for part in parts])
    order = np.argsort(arrived, kind="stable")
    languages = [language for part in parts for language in part.language]
    names = [name for part in parts for name in part.names]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in Crowd._fields
        if name not in ("language", "names")
    }
    ranks = order.tolist()
    return Crowd(**columns, language=[languages[at] for at in ranks], names=[names[at] for at in ranks])


def _of_queue(scenario: Scenario, at: int, seed: int, replication: int) -> Crowd:
    queue = scenario.queues[at]
    rng = {purpose: stream(seed, replication, queue.queue_id, purpose) for purpose in STREAMS}
    surges = [s for s in scenario.surges if not s.queues or queue.queue_id in s.queues]
    if isinstance(queue.arrivals, Trace):
        arrived, chosen = _replayed(queue.arrivals, surges, rng["surge"])
    else:
        arrived, chosen = _poisson(queue.arrivals, surges, scenario.days * DAY, rng["arrivals"]), None
    number = len(arrived)
    never = np.full(number, np.inf)
    crowd = Crowd(
        arrived=arrived,
        queue=np.full(number, at),
        patience=never if queue.patience is None else queue.patience.draw(rng["patience"], number),
        service=queue.service.draw(rng["service"], number),
        wrap_up=(queue.wrap_up or Spread("constant", 0.0)).draw(rng["wrap_up"], number),
        language=_languages(queue, rng["language"].random(number)),
        priority=np.full(number, queue.priority),
        self_served=rng["self_service"].random(number) < queue.self_service,
        closed=_closed(queue, arrived),
        callback=rng["callback"].random(number),
        reached=rng["reached"].random(number),
        names=[""] * number,
    )
    if chosen is None:
        return crowd
    # The same numbers as the patience of everybody was drawn from: what lies beyond is the same luck.
    return _as_traced(crowd, queue, chosen, stream(seed, replication, queue.queue_id, "patience"))


def _poisson(rates: Rates, surges: list[Surge], end: float, rng: np.random.Generator) -> Floats:
    """Arrival times of a Poisson process whose rate is constant in each interval."""
    edges = rates.start + rates.interval_seconds * np.arange(len(rates.counts) + 1)
    cuts = [moment for surge in surges for moment in (surge.start, surge.end)]
    marks = np.unique(
        np.clip(np.concatenate([edges, cuts, [end]]), edges[0], min(edges[-1], max(end, edges[0])))
    )
    if len(marks) < 2:
        return np.empty(0)
    middles = (marks[1:] + marks[:-1]) / 2
    per_second = (
        np.asarray(rates.counts)[((middles - rates.start) // rates.interval_seconds).astype(np.int64)]
        / rates.interval_seconds
    )
    for surge in surges:
        per_second = per_second * np.where(
            (middles >= surge.start) & (middles < surge.end), surge.factor, 1.0
        )
    expected = np.concatenate([[0.0], np.cumsum(per_second * np.diff(marks))])
    points = _unit_points(expected[-1], rng)
    return np.asarray(np.interp(points, expected, marks))


def _unit_points(until: float, rng: np.random.Generator) -> Floats:
    """The points up to `until` of a Poisson process of rate 1."""
    found = np.empty(0)
    last = 0.0
    while last <= until:
        steps = last + np.cumsum(rng.standard_exponential(int(until - last) + 64))
        last = float(steps[-1])
        found = np.concatenate([found, steps])
    return found[found <= until]


def _replayed(trace: Trace, surges: list[Surge], rng: np.random.Generator) -> tuple[Floats, Whole]:
    """Times and places in the trace; a surge leaves contacts out, or lets them come again a little later."""
    times = np.array([contact.at for contact in trace.contacts], dtype=np.float64)
    factor = np.ones(len(times))
    for surge in surges:
        factor *= np.where((times >= surge.start) & (times < surge.end), surge.factor, 1.0)
    copies = np.floor(factor + rng.random(len(times))).astype(np.int64)
    chosen = np.repeat(np.arange(len(times)), copies)
    later = np.concatenate([[False], chosen[1:] == chosen[:-1]]) if len(chosen) else np.empty(0, dtype=bool)
    return times[chosen] + np.where(later, 60 * rng.random(len(chosen)), 0.0), chosen


def _as_traced(crowd: Crowd, queue: Queue, chosen: Whole, rng: np.random.Generator) -> Crowd:
    """What the trace knows of each contact takes the place of what was drawn."""
    assert isinstance(queue.arrivals, Trace)  # noqa: S101 -- for the reader and the type checker
    traced = [queue.arrivals.contacts[at] for at in chosen.tolist()]
    crowd = _who_stayed(crowd, queue, traced, rng)
    known = {
        name: np.array(
            [np.nan if (told := getattr(one, name)) is None else told for one in traced], dtype=float
        )
        for name in ("service", "patience", "wrap_up", "priority")
    }
    columns = {
        name: np.where(np.isnan(values), getattr(crowd, name), values).astype(getattr(crowd, name).dtype)
        for name, values in known.items()
    }
    latest = np.array([np.inf if one.at_most is None else one.at_most for one in traced])
    columns["patience"] = np.minimum(columns["patience"], latest)
    return crowd._replace(
        **columns,
        language=[one.language or drawn for one, drawn in zip(traced, crowd.language, strict=True)],
        names=[one.contact_id for one in traced],
    )


def _who_stayed(crowd: Crowd, queue: Queue, traced: list[Traced], rng: np.random.Generator) -> Crowd:
    """Who is known to have waited without giving up has more patience than that."""
    stayed = np.array([np.nan if one.stayed is None else one.stayed for one in traced], dtype=float)
    if queue.patience is None or np.isnan(stayed).all():
        return crowd
    beyond = queue.patience.draw_beyond(rng, np.nan_to_num(stayed))
    return crowd._replace(patience=np.where(np.isnan(stayed), crowd.patience, beyond))


def _languages(queue: Queue, chance: Floats) -> list[str]:
    if not queue.languages:
        return [""] * len(chance)
    names = [*(name for name, _ in queue.languages), ""]
    ends = np.cumsum([share for _, share in queue.languages])
    return [names[at] for at in np.searchsorted(ends, chance, side="right").tolist()]


def _closed(queue: Queue, arrived: Floats) -> NDArray[np.bool_]:
    if not queue.hours:
        return np.zeros(len(arrived), dtype=bool)
    is_open = np.zeros(len(arrived), dtype=bool)
    for begins, ends in queue.hours:
        is_open |= (arrived >= begins) & (arrived < ends)
    return ~is_open
