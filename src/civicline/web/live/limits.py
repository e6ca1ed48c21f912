"""How much one visitor may ask of the live edge."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of connections, messages per second, and times in seconds."""

    total: int = 5_000  # of this process
    per_session: int = 20  # tabs of one signed-in browser, or of one contact
    per_address: int = 1_000  # a town hall may sit behind one address: this only stops floods
    burst: int = 30  # messages a client may send at once
    per_second: float = 3.0  # and for ever
    prove_within: float = 10.0  # to show the secret of a contact
    typing_every: float = 10.0  # a note that somebody writes is passed on once in so long


class Doorkeeper:
    """Counts live connections: of the process, of an address, of a session. Used on the loop's thread only."""

    def __init__(self, limits: Limits, gauge: Callable[[str, int], None] | None = None) -> None:
        self._limits = limits
        self._open: Counter[str] = Counter()
        self._gauge = gauge

    @contextmanager
    def admitted(self, audience: str, address: str, session: str) -> Iterator[bool]:
        """Count one connection for as long as the block runs; the block is told whether there is room for it."""
        limits = self._limits
        room = {
            "all": limits.total,
            f"address {address}": limits.per_address,
            f"session {session}": limits.per_session,
        }
        if any(self._open[key] >= most for key, most in room.items()):
            yield False
            return
        keys = [*room, f"audience {audience}"]
        self._open.update(keys)
        self._show(audience)
        try:
            yield True
        finally:
            self._open.subtract(keys)
            for key in keys:
                if self._open[key] <= 0:
                    del self._open[key]
            self._show(audience)

    def count(self, audience: str) -> int:
        """How many connections an audience (desk, chat, board) has open in this process."""
        return self._open[f"audience {audience}"]

    def _show(self, audience: str) -> None:
        if self._gauge is not None:
            self._gauge(audience, self.count(audience))


class Pace:
    """A token bucket for what one client sends (Turner, "New directions in communications", 1986)."""

    __slots__ = ("_at", "_left", "_limits")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = float(limits.burst)
        self._at = time.monotonic()

    def allows(self) -> bool:
        """Whether one more message is within the pace."""
        now = time.monotonic()
        self._left = min(float(self._limits.burst), self._left + (now - self._at) * self._limits.per_second)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
