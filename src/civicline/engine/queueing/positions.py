"""How many positions keep a promise: the fewest, for each interval at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from civicline.engine.queueing.erlang_a import performance
from civicline.engine.queueing.values import (
    LARGEST,
    Floats,
    Performance,
    QueueingError,
    Target,
    Whole,
    erlangs,
    floats,
)

ROUNDING = 1e-12
"""A promise kept up to this is kept: the formulas know no more digits."""


class Rows(NamedTuple):
    """Flat arrays of equal length: erlangs, and seconds."""

    load: Floats
    handle: Floats
    patience: Floats


def positions_c(load: ArrayLike, *, handle_seconds: ArrayLike, target: Target = Target()) -> Whole:  # noqa: B008 -- frozen
    """The fewest positions that keep `target` when nobody gives up (Erlang C). Arguments broadcast.

    An interval without load needs none. A limit on abandonment is always kept. One pass over the number of
    positions serves all intervals, sorted by load, with 1/B kept up to date as in `erlang_b`.
    """
    offered, handle = np.broadcast_arrays(erlangs(load), floats("handling time", handle_seconds, above=True))
    _check_occupancy(offered, target)
    order = np.argsort(offered.ravel(), kind="stable")
    ordered = offered.ravel()[order]
    found = np.empty(len(order), dtype=np.int64)
    found[order] = _count_up(ordered, handle.ravel()[order], target)
    return found.reshape(offered.shape)


def _check_occupancy(load: Floats, target: Target) -> None:
    most = load.max(initial=0.0)
    if target.max_occupancy is not None and most > target.max_occupancy * LARGEST:
        raise QueueingError(
            f"An occupancy of at most {target.max_occupancy:g} with {most:g} erlangs is beyond any team."
        )


def _count_up(load: Floats, handle: Floats, target: Target) -> Whole:
    found = np.zeros(len(load), dtype=np.int64)
    first = int(np.searchsorted(load, 0.0, side="right"))
    last = first
    inverse = np.ones(len(load))
    mean_service = np.ones(len(load))
    mean_service[first:] = 1 / load[first:]
    positions = 0
    while first < len(load):
        positions += 1
        with np.errstate(over="ignore"):
            rest = inverse[first:]
            rest *= mean_service[first:] * positions
            rest += 1
        last = max(last, int(np.searchsorted(load, positions, side="left")))
        if last > first:
            rows = slice(first, last)
            kept = _kept_c(load[rows], handle[rows], inverse[rows], positions, target)
            found[rows] = np.where(kept & (found[rows] == 0), positions, found[rows])
            open_rows = np.flatnonzero(found[rows] == 0)
            first = first + int(open_rows[0]) if len(open_rows) else last
    return found


def _kept_c(
    load: Floats, handle: Floats, inverse: Floats, positions: int, target: Target
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the promise is kept, for rows with load below the positions."""
    rho = load / positions
    waits = 1 / (rho + (1 - rho) * inverse)
    spare = positions - load
    kept = waits * np.exp(-spare * target.within_seconds / handle) <= 1 - target.share + ROUNDING
    if target.max_mean_wait is not None:
        kept &= waits * handle <= target.max_mean_wait * spare * (1 + ROUNDING)
    if target.max_occupancy is not None:
        kept &= rho <= target.max_occupancy + ROUNDING
    return kept


def positions_a(
    load: ArrayLike,
    *,
    handle_seconds: ArrayLike,
    patience_seconds: ArrayLike,
    target: Target = Target(),  # noqa: B008 -- frozen
) -> Whole:
    """The fewest positions that keep `target` when contacts give up (Erlang A). Arguments broadcast.

    May be fewer than the load: those who give up take no service. Found by galloping from a guess and then
    halving, all intervals together; each figure only ever improves with one position more.
    """
    offered, handle, patience = np.broadcast_arrays(
        erlangs(load),
        floats("handling time", handle_seconds, above=True),
        floats("patience", patience_seconds, above=True),
    )
    _check_occupancy(offered, target)
    rows = Rows(offered.ravel(), handle.ravel(), patience.ravel())
    found = np.zeros(len(rows.load), dtype=np.int64)
    some = rows.load > 0
    found[some] = _search(Rows(*(part[some] for part in rows)), target)
    return found.reshape(offered.shape)


def _search(rows: Rows, target: Target) -> Whole:
    """Between `low`, which fails (no positions at all), and `high`, which keeps the promise."""
    step = np.ceil(np.sqrt(rows.load) / 4).astype(np.int64)
    low = np.zeros(len(rows.load), dtype=np.int64)
    high = np.full(len(rows.load), -1, dtype=np.int64)
    probe = np.maximum(np.round(rows.load).astype(np.int64), 1)
    left = np.arange(len(rows.load))
    while len(left):
        kept = _kept_a(Rows(*(part[left] for part in rows)), probe[left], target)
        high[left[kept]] = probe[left[kept]]
        low[left[~kept]] = probe[left[~kept]]
        left = left[(high[left] < 0) | (high[left] - low[left] > 1)]
        probe[left] = _next_probe(low[left], high[left], step[left])
        step[left] *= 2
    return high


def _next_probe(low: Whole, high: Whole, step: Whole) -> Whole:
    """Gallop while one end is not known yet, else halve."""
    up, down = high < 0, low == 0
    halved = (low + high) // 2
    found: Whole = np.where(up, low + step, np.where(down, np.maximum(high - step, halved), halved))
    return found


def _kept_a(rows: Rows, positions: Whole, target: Target) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    within = np.full(len(positions), target.within_seconds)
    found: Performance = performance(rows.load, positions, rows.handle, rows.patience, within)
    answered = found.answered_within_of_patient if target.of_patient else found.answered_within
    kept = answered >= target.share - ROUNDING
    for figure, limit in (
        (found.mean_wait, target.max_mean_wait),
        (found.abandon_probability, target.max_abandon),
        (found.occupancy, target.max_occupancy),
    ):
        if limit is not None:
            kept &= figure <= limit * (1 + ROUNDING)
    return kept


def scheduled(positions: ArrayLike, *, shrinkage: ArrayLike) -> Whole:
    """People to be paid so that `positions` are filled, when a share `shrinkage` of paid time is elsewhere."""
    filled, away = np.broadcast_arrays(floats("positions", positions), floats("shrinkage", shrinkage))
    if (away >= 1).any():
        raise QueueingError("A shrinkage of 1 or more leaves nobody. Give a share below 1.")
    found: Whole = np.ceil(filled / (1 - away) - ROUNDING * filled).astype(np.int64)
    return found
