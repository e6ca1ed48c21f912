"""Who is there when: shifts less breaks, absences and pauses, drawn for each agent by themselves."""

from __future__ import annotations

import numpy as np

from civicline.engine.simulation.crowd import stream
from civicline.engine.simulation.values import Agent, Scenario, Stretch

LEAST = 1e-6
"""Stretches shorter than this many seconds are none."""


def working(scenario: Scenario, seed: int, replication: int) -> list[list[Stretch]]:
    """For each agent of the scenario, in order: the stretches in which contacts are offered to them."""
    return [_of_agent(scenario, agent, seed, replication) for agent in scenario.agents]


def _of_agent(scenario: Scenario, agent: Agent, seed: int, replication: int) -> list[Stretch]:
    if not scenario.absence and not scenario.shrinkage:
        return [
            piece
            for shift in sorted(agent.shifts, key=_start)
            for piece in _without(shift.start, shift.end, shift.breaks)
        ]
    rng = stream(seed, replication, agent.agent_id, "absence")
    found: list[Stretch] = []
    for shift in sorted(agent.shifts, key=_start):
        absent = rng.random() < scenario.absence
        pauses = _pauses(scenario, shift.end - shift.start, rng)
        away = sorted([*shift.breaks, *((shift.start + a, shift.start + b) for a, b in pauses)])
        if not absent:
            found += _without(shift.start, shift.end, away)
    return found


def _pauses(scenario: Scenario, seconds: float, rng: np.random.Generator) -> list[Stretch]:
    """Pauses so that in the long run `shrinkage` of the time is one: work and pause take turns."""
    share = scenario.shrinkage
    if not share:
        return []
    between = scenario.paused_seconds * (1 - share) / share
    found = []
    # In balance from the start: with probability `share` the shift begins in a pause.
    at = -rng.exponential(scenario.paused_seconds) if rng.random() < share else rng.exponential(between)
    if at < 0:
        at = 0.0
    while at < seconds:
        until = at + rng.exponential(scenario.paused_seconds)
        found.append((at, min(until, seconds)))
        at = until + rng.exponential(between)
    return found


def _without(start: float, end: float, away: tuple[Stretch, ...] | list[Stretch]) -> list[Stretch]:
    """What is left of a stretch; `away` in order, overlaps allowed."""
    found = []
    at = start
    for begins, ends in sorted(away):
        if begins - at > LEAST:
            found.append((at, begins))
        at = max(at, ends)
    if end - at > LEAST:
        found.append((at, end))
    return found


def _start(shift: object) -> float:
    return float(getattr(shift, "start"))  # noqa: B009
