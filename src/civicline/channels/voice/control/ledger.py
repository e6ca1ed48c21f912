"""The database as an event loop sees it: services and selectors, run on a few threads of their own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from django.db import close_old_connections, connections

from civicline.kernel import precedence
from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")
THREADS: Final = 4


class Ledger:
    """Runs what reads and writes rows. Each thread keeps its connection. Belongs to one event loop."""

    def __init__(self, name: str = "voice-rows", threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._first = 0  # how many go first just now
        self._calm = asyncio.Event()

    @contextmanager
    def first(self, who: str) -> Iterator[None]:
        """Inside, everything else gives way, for some milliseconds: who calls waits for a telephone to ring."""
        self._first += 1
        self._calm.clear()
        precedence.expect(who)
        try:
            yield
        finally:
            precedence.served(who)
            self._first -= 1
            if not self._first:
                self._calm.set()

    async def __call__(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it; return or raise what it does. `Unavailable` when the database is away: nothing was kept then."""
        if self._first:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(precedence.LONGEST_S):
                    await self._calm.wait()
        return await self.at_once(work, *args, **kwargs)

    async def at_once(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same for what goes first."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(_run, work, args, kwargs))

    def close(self) -> None:
        """End the threads after what they do now."""
        self._pool.submit(connections.close_all)
        self._pool.shutdown(wait=False)


def _run(work: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
    try:
        return work(*args, **kwargs)
    except Exception as error:
        refused = refusal_of(error)
        if isinstance(refused, Unavailable):
            close_old_connections()
            raise refused from error
        raise
