"""The short way for a plain queue: its own people, first come first served, no rings, nothing to choose by.

Whoever has been free longest takes the next contact, so that a heap of the moments from which each agent is free is
all there is to keep; who gives up leaves no trace in it (Lindley's recursion for several servers: Kiefer and
Wolfowitz 1955). It gives the waits of the live loop, contact by contact, at many times its speed.
"""

from __future__ import annotations

from bisect import bisect_right
from heapq import heapify, heappop, heapreplace

import numpy as np
from numpy.typing import NDArray

from civicline.engine.routing import ANY_QUEUE
from civicline.engine.simulation.crowd import Crowd
from civicline.engine.simulation.outcomes import Fates, Outcome
from civicline.engine.simulation.spreads import Floats
from civicline.engine.simulation.values import DAY, Scenario, Stretch

ANSWERED, ABANDONED, WAITING = int(Outcome.ANSWERED), int(Outcome.ABANDONED), int(Outcome.WAITING)


def is_plain(scenario: Scenario) -> bool:
    """Whether every queue has people of its own, and nothing that only the router knows how to do."""
    if scenario.answer_seconds:
        return False
    for queue in scenario.queues:
        if queue.rings or queue.callback or queue.skills or queue.languages or queue.room is not None:
            return False
        if queue.channel != "voice" or queue.emergency or _has_traced_needs(queue.arrivals):
            return False
    own = all(len(agent.queues) == 1 and ANY_QUEUE not in agent.queues for agent in scenario.agents)
    return own and all(agent.capacity.get("voice") == 1 for agent in scenario.agents)


def _has_traced_needs(arrivals: object) -> bool:
    traced = getattr(arrivals, "contacts", ())
    return any(one.language or one.priority is not None for one in traced)


def run_lines(scenario: Scenario, crowd: Crowd, working: list[list[Stretch]]) -> Fates:
    """One replication of a plain scenario, queue by queue."""
    number = len(crowd.arrived)
    outcome = np.full(number, WAITING, dtype=np.uint8)
    outcome[crowd.self_served] = int(Outcome.SELF_SERVED)
    outcome[crowd.closed] = int(Outcome.CLOSED)
    wait, handle = np.zeros(number), np.zeros(number)
    busy, late = np.zeros(len(scenario.agents)), np.zeros(len(scenario.agents))
    there = There(working)
    coming = outcome == WAITING
    for at, queue in enumerate(scenario.queues):
        own = np.flatnonzero(coming & (crowd.queue == at))
        agents = [a for a, agent in enumerate(scenario.agents) if queue.queue_id in agent.queues]
        agents.sort(key=lambda a: scenario.agents[a].agent_id)
        takes = (crowd.service[own] + crowd.wrap_up[own]).tolist()
        waits, taken_by = _one_line(
            crowd.arrived[own].tolist(), takes, crowd.patience[own].tolist(), [working[a] for a in agents]
        )
        wait[own] = waits
        by = np.array(taken_by, dtype=np.int64)
        served = by >= 0
        outcome[own] = np.where(served, ANSWERED, np.where(np.isinf(wait[own]), WAITING, ABANDONED))
        handle[own[served]] = np.array(takes)[served]
        if agents:
            who, work = np.array(agents)[by[served]], np.array(takes)[served]
            begins = crowd.arrived[own[served]] + wait[own[served]]
            np.add.at(busy, who, work)
            np.add.at(late, who, work - there.within(who, begins, begins + work))
    still = np.isinf(wait)
    wait[still] = np.maximum(scenario.days * DAY - crowd.arrived[still], 0.0)
    return Fates(outcome, wait, wait, handle, busy, np.maximum(late, 0.0))


class There:
    """How long people are there: the stretches of all on one line of time, one person's after the other's."""

    def __init__(self, working: list[list[Stretch]]) -> None:
        ends = [until for stretches in working for _, until in stretches]
        self._last = max(ends, default=0.0)
        self._span = self._last + 1.0
        rows = [(at * self._span, one) for at, own in enumerate(working) for one in own]
        self._at = np.array([since + moment for since, one in rows for moment in one] or [0.0])
        stays = np.array([[0.0, until - since] for _, (since, until) in rows] or [[0.0]])
        self._stayed = np.cumsum(stays.ravel())

    def within(self, who: NDArray[np.int64], begins: Floats, ends: Floats) -> Floats:
        """Seconds between two moments in which this person is there, for many at once."""
        return self._until(who, ends) - self._until(who, begins)

    def _until(self, who: NDArray[np.int64], moment: Floats) -> Floats:
        on_line = who * self._span + np.minimum(moment, self._last)
        stayed: Floats = np.interp(on_line, self._at, self._stayed)
        return stayed


def _one_line(
    arrived: list[float], takes: list[float], patience: list[float], working: list[list[Stretch]]
) -> tuple[list[float], list[int]]:
    """Each contact's wait (infinity: nobody ever came) and who took it (-1: gave up)."""
    free = [(stretches[0][0], agent) for agent, stretches in enumerate(working) if stretches]
    heapify(free)
    starts = [[begins for begins, _ in stretches] for stretches in working]
    until = [stretches[0][1] if stretches else 0.0 for stretches in working]
    waits: list[float] = []
    by: list[int] = []
    for now, seconds, leaves in zip(arrived, takes, patience, strict=True):
        while free:
            since, agent = free[0]
            start = since if since > now else now
            if start < until[agent]:
                break
            _next_stretch(free, starts[agent], working[agent], until, start)
        else:
            waits.append(leaves)
            by.append(-1)
            continue
        if start - now > leaves:
            waits.append(leaves)
            by.append(-1)
        else:
            waits.append(start - now)
            by.append(agent)
            heapreplace(free, (start + seconds, agent))
    return waits, by


def _next_stretch(
    free: list[tuple[float, int]],
    starts: list[float],
    stretches: list[Stretch],
    until: list[float],
    now: float,
) -> None:
    """The first in the heap is not there at `now`: free again from when they next are, or not at all."""
    agent = free[0][1]
    at = bisect_right(starts, now)
    if at and now < stretches[at - 1][1]:
        at -= 1
    if at == len(stretches):
        heappop(free)
        return
    until[agent] = stretches[at][1]
    heapreplace(free, (max(stretches[at][0], free[0][0]), agent))
