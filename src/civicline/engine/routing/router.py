"""The router: contacts, agents, and who is offered what.

Order: emergencies first, then the static key `arrived - priority x weight` (linear ageing: keys never change, so
nobody starves), then the contact's id. Choice: the preferred agent, else the first language asked for that any
free eligible agent speaks, the best level, the fewest contacts in hand, the longest idle, the agent's id.
"""

from __future__ import annotations

from civicline.engine.routing.capacity import CapacityTable
from civicline.engine.routing.values import (
    AgentState,
    Decision,
    PositionChange,
    QueuePolicy,
    Requirement,
    Snapshot,
    Waiting,
)


class Router:
    """See docs/subsystems/routing. Not safe for several threads: one dispatcher owns one router."""

    def __init__(self, table: CapacityTable | None = None) -> None: ...
    def add_policy(self, policy: QueuePolicy) -> None:
        """Add or replace a queue. Contacts already in it keep their key; rings apply from the next time asked."""
    def put_contact(self, waiting: Waiting, now: float | None = None) -> None:
        """Add a contact, or change a waiting one (same id). RoutingError for an unknown queue or an offered contact."""
    def remove_contact(self, contact_id: str) -> bool:
        """Take a contact out for good (abandoned, answered elsewhere), offered or in hand too. False if unknown."""
    def put_agent(self, state: AgentState) -> None:
        """Add or change an agent. Open offers stay; `in_hand=None` keeps what the router knows."""
    def remove_agent(self, agent_id: str, now: float) -> list[str]:
        """Sign out: open offers go back to their own places (ids returned); contacts in hand are forgotten."""
    def set_available(self, agent_id: str, available: bool, now: float) -> None:
        """Presence. Becoming available starts the idle time at `now`."""
    def assign(self, now: float) -> list[Decision]:
        """Every offer that can be made now, in order. Each is reserved until reported back."""
    def reserve(self, contact_id: str, agent_id: str, now: float, seconds: float | None = None) -> Decision:
        """Offer by hand (a supervisor assigns; offers open at a restart), past skills and capacity. Rule "assigned"."""
    def accepted(self, contact_id: str, now: float) -> str:
        """The agent took it: it leaves the line and is in hand. Returns the agent's id."""
    def declined(self, contact_id: str, now: float) -> str:
        """Back to its own place; not offered to this agent again for the queue's `decline_seconds`."""
    def timed_out(self, contact_id: str, now: float) -> str:
        """Back to its own place; the agent is "not responding" (unavailable until `set_available`)."""
    def withdrawn(self, contact_id: str, now: float) -> str:
        """Back to its own place; the agent is free again at once."""
    def finished(self, contact_id: str, now: float) -> str:
        """A contact in hand is over (wrap-up done): capacity returns, parked work resumes. Returns the agent's id."""
    def overdue(self, now: float) -> list[str]:
        """Contacts whose offer has expired: the caller reports `timed_out` for each."""
    def next_deadline(self, now: float) -> float | None:
        """When something changes by itself: a ring, a preference, a decline or an offer ends. None: never."""
    def position(self, contact_id: str) -> int | None:
        """Place in its own queue, 1 is first; contacts on offer keep theirs. None if not in a queue."""
    def positions(self, queue_id: str) -> list[str]:
        """Contact ids of a queue in order."""
    def position_changes(self) -> list[PositionChange]:
        """Reasons for places that got worse since last asked (drained)."""
    def could_serve(self, queue_id: str, requirement: Requirement) -> tuple[list[str], list[str]]:
        """Ids of known agents, free or not: (as asked for, after the last ring). Empty: nobody can."""
    def snapshot(self) -> Snapshot:
        """Everything as plain values in a fixed order, equal for equal histories."""
