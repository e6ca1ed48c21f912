"""Each employee's best answer to what all others do: the quick way down on horizons too long for one programme.

Some weeks of many employees are priced at once, each at the cover as it stands without her own shifts; then the
answers are taken one after the other, each as long as it still lowers the cost. It ends where no single employee can
do better alone, a hundred times sooner than column generation on pieces, which goes on from there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from civicline.workforce.rostering.instance import Instance, Roster, on_duty
from civicline.workforce.rostering.piece import Floats, Piece, cut
from civicline.workforce.rostering.pricing import Found, Pricer

EVEN = 0.3
"""The chance to take an answer that costs as much as what stands: it leads out of dead ends."""


def answered(
    instance: Instance,
    roster: Roster,
    who: Sequence[int],
    first: int,
    last: int,
    chance: random.Random,
) -> tuple[Roster, int]:
    """The roster with better weeks from `first` to `last` (not with it) for some of `who`, and what that gains."""
    piece = cut(instance, roster, who, first, last)
    pricer = Pricer.of(piece)
    rows = roster[list(who), first:last].copy()
    own = np.stack([_shifts_of(row, len(instance.shifts)) for row in rows])
    gap = piece.required - own.sum(axis=0)
    found = pricer.price(piece.wishes + _steps(piece, gap + own))
    gain = 0.0
    chance.shuffle(found)
    for item in found:
        change = _change(piece, item, rows[item.place], gap + own[item.place])
        if change < -1e-6 or (change < 1e-6 and chance.random() < EVEN):
            fresh = _shifts_of(item.schedule, len(instance.shifts))
            gap += own[item.place] - fresh
            own[item.place] = fresh
            rows[item.place] = item.schedule
            gain -= change
    changed = roster.copy()
    changed[list(who), first:last] = rows
    return changed, round(gain)


def mixed(instance: Instance, roster: Roster, other: Roster) -> Roster:
    """The roster with each row of the other's that betters it: hard rules are personal, so every row keeps them."""
    found = roster.copy()
    gap = instance.required - on_duty(instance, found)
    for person in np.flatnonzero((found != other).any(axis=1)):
        old, new = (_shifts_of(row, len(instance.shifts)) for row in (found[person], other[person]))
        without = gap + old
        costs = instance.wish_costs[person] + np.where(without > 0, -instance.under, instance.over)
        if _sum(costs, other[person]) < _sum(costs, found[person]) - 1e-6:
            found[person] = other[person]
            gap = without - new
    return found


def _steps(piece: Piece, gap: Floats) -> Floats:
    """What one more at work costs in each day and shift where so many are missing."""
    return np.where(gap > 0, -piece.under, piece.over)


def _change(piece: Piece, item: Found, row: np.ndarray, gap: Floats) -> float:
    """What the answer costs more than the row; infinite when it breaks a limit that pricing leaves open."""
    if (item.schedule == row).all():
        return np.inf
    worked = np.bincount(item.schedule[item.schedule >= 0], minlength=piece.counts.shape[1])
    if (worked > piece.counts[item.place]).any():
        return np.inf
    costs = piece.wishes[item.place] + _steps(piece, gap)
    return _sum(costs, item.schedule) - _sum(costs, row)


def _sum(costs: Floats, row: np.ndarray) -> float:
    days = np.flatnonzero(row >= 0)
    return float(costs[days, row[days]].sum())


def _shifts_of(row: np.ndarray, shifts: int) -> Floats:
    table = np.zeros((len(row), shifts))
    days = np.flatnonzero(row >= 0)
    table[days, row[days]] = 1
    return table
