"""Who is at a desk: an agent whose browser is gone must not be offered anyone.

The edge writes down every few seconds which agents have a desk open in this process, and has those whom no process has
seen for the grace time taken out of the line. It goes through the database, not through this process's memory: an
agent with a second tab on another process is still here, and one whose process was killed is found by the next.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Protocol

import structlog

from civicline.kernel import clock
from civicline.web.live.doors import Doors

# A reload, a lift, a change of network take under 10 s; an offer rings 20 s. After 15 s the next offer would ring in an
# empty room, and a resident would wait for it.
GRACE_SECONDS: Final = 15.0
SIGHT_SECONDS: Final = 5.0

LOG = structlog.get_logger(__name__)


class Ask(Protocol):
    """Runs a blocking question in the edge's threads."""

    async def __call__(self, question: Callable[..., Any], *given: Any) -> Any:
        """The question's answer."""


class PresenceKeeper:
    """Counts the desks of each agent in this process. Used on the loop's thread only."""

    def __init__(
        self, doors: Doors, *, grace_seconds: float = GRACE_SECONDS, sight_seconds: float = SIGHT_SECONDS
    ) -> None:
        self._doors = doors
        self._grace = timedelta(seconds=grace_seconds)
        self._sight_seconds = sight_seconds
        self._desks: Counter[str] = Counter()
        self._newcomers: set[str] = set()
        self._news = asyncio.Event()

    def arrived(self, agent_id: str) -> None:
        """An agent opened a desk."""
        self._desks[agent_id] += 1
        if self._desks[agent_id] == 1:
            self._newcomers.add(agent_id)
            self._news.set()

    def left(self, agent_id: str) -> None:
        """A desk of an agent closed."""
        self._desks[agent_id] -= 1
        if self._desks[agent_id] <= 0:
            del self._desks[agent_id]

    def here(self) -> frozenset[str]:
        """The agents with at least one desk open in this process."""
        return frozenset(self._desks)

    async def keep(self, ask: Ask) -> None:
        """Write down who is here, and find who vanished, until cancelled."""
        loop = asyncio.get_running_loop()
        # After a start nobody has had the time to come back: the first look for the vanished waits one grace time.
        judged_from = loop.time() + self._grace.total_seconds()
        jumps = clock.Jumps()
        while True:
            if jumps.seconds():
                # By a clock that was set, nobody who is at another process' desks has been seen lately.
                judged_from = loop.time() + self._grace.total_seconds()
            try:
                await self._look(ask, judge=loop.time() >= judged_from)
            except Exception:
                # A database that is away for a minute must not end presence for ever; the next look tries again.
                LOG.exception("live_presence_failed")
            await self._until_next(ask, loop.time() + self._sight_seconds)

    async def _look(self, ask: Ask, *, judge: bool) -> None:
        self._newcomers.clear()
        if self._desks:
            await ask(self._doors.agents_seen, list(self._desks))
        if judge:
            await ask(self._doors.agents_vanished, clock.now() - self._grace)

    async def _until_next(self, ask: Ask, due: float) -> None:
        """Wait for the next look; newcomers are written down at once, so that offers reach them without delay."""
        loop = asyncio.get_running_loop()
        while (left := due - loop.time()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                return
            newcomers, self._newcomers = self._newcomers, set()
            try:
                await ask(self._doors.agents_seen, list(newcomers))
            except Exception:
                LOG.exception("live_presence_failed")
                return
