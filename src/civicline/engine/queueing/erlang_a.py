"""Erlang A: contacts give up after an exponential patience (M/M/c+M; Palm 1957).

The wait that a contact would have if it never gave up has, given that it is above 0, a density in proportion to

    w(u) = exp(-c mu u + lambda phi(u)),   phi(u) = (1 - exp(-theta u)) / theta

(Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005, theorem 4.1). Its integral J gives Palm's function
A = c mu J, and with it P(wait) = A / (1/B + A - 1). All the rest are integrals of w times something smooth.

The integrals are taken by Gauss-Legendre quadrature around the peak u0 of w, where nothing cancels:
w(u0 + v) = w(u0) exp(-(c mu - L) v - L psi(v)), L = min(lambda, c mu), psi(v) = v - phi(v). Beyond the bounds
used, w is below exp(-40) of its peak. Sums over the number in the line, as others do, lose all digits when
patience or the time asked about is long.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.erlang_b import inverse_blocking
from civicline.engine.queueing.values import Floats, Performance, Whole, erlangs, floats, whole

NODES = 40
"""Nodes in each of three stretches, cut at the peak and the time asked about: more change nothing that matters."""

NEGLIGIBLE = 40.0
"""exp(-40) is 4e-18, below the precision of a float beside 1."""

ROWS_AT_ONCE = 1024
"""So many rows by NODES fit into a processor's cache."""


class Line(NamedTuple):
    """Flat arrays of equal length, per second: `arrivals`, `service` of one person, `leaving` of one who waits."""

    arrivals: Floats
    service: Floats
    leaving: Floats
    positions: Floats
    within: Floats


def erlang_a(
    load: ArrayLike,
    positions: ArrayLike,
    *,
    handle_seconds: ArrayLike,
    patience_seconds: ArrayLike,
    within_seconds: ArrayLike = 20.0,
) -> Performance:
    """All figures of a line that people leave; `patience_seconds` is their mean patience. Arguments broadcast.

    Right for any load, also above the positions, and for any time to answer within. QueueingError for what
    cannot be. For patience without end see `erlang_c_performance`.
    """
    offered, servers, handle, patience, within = np.broadcast_arrays(
        erlangs(load),
        whole("positions", positions),
        floats("handling time", handle_seconds, above=True),
        floats("patience", patience_seconds, above=True),
        floats("time to answer within", within_seconds),
    )
    shape = offered.shape
    flat = (offered.ravel(), servers.ravel(), handle.ravel(), patience.ravel(), within.ravel())
    found = performance(*flat)
    return Performance(*(figure.reshape(shape) for figure in found))


