"""Square-root staffing: load + beta x sqrt(load), and what a beta means (Halfin and Whitt 1981; Garnett 2002)."""

from __future__ import annotations

from math import erfc, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.values import Floats, QueueingError, Whole, erlangs, floats

LARGEST_FACTOR = 10.0
"""Beyond this nobody waits: the normal tail is below 1e-23."""


def delay_probability(
    factor: ArrayLike, *, handle_seconds: ArrayLike = 1.0, patience_seconds: ArrayLike = np.inf
) -> Floats:
    """The limit of P(wait) for a large team of load + factor x sqrt(load). Arguments broadcast.

    Without end of patience (Halfin and Whitt 1981, for a factor above 0):
    1 / (1 + b Phi(b) / phi(b)); with mean patience 1/theta (Garnett, Mandelbaum, Reiman 2002, theorem 2):
    1 / (1 + sqrt(theta/mu) h(b sqrt(mu/theta)) / h(-b)), h the hazard of the normal distribution.
    """
    beta, handle, patience = np.broadcast_arrays(
        np.asarray(factor, dtype=np.float64),
        floats("handling time", handle_seconds, above=True),
        np.asarray(patience_seconds, dtype=np.float64),
    )
    if not np.isfinite(beta).all() or not (patience > 0).all():
        raise QueueingError("Give a finite factor, and a patience above 0 seconds.")
    endless = np.isinf(patience)
    if (endless & (beta <= 0)).any():
        raise QueueingError("Without anybody giving up, a team needs a factor above 0.")
    ratio = np.sqrt(np.where(endless, 1.0, patience / handle))
    leaving = _hazard(beta * ratio) / ratio
    # From sqrt(theta/mu) h(b sqrt(mu/theta)) with theta towards 0, for b above 0.
    with np.errstate(divide="ignore"):  # beyond a factor of 38 nobody waits
        return 1 / (1 + np.where(endless, beta, leaving) / _hazard(-beta))


def _hazard(at: Floats) -> Floats:
    """phi / (1 - Phi) of the normal distribution; above 30 by its asymptote."""
    near = np.minimum(at, 30.0)
    tail = np.array([erfc(x / sqrt(2)) / 2 for x in near.ravel().tolist()]).reshape(near.shape)
    hazard = np.exp(-near * near / 2) / sqrt(2 * pi) / tail
    found: Floats = np.where(at > near, at + 1 / np.maximum(at, 1.0), hazard)
    return found


def staffing_factor(
    wait_probability: float, *, handle_seconds: float = 1.0, patience_seconds: float = float("inf")
) -> float:
    """The factor at which a share `wait_probability` of contacts waits (times only matter with a patience)."""
    if not 0 < wait_probability < 1:
        raise QueueingError(
            f"A share of {wait_probability} waiting cannot be planned. Give one between 0 and 1."
        )
    low, high = (0.0 if np.isinf(patience_seconds) else -LARGEST_FACTOR), LARGEST_FACTOR
    for _ in range(80):
        middle = (low + high) / 2
        found = delay_probability(middle, handle_seconds=handle_seconds, patience_seconds=patience_seconds)
        low, high = (middle, high) if found > wait_probability else (low, middle)
    return high


def square_root_positions(load: ArrayLike, factor: ArrayLike) -> Whole:
    """ceil(load + factor x sqrt(load)), at least 0, and 0 without load."""
    offered, beta = np.broadcast_arrays(erlangs(load), np.asarray(factor, dtype=np.float64))
    found: Whole = np.maximum(np.ceil(offered + beta * np.sqrt(offered)), 0).astype(np.int64)
    return found
