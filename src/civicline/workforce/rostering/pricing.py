"""The cheapest schedule of each employee at given prices, by dynamic programming over days.

A state is: how many days on end off (up to the minimum) or at work (and in which kind of shift), the minutes so far,
the weekends so far, and how often a shift with a tight limit was worked. States of many employees are stepped through
the days together, as arrays. Shifts that are alike in length and succession are one kind: the day's cheapest stands
for it. Limits too loose to be worth a dimension are left to the master programme (`Pricer.loose`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

from civicline.workforce.rostering.batches import Batch, Found
from civicline.workforce.rostering.piece import Floats, Piece

__all__ = ["Found", "Pricer"]

SCARCE: Final = 8  # a limit above is left to the master
SHORT: Final = (
    14  # days up to which every limit is: few schedules break one, and all employees stay in few batches
)
CELLS: Final = 1_500  # resource cells of one employee up to which another limit becomes a dimension
BYTES: Final = 250_000_000  # of all layers of one batch


@dataclass(slots=True)
class Pricer:
    """All batches of a piece."""

    piece: Piece
    batches: list[Batch]
    loose: list[tuple[int, int, int]]
    """(place, shift, most): limits which the schedules found may break; the master has to keep them."""

    @classmethod
    def of(cls, piece: Piece, *, exact: bool = False) -> Pricer:
        """Employees with like rules are priced together. `exact`: with every limit as a dimension, if memory allows."""
        unit = _unit(piece)
        groups: dict[tuple[tuple[int, int, int], tuple[int, ...], int], list[int]] = defaultdict(list)
        loose = []
        for place, number in enumerate(piece.who):
            person = piece.instance.staff[number]
            tight, rest = _limits(piece, place, unit, exact)
            loose += [(place, shift, int(piece.counts[place, shift])) for shift in rest]
            rules = (
                max(1, person.min_off),
                max(1, person.min_run),
                max(1, min(person.max_run, piece.instance.days)),
            )
            like = (int(piece.most[place]) // unit).bit_length()
            groups[rules, tight, like].append(place)
        batches: list[Batch] = []
        for (rules, tight, _), places in groups.items():
            batches += _batches(piece, places, rules, tight, unit)
        return cls(piece, batches, loose)

    @property
    def effort(self) -> float:
        """How many state steps one pricing of everybody takes: a measure of work that no clock disturbs."""
        return float(sum(batch.effort for batch in self.batches))

    def price(self, prices: Floats, *, only: NDArray[np.bool_] | None = None) -> list[Found]:
        """The cheapest schedule of each employee; `prices` employees x days x shifts, `only` marks whom to price."""
        found: list[Found] = []
        for batch in self.batches:
            found += batch.price(prices, only)
        return found


def _unit(piece: Piece) -> int:
    unit = 0
    for shift in piece.instance.shifts:
        unit = gcd(unit, shift.minutes)
    return unit


def _limits(piece: Piece, place: int, unit: int, exact: bool) -> tuple[tuple[int, ...], list[int]]:
    """Shifts whose limit becomes a dimension, the tightest first, and those left to the master."""
    most = int(piece.most[place])
    binding = []
    for number, shift in enumerate(piece.instance.shifts):
        limit = int(piece.counts[place, number])
        if 0 < limit < min(piece.days, most // shift.minutes):
            binding.append((limit, number))
    cells = (most // unit + 1) * (int(piece.weekends[place]) + 1)
    tight: list[int] = []
    loose: list[int] = []
    for limit, number in sorted(binding):
        scarce = limit <= SCARCE and piece.days > SHORT
        if (scarce and cells * (limit + 1) <= CELLS) or (exact and cells * (limit + 1) <= 100 * CELLS):
            cells *= limit + 1
            tight.append(number)
        else:
            loose.append(number)
    return tuple(sorted(tight)), loose


def _batches(
    piece: Piece, places: list[int], rules: tuple[int, int, int], tight: tuple[int, ...], unit: int
) -> list[Batch]:
    whole = Batch(piece, places, rules, tight, unit)
    size = max(1, BYTES * len(places) // max(1, whole.effort * 4))
    if len(places) <= size:
        return [whole]
    cuts = [*range(0, len(places), size), len(places)]
    return [Batch(piece, places[a:b], rules, tight, unit) for a, b in pairwise(cuts)]
