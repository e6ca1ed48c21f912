"""Offers: made, open until they expire, answered."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from civicline.engine.routing.choice import Choice
from civicline.engine.routing.filing import Filing
from civicline.engine.routing.holding import Holding
from civicline.engine.routing.lines import Contact, Line, Offer
from civicline.engine.routing.values import Decision, RoutingError

ANSWERED = 256
"""So many answered offers may lie among the open ones before they are swept out, beyond as many as are open."""


class Offers:
    """Every open offer, and when the next one expires."""

    def __init__(self, filing: Filing, holding: Holding) -> None:
        self._filing = filing
        self._holding = holding
        self._expiries: list[Offer] = []
        self._sweep_at = ANSWERED

    def make(self, contact: Contact, line: Line, choice: Choice, now: float) -> Decision:
        """Reserve a contact, already out of its `line`, for the agent chosen; and say why."""
        agent, rule, candidates, (language, level), slot = choice
        waiting, need, order = contact.waiting, line.need, contact.order
        contact_id, agent_id = waiting.contact_id, agent.agent_id
        idle = 0.0 if agent.standing.count else now - agent.idle_since
        waited = now - waiting.arrived
        of_class = need.of_class
        parks, interrupts = self._holding.offer(
            agent, contact_id, of_class, urgent=order[0] == 0, preempt=slot != of_class
        )
        expires_at = now + contact.policy.offer_seconds
        self.expire(contact, agent_id, expires_at)
        told = need.told
        # `Decision(...)` would do the same, and cost a twentieth of all that is done for this contact.
        return tuple.__new__(
            Decision,
            (
                contact_id,
                waiting.queue_id,
                agent_id,
                now,
                expires_at,
                rule,
                candidates,
                -level,
                told.languages[language] if language < len(told.languages) else None,
                contact.ring,
                order[:2],
                waited if waited > 0 else 0.0,
                idle if idle > 0 else 0.0,
                told,
                parks,
                interrupts,
            ),
        )

    def expire(self, contact: Contact, agent_id: str, at: float) -> None:
        """The contact is on offer to this agent until `at`."""
        offer = tuple.__new__(Offer, (at, contact.waiting.contact_id, agent_id))
        contact.offer = offer
        expiries = self._expiries
        heappush(expiries, offer)
        if len(expiries) > self._sweep_at:
            self._sweep()

    def _sweep(self) -> None:
        """Forget the offers that were answered: once for each made, so in the short way."""
        known = self._filing.contacts.get
        open_still = [
            offer
            for offer in self._expiries
            if (contact := known(offer.contact_id)) is not None and contact.offer is offer
        ]
        heapify(open_still)
        self._expiries = open_still
        self._sweep_at = 2 * len(open_still) + ANSWERED

    def of(self, contact_id: str) -> tuple[Contact, Offer]:
        """A contact on offer. RoutingError for any other."""
        contact = self._filing.contacts.get(contact_id)
        if contact is None or contact.offer is None:
            raise RoutingError(f"Contact {contact_id} is not on offer.")
        return contact, contact.offer

    def give_back(self, contact: Contact, offer: Offer, now: float, *, refused: bool) -> None:
        """The contact returns to its own place. `refused`: its agent would not, or did not answer."""
        self._holding.release(offer.contact_id)
        contact.offer = None
        contact.refused |= refused and offer.agent_id == contact.waiting.preferred_agent
        self._filing.file(contact, now)

    def overdue(self, now: float) -> list[str]:
        """Contacts whose offer has expired, oldest first."""
        if not self._expiries or self._expiries[0].expires_at > now:
            return []
        late = [offer for offer in self._expiries if offer.expires_at <= now and self._is_open(offer)]
        return [offer.contact_id for offer in sorted(late)]

    def next_expiry(self) -> float | None:
        """When the next open offer ends."""
        expiries = self._expiries
        while expiries and not self._is_open(expiries[0]):
            heappop(expiries)
        return expiries[0].expires_at if expiries else None

    def _is_open(self, offer: Offer) -> bool:
        contact = self._filing.contacts.get(offer.contact_id)
        return contact is not None and contact.offer is offer
