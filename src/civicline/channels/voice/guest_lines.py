"""The lines of guests: so many residents may call from a page at once, each on a line of their own while it lasts.

Who has which stands in the cache that all processes share; a process that dies gives its lines back by their time.
"""

from __future__ import annotations

import secrets
from typing import Final

from django.core.cache import cache

from civicline.channels.voice import tickets

KEPT_S: Final = 90
"""How long a line stays taken when nobody says that it is still used."""
GRACE_S: Final = 20
"""How long a line waits for a guest whose network was lost."""
_mixed = secrets.SystemRandom()


def take(most: int, holder: str) -> int | None:
    """Take a free line, from 1; None when all are taken."""
    numbers = list(range(1, most + 1))
    _mixed.shuffle(numbers)
    return next((number for number in numbers if cache.add(_key(number), holder, timeout=KEPT_S)), None)


def take_again(number: int, holder: str) -> bool:
    """The same line for a guest who comes back; False when somebody else has it by now."""
    if not cache.add(_key(number), holder, timeout=KEPT_S) and cache.get(_key(number)) != holder:
        return False
    cache.set(_key(number), holder, timeout=KEPT_S)
    return True


def keep(number: int, holder: str) -> None:
    """Say that the line is still used."""
    take_again(number, holder)


def leave(number: int, holder: str) -> None:
    """The guest is gone: the line waits a little, perhaps it was only their network."""
    if cache.get(_key(number)) == holder:
        cache.set(_key(number), holder, timeout=GRACE_S)


def number_of(ticket: tickets.Ticket) -> int:
    """The line that a guest's ticket is for."""
    return int(ticket.user.rpartition("-")[2])


def _key(number: int) -> str:
    return f"telephone:guest:{number}"
