"""Any history of arrivals, presence, answers and time: the router keeps its promises, as the naive one."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from civicline.engine.routing import (
    ANY_QUEUE,
    AgentState,
    Decision,
    PositionChange,
    QueuePolicy,
    Requirement,
    Ring,
    Router,
    Waiting,
)
from tests.unit.engine.naive_router import Held, NaiveAgent, NaiveContact, NaiveRouter

POLICIES = [
    QueuePolicy(
        "council-tax",
        (Ring(30, level_drop=1), Ring(60, overflow_queues=("housing",)), Ring(90, min_level=1)),
        preferred_seconds=25,
        decline_seconds=40,
    ),
    QueuePolicy("housing", (Ring(45, overflow_queues=("county",), drop_languages=True),), ageing_seconds=300),
    QueuePolicy("text-desk", emergency=True, ageing_seconds=0),
]
QUEUES = [policy.queue_id for policy in POLICIES]
AGENTS = ["ada", "ben", "cem", "dua", "eve"]
LEVELS = st.integers(1, 5)
SKILLS = st.dictionaries(st.sampled_from(["bills", "law"]), LEVELS, max_size=2)
LANGUAGES = st.lists(st.sampled_from(["en", "fr", "tr"]), unique=True, max_size=2)
CHANNELS = st.sampled_from(["voice", "chat", "email"])
AGENT_STATES = st.builds(
    AgentState,
    agent_id=st.sampled_from(AGENTS),
    skills=SKILLS,
    languages=LANGUAGES.map(frozenset),
    queues=st.frozensets(st.sampled_from([*QUEUES, "county", ANY_QUEUE]), min_size=1),
    capacity=st.fixed_dictionaries(
        {"voice": st.integers(0, 1), "chat": st.integers(0, 2), "written": st.integers(0, 2)}
    ),
    available=st.sampled_from([True, True, True, False]),
    idle_since=st.integers(0, 3).map(float),
)
REQUIREMENTS = st.builds(
    Requirement,
    skills=SKILLS.map(lambda levels: tuple(levels.items())),
    languages=LANGUAGES.map(tuple),
    channel=CHANNELS,
)


class RoutingHistory(RuleBasedStateMachine):
    """The real router, its twin (fed the same), and the naive router, side by side."""

    @initialize()
    def open_the_doors(self) -> None:
        self.routers = [Router(), Router()]
        for router in self.routers:
            for policy in POLICIES:
                router.add_policy(policy)
        self.naive = NaiveRouter(POLICIES)
        self.now = 1000.0
        self.arrivals = 0
        self.places: dict[str, tuple[str, int]] = {}
        self.settled = True

    # --- what happens

    def arrive(self, waiting: Waiting) -> None:
        for router in self.routers:
            router.put_contact(waiting, self.now)
        self.naive.contacts[waiting.contact_id] = NaiveContact(waiting)
        self.settled = False

    @rule(
        queue=st.sampled_from(QUEUES),
        requirement=REQUIREMENTS,
        priority=st.integers(-1, 3),
        preferred=st.none() | st.sampled_from(AGENTS),
        emergency=st.integers(0, 9).map(lambda n: n == 0),
        ago=st.sampled_from([0, 0, 0, 20, 100]),
    )
    def contact_arrives(
        self,
        queue: str,
        requirement: Requirement,
        priority: int,
        preferred: str | None,
        emergency: bool,
        ago: int,
    ) -> None:
        self.arrivals += 1
        contact_id = f"c{self.arrivals * 7919 % 1000:03}-{self.arrivals}"
        entered = self.now if ago == 20 else None
        self.arrive(
            Waiting(
                contact_id,
                queue,
                requirement,
                self.now - ago,
                priority,
                preferred,
                emergency,
                entered=entered,
            )
        )

    @rule(state=AGENT_STATES)
    def agent_signs_in_or_changes(self, state: AgentState) -> None:
        for router in self.routers:
            router.put_agent(state)
        known = self.naive.agents.get(state.agent_id)
        hands = {} if known is None else known.hands
        self.naive.agents[state.agent_id] = NaiveAgent(state, state.available, state.idle_since, hands)
        self.settled = False

    @precondition(lambda self: self.naive.agents)
    @rule(data=st.data(), available=st.booleans())
    def presence_changes(self, data: st.DataObject, available: bool) -> None:
        agent_id = data.draw(st.sampled_from(sorted(self.naive.agents)))
        for router in self.routers:
            router.set_available(agent_id, available, self.now)
        agent = self.naive.agents[agent_id]
        if available and not agent.available:
            agent.idle_since = self.now
        agent.available = available
        self.settled = False

    @precondition(lambda self: self.naive.agents)
    @rule(data=st.data())
    def agent_signs_out(self, data: st.DataObject) -> None:
        agent_id = data.draw(st.sampled_from(sorted(self.naive.agents)))
        back = [router.remove_agent(agent_id, self.now) for router in self.routers]
        agent = self.naive.agents[agent_id]
        offered = sorted(c for c, held in agent.hands.items() if held.offered)
        assert back == [offered, offered]
        for contact_id in offered:
            self.naive.give_back(contact_id, refused=False)
        del self.naive.agents[agent_id]
        self.settled = False

    @rule(seconds=st.sampled_from([0, 1, 5, 15, 30, 41]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.settled = False

    @rule()
    def work_is_shared_out(self) -> None:
        first, second = (router.assign(self.now) for router in self.routers)
        assert first == second, "the same history gives the same decisions"
        expected = self.naive.assign(self.now)
        assert [(d.contact_id, d.agent_id, d.candidates, d.parks) for d in first] == expected
        for decision in first:
            self.check_explained(decision)
        self.settled = True
        for router in self.routers:
            assert router.assign(self.now) == [], "nothing is left to be shared out"

    def check_explained(self, decision: Decision) -> None:
        told = decision.explain()
        assert told["contact"] == decision.contact_id
        assert told["code"].startswith("routing.")
        if decision.candidates == 1 and decision.rule != "preferred":
            assert decision.rule == "only_candidate"

    def offered(self) -> list[str]:
        return sorted(c for c, contact in self.naive.contacts.items() if contact.offered_to is not None)

    @precondition(lambda self: self.offered())
    @rule(data=st.data(), answer=st.sampled_from(["accepted", "declined", "timed_out", "withdrawn"]))
    def offer_is_answered(self, data: st.DataObject, answer: str) -> None:
        contact_id = data.draw(st.sampled_from(self.offered()))
        contact = self.naive.contacts[contact_id]
        agent_id = contact.offered_to
        assert agent_id is not None
        for router in self.routers:
            assert getattr(router, answer)(contact_id, self.now) == agent_id
        if answer == "accepted":
            self.naive.agents[agent_id].hands[contact_id].offered = False
            del self.naive.contacts[contact_id]
        else:
            if answer == "declined":
                policy = self.naive.policies[contact.waiting.queue_id]
                contact.declined[agent_id] = self.now + policy.decline_seconds
            if answer == "timed_out":
                self.naive.agents[agent_id].available = False
            self.naive.give_back(contact_id, refused=answer != "withdrawn")
        self.settled = False

    def accepted(self) -> list[tuple[str, Held]]:
        return sorted(
            ((c, h) for a in self.naive.agents.values() for c, h in a.hands.items() if not h.offered),
            key=lambda pair: pair[0],
        )

    @precondition(lambda self: self.accepted())
    @rule(data=st.data())
    def contact_is_finished(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from([c for c, _ in self.accepted()]))
        for router in self.routers:
            router.finished(contact_id, self.now)
        agent = self.naive.release(contact_id)
        assert agent is not None
        agent.idle_since = self.now
        self.settled = False

    @precondition(lambda self: self.naive.contacts)
    @rule(data=st.data())
    def resident_gives_up(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from(sorted(self.naive.contacts)))
        for router in self.routers:
            assert router.remove_contact(contact_id)
            assert not router.remove_contact(contact_id)
        self.naive.release(contact_id)
        del self.naive.contacts[contact_id]
        self.settled = False

    # --- what holds at every moment

    @invariant()
    def places_are_kept(self) -> None:
        """Places are those of the keys, and none gets worse without a reason told."""
        router = self.routers[0]
        changes = router.position_changes()
        assert changes == self.routers[1].position_changes()
        places = {}
        for queue_id in QUEUES:
            order = self.naive.in_order(queue_id)
            assert router.positions(queue_id) == order
            places |= {contact_id: (queue_id, at) for at, contact_id in enumerate(order, 1)}
        for contact_id, (queue_id, place) in places.items():
            assert router.position(contact_id) == place
            before = self.places.get(contact_id, (queue_id, place))
            assert before[0] != queue_id or place - before[1] <= len(
                [change for change in changes if self.explains(change, queue_id, before[1], contact_id)]
            )
        self.places = places

    def explains(self, change: PositionChange, queue_id: str, place: int, contact_id: str) -> bool:
        return change.queue_id == queue_id and change.cause != contact_id and change.place <= place

    @invariant()
    def nobody_is_in_two_hands(self) -> None:
        snapshot = self.routers[0].snapshot()
        assert snapshot == self.routers[1].snapshot()
        hands = [offer.contact_id for offer in snapshot.offers] + [c for c, _ in snapshot.in_hand]
        assert len(hands) == len(set(hands))
        naive = {c: a.state.agent_id for a in self.naive.agents.values() for c in a.hands}
        assert naive == {o.contact_id: o.agent_id for o in snapshot.offers} | dict(snapshot.in_hand)
        parked = sorted(c for a in self.naive.agents.values() for c, held in a.hands.items() if held.parked)
        assert list(snapshot.parked) == parked

    @invariant()
    def nobody_waits_beside_a_free_agent(self) -> None:
        """Work-conserving: after sharing out, no waiting contact has a candidate."""
        if self.settled:
            for contact in self.naive.contacts.values():
                if contact.offered_to is None:
                    urgent = self.naive.urgent(contact.waiting)
                    assert not self.naive.candidates(contact, self.now, preempt=urgent)

    @invariant()
    def the_next_deadline_is_never_slept_through(self) -> None:
        """If nothing is told before `deadline`, nothing can be shared out before it."""
        if not self.settled:
            return
        deadline = self.routers[0].next_deadline(self.now)
        until = self.now + 500 if deadline is None else deadline
        for contact in self.naive.contacts.values():
            if contact.offered_to is None and until > self.now:
                ring = contact.ring
                just_before = until - 0.001
                assert not self.naive.candidates(contact, just_before, preempt=False)
                contact.ring = ring


TestRoutingHistory = RoutingHistory.TestCase
TestRoutingHistory.settings = settings(max_examples=250, stateful_step_count=50, deadline=None)
