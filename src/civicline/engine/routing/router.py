"""The router: contacts, agents, and who is offered what.

Order: emergencies first, then the static key `arrived - priority x weight` (linear ageing: keys never change,
so nobody starves), then the contact's id. Choice: the preferred agent, else the first language asked for that
any free eligible agent speaks, the best level, the fewest contacts in hand, the longest idle, the agent's id.

Work is done only where something changed: lines with a new head, profiles with a newly free agent. So each
call of `assign` leaves no waiting contact beside a free agent who may take it.
"""

from __future__ import annotations

from civicline.engine.routing.capacity import CapacityTable
from civicline.engine.routing.eligibility import Ability, Fit, check_levels, fit, relax
from civicline.engine.routing.filing import Filing
from civicline.engine.routing.holding import Holding
from civicline.engine.routing.lines import Contact
from civicline.engine.routing.offers import Offers
from civicline.engine.routing.pools import Agent, Pools
from civicline.engine.routing.queues import Queues
from civicline.engine.routing.sharing import Sharing
from civicline.engine.routing.values import (
    AgentState,
    Decision,
    OfferView,
    PositionChange,
    QueuePolicy,
    QueueView,
    Requirement,
    RoutingError,
    Snapshot,
    Waiting,
)


class Router:
    """One dispatcher owns one router; it is not safe for several threads. Time never runs backwards in it."""

    def __init__(self, table: CapacityTable | None = None) -> None:
        self._table = table or CapacityTable()
        self._pools = Pools(self._table)
        self._filing = Filing(self._pools)
        self._holding = Holding(self._pools)
        self._queues = Queues()
        self._offers = Offers(self._filing, self._holding)
        self._sharing = Sharing(self._pools, self._filing, self._offers)
        self._now = float("-inf")

    # --- queues -------------------------------------------------------------------------------------------

    def add_policy(self, policy: QueuePolicy) -> None:
        """Add a queue, or change its promises. Contacts already in it keep their places and their class."""
        self._queues.promise(policy)
        self._filing.forget_needs()
        for contact_id in self._queues.order_of(policy.queue_id):
            contact = self._filing.contacts[contact_id]
            contact.policy = policy
            if contact.offer is None:
                self._filing.file(contact, self._now)

    # --- contacts -----------------------------------------------------------------------------------------

    def put_contact(self, waiting: Waiting, now: float | None = None) -> None:
        """Add a contact, or change a waiting one (same id).

        RoutingError for a queue without a policy, and for a contact that is on offer or in hand.
        """
        now = self._clock(waiting.arrived if now is None else now)
        contact_id = waiting.contact_id
        policy = self._queues.policy(waiting.queue_id)
        if self._holding.agent_of(contact_id) is not None:
            raise RoutingError(f"Contact {contact_id} is with an agent. Finish or withdraw that first.")
        contact = Contact(waiting, policy)
        old = self._filing.contacts.get(contact_id)
        if old is not None:
            if old.waiting.queue_id == waiting.queue_id:
                contact.declined, contact.refused = old.declined, old.refused
            self._filing.leave(old)
        self._queues.enter(contact, old, self._filing.contacts)
        self._filing.enter(contact, now)

    def remove_contact(self, contact_id: str) -> bool:
        """Take a contact out for good (abandoned, answered elsewhere), waiting, on offer or in hand.

        False if it is unknown, which is no error: two sides may end a contact at once.
        """
        contact = self._filing.contacts.get(contact_id)
        held = self._holding.agent_of(contact_id)
        if held is not None:
            self._holding.release(contact_id)
        if contact is not None:
            self._drop(contact)
        return contact is not None or held is not None

    # --- agents -------------------------------------------------------------------------------------------

    def put_agent(self, state: AgentState) -> None:
        """Add or change an agent. Open offers stay with them.

        `in_hand=None` keeps what the router knows; otherwise it replaces the accepted contacts. RoutingError
        for an unknown class of capacity, a level outside 1-5, or a contact in hand that is elsewhere.
        """
        skills = frozenset((skill, level) for skill, level in state.skills.items() if level)
        check_levels(state.agent_id, skills)
        capacity = self._table.capacities(state.capacity)
        self._check_in_hand(state)
        ability = Ability(skills, frozenset(state.languages), frozenset(state.queues))
        agent = self._pools.agents.get(state.agent_id)
        if agent is None:
            agent = Agent(state.agent_id, self._pools.profile(ability), self._table.empty(capacity))
            self._pools.join(agent)
        elif agent.profile.ability != ability:
            self._pools.leave(agent)
            agent.profile = self._pools.profile(ability)
            self._pools.join(agent)
        agent.available = state.available
        agent.idle_since = state.idle_since
        if state.in_hand is not None:
            self._holding.replace(agent, state.in_hand)
        self._holding.recount(agent, capacity)
        self._pools.refresh(agent)
        self._filing.refile_hoping(state.agent_id, self._now)

    def set_available(self, agent_id: str, available: bool, now: float) -> None:
        """Presence. Becoming available starts the idle time at `now`; open offers stay until reported."""
        now = self._clock(now)
        agent = self._agent(agent_id)
        if agent.available != available:
            agent.available = available
            if available:
                agent.idle_since = now
            self._pools.refresh(agent)
            self._filing.refile_hoping(agent_id, now)

    def remove_agent(self, agent_id: str, now: float) -> list[str]:
        """Sign an agent out: open offers go back to their own places, and their ids are returned.

        Contacts in hand are forgotten: put them back with `put_contact` if they shall wait again.
        """
        now = self._clock(now)
        agent = self._agent(agent_id)
        offered = sorted(contact_id for contact_id, hand in agent.hands.items() if hand.offered)
        self._holding.forget(agent)
        self._pools.leave(agent)
        for contact_id in offered:
            contact = self._filing.contacts[contact_id]
            contact.offer = None
            self._filing.file(contact, now)
        self._filing.refile_hoping(agent_id, now)
        return offered

    # --- decisions ----------------------------------------------------------------------------------------

    def assign(self, now: float) -> list[Decision]:
        """Every offer that can be made now, in order; each is reserved until it is reported back."""
        now = self._clock(now)
        self._filing.tick(now)
        return self._sharing.share_out(now)

    def reserve(self, contact_id: str, agent_id: str, now: float, seconds: float | None = None) -> Decision:
        """Offer a waiting contact by hand: a supervisor assigns it, or an open offer is restored at a start.

        Skills and capacity are passed over; the rule is "assigned". `seconds`: until it expires, else the
        queue's own. RoutingError if the contact does not wait.
        """
        now = self._clock(now)
        agent = self._agent(agent_id)
        contact = self._filing.contacts.get(contact_id)
        if contact is None or contact.offer is not None:
            raise RoutingError(f"Contact {contact_id} does not wait, so it cannot be assigned.")
        need = self._filing.need(contact)
        found = fit(agent.profile.ability, need.told) or Fit(len(need.told.languages), 0)
        self._filing.unfile(contact)
        decision = self._offers.make(contact, need.line, (agent, "assigned", 1, found, need.ways[0][0]), now)
        if seconds is None:
            return decision
        self._offers.expire(contact, agent_id, now + seconds)
        return decision._replace(expires_at=now + seconds)

    # --- what became of an offer --------------------------------------------------------------------------

    def accepted(self, contact_id: str, now: float) -> str:
        """The agent took it: it leaves the line and is in hand. Returns the agent's id."""
        self._clock(now)
        contact, offer = self._offers.of(contact_id)
        self._holding.accept(contact_id)
        self._drop(contact)
        return offer.agent_id

    def declined(self, contact_id: str, now: float) -> str:
        """Back to its own place; not offered to this agent again for the queue's `decline_seconds`."""
        contact, offer = self._offers.of(contact_id)
        until = self._clock(now) + contact.policy.decline_seconds
        contact.declined = {**contact.declined, offer.agent_id: until}
        self._offers.give_back(contact, offer, self._now, refused=True)
        return offer.agent_id

    def timed_out(self, contact_id: str, now: float) -> str:
        """Back to its own place; the agent is "not responding": unavailable until `set_available`."""
        now = self._clock(now)
        contact, offer = self._offers.of(contact_id)
        self.set_available(offer.agent_id, False, now)
        self._offers.give_back(contact, offer, self._now, refused=True)
        return offer.agent_id

    def withdrawn(self, contact_id: str, now: float) -> str:
        """Back to its own place; the agent is free again at once."""
        self._clock(now)
        contact, offer = self._offers.of(contact_id)
        self._offers.give_back(contact, offer, self._now, refused=False)
        return offer.agent_id

    def finished(self, contact_id: str, now: float) -> str:
        """A contact in hand is over (wrap-up done); parked work resumes. Returns the agent's id."""
        now = self._clock(now)
        agent = self._holding.agent_of(contact_id)
        if agent is None or contact_id in self._filing.contacts:
            raise RoutingError(f"Contact {contact_id} is not in an agent's hand, so it cannot be finished.")
        agent.idle_since = now
        self._holding.release(contact_id)
        return agent.agent_id

    # --- what the caller may ask --------------------------------------------------------------------------

    def overdue(self, now: float) -> list[str]:
        """Contacts whose offer has expired, oldest first: the caller reports `timed_out` for each."""
        return self._offers.overdue(self._clock(now))

    def next_deadline(self, now: float) -> float | None:
        """When something changes by itself: a ring, a preference, a decline or an offer ends. None: never.

        May lie before `now`: then there is something to do at once.
        """
        self._clock(now)
        times = (self._offers.next_expiry(), self._filing.next_alarm())
        return min((at for at in times if at is not None), default=None)

    def position(self, contact_id: str) -> int | None:
        """Place in its own queue, 1 is first; contacts on offer keep theirs. None if it is in no queue."""
        contact = self._filing.contacts.get(contact_id)
        return None if contact is None else self._queues.place(contact)

    def positions(self, queue_id: str) -> list[str]:
        """Contact ids of a queue in order."""
        return list(self._queues.order_of(queue_id))

    def position_changes(self) -> list[PositionChange]:
        """The reasons for every place that got worse since last asked."""
        return self._queues.changes()

    def could_serve(self, queue_id: str, requirement: Requirement) -> tuple[list[str], list[str]]:
        """Ids of the agents, free or not, who could serve this: (as asked for, with every ring open)."""
        policy = self._queues.policy(queue_id)
        of_class = self._table.class_of(requirement.channel)
        found = []
        for ring in (0, len(policy.rings)):
            told = relax(requirement, policy, ring, self._table.names[of_class])
            profiles = (p for p in self._pools.profiles() if fit(p.ability, told) is not None)
            able = [a for p in profiles for a in p.agents.values() if a.standing.capacity[of_class]]
            found.append(sorted(agent.agent_id for agent in able))
        return found[0], found[1]

    def snapshot(self) -> Snapshot:
        """Everything as plain values in a fixed order, equal for equal histories."""
        contacts, agents = self._filing.contacts, sorted(self._pools.agents.items())
        offers = [contact.offer for _, contact in sorted(contacts.items()) if contact.offer is not None]
        queues = []
        for queue_id in self._queues.ids():
            ids = tuple(self.positions(queue_id))
            queues.append(QueueView(queue_id, ids, sum(contacts[c].offer is not None for c in ids)))
        hands = [(c, agent_id, hand) for agent_id, agent in agents for c, hand in sorted(agent.hands.items())]
        return Snapshot(
            tuple(queues),
            tuple(OfferView(offer.contact_id, offer.agent_id, offer.expires_at) for offer in offers),
            tuple((c, agent_id) for c, agent_id, hand in hands if not hand.offered),
            tuple(sorted(c for c, _, hand in hands if hand.parked)),
            tuple(agent_id for agent_id, agent in agents if agent.open),
        )

    # --- within -------------------------------------------------------------------------------------------

    def _clock(self, now: float) -> float:
        """Time as the router sees it: a clock that is set back stands still here."""
        if now > self._now:
            self._now = now
        return self._now

    def _drop(self, contact: Contact) -> None:
        self._queues.leave(contact)
        self._filing.leave(contact)

    def _agent(self, agent_id: str) -> Agent:
        agent = self._pools.agents.get(agent_id)
        if agent is None:
            raise RoutingError(f"There is no agent {agent_id}.")
        return agent

    def _check_in_hand(self, state: AgentState) -> None:
        for contact_id, _ in state.in_hand or ():
            holder = self._holding.agent_of(contact_id)
            if contact_id in self._filing.contacts or (holder and holder.agent_id != state.agent_id):
                raise RoutingError(
                    f"Contact {contact_id} is not in the hand of agent {state.agent_id} alone."
                )
