"""What every call asks for and what changes seldom, so that no caller waits for it to be looked up again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Answers, each for `seconds`. For as long again the old one is given, while the new one is fetched.

    So a change shows after twice the time at most. Many who ask at once ask once: when everything was held up for a
    while, each of the callers who came meanwhile would hold up the others by the same question. Belongs to one event
    loop.
    """

    def __init__(self, ask: Callable[[K], Awaitable[V]], *, seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._known: dict[K, tuple[float, V]] = {}
        self._asking: dict[K, asyncio.Task[V]] = {}

    async def of(self, key: K) -> V:
        """The answer; raises as the question does when there is no old one."""
        now = asyncio.get_running_loop().time()
        kept = self._known.get(key)
        if kept is None or now >= kept[0] + 2 * self._seconds:
            return await asyncio.shield(self._fetch(key))  # who hangs up takes the answer from nobody else
        at, answer = kept
        if now >= at + self._seconds:
            self._fetch(key)
        return answer

    def _fetch(self, key: K) -> asyncio.Task[V]:
        """The question that is being asked, or a new one."""
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._ask_now(key))
            asking.add_done_callback(_heard)
        return asking

    async def _ask_now(self, key: K) -> V:
        try:
            answer = await self._ask(key)
        finally:
            del self._asking[key]
        now = asyncio.get_running_loop().time()
        self._known = {k: kept for k, kept in self._known.items() if now < kept[0] + 2 * self._seconds}
        self._known[key] = (now, answer)
        return answer


def _heard(asked: asyncio.Task[V]) -> None:
    """What failed while the old answer was given is nobody's error: when that is too old, the next caller hears it."""
    if not asked.cancelled():
        asked.exception()
