"""Offers: stored by the dispatcher in one commit, answered by agents, taken back by the clock or by events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine.routing import Decision
from civicline.intake import events as intake_events
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.services.contacts import seconds_between
from civicline.kernel import audit, bus, clock, ids, rows
from civicline.kernel.db import joins, writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.kernel.events import emit
from civicline.kernel.leases import Lease
from civicline.kernel.readings import Reading
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.routing import counting, events
from civicline.routing.channels import class_of, is_live
from civicline.routing.models import Offer

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from civicline.intake.models import Contact


class LeaseLost(Exception):
    """This dispatcher is not the active one any more; nothing of the batch was stored."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision of the engine, and the version of the contact that it was made on.

    `prompt`: somebody could take the contact as soon as it was heard of. `offer_id`: of the offer to be.
    """

    decision: Decision
    version: int
    prompt: bool = False
    offer_id: UUID = field(default_factory=ids.new_id)


def moment(seconds: float) -> datetime:
    """The engine's seconds as a stored time."""
    return datetime.fromtimestamp(seconds, tz=UTC)


@joins
def store_offers(*, candidates: Sequence[Candidate], lease: Lease) -> list[Offer]:
    """Store what the engine decided, all in one commit, each by compare-and-set; return the offers that won.

    An offer loses when its contact changed since the snapshot or its agent is not free any more. Raises
    `LeaseLost` when a younger dispatcher has taken over: then none is stored.
    """
    try:
        lease.guard()
    except Conflict as lost:
        raise LeaseLost from lost
    fence = lease.fence or 0
    free = people.available_agent_ids([UUID(row.decision.agent_id) for row in candidates])
    offers = []
    for candidate in candidates:
        decision = candidate.decision
        if UUID(decision.agent_id) not in free:
            continue
        try:
            offers.append(_store(candidate, fence))
        except (Conflict, NotFound):
            continue
    return offers


def _store(candidate: Candidate, fence: int) -> Offer:
    decision = candidate.decision
    contact_id, agent_id = UUID(decision.contact_id), UUID(decision.agent_id)
    intake.move_contact(
        contact_id=contact_id,
        to="offered",
        expect={"queued"},
        version=candidate.version,
        agent_id=agent_id,
        offered_at=moment(decision.at),
    )
    offer = rows.create(
        Offer,
        id=candidate.offer_id,
        contact_id=contact_id,
        agent_id=agent_id,
        queue_id=int(decision.queue_id),
        made_at=moment(decision.at),
        expires_at=moment(decision.expires_at),
        reasons=decision.explain(),
        fence=fence,
    )
    emit(
        events.OFFER_MADE,
        subject=("offer", offer.id),
        contact_id=contact_id,
        data={"agent": decision.agent_id, "queue": offer.queue_id, "reasons": offer.reasons},
    )
    _hint(agent_id, offer.id)
    return offer


def _hint(agent_id: UUID, offer_id: UUID) -> None:
    bus.publish(f"agent:{agent_id}", {"kind": "offer", "id": str(offer_id)})


def _answer(offer_id: UUID, agent_id: UUID | None, state: str) -> Offer:
    """Move an open offer by compare-and-set; exactly one answer wins."""
    where: dict[str, Any] = {"id": offer_id, "state": "open"}
    if agent_id is not None:
        where["agent_id"] = agent_id
    offer = rows.moved(Offer, where=where, to={"state": state, "answered_at": clock.now()})
    if offer is None:
        raise Conflict(
            code="offer-gone", text=_("This offer is gone. It was taken back, or its time was up.")
        )
    _hint(offer.agent_id, offer.id)
    counting.offer_ended(state)
    return offer


@writes
def accept_offer(*, offer_id: UUID, agent_id: UUID, opened: bool = False) -> Offer:
    """The agent takes the contact. Raises `Conflict` when the offer is gone, or was never theirs.

    `opened`: a page shows it to them with the resident's data, which the audit then says, in the same write.
    """
    offer = _answer(offer_id, agent_id, "accepted")
    contact = _connect(offer, "offered")
    if class_of(contact.channel) == "voice":
        # Who talks cannot answer: what else is offered to them goes to somebody who can, and they stay on duty.
        withdraw_offers(agent_id=agent_id, reason="withdrawn")
    if opened:
        audit.record("resident.read", object=("contact", contact.id), resident_id=contact.resident_id)
    return offer


def _connect(offer: Offer, origin: str) -> Contact:
    """Offered or queued, the contact is in the hands of who accepted it."""
    now, agent_id = clock.now(), offer.agent_id
    contact = intake.move_contact(
        contact_id=offer.contact_id,
        to="connected",
        expect={origin},
        connected_at=now,
        agent_id=agent_id,
    )
    offer.contact = contact
    emit(
        events.OFFER_ACCEPTED,
        subject=("offer", offer.id),
        contact_id=contact.id,
        data={"agent": str(agent_id), "seconds": seconds_between(offer.made_at, now)},
    )
    waited = seconds_between(contact.queued_at, now)
    counting.wait_ended(contact.queue_id, waited)
    emit(
        intake_events.CONTACT_CONNECTED,
        subject=("contact", contact.id),
        contact_id=contact.id,
        data={
            "agent": str(agent_id),
            "queue": contact.queue_id,
            "channel": contact.channel,
            "waited_s": waited,
            "told_low_s": contact.told_low_s,
            "told_high_s": contact.told_high_s,
        },
    )
    _park(offer.reasons, agent_id)
    return contact


