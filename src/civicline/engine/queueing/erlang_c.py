"""Erlang C: everybody waits as long as it takes (M/M/c)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.erlang_b import inverse_blocking
from civicline.engine.queueing.values import Floats, Performance, erlangs, floats, whole


def erlang_c(load: ArrayLike, positions: ArrayLike) -> Floats:
    """Probability of having to wait; 1 where the load is not below the positions. Arguments broadcast.

    Source: A. K. Erlang 1917; C = B / (1 - rho (1 - B)) with Erlang's B and rho = load / positions.
    """
    offered, servers = np.broadcast_arrays(erlangs(load), whole("positions", positions))
    blocking = inverse_blocking(offered.ravel(), servers.ravel()).reshape(offered.shape)
    return from_blocking(offered, servers.astype(np.float64), blocking)


def from_blocking(load: Floats, positions: Floats, inverse: Floats) -> Floats:
    """C from 1/B. Written with 1/B, which may be infinite, and never a difference of near equals."""
    stable = load < positions
    rho = np.divide(load, positions, out=np.ones_like(load), where=stable)
    spare = np.multiply(1 - rho, inverse, out=np.zeros_like(load), where=stable)
    waits: Floats = 1 / (rho + spare)
    return waits


def erlang_c_performance(
    load: ArrayLike, positions: ArrayLike, *, handle_seconds: ArrayLike, within_seconds: ArrayLike = 20.0
) -> Performance:
    """All figures of a line that nobody leaves. Arguments broadcast; times in seconds.

    The wait of those who wait is exponential with mean handle / (positions - load). Where the load is not
    below the positions the line grows for ever: mean wait and queue are infinite, nobody is answered in time.
    """
    offered, servers, handle, within = np.broadcast_arrays(
        erlangs(load),
        whole("positions", positions),
        floats("handling time", handle_seconds, above=True),
        floats("time to answer within", within_seconds),
    )
    waits = erlang_c(offered, servers)
    spare = np.maximum(servers - offered, 0.0)
    late = np.where(spare > 0, waits * np.exp(-spare * within / handle), 1.0)
    endless = np.full(offered.shape, np.inf)
    mean = np.divide(waits * handle, spare, out=endless, where=spare > 0)
    busy = np.divide(offered, servers, out=np.ones(offered.shape), where=spare > 0)
    in_time = 1 - late
    return Performance(
        waits, mean, np.zeros(offered.shape), busy, offered / handle * mean, in_time, in_time, in_time
    )
