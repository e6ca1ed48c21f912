"""What every call asks for and what changes seldom, so that no caller waits for it to be looked up again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from civicline.kernel.errors import Refused

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Answers, each for `seconds`. For as long again the old one is given, while the new one is fetched.

    So a change shows after twice the time at most. Belongs to one event loop.
    """

    def __init__(self, ask: Callable[[K], Awaitable[V]], *, seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._known: dict[K, tuple[float, V]] = {}
        self._asking: dict[K, asyncio.Task[None]] = {}

    async def of(self, key: K) -> V:
        """The answer; raises as the question does when there is no old one."""
        now = asyncio.get_running_loop().time()
        kept = self._known.get(key)
        if kept is None or now >= kept[0] + 2 * self._seconds:
            return await self._fetch(key)
        at, answer = kept
        if now >= at + self._seconds and key not in self._asking:
            self._asking[key] = asyncio.create_task(self._again(key))
        return answer

    async def _fetch(self, key: K) -> V:
        answer = await self._ask(key)
        now = asyncio.get_running_loop().time()
        self._known = {k: kept for k, kept in self._known.items() if now < kept[0] + 2 * self._seconds}
        self._known[key] = (now, answer)
        return answer

    async def _again(self, key: K) -> None:
        try:
            with contextlib.suppress(Refused):  # the next caller asks again
                await self._fetch(key)
        finally:
            del self._asking[key]
