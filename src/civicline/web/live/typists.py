"""The note that somebody writes: passed on at most once in so many seconds for each writer and contact."""

from __future__ import annotations

import time


class Typists:
    """When each writer of a contact was last passed on. Used on the loop's thread only."""

    KEEP = 4_096

    def __init__(self, every: float) -> None:
        self._every = every
        self._last: dict[tuple[str, str], float] = {}

    def is_news(self, contact_id: str, who: str) -> bool:
        """Whether to pass this on."""
        now = time.monotonic()
        key = (contact_id, who)
        last = self._last.get(key)
        if last is not None and now - last < self._every:
            return False
        if len(self._last) >= self.KEEP:
            self._last = {one: at for one, at in self._last.items() if now - at < self._every}
        self._last[key] = now
        return True
