"""Who writes first when somebody waits: the relay gives way, for some milliseconds, to whoever finds them a person.

    precedence.expect()      # a caller has just been written down: the dispatcher is about to write an offer
    precedence.served()      # it has; or there was nobody to offer to
    precedence.give_way()    # the relay, before a batch

On SQLite there is one writer at a time. The relay is woken by the same commit as the dispatcher, and its batch of
events and handlers, milliseconds long, would stand before the offer each time. Only a courtesy: nothing depends on it,
nothing is lost without it, and it ends by itself.
"""

from __future__ import annotations

import threading
from typing import Final

LONGEST_S: Final = 0.01
_clear = threading.Event()
_clear.set()


def expect() -> None:
    """Somebody waits for a write that is about to come."""
    _clear.clear()


def served() -> None:
    """It has been written, or will not be."""
    _clear.set()


def give_way() -> None:
    """Wait until nothing is expected, and never longer than `LONGEST_S` seconds."""
    if not _clear.wait(LONGEST_S):
        _clear.set()