@writes
def accept_late(*, offer_id: UUID) -> Offer:
    """The agent had taken it, and nobody heard until its time was up: it is theirs, unless it is somebody's by now.

    Whoever is offered it meanwhile has it taken back. Raises `Conflict` when it was declined, is in anybody's hand or
    over, and when the agent is with somebody else.
    """
    offer = rows.moved(
        Offer,
        where={"id": offer_id, "state": ("timed_out", "withdrawn")},
        to={"state": "accepted", "answered_at": clock.now()},
    )
    if offer is None or any(is_live(one.channel) for one in intake_selectors.in_hand(offer.agent_id)[0]):
        raise Conflict(code="offer-gone")
    withdraw_offers(contact_id=offer.contact_id, reason="withdrawn")  # from whoever else is rung
    _connect(offer, "queued")
    people_services.found_there(agent_id=offer.agent_id)
    _hint(offer.agent_id, offer.id)
    counting.offer_ended("accepted")
    return offer


def _park(reasons: Mapping[str, Any], agent_id: UUID) -> None:
    """Set the written work aside that an emergency preempts; it stays with its agent and comes back after it."""
    for parked in reasons.get("parks", ()):
        try:
            intake.move_contact(contact_id=UUID(parked), to="parked", expect={"connected"})
        except Conflict:
            continue  # finished in the meantime: nothing left to set aside
        emit(
            intake_events.CONTACT_PARKED,
            subject=("contact", parked),
            contact_id=UUID(parked),
            data={"agent": str(agent_id), "reason": "preempted_by_emergency"},
        )


def _back_to_line(offer: Offer, reason: str) -> None:
    """Return the contact to its own place: `queued_at` and `arrived_at` stay as they were."""
    try:
        intake.move_contact(contact_id=offer.contact_id, to="queued", expect={"offered"}, agent_id=None)
    except Conflict:
        return  # the resident has left in the meantime
    emit(
        intake_events.CONTACT_RETURNED,
        subject=("contact", offer.contact_id),
        contact_id=offer.contact_id,
        data={"queue": offer.queue_id, "agent": str(offer.agent_id), "reason": reason},
    )


@writes
def decline_offer(*, offer_id: UUID, agent_id: UUID, reason: str = "other") -> Offer:
    """The agent does not take it; it goes back to its own place and to somebody else first."""
    offer = _answer(offer_id, agent_id, "declined")
    _back_to_line(offer, "declined")
    emit(
        events.OFFER_DECLINED,
        subject=("offer", offer.id),
        contact_id=offer.contact_id,
        data={"agent": str(agent_id), "reason": reason},
    )
    return offer


@writes
def expire_offers(*, now: datetime) -> list[Offer]:
    """Take back every open offer whose time is up; its agent is "not responding". Return those taken back."""
    expired = []
    due = Offer.objects.filter(state="open", expires_at__lte=now).order_by("expires_at", "id")
    for offer_id in list(due.values_list("pk", flat=True)):
        try:
            offer = _answer(offer_id, None, "timed_out")
        except Conflict:
            continue  # answered in the last moment
        _back_to_line(offer, "timed_out")
        emit(
            events.OFFER_TIMED_OUT,
            subject=("offer", offer.id),
            contact_id=offer.contact_id,
            data={"agent": str(offer.agent_id)},
        )
        people_services.mark_not_responding(agent_id=offer.agent_id, reason="offer_timed_out")
        expired.append(offer)
    return expired


def _open_now(**given: UUID) -> QuerySet[Offer, tuple[UUID]]:
    return Offer.objects.filter(state="open", **given).values_list("pk")


_OPEN_NOW: Final[Mapping[tuple[str, ...], Reading]] = {
    asked: Reading(_open_now) for asked in (("agent_id",), ("contact_id",), ("agent_id", "contact_id"))
}
"""Asked for each call that is taken, and nearly always in vain: the ORM alone would take a millisecond."""


@writes
def withdraw_offers(
    *, reason: str, agent_id: UUID | None = None, contact_id: UUID | None = None
) -> list[Offer]:
    """Take back the open offers of an agent who left, or of a contact that is being moved."""
    if agent_id is None and contact_id is None:
        raise ValueError("withdraw_offers needs an agent or a contact")
    given = {
        name: key for name, key in (("agent_id", agent_id), ("contact_id", contact_id)) if key is not None
    }
    withdrawn = []
    for (offer_id,) in _OPEN_NOW[tuple(given)](**given):
        try:
            offer = _answer(offer_id, None, "withdrawn")
        except Conflict:
            continue
        _back_to_line(offer, reason)
        emit(
            events.OFFER_WITHDRAWN,
            subject=("offer", offer.id),
            contact_id=offer.contact_id,
            data={"agent": str(offer.agent_id), "reason": reason},
        )
        withdrawn.append(offer)
    return withdrawn
