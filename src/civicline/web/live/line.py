"""Tells waiting residents that the line moved: their own place may have changed although nothing of theirs did.

Every arrival, offer and departure hints on "queue-line". Here many of them become one hint to all open chats, at most
once a second, and less often the more chats there are: what matters to one page must not cost a thousand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from civicline.web.live.hub import Hub

HEARD: Final = "queue-line"
TOPIC: Final = "line"
LEAST_SECONDS: Final = 1.0
CHATS_PER_SECOND: Final = 500


class LineWatch:
    """Thins out what happens in the lines. `hear` is for any thread."""

    def __init__(self, hub: Hub, least_seconds: float = LEAST_SECONDS) -> None:
        self._hub = hub
        self._least = least_seconds
        self._due: asyncio.TimerHandle | None = None

    def hear(self, message: Mapping[str, Any]) -> None:
        """Something moved in some line (or hints were lost: the hub itself tells everyone then)."""
        # Read from any thread: whoever begins to listen just now reads their place anyway.
        if message.get("topic") == HEARD and self._due is None and self._hub.listeners(TOPIC):
            self._hub.call_soon(self._moved)

    def _moved(self) -> None:
        if self._due is not None:
            return
        listeners = self._hub.listeners(TOPIC)
        if listeners:
            pause = max(self._least, listeners / CHATS_PER_SECOND)
            self._due = asyncio.get_running_loop().call_later(pause, self._tell)

    def _tell(self) -> None:
        self._due = None
        self._hub.spread({"topic": TOPIC, "kind": "line"})
