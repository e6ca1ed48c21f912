"""Patience from a log: who was answered would have waited longer, but nobody knows how long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from civicline.engine.simulation.spreads import Floats, SimulationError, Spread


def kaplan_meier(waits: Sequence[float], gave_up: Sequence[bool]) -> tuple[Floats, Floats]:
    """Moments at which somebody gave up, and the share still there after each (Kaplan and Meier 1958).

    `waits` in seconds, until the contact gave up or was answered. Ties: who gave up comes first.
    """
    time, left = np.asarray(waits, dtype=np.float64), np.asarray(gave_up, dtype=bool)
    moments, number = np.unique(time[left], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), moments, side="left")
    return moments, np.cumprod(1 - number / at_risk).astype(np.float64)


def patience(waits: Sequence[float], gave_up: Sequence[bool], points: int = 2000) -> Spread:
    """Patience as equally likely seconds; infinity for the share that is still there after the longest wait.

    Raises SimulationError for no waits at all.
    """
    if not len(waits):
        raise SimulationError("Patience needs at least one wait.")
    moments, there = kaplan_meier(waits, gave_up)
    level = 1 - (np.arange(points) + 0.5) / points
    place = np.searchsorted(-there, -level, side="left")
    values = np.append(moments, np.inf)[place]
    return Spread("samples", samples=tuple(values.tolist()))
