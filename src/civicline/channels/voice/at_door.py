"""Which connection of a browser's telephone came last: one that is gone for good is told from one that is back.

Stands in the cache that all processes share: whoever lost the door of one process comes back through another.
"""

from __future__ import annotations

from typing import Final

from django.core.cache import cache

from civicline.channels.voice import tickets
from civicline.kernel import bus

TOPIC: Final = "telephone:"
"""Hints about one browser's telephone, by its name in the exchange."""
KEPT_S: Final = 12 * 3_600


def came(ticket: tickets.Ticket) -> None:
    """This browser's telephone came in with this ticket."""
    cache.set(_key(ticket), ticket.id, timeout=KEPT_S)


def missed(ticket: tickets.Ticket) -> bool:
    """Whoever came in with this ticket stayed away: tell it, unless they are back. Returns whether it was told.

    Where nothing is known (the cache was emptied) nobody is taken for gone: the exchange finds them in its own time.
    """
    if cache.get(_key(ticket)) != ticket.id:
        return False
    bus.publish(f"{TOPIC}{ticket.user}", {"kind": "gone"})
    return True


def _key(ticket: tickets.Ticket) -> str:
    return f"telephone:came:{ticket.user}"
