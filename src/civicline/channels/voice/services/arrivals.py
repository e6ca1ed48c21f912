"""Calls and agents who find each other at once: in the write that takes a call in, or while nobody of us listened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from civicline.channels.voice import selectors
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.services.calls import Arrived, get, take_in, talking
from civicline.intake import selectors as intake
from civicline.kernel import precedence
from civicline.kernel.db import undoable, writes
from civicline.kernel.errors import Conflict
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose telephone is to ring for a call that has just come: its offer is stored with the call."""

    call_id: UUID
    contact_id: UUID
    offer_id: UUID
    agent_id: UUID
    phone: PhoneLine


Tell = Callable[[Chosen], None]


def arrive_offered(*, raw: Mapping[str, Any], tell: Tell) -> tuple[Arrived, Chosen | None]:
    """As `arrive` into the line, and offered in the same write where the dispatcher of this process finds somebody.

    `tell` is called inside the write, on any thread, as soon as somebody is chosen: the offer may still lose, the write
    fail, or be done again with somebody else. Only what this returns is true. Outermost write only; raises as `arrive`.
    """
    tried: list[UUID] = []
    kept: UUID | None = None
    try:
        arrived, chosen = _write(raw, tell, tried)
        kept = arrived.contact_id
        if chosen is not None:
            precedence.served()  # the dispatcher has nothing to write for it
        return arrived, chosen
    finally:
        lost = [contact_id for contact_id in tried if contact_id != kept]
        if lost:
            routing.came_to_nothing(contact_ids=lost)


@writes
def _write(raw: Mapping[str, Any], tell: Tell, tried: list[UUID]) -> tuple[Arrived, Chosen | None]:
    arrived = take_in(raw, in_line=True)
    if arrived.queued is None:
        return arrived, None  # told again after a crash: it is in its line
    tried.append(arrived.contact_id)
    found: list[Chosen] = []

    def told(candidate: routing.Candidate) -> None:
        agent_id = UUID(candidate.decision.agent_id)
        phone = selectors.phone_of(agent_id)
        if phone is not None:  # whoever has no telephone is dealt with as ever
            chosen = Chosen(arrived.call_id, arrived.contact_id, candidate.offer_id, agent_id, phone)
            found.append(chosen)
            tell(chosen)

    offer = routing.offer_at_once(contact=arrived.queued, told=told)
    return arrived, next(iter(found), None) if offer is not None else None


@writes
def picked_up_unheard(*, call_id: UUID, offer_id: UUID) -> bool:
    """An agent had picked up while no process of ours heard it; whether the call is theirs now.

    The offer's time may have passed since, and nobody was with the caller: then it is accepted after all.
    """
    call = get(call_id)
    contact = intake.find_contact(call.contact_id)
    offer = routing_selectors.get_offer(offer_id)
    if offer is None or contact is None or offer.contact_id != call.contact_id:
        return False
    if contact.state not in ("queued", "offered") or offer.state == "open":
        return False  # somebody's by now; or followed as any that is picked up
    try:
        with undoable():
            routing.accept_late(offer_id=offer_id)
    except Conflict:
        return False
    talking(call_id=call_id, agent_id=offer.agent_id)
    return True
