"""Tickets for the telephone's door: signed, short-lived, and good for one browser telephone only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from django.core import signing
from django.core.cache import cache

SALT: Final = "civicline.telephone"
GOOD_FOR_S: Final = 60
REMEMBERED_S: Final = 12 * 3_600
"""For how long an old ticket still says whose line it was: a desk stays open for a whole shift."""
AGENT, GUEST = "agent", "guest"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may come in. `kind`: agent or guest; `user`: their name in the exchange; `who`: the agent's account;
    `holder`: one visit, whose tickets may be several; `id`: of this ticket alone.
    """

    kind: str
    user: str
    who: str
    holder: str
    id: str


def write(ticket: Ticket) -> str:
    """The ticket as a part of an address."""
    return signing.dumps(asdict(ticket), salt=SALT)


def read(text: str, *, age: int = GOOD_FOR_S) -> Ticket | None:
    """The ticket, when it is ours and not older than `age` seconds."""
    try:
        return Ticket(**signing.loads(text, salt=SALT, max_age=age))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def tear(ticket: Ticket) -> bool:
    """Use a ticket up. Returns whether it was still whole."""
    return bool(cache.add(f"telephone:torn:{ticket.id}", 1, timeout=2 * GOOD_FOR_S))
