"""The routing rules written down as slowly and plainly as possible: what the real router must agree with."""

from __future__ import annotations

from dataclasses import dataclass, field

from civicline.engine.routing import ANY_QUEUE, AgentState, QueuePolicy, Waiting

CLASS_OF = {"voice": "voice", "chat": "chat", "email": "written"}
BLOCKED_BY = {"voice": ("voice", "chat"), "chat": ("voice",), "written": ("voice", "chat")}


@dataclass
class Held:
    kind: str
    urgent: bool
    offered: bool = True
    parked: bool = False
    parked_for: str | None = None


@dataclass
class NaiveAgent:
    state: AgentState
    available: bool
    idle_since: float
    hands: dict[str, Held] = field(default_factory=dict)

    def load(self, kind: str, *, for_emergency: bool = False) -> int:
        return sum(
            held.kind == kind
            and not held.parked
            and not (for_emergency and held.kind == "written" and not held.urgent)
            for held in self.hands.values()
        )

    def fits(self, kind: str, *, for_emergency: bool = False) -> bool:
        return (
            self.available
            and self.load(kind, for_emergency=for_emergency) < self.state.capacity.get(kind, 0)
            and not any(self.load(other, for_emergency=for_emergency) for other in BLOCKED_BY[kind])
        )


@dataclass
class NaiveContact:
    waiting: Waiting
    declined: dict[str, float] = field(default_factory=dict)
    refused: bool = False
    offered_to: str | None = None
    ring: int = 0


class NaiveRouter:
    def __init__(self, policies: list[QueuePolicy]) -> None:
        self.policies = {policy.queue_id: policy for policy in policies}
        self.contacts: dict[str, NaiveContact] = {}
        self.agents: dict[str, NaiveAgent] = {}

    def urgent(self, waiting: Waiting) -> bool:
        return waiting.emergency or self.policies[waiting.queue_id].emergency

    def order(self, waiting: Waiting) -> tuple[int, float, str]:
        weight = self.policies[waiting.queue_id].ageing_seconds
        return (
            0 if self.urgent(waiting) else 1,
            waiting.arrived - waiting.priority * weight,
            waiting.contact_id,
        )

    def in_order(self, queue_id: str) -> list[str]:
        found = [c.waiting for c in self.contacts.values() if c.waiting.queue_id == queue_id]
        return [waiting.contact_id for waiting in sorted(found, key=self.order)]

    def able(self, contact: NaiveContact, agent: NaiveAgent, now: float) -> bool:
        """Skills, languages and pools at the ring of `now`."""
        waiting, state = contact.waiting, agent.state
        need = waiting.requirement
        entered = waiting.arrived if waiting.entered is None else waiting.entered
        rings = self.policies[waiting.queue_id].rings
        contact.ring = max(contact.ring, sum(entered + ring.after_seconds <= now for ring in rings))
        opened = rings[: contact.ring]
        pools = {waiting.queue_id, *(pool for ring in opened for pool in ring.overflow_queues)}
        drop = max([0, *(ring.level_drop for ring in opened)])
        ceiling = min([5, *(ring.min_level for ring in opened if ring.min_level is not None)])
        return (
            (ANY_QUEUE in state.queues or bool(pools & state.queues))
            and all(state.skills.get(s, 0) >= max(1, min(least - drop, ceiling)) for s, least in need.skills)
            and (
                not need.languages
                or any(ring.drop_languages for ring in opened)
                or any(language in state.languages for language in need.languages)
            )
        )

    def candidates(self, contact: NaiveContact, now: float, *, preempt: bool) -> list[NaiveAgent]:
        waiting = contact.waiting
        kind = CLASS_OF[waiting.requirement.channel]
        held_for = self.held_for(contact, now)
        return [
            agent
            for agent_id, agent in self.agents.items()
            if self.able(contact, agent, now)
            and agent.fits(kind, for_emergency=preempt)
            and contact.declined.get(agent_id, now) <= now
            and held_for in (None, agent_id)
        ]

    def held_for(self, contact: NaiveContact, now: float) -> str | None:
        waiting = contact.waiting
        entered = waiting.arrived if waiting.entered is None else waiting.entered
        agent = self.agents.get(waiting.preferred_agent or "")
        kind = CLASS_OF[waiting.requirement.channel]
        if (
            agent is None
            or self.urgent(waiting)
            or contact.refused
            or now >= entered + self.policies[waiting.queue_id].preferred_seconds
            or not agent.available
            or not agent.state.capacity.get(kind)
            or not self.able(contact, agent, now)
        ):
            return None
        return waiting.preferred_agent

    def best(self, contact: NaiveContact, found: list[NaiveAgent]) -> NaiveAgent:
        waiting = contact.waiting
        wanted = waiting.requirement.languages

        def rank(agent: NaiveAgent) -> tuple[bool, int, int, int, float, str]:
            spoken = [at for at, language in enumerate(wanted) if language in agent.state.languages]
            levels = sum(agent.state.skills[skill] for skill, _ in waiting.requirement.skills)
            in_hand = sum(not held.parked for held in agent.hands.values())
            return (
                agent.state.agent_id != waiting.preferred_agent,
                min(spoken, default=len(wanted)),
                -levels,
                in_hand,
                agent.idle_since,
                agent.state.agent_id,
            )

        return min(found, key=rank)

    def assign(self, now: float) -> list[tuple[str, str, int, tuple[str, ...]]]:
        """(contact, agent, candidates, parked) of every offer."""
        made = []
        for contact in sorted(self.contacts.values(), key=lambda c: self.order(c.waiting)):
            if contact.offered_to is not None:
                continue
            preempt = False
            found = self.candidates(contact, now, preempt=False)
            if not found and self.urgent(contact.waiting):
                preempt = True
                found = self.candidates(contact, now, preempt=True)
            if found:
                agent = self.best(contact, found)
                parked = self.reserve(contact, agent, preempt=preempt)
                made.append((contact.waiting.contact_id, agent.state.agent_id, len(found), parked))
        return made

    def reserve(self, contact: NaiveContact, agent: NaiveAgent, *, preempt: bool) -> tuple[str, ...]:
        waiting = contact.waiting
        kind = CLASS_OF[waiting.requirement.channel]
        parked = []
        while preempt and not agent.fits(kind):
            last = [
                c for c, h in agent.hands.items() if h.kind == "written" and not h.urgent and not h.parked
            ][-1]
            agent.hands[last].parked, agent.hands[last].parked_for = True, waiting.contact_id
            parked.append(last)
        contact.offered_to = agent.state.agent_id
        agent.hands[waiting.contact_id] = Held(kind, self.urgent(waiting))
        return tuple(parked)

    def release(self, contact_id: str) -> NaiveAgent | None:
        for agent in self.agents.values():
            if agent.hands.pop(contact_id, None) is not None:
                for held in agent.hands.values():
                    if held.parked_for == contact_id:
                        held.parked, held.parked_for = False, None
                return agent
        return None

    def give_back(self, contact_id: str, *, refused: bool) -> None:
        contact = self.contacts[contact_id]
        contact.refused |= refused and contact.offered_to == contact.waiting.preferred_agent
        contact.offered_to = None
        self.release(contact_id)
