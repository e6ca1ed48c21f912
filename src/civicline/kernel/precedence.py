"""Who goes first when somebody waits: others give way, for some milliseconds, to whoever finds them a person.

    precedence.expect("call-7")      # a caller is being written down, or an offer is about to be
    precedence.served("call-7")      # their telephone is being rung; or there was nobody to offer to
    precedence.give_way()            # the relay, before a batch; the dispatcher, to callers who are being written down

On SQLite there is one writer at a time, and in one process one thread runs Python at a time. The relay is woken by the
same commit as whoever rings the telephone, and its batch of events and handlers, milliseconds long, would stand before
that each time. Only a courtesy: nothing depends on it, nothing is lost without it, and it ends by itself.
"""

from __future__ import annotations

import threading
from typing import Final

LONGEST_S: Final = 0.01
OFFER: Final = "offer"
"""What the dispatcher is expected to write."""
_expected: set[str] = set()
_changed = threading.Condition()


def expect(what: str = OFFER) -> None:
    """Somebody waits for what is about to come."""
    with _changed:
        _expected.add(what)


def served(what: str = OFFER) -> None:
    """It has come, or will not. Harmless when it was not expected."""
    with _changed:
        if what in _expected:
            _expected.discard(what)
            _changed.notify_all()


def give_way(besides: str = "") -> None:
    """Wait until nothing is expected (`besides` this), and never longer than `LONGEST_S` seconds."""
    if not _expected:
        return
    with _changed:
        if not _changed.wait_for(lambda: not _expected - {besides}, LONGEST_S):
            _expected.intersection_update({besides})
