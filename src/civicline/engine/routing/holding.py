"""What each agent holds: offers and accepted contacts, and written work parked for an emergency."""

from __future__ import annotations

from civicline.engine.routing.capacity import Counts
from civicline.engine.routing.pools import Agent, Hand, Pools, hand


class Holding:
    """Who holds which contact. Every change brings the agent's openness up to date."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._table = pools.table
        self._rules = pools.table.rules
        self._holders: dict[str, Agent] = {}
        self._parked_for: dict[str, tuple[str, ...]] = {}

    def agent_of(self, contact_id: str) -> Agent | None:
        """The agent who holds a contact, on offer or accepted."""
        return self._holders.get(contact_id)

    def offer(
        self, agent: Agent, contact_id: str, of_class: int, *, urgent: bool, preempt: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Put an offer into an agent's hands. Returns the contacts (parked for it, interrupted by it)."""
        parks = self._park(agent, contact_id, of_class) if preempt else ()
        rule, standing = self._rules[of_class], agent.standing
        interrupts: tuple[str, ...] = ()
        if standing.interruptible and not rule.interruptible:
            interrupts = tuple(
                held
                for held, how in agent.hands.items()
                if self._rules[how.of_class].interruptible and not how.offered and not how.parked
            )
        parkable = rule.preemptible and not urgent
        agent.hands[contact_id] = hand(of_class, parkable, True)
        self._holders[contact_id] = agent
        agent.standing = standing.more.get(2 * of_class + parkable) or self._table.after(
            standing, of_class, parkable=parkable, change=1
        )
        self._pools.refresh(agent)
        return parks, interrupts

    def accept(self, contact_id: str) -> None:
        """The offer is now accepted work."""
        hands = self._holders[contact_id].hands
        how = hands[contact_id]
        hands[contact_id] = hand(how.of_class, how.parkable, False, how.parked)

    def release(self, contact_id: str) -> None:
        """A contact leaves its agent's hands; what was parked for it resumes."""
        agent = self._holders.pop(contact_id)
        how = agent.hands.pop(contact_id)
        if not how.parked:
            self._count(agent, how, -1)
        for parked in self._parked_for.pop(contact_id, ()):
            resumed = agent.hands.get(parked)
            if resumed is not None:
                agent.hands[parked] = resumed._replace(parked=False)
                self._count(agent, resumed, 1)
        self._pools.refresh(agent)

    def _count(self, agent: Agent, how: Hand, change: int) -> None:
        agent.standing = self._table.after(agent.standing, how.of_class, parkable=how.parkable, change=change)

    def recount(self, agent: Agent, capacity: Counts) -> None:
        """Count what is in hand anew, against this capacity."""
        agent.standing = self._table.empty(capacity)
        for how in agent.hands.values():
            if not how.parked:
                self._count(agent, how, 1)

    def forget(self, agent: Agent) -> None:
        """Empty an agent's hands."""
        for contact_id in list(agent.hands):
            self.release(contact_id)

    def replace(self, agent: Agent, in_hand: tuple[tuple[str, str], ...]) -> None:
        """Set the accepted contacts of an agent to (contact id, channel) pairs; offers and parking stay."""
        told = dict(in_hand)
        for contact_id in [held for held, how in agent.hands.items() if not how.offered and held not in told]:
            self.release(contact_id)
        for contact_id, channel in told.items():
            if contact_id not in agent.hands:
                of_class = self._table.class_of(channel)
                parkable = self._rules[of_class].preemptible
                agent.hands[contact_id] = hand(of_class, parkable, False)
                self._holders[contact_id] = agent

    def _park(self, agent: Agent, contact_id: str, of_class: int) -> tuple[str, ...]:
        """Set aside as little as is needed, the work taken last first: least is lost with it."""
        aside = list(self._table.must_park(of_class, agent.standing))
        parked = []
        for held, how in reversed(agent.hands.items()):
            if how.parkable and not how.parked and aside[how.of_class] > 0:
                aside[how.of_class] -= 1
                agent.hands[held] = how._replace(parked=True)
                self._count(agent, how, -1)
                parked.append(held)
        self._parked_for[contact_id] = tuple(parked)
        return tuple(parked)
