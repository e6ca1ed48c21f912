"""How much one visitor may ask of the live edge."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of connections, messages per second, and times in seconds."""

    per_session: int = 20  # tabs of one signed-in browser, or of one contact
    per_address: int = 1_000  # a town hall may sit behind one address: this only stops floods
    burst: int = 30  # messages a client may send at once
    per_second: float = 3.0  # and for ever
    prove_within: float = 10.0  # to show the secret of a contact
    typing_every: float = 10.0  # a note that somebody writes is passed on once in so long


class Doorkeeper:
    """Counts live connections by key (an address, a session). Used on the loop's thread only."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, key: str, most: int) -> bool:
        """Count one more for `key`, unless it has `most` already."""
        if self._open[key] >= most:
            return False
        self._open[key] += 1
        return True

    def leave(self, key: str) -> None:
        """Count one less."""
        self._open[key] -= 1
        if self._open[key] <= 0:
            del self._open[key]


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
