"""Lines of contacts with the same need: one sorted list each, entries in its midst removed lazily.

A list, not a heap: who goes first leaves in constant time wherever the others lie in memory, and who arrives goes to
the end nearly always.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from civicline.engine.routing.places import Order
from civicline.engine.routing.values import QueuePolicy, Requirement, Waiting

if TYPE_CHECKING:
    from civicline.engine.routing.pools import Need

SLACK = 64
"""Stale entries a line or a heap may carry before it is rebuilt, beyond as many as it has live ones."""


class Offer(NamedTuple):
    """One contact reserved for one agent; the earliest to expire sorts first."""

    expires_at: float
    contact_id: str
    agent_id: str


NEVER_DECLINED: Final[Mapping[str, float]] = MappingProxyType({})


class Contact:
    """A contact that waits or is on offer.

    `token` is 0 while it is in no line (and `line` the one it left), `timer` 0 while it has no alarm.
    `declined`: until when which agents are not offered it again.
    `refused`: its preferred agent declined it or did not answer, so it waits for them no longer.
    """

    __slots__ = (
        "declined",
        "line",
        "offer",
        "order",
        "policy",
        "refused",
        "ring",
        "timer",
        "token",
        "waiting",
    )

    def __init__(self, waiting: Waiting, policy: QueuePolicy) -> None:
        self.waiting = waiting
        self.policy = policy
        urgent = waiting.emergency or policy.emergency
        key = waiting.arrived - waiting.priority * policy.ageing_seconds
        self.order: Order = (0 if urgent else 1, key, waiting.contact_id)
        self.ring = 0
        self.declined = NEVER_DECLINED
        self.refused = False
        self.offer: Offer | None = None
        self.line: Line
        self.token = 0
        self.timer = 0

    @property
    def entered(self) -> float:
        """When its clocks began."""
        return self.waiting.arrived if self.waiting.entered is None else self.waiting.entered


Entry = tuple[int, float, str, int, Contact]
"""An order, the token that makes it valid, and its contact (never compared: tokens differ)."""

NOBODY: Final[Entry] = (2, inf, "", 0, Contact(Waiting("", "", Requirement(), 0.0), QueuePolicy("")))
"""The head of a line in which nobody waits: behind every real one."""


class Line:
    """Contacts that the same agents may take: all of a need, less those `excluded`, or `only` one agent.

    `head` is the entry of the contact that goes first, or NOBODY: kept at hand, because each agent who
    becomes free looks at the heads of all the lines they may serve.
    """

    __slots__ = ("_entries", "_start", "excluded", "head", "live", "need", "only")

    def __init__(self, need: Need, excluded: frozenset[str] = frozenset(), only: str | None = None) -> None:
        self.need = need
        self.excluded = excluded
        self.only = only
        self.head = NOBODY
        self.live = 0
        self._entries: list[Entry] = []
        self._start = 0

    def push(self, contact: Contact, token: int) -> None:
        """Put a contact at its own place."""
        contact.line, contact.token = self, token
        entry = (*contact.order, token, contact)
        entries = self._entries
        if self._start > SLACK:
            del entries[: self._start]
            self._start = 0
        if not entries or entries[-1] < entry:
            entries.append(entry)
        else:
            insort(entries, entry, self._start)
        if entry < self.head:
            self.head = entry
        self.live += 1

    def take(self, contact: Contact) -> None:
        """Take a contact of this line out."""
        contact.token = 0
        self.live -= 1
        if self.head[4] is contact:
            self._advance()
        elif len(self._entries) - self._start > 2 * self.live + SLACK:
            self._entries = [entry for entry in self._entries if entry[3] and entry[3] == entry[4].token]
            self._start = 0

    def _advance(self) -> None:
        """The next one who still waits goes first now."""
        entries, at = self._entries, self._start
        if not self.live:
            entries.clear()
            self._start, self.head = 0, NOBODY
            return
        while True:
            entries[at] = NOBODY  # lets go of the contact
            at += 1
            entry = entries[at]
            if entry[3] == entry[4].token:
                break
        self._start, self.head = at, entry
