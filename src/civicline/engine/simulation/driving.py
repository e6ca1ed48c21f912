"""The driver: it tells the router what happens, as the dispatcher does, and hands back its decisions.

The live loop (`floor.py`) drives the router through it with simulated time, and `replay` does so with what
a real dispatcher wrote into its log: the same happenings in, the same decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from civicline.engine.routing import AgentState, CapacityTable, Decision, QueuePolicy, Router, Waiting


class Drive:
    """One router and the verbs of a day. RoutingError (of the router) for what cannot be."""

    __slots__ = ("decide", "ended", "line_up", "router", "took")

    def __init__(self, policies: Iterable[QueuePolicy], table: CapacityTable | None = None) -> None:
        self.router = Router(table)
        for policy in policies:
            self.router.add_policy(policy)
        # The four that each contact needs, without another call between.
        self.line_up = self.router.put_contact
        self.decide = self.router.assign
        self.took = self.router.accepted
        self.ended = self.router.finished

    def staff(self, agent: AgentState) -> None:
        """An agent as they are now: abilities, presence, what they hold."""
        self.router.put_agent(agent)

    def presence(self, agent_id: str, available: bool, now: float) -> None:
        """An agent becomes free for contacts, or is not any more."""
        self.router.set_available(agent_id, available, now)

    def left(self, contact_id: str) -> bool:
        """A contact is gone for good, wherever it was."""
        return self.router.remove_contact(contact_id)

    def deadline(self, now: float) -> float | None:
        """When something changes by itself."""
        return self.router.next_deadline(now)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that a log tells: at which second, what, and of whom.

    `what`: "policy" (a queue's promises), "staff" (an agent as they are from now), "line" (a contact enters or
    changes its line), "accepted", "declined", "timed_out", "withdrawn", "finished", "left" (`subject` is the contact),
    "decide" (a round of the dispatcher).
    """

    at: float
    what: str
    subject: str = ""
    policy: QueuePolicy | None = None
    agent: AgentState | None = None
    waiting: Waiting | None = None


def replay(happenings: Iterable[Happening], table: CapacityTable | None = None) -> list[Decision]:
    """All decisions of the router when it is told these happenings, in order."""
    drive = Drive((), table)
    decisions: list[Decision] = []
    for happening in happenings:
        _tell(drive, happening)
        if happening.what == "decide":
            decisions += drive.decide(happening.at)
    return decisions


def _tell(drive: Drive, told: Happening) -> None:
    """One happening to the router."""
    if told.policy is not None:
        drive.router.add_policy(told.policy)
    elif told.agent is not None:
        drive.staff(told.agent)
    elif told.waiting is not None:
        drive.line_up(told.waiting, told.at)
    elif told.what == "left":
        drive.left(told.subject)
    elif told.what != "decide":
        getattr(drive.router, told.what)(told.subject, told.at)
