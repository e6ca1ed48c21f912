"""The order of one queue, so that a place is found, taken and left in about the square root of its length.

Blocks of sorted keys: `bisect` finds the block and the place in it; blocks split when full and go when empty.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

Order = tuple[int, float, str]
"""(0 emergency or 1 ordinary, arrived - priority x weight, contact id): smaller is earlier."""

BLOCK = 512


class Places:
    """Sorted orders with ranks counted from 0."""

    __slots__ = ("_blocks", "_last", "_size")

    def __init__(self) -> None:
        self._blocks: list[list[Order]] = []
        self._last: list[Order] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Order]:
        for block in self._blocks:
            yield from block

    def add(self, order: Order) -> bool:
        """Take a place. True if it is the last one (nobody stands behind)."""
        self._size += 1
        last = self._last
        if not last:
            self._blocks.append([order])
            last.append(order)
            return True
        at = bisect_left(last, order)
        behind_all = at == len(last)
        at -= behind_all
        block = self._blocks[at]
        if behind_all:
            block.append(order)
        else:
            insort(block, order)
        if len(block) > BLOCK:
            half = block[BLOCK // 2 :]
            del block[BLOCK // 2 :]
            self._blocks.insert(at + 1, half)
            last.insert(at + 1, half[-1])
        last[at] = block[-1]
        return behind_all

    def remove(self, order: Order) -> None:
        """Leave a place that was taken."""
        at = bisect_left(self._last, order)
        block = self._blocks[at]
        del block[bisect_left(block, order)]
        self._size -= 1
        if block:
            self._last[at] = block[-1]
        else:
            del self._blocks[at], self._last[at]

    def rank(self, order: Order) -> int:
        """How many stand before `order`, whether or not it has a place here itself."""
        at = bisect_left(self._last, order)
        if at == len(self._last):
            return self._size
        return sum(map(len, self._blocks[:at])) + bisect_left(self._blocks[at], order)

    def behind(self, order: Order) -> Order:
        """The order that stands directly behind `order` (there must be one)."""
        at = bisect_left(self._last, order)
        block = self._blocks[at]
        inside = bisect_left(block, order) + 1
        return block[inside] if inside < len(block) else self._blocks[at + 1][0]
