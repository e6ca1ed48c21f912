"""The database as an event loop sees it: services and selectors, run on a few threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from django.db import close_old_connections, connections

from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")
THREADS: Final = 4


class Ledger:
    """Runs what reads and writes rows. Each thread keeps its connection."""

    def __init__(self, name: str = "voice-rows", threads: int = THREADS) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it; return or raise what it does. `Unavailable` when the database is away: nothing was kept then."""
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
