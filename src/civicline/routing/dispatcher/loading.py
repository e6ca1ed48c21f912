"""From rows to the engine's values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.engine.routing import AgentState, QueuePolicy, Requirement, Ring, Waiting
from civicline.kernel import rows
from civicline.people import selectors as people
from civicline.routing.models import Offer, Queue, QueueMember

if TYPE_CHECKING:
    from civicline.intake.models import Contact

ON_FLOOR = ("queued", "offered", "connected", "wrap_up")
"""States of contacts that the engine must know of: those in the line, on offer, and in somebody's hand."""


def partner_pool(queue_id: int) -> str:
    """The pool of people whom a partner body lends to a queue: only its last ring reaches them."""
    return f"partner:{queue_id}"


def policies() -> list[QueuePolicy]:
    """Every active queue as the engine's policy; the last ring reaches the partner body's people too."""
    return [_policy(queue) for queue in Queue.objects.filter(active=True).prefetch_related("rings")]


def _policy(queue: Queue) -> QueuePolicy:
    rows = sorted(queue.rings.all(), key=lambda ring: ring.after_seconds)
    rings = [
        Ring(
            after_seconds=float(ring.after_seconds),
            level_drop=ring.level_drop,
            overflow_queues=(str(ring.overflow_id),) if ring.overflow_id else (),
        )
        for ring in rows
    ]
    if rings:
        last = rings[-1]
        rings[-1] = Ring(
            last.after_seconds,
            level_drop=last.level_drop,
            overflow_queues=(*last.overflow_queues, partner_pool(queue.pk)),
        )
    return QueuePolicy(
        queue_id=str(queue.pk),
        rings=tuple(rings),
        ageing_seconds=float(queue.ageing_seconds),
        offer_seconds=float(queue.offer_seconds),
        preferred_seconds=float(queue.preferred_seconds),
        emergency=queue.emergency,
    )


def wrap_up_seconds() -> dict[int, int]:
    """How long each queue leaves its agents for wrap-up; also queues that take nothing new."""
    return dict(Queue.objects.values_list("pk", "wrap_up_seconds"))


def waiting(contact: Contact) -> Waiting:
    """One contact in the line, as the engine sees it."""
    return Waiting(
        contact_id=str(contact.id),
        queue_id=str(contact.queue_id),
        requirement=Requirement(
            skills=tuple((skill, int(level)) for skill, level in contact.skills),
            languages=tuple(contact.languages),
            channel=contact.channel,
        ),
        arrived=contact.arrived_at.timestamp(),
        priority=contact.priority,
        preferred_agent=str(contact.preferred_agent_id) if contact.preferred_agent_id else None,
        emergency=contact.emergency,
        entered=contact.queued_at.timestamp() if contact.queued_at else None,
    )


@dataclass(frozen=True, slots=True)
class AgentOnFloor:
    """An agent as the engine sees them, and how long they personally have to answer an offer, if not the usual."""

    state: AgentState
    offer_seconds: int | None


def agents(agent_ids: Iterable[UUID] | None = None) -> list[AgentOnFloor]:
    """Agents with skills, queues and capacity; all, or those named. What they hold is for the floor to add."""
    facts = people.agent_states(agent_ids)
    pools = _pools([fact.agent_id for fact in facts])
    return [
        AgentOnFloor(
            AgentState(
                agent_id=str(fact.agent_id),
                skills=dict(fact.skills),
                languages=frozenset(fact.languages),
                queues=frozenset(pools.get(fact.agent_id, ())),
                capacity=dict(fact.capacity),
                available=fact.available,
                idle_since=fact.idle_since.timestamp(),
            ),
            fact.offer_seconds,
        )
        for fact in facts
    ]


def _pools(agent_ids: list[UUID]) -> dict[UUID, set[str]]:
    pools: dict[UUID, set[str]] = defaultdict(set)
    for agent_id, queue_id, partner in QueueMember.objects.filter(agent_id__in=agent_ids).values_list(
        "agent_id", "queue_id", "partner"
    ):
        pools[agent_id].add(partner_pool(queue_id) if partner else str(queue_id))
    return pools


def open_offers(contact_ids: Iterable[UUID] | None = None) -> dict[UUID, Offer]:
    """The open offer of each contact that has one."""
    if contact_ids is None:
        return {offer.contact_id: offer for offer in Offer.objects.filter(state="open")}
    found = rows.many(Offer, where={"state": "open"}, any_of=("contact_id", contact_ids))
    return {offer.contact_id: offer for offer in found}


def last_answers(contact_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """For each contact: the agent and the state of its latest offer."""
    found = rows.many(Offer, where={}, any_of=("contact_id", contact_ids))
    return {
        offer.contact_id: (offer.agent_id, offer.state)
        for offer in sorted(found, key=lambda offer: offer.made_at)
    }
