"""The promises and the order of every queue, and why anybody in one moved back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from civicline.engine.routing.lines import Contact
from civicline.engine.routing.places import Places
from civicline.engine.routing.values import PositionChange, QueuePolicy, RoutingError


class Queues:
    """Policies and places by queue. Contacts on offer keep their places."""

    def __init__(self) -> None:
        self._policies: dict[str, QueuePolicy] = {}
        self._places: dict[str, Places] = {}
        self._changes: list[PositionChange] = []

    def policy(self, queue_id: str) -> QueuePolicy:
        """The promises of a queue. RoutingError if there is no such queue."""
        policy = self._policies.get(queue_id)
        if policy is None:
            raise RoutingError(f"There is no queue {queue_id}. Add its policy first.")
        return policy

    def promise(self, policy: QueuePolicy) -> None:
        """Add a queue, or change its promises."""
        self._policies[policy.queue_id] = policy
        self._places.setdefault(policy.queue_id, Places())

    def ids(self) -> list[str]:
        """The queues in a fixed order."""
        return sorted(self._places)

    def order_of(self, queue_id: str) -> Iterator[str]:
        """The contact ids of a queue in order; none for an unknown queue."""
        return (contact_id for _, _, contact_id in self._places.get(queue_id, ()))

    def place(self, contact: Contact) -> int:
        """The place of a contact in its own queue, 1 is first."""
        return self._places[contact.waiting.queue_id].rank(contact.order) + 1

    def leave(self, contact: Contact) -> None:
        """A contact gives up its place."""
        self._places[contact.waiting.queue_id].remove(contact.order)

    def enter(self, contact: Contact, old: Contact | None, contacts: Mapping[str, Contact]) -> None:
        """Take a place, leaving that of `old` (the same contact before a change); note why others move back."""
        queue_id = contact.waiting.queue_id
        places, order = self._places[queue_id], contact.order
        until, was = None, None
        if old is not None:
            if old.waiting.queue_id == queue_id:
                until, was = old.order, places.rank(old.order)
            self.leave(old)
        if not places.add(order) and (until is None or order < until):
            place = places.rank(order) + 1
            affected = (len(places) if was is None else was + 1) - place
            if affected:
                reason = _reason(contact, contacts[places.behind(order)[2]])
                self._tell(contact, reason, place, affected)
        elif was is not None and (place := places.rank(order) + 1) > was + 1:
            self._tell(contact, "changed", place, 1)

    def _tell(self, contact: Contact, reason: str, place: int, affected: int) -> None:
        waiting = contact.waiting
        self._changes.append(PositionChange(waiting.queue_id, waiting.contact_id, reason, place, affected))

    def changes(self) -> list[PositionChange]:
        """The reasons for every place that got worse since last asked."""
        told, self._changes = self._changes, []
        return told


def _reason(contact: Contact, overtaken: Contact) -> str:
    """Why `contact` stands before `overtaken`, who was there first."""
    if contact.order[0] == 0:
        return "emergency"
    mine, theirs = contact.waiting, overtaken.waiting
    if mine.arrived <= theirs.arrived and mine.priority <= theirs.priority:
        return "earlier_arrival"
    return "priority"
