"""A supervisor's verbs: move, assign, prioritise, take over, each with a reason that stays in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake import events as intake_events
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.services.contacts import seconds_between
from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.people import selectors as people
from civicline.routing import events
from civicline.routing.models import Queue
from civicline.routing.selectors import is_partner
from civicline.routing.services.offers import withdraw_offers
from civicline.routing.services.work import tell_partner

if TYPE_CHECKING:
    from civicline.intake.models import Contact

PRIORITIES = range(-2, 6)
IN_HAND = frozenset({"connected", "parked", "wrap_up"})


def _reason(reason: str) -> str:
    if len(reason.strip()) < 3:
        raise Invalid(
            code="reason-missing",
            text=_("Say why. The reason stays in the log."),
            fields={"reason": _("Say why. The reason stays in the log.")},
        )
    return reason.strip()[:500]


def _to_line(contact_id: UUID) -> None:
    """Bring a contact back into the line from wherever it waits, without losing its place."""
    contact = intake_selectors.get_contact(contact_id)
    if contact is None:
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    if contact.state == "offered":
        withdraw_offers(contact_id=contact_id, reason="supervisor_moved")
    elif contact.state not in ("queued", "connected", "parked", "wrap_up"):
        raise Conflict(code="contact-moved", text=_("This contact has ended."), state=contact.state)


@writes
def prioritise(*, contact_id: UUID, priority: int, by: UUID, reason: str) -> None:
    """Give a waiting contact another priority. One step is worth the queue's ageing seconds of waiting."""
    reason = _reason(reason)
    if priority not in PRIORITIES:
        raise Invalid(code="priority-range", text=_("Choose a priority from -2 to 5."), priority=priority)
    intake.change_contact(contact_id=contact_id, reason=reason, priority=priority)
    audit.record(
        "contact.prioritised", object=("contact", contact_id), reason=reason, data={"priority": priority}
    )


@writes
def move(*, contact_id: UUID, queue: Queue, by: UUID, reason: str) -> None:
    """Put a waiting contact into another queue; it keeps its place by arrival."""
    reason = _reason(reason)
    _to_line(contact_id)
    before = intake_selectors.get_contact(contact_id)
    if before is None or before.state != "queued":
        raise Conflict(
            code="contact-moved",
            text=_("Somebody is with this resident now. Take it over, or let them transfer it."),
        )
    intake.change_contact(contact_id=contact_id, reason=reason, queue_id=queue.pk, skills=[])
    emit(
        events.QUEUE_CHANGED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"from_queue": before.queue_id, "queue": queue.pk, "reason": reason, "by": str(by)},
    )
    audit.record("contact.moved", object=("contact", contact_id), reason=reason, data={"queue": queue.code})


@writes
def assign(*, contact_id: UUID, agent_id: UUID, by: UUID, reason: str) -> None:
    """Give a contact to an agent straight into their hands, whatever the rules say. Refused for someone signed out."""
    reason = _reason(reason)
    if agent_id not in people.signed_in_agent_ids([agent_id]):
        raise Invalid(code="agent-absent", text=_("This person is signed out. Choose another."))
    _to_line(contact_id)
    before = intake_selectors.find_contact(contact_id)
    if before is not None and before.state in IN_HAND:
        intake.move_contact(
            contact_id=contact_id,
            to="queued",
            expect={before.state},
            version=before.version,
            agent_id=None,
            connected_at=None,
            wrapped_at=None,
        )
    contact = intake.move_contact(
        contact_id=contact_id, to="connected", expect={"queued"}, agent_id=agent_id, connected_at=clock.now()
    )
    if before is not None and before.state in IN_HAND:
        _tell_handed_on(before, contact, by, reason)
    else:
        _tell_connected(contact, by, reason)
    tell_partner(contact=contact, agent_id=agent_id)
    audit.record(
        "contact.assigned", object=("contact", contact_id), reason=reason, data={"agent": str(agent_id)}
    )


def _tell_connected(contact: Contact, by: UUID, reason: str) -> None:
    emit(
        intake_events.CONTACT_CONNECTED,
        subject=("contact", contact.id),
        contact_id=contact.id,
        data={
            "agent": str(contact.agent_id),
            "queue": contact.queue_id,
            "channel": contact.channel,
            "waited_s": seconds_between(contact.queued_at, contact.connected_at),
            "told_low_s": contact.told_low_s,
            "told_high_s": contact.told_high_s,
            "assigned_by": str(by),
            "reason": reason,
        },
    )


def _tell_handed_on(before: Contact, contact: Contact, by: UUID, reason: str) -> None:
    """It was answered before: from hand to hand is no second answer, and no second wait to learn from."""
    why = {"assigned_by": str(by), "reason": reason}
    if before.agent_id != contact.agent_id:
        emit(
            intake_events.CONTACT_TRANSFERRED,
            subject=("contact", contact.id),
            contact_id=contact.id,
            data={
                "from_agent": str(before.agent_id),
                "from_queue": before.queue_id,
                "queue": contact.queue_id,
                "to_agent": str(contact.agent_id),
                "partner": contact.agent_id is not None and is_partner(contact.agent_id, contact.queue_id),
                **why,
            },
        )
    emit(
        intake_events.CONTACT_RESUMED,
        subject=("contact", contact.id),
        contact_id=contact.id,
        data={"agent": str(contact.agent_id), **why},
    )


@writes
def take_over(*, contact_id: UUID, by: UUID, reason: str) -> None:
    """The supervisor takes a contact into their own hands; they need to be an agent and signed in."""
    if by not in people.signed_in_agent_ids([by]):
        text = _("You are signed out yourself. Choose at the desk how you are there, then take it over.")
        raise Invalid(code="agent-absent", text=text)
    assign(contact_id=contact_id, agent_id=by, by=by, reason=reason)
    audit.record("contact.taken_over", object=("contact", contact_id), reason=_reason(reason))
