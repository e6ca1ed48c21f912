"""Lines of contacts with the same need: one heap each, entries removed lazily."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from civicline.engine.routing.places import Order
from civicline.engine.routing.values import QueuePolicy, Requirement, Waiting

if TYPE_CHECKING:
    from civicline.engine.routing.pools import Need

SLACK = 64
"""Stale entries a heap may carry before it is rebuilt, beyond as many as it has live ones."""


class Offer(NamedTuple):
    """One contact reserved for one agent; `serial` is given once, so the earliest to expire sorts first."""

    expires_at: float
    contact_id: str
    serial: int
    agent_id: str


class Contact:
    """A contact that waits or is on offer.

    `token` is 0 while it is in no line (and `line` the one it left), `timer` 0 while it has no alarm.
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
        self.declined: dict[str, float] = {}
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

    __slots__ = ("excluded", "head", "heap", "live", "need", "only")

    def __init__(self, need: Need, excluded: frozenset[str] = frozenset(), only: str | None = None) -> None:
        self.need = need
        self.excluded = excluded
        self.only = only
        self.heap: list[Entry] = []
        self.head = NOBODY
        self.live = 0

    def push(self, contact: Contact, token: int) -> None:
        """Put a contact at its own place."""
        contact.line, contact.token = self, token
        heap = self.heap
        heappush(heap, (*contact.order, token, contact))
        self.head = heap[0]
        self.live += 1

    def take(self, contact: Contact) -> None:
        """Take a contact of this line out."""
        contact.token = 0
        self.live -= 1
        heap = self.heap
        if heap[0][4] is contact:
            heappop(heap)
            while heap and heap[0][3] != heap[0][4].token:
                heappop(heap)
            self.head = heap[0] if heap else NOBODY
        elif len(heap) > 2 * self.live + SLACK:
            self.heap = [entry for entry in heap if entry[3] == entry[4].token]
            heapify(self.heap)