def performance(
    load: Floats, positions: Whole, handle: Floats, patience: Floats, within: Floats
) -> Performance:
    """The same for checked flat arrays of equal length."""
    figures = np.empty((len(Performance._fields), len(load)))
    inverse = inverse_blocking(load, positions)
    for first in range(0, len(load), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        line = Line(
            load[rows] / handle[rows],
            1 / handle[rows],
            1 / patience[rows],
            np.maximum(positions[rows], 1).astype(np.float64),
            within[rows],
        )
        figures[:, rows] = _figures(line, inverse[rows], nobody=positions[rows] == 0)
    return Performance(*figures)


class Integrals(NamedTuple):
    """Integrals of w over its peak value: before and after the time asked about; plain, and of those leaving.

    `log_peak`: the logarithm of w at its peak. `gone_before`: w times the share that has left by then.
    """

    log_peak: Floats
    before: Floats
    gone_before: Floats
    after: Floats
    gone_after: Floats


def _figures(
    line: Line, inverse: Floats, *, nobody: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[Floats]:
    """The fields of Performance. `nobody`: rows without positions, where all give up."""
    parts = _integrals(line)
    total = parts.before + parts.after
    capacity = line.positions * line.service
    with np.errstate(over="ignore", invalid="ignore"):
        # P(wait) = A / (1/B - 1 + A), divided by A, whose logarithm is known where A itself is too large.
        rest = (inverse - 1) * np.exp(-parts.log_peak) / (capacity * total)
    waits = np.where(nobody, 1.0, 1 / (1 + rest))
    gone = np.where(nobody, 1.0, waits * (parts.gone_before + parts.gone_after) / total)
    answered = 1 - gone
    stayed = 1 - waits + waits * (parts.before - parts.gone_before) / total
    in_time = np.where(nobody, 0.0, stayed)
    hurried = -np.expm1(-line.leaving * line.within)
    left_early = np.where(nobody, hurried, waits * (parts.gone_before + hurried * parts.after) / total)
    mean = gone / line.leaving
    busy = np.where(nobody, 1.0, line.arrivals * answered / capacity)
    return [
        waits,
        mean,
        gone,
        busy,
        line.arrivals * mean,
        in_time,
        _share(in_time, 1 - left_early),
        _share(in_time, answered),
    ]


def _share(part: Floats, of: Floats) -> Floats:
    """A share between 0 and 1; 0 of nothing."""
    found: Floats = np.minimum(np.divide(part, of, out=np.zeros_like(of), where=of > 0), 1.0)
    return found


def _integrals(line: Line) -> Integrals:
    """Over the stretches between the lower bound, the peak, the time asked about, and the upper bound."""
    arrivals, service, leaving, positions, within = line
    capacity = positions * service
    excess = np.maximum(arrivals / capacity - 1, 0.0)
    peak = np.log1p(excess) / leaving
    log_peak = capacity / leaving * (excess - np.log1p(excess))
    steady = np.minimum(arrivals, capacity)
    # From here on everybody would have left: w falls as exp(-c mu v), and its integral is known.
    all_left = NEGLIGIBLE / leaving
    lower, upper = _bounds(steady, capacity - steady, leaving)
    lower, upper = np.maximum(lower, -peak), np.minimum(upper, all_left)
    split = np.clip(within - peak, lower, upper)
    ends = (lower, np.minimum(split, 0.0), np.maximum(split, 0.0), upper)
    first, middle, last = (
        _stretch(start, end, steady, capacity - steady, leaving, peak) for start, end in pairwise(ends)
    )
    tail = np.exp(steady / leaving - capacity * all_left) / capacity
    late = np.exp(steady / leaving - capacity * np.maximum(all_left, within - peak)) / capacity
    middle_is_before = split > 0
    before = first + np.where(middle_is_before, middle, 0.0) + tail - late
    after = last + np.where(middle_is_before, 0.0, middle) + late
    return Integrals(log_peak, *before, *after)


def _bounds(steady: Floats, spare: Floats, leaving: Floats) -> tuple[Floats, Floats]:
    """Where w has fallen to a negligible part of its peak, on both sides of it.

    By psi(v) >= x^2 / (2 + x) / theta for x = theta v >= 0, and psi(v) >= x^2 / 2 / theta below 0.
    """
    with np.errstate(divide="ignore"):
        height = NEGLIGIBLE * leaving / steady
        by_leaving = (height + np.sqrt(height * height + 8 * height)) / 2 / leaving
        return -np.sqrt(2 * height) / leaving, np.minimum(NEGLIGIBLE / spare, by_leaving)


def _stretch(
    start: Floats, end: Floats, steady: Floats, spare: Floats, leaving: Floats, peak: Floats
) -> Floats:
    """Two rows: the integrals of w over its peak value from `start` to `end`, plain and of those who have left."""
    half = (end - start)[:, None] / 2
    at = start[:, None] + half * (_NODES + 1)
    fading = np.expm1(-leaving[:, None] * at)
    weight = np.exp(-spare[:, None] * at - steady[:, None] * (at + fading / leaving[:, None])) * half
    plain = weight @ _WEIGHTS
    # 1 - exp(-theta (u0 + v)) = 1 - exp(-theta u0) + exp(-theta u0) (1 - exp(-theta v))
    until_peak = np.expm1(-leaving * peak)
    gone = -plain * until_peak - (weight * fading) @ _WEIGHTS * (1 + until_peak)
    return np.array([plain, gone])


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
