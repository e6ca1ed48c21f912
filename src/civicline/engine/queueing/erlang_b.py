"""Erlang B: the share of contacts that are lost when nobody may wait (M/G/c/c)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.values import Floats, Whole, erlangs, whole


def erlang_b(load: ArrayLike, positions: ArrayLike) -> Floats:
    """Blocking probability of `load` erlangs offered to `positions` servers; arguments broadcast.

    Source: A. K. Erlang 1917; computed as 1/B(n) = 1 + n/load x 1/B(n-1) (Jagerman 1974), which adds positive
    numbers only, so nothing cancels or overflows before B itself is below the smallest float.
    """
    offered, servers = np.broadcast_arrays(erlangs(load), whole("positions", positions))
    return 1 / inverse_blocking(offered.ravel(), servers.ravel()).reshape(offered.shape)


def inverse_blocking(load: Floats, positions: Whole) -> Floats:
    """1/B for flat arrays of equal length; infinite where B is too small for a float, or nothing is offered.

    Sorted by positions, so that each step is one operation on a slice of those still counting.
    """
    order = np.argsort(positions, kind="stable")
    servers = positions[order]
    found = np.ones(len(order))
    if len(order):
        with np.errstate(divide="ignore", over="ignore"):
            mean_service = 1 / load[order]
            firsts = np.searchsorted(servers, np.arange(1, servers[-1] + 1))
            for n, first in enumerate(firsts.tolist(), start=1):
                rest = found[first:]
                rest *= mean_service[first:] * n
                rest += 1
    unsorted = np.empty_like(found)
    unsorted[order] = found
    return unsorted
