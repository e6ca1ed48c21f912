"""Passwords that change by the clock: nobody has to be told, for every process works out the same.

A turn is a stretch of time with a password of its own. In its first half the former one is taken too, in its second
half the next one: so a password is good for at least half a turn after it was given out, and the exchange knows a new
one half a turn before anybody is given it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

AGENT_S: Final = 86_400
"""A turn of browsers at the desks: a password holds for a shift."""
GUEST_S: Final = 6 * 3_600
"""A turn of guests: a password holds longer than anybody calls."""


def given(at: datetime, length: int) -> int:
    """The turn whose password is given out at this moment. `length` in seconds."""
    return int(at.timestamp()) // length


def taken(at: datetime, length: int) -> tuple[int, int]:
    """The two turns whose passwords are good at this moment."""
    now = int(at.timestamp())
    first = (now - length // 2) // length
    return first, first + 1


def lasts(at: datetime, length: int) -> int:
    """For how many seconds from this moment the password of now is good."""
    return (given(at, length) + 1) * length + length // 2 - int(at.timestamp())
