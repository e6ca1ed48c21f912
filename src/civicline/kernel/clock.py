"""The one clock. All stored times are aware and in UTC; tests and the simulator put another clock in place.

Two times are kept apart. `now()` is the time on the wall: it is stored and shown, and it may be set back by an
operator or a time server, so an event's `at` can be earlier than the one before it. Order is told by `Event.seq`,
never by `at`. `monotonic()` only grows and measures how long something took or whether a lease is still alive.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar


class Clock(Protocol):
    """What can tell the time."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when it is told to. Safe to move while other threads read it."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("A clock needs an aware time: give it a time zone.")
        self._lock = threading.Lock()
        self._at = at.astimezone(UTC)
        self._passed = 0.0

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def monotonic(self) -> float:
        with self._lock:
            return self._passed

    def advance(self, seconds: float | timedelta) -> None:
        """Let time pass: both clocks move on by `seconds` (>= 0)."""
        step = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        if step < timedelta(0):
            raise ValueError("Time does not pass backwards: use `set` to set the clock back.")
        with self._lock:
            self._at += step
            self._passed += step.total_seconds()

    def set(self, at: datetime) -> None:
        """Set the wall clock, also back, as an operator does; the monotonic clock stays where it is."""
        if at.tzinfo is None:
            raise ValueError("A clock needs an aware time: give it a time zone.")
        with self._lock:
            self._at = at.astimezone(UTC)


class FrozenClock(ManualClock):
    """A clock that stands still."""

    def advance(self, seconds: float | timedelta) -> None:
        raise TypeError("A frozen clock stands still: use ManualClock where time has to pass.")


JUMP_SECONDS = 2.0
STALL_SECONDS = 0.5


class Jumps:
    """Tells that the wall clock was set, or that the machine slept: it moved by more than the time that passed.

    For whoever keeps moments of the wall clock that must survive that: look at it in each round. Not thread-safe.
    """

    def __init__(self) -> None:
        self._apart = _apart()

    def seconds(self) -> float:
        """By how much the wall clock jumped since the last look; 0.0 below two seconds, negative when it went back."""
        apart = _apart()
        jump, self._apart = apart - self._apart, apart
        return jump if abs(jump) >= JUMP_SECONDS else 0.0

    @property
    def unseen(self) -> bool:
        """Whether it jumped since the last look; changes nothing, and any thread may ask."""
        return abs(_apart() - self._apart) >= JUMP_SECONDS


def _apart() -> float:
    """How far the two clocks are apart, read again while the machine was too slow to read both at one moment."""
    while True:
        before, wall, after = monotonic(), now().timestamp(), monotonic()
        if after - before < STALL_SECONDS:
            return wall - after


C = TypeVar("C", bound=Clock)
SYSTEM: Clock = SystemClock()
_current: Clock = SYSTEM


def now() -> datetime:
    """Wall time, aware, UTC."""
    return _current.now()


def monotonic() -> float:
    """Seconds that only grow, for durations and leases."""
    return _current.monotonic()


@contextmanager
def use(clock: C) -> Iterator[C]:
    """Put `clock` in place for the whole process, background threads too, until the block ends."""
    global _current  # noqa: PLW0603 -- the clock is the one thing that is global by nature
    before, _current = _current, clock
    try:
        yield clock
    finally:
        _current = before
