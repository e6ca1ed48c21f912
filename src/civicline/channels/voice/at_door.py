"""Which connection of a browser's telephone came last: one that is gone for good is told from one that is back.

Stands in the cache that all processes share: whoever lost the door of one process comes back through another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from django.core.cache import cache

from civicline.channels.voice import tickets
from civicline.kernel import bus

TOPIC: Final = "telephone:"
"""Hints about one browser's telephone, by its name in the exchange."""
KEPT_S: Final = 12 * 3_600


@dataclass(frozen=True, slots=True)
class Gone:
    """A page whose telephone is away. `user`: its name in the exchange; `ticket`, `holder`: of its last connection;
    `lost_at`: when it was lost. What began since is another page's.
    """

    user: str
    ticket: str
    holder: str
    lost_at: datetime

    def as_hint(self) -> dict[str, str]:
        """For the bus."""
        return {
            "kind": "gone", "ticket": self.ticket, "holder": self.holder, "lost_at": self.lost_at.isoformat()
        }  # fmt: skip

    @classmethod
    def read(cls, hint: Mapping[str, Any]) -> Self:
        """From the bus."""
        user = str(hint["topic"]).removeprefix(TOPIC)
        lost_at = datetime.fromisoformat(hint["lost_at"])
        return cls(user, str(hint["ticket"]), str(hint["holder"]), lost_at)


def came(ticket: tickets.Ticket) -> None:
    """This browser's telephone came in with this ticket."""
    cache.set(_key(ticket.user), (ticket.id, ticket.holder), timeout=KEPT_S)


def missed(ticket: tickets.Ticket, lost_at: datetime) -> bool:
    """Whoever came in with this ticket stayed away: tell it, unless they are back. Returns whether it was told."""
    gone = Gone(ticket.user, ticket.id, ticket.holder, lost_at)
    if not is_away(gone):
        return False
    bus.publish(f"{TOPIC}{gone.user}", gone.as_hint())
    return True


def is_away(gone: Gone) -> bool:
    """Whether this page has not come back; a later page of the same person is another one.

    Where nothing is known (the cache was emptied) nobody is taken for gone: the exchange finds them in its own time.
    """
    last = cache.get(_key(gone.user))
    return last is not None and (last[0] == gone.ticket or last[1] != gone.holder)


def _key(user: str) -> str:
    return f"telephone:came:{user}"
