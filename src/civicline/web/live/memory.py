"""Keeps garbage collections short while thousands of connections are open.

A full collection walks every object that ever survived one: with 5,000 connections that took half a second, and a
broadcast, which makes objects, brought it on. So what has settled is frozen (`gc.freeze`: set aside, not walked again),
and once in ten minutes everything is let go, collected in one planned pause, and set aside anew. Nothing leaks: cycles
of closed connections wait for that pause at most.

The short collections of what is young come after `YOUNG` new objects, not after 700: a page makes some thousand, nearly
all of which are gone with it by counting references alone, so looking through them several times for each page finds
nothing. Ten thousand small objects are one or two megabytes.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Final

LOOK_SECONDS: Final = 5.0
GROWTH: Final = 250  # connections opened since what settled was last set aside
TIDY_SECONDS: Final = 600.0
YOUNG: Final = 10_000


class MemoryKeeper:
    """`count` tells how many connections are open."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count
        self._settled = 0

    async def keep(self) -> None:
        """Look after it until cancelled."""
        loop = asyncio.get_running_loop()
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        gc.freeze()  # what the programme itself is made of
        tidied = loop.time()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if loop.time() - tidied >= TIDY_SECONDS:
                tidied = loop.time()
                self.tidy()
            else:
                self.look()

    def look(self) -> None:
        """Set aside what settled when many connections came since the last time. Costs next to nothing."""
        if self._count() >= self._settled + GROWTH:
            self._settle()

    def tidy(self) -> None:
        """Collect all garbage, then set aside what is left."""
        gc.unfreeze()
        gc.collect()
        self._settle()

    def _settle(self) -> None:
        self._settled = self._count()
        gc.freeze()
