"""An agent's verbs on a contact in hand: wrap up, complete, transfer, consult; and what the clock does for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake import events as intake_events
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.services.contacts import seconds_between
from civicline.kernel import audit, bus, clock
from civicline.kernel.actors import current
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.routing.channels import is_live
from civicline.routing.models import Queue
from civicline.routing.selectors import is_partner, queues_served
from civicline.routing.services.offers import withdraw_offers

if TYPE_CHECKING:
    from civicline.intake.models import Contact

DISPOSITIONS = ("solved", "case_goes_on", "passed_on", "call_back", "other")
LOST = "connection_lost"
LOST_AFTER = timedelta(seconds=120)
"""How long a resident in a live conversation waits for an agent whose browser is gone, before they queue again."""


def in_hand_of(contact_id: UUID, agent_id: UUID) -> Contact:
    """Return the contact; raise `Forbidden` unless it is in this agent's hand, `NotFound` when there is none."""
    contact = intake_selectors.find_contact(contact_id)
    if contact is None:
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    if contact.agent_id != agent_id or contact.state not in ("connected", "wrap_up", "parked"):
        raise Forbidden(code="not-in-hand", text=_("This contact is not in your hands."))
    return contact


@writes
def start_wrap_up(*, contact_id: UUID, agent_id: UUID | None = None) -> None:
    """The conversation is over; the agent notes what is to be noted. `agent_id` None: the resident ended it."""
    if agent_id is not None:
        in_hand_of(contact_id, agent_id)
    now = clock.now()
    contact = intake.move_contact(contact_id=contact_id, to="wrap_up", expect={"connected"}, wrapped_at=now)
    _tell_wrap_up(contact, now, ended_by="agent" if agent_id else current().kind)
    bus.publish(f"agent:{contact.agent_id}", {"kind": "contact", "id": str(contact_id)})


def _tell_wrap_up(contact: Contact, now: datetime, *, ended_by: str) -> None:
    emit(
        intake_events.CONTACT_WRAP_UP,
        subject=("contact", contact.id),
        contact_id=contact.id,
        data={
            "agent": str(contact.agent_id) if contact.agent_id else None,
            "queue": contact.queue_id,
            "talk_s": seconds_between(contact.connected_at, now),
            "ended_by": ended_by,
        },
    )


@writes
def complete(*, contact_id: UUID, agent_id: UUID, disposition: str, cause: str = "") -> None:
    """Close a contact with its disposition. From the conversation it goes through wrap-up in one step."""
    if disposition not in DISPOSITIONS:
        raise Invalid(
            code="disposition-unknown", text=_("Choose what became of it."), disposition=disposition
        )
    contact = in_hand_of(contact_id, agent_id)
    state = contact.state
    ends: dict[str, datetime] = {}
    if state == "parked":
        resume(contact_id=contact_id, agent_id=agent_id)
        state = "connected"
    if state == "connected":
        ends = {"wrapped_at": clock.now()}
        _tell_wrap_up(contact, ends["wrapped_at"], ended_by="agent")
    intake.close(
        contact_id=contact_id, disposition=disposition, cause=cause, expect={state}, held_by=agent_id, **ends
    )
    freed(agent_id)


def freed(agent_id: UUID) -> None:
    """An agent has one contact less: the longest-idle order counts from now, and parked work comes back."""
    people_services.agent_freed(agent_id=agent_id)
    if intake_selectors.has_parked(agent_id):
        resume_parked(agent_id=agent_id)


@writes
def resume(*, contact_id: UUID, agent_id: UUID) -> None:
    """Take parked work up again."""
    in_hand_of(contact_id, agent_id)
    intake.move_contact(contact_id=contact_id, to="connected", expect={"parked"})
    emit(
        intake_events.CONTACT_RESUMED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"agent": str(agent_id)},
    )


@writes
def resume_parked(*, agent_id: UUID) -> None:
    """After an emergency: what it pushed aside is in hand again, unless another emergency is."""
    hand = list(intake_selectors.contacts_of_agent(agent_id))
    if any(contact.emergency and contact.state != "parked" for contact in hand):
        return
    for contact in hand:
        if contact.state == "parked":
            resume(contact_id=contact.id, agent_id=agent_id)


@writes
def reopen(*, contact_id: UUID, agent_id: UUID) -> None:
    """Go back from wrap-up into the conversation (the resident wrote again, or it was ended by mistake)."""
    in_hand_of(contact_id, agent_id)
    intake.move_contact(contact_id=contact_id, to="connected", expect={"wrap_up"}, wrapped_at=None)
    emit(
        intake_events.CONTACT_REOPENED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"agent": str(agent_id)},
    )


@writes
def transfer(
    *,
    contact_id: UUID,
    agent_id: UUID,
    note: str = "",
    to_queue: Queue | None = None,
    to_agent_id: UUID | None = None,
) -> None:
    """Pass a contact to a queue, or to a person (who is preferred for it); it keeps its place by arrival.

    A person who does not serve its queue gets it by way of a queue of their own; one who is not free, or serves
    none, is refused: it would wait for somebody who cannot take it. Raises `Invalid`, `Forbidden`, `NotFound`,
    `Conflict`.
    """
    if (to_queue is None) == (to_agent_id is None):
        raise Invalid(code="transfer-target", text=_("Choose a queue, or a person."))
    contact = in_hand_of(contact_id, agent_id)
    queue_id = to_queue.pk if to_queue else contact.queue_id
    if to_agent_id is not None:
        queue_id = _queue_of_person(to_agent_id, queue_id)
    if note.strip():
        intake.add_message(
            contact_id=contact_id, direction="note", body=note, author_id=agent_id, data={"handed_on": True}
        )
    intake.move_contact(
        contact_id=contact_id,
        to="queued",
        expect={"connected", "wrap_up", "parked"},
        queue_id=queue_id,
        agent_id=None,
        preferred_agent_id=to_agent_id,
        # The other queue's people need not know the first one's matter: whoever passed it on has judged that.
        skills=contact.skills if queue_id == contact.queue_id else [],
        connected_at=None,
        wrapped_at=None,
    )
    emit(
        intake_events.CONTACT_TRANSFERRED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={
            "from_agent": str(agent_id),
            "from_queue": contact.queue_id,
            "queue": queue_id,
            "to_agent": str(to_agent_id) if to_agent_id else None,
            "partner": to_agent_id is not None and is_partner(to_agent_id, queue_id),
        },
    )
    if to_agent_id is not None:
        tell_partner(contact=contact, agent_id=to_agent_id)
    freed(agent_id)


def _queue_of_person(agent_id: UUID, queue_id: int | None) -> int:
    """The queue in which this person can take the contact: its own, else the first that they serve."""
    served = [queue.pk for queue in queues_served(agent_id)]
    if people.available_agent_ids([agent_id]):
        if queue_id is not None and queue_id in served:
            return queue_id
        for own in served:
            if not is_partner(agent_id, own):
                return own
    raise Invalid(code="transfer-absent", text=_("This person is not free now. Choose another, or a queue."))


def tell_partner(*, contact: Contact, agent_id: UUID) -> None:
    """Personal data that goes to another body is said in the audit, with whom it went to."""
    if is_partner(agent_id, contact.queue_id):
        audit.record(
            "contact.passed_to_partner",
            object=("contact", contact.id),
            resident_id=contact.resident_id,
            data={"agent": str(agent_id), "queue": contact.queue_id},
        )


@writes
def consult(*, contact_id: UUID, agent_id: UUID, colleague_id: UUID, question: str) -> None:
    """Ask a colleague beside the conversation: an internal note that names them; they hear of it at once."""
    if not question.strip():
        raise Invalid(code="text-missing", text=_("Write what you want to ask."))
    in_hand_of(contact_id, agent_id)
    intake.add_message(
        contact_id=contact_id,
        direction="note",
        body=question,
        author_id=agent_id,
        mentions=[colleague_id],
        data={"consult": str(colleague_id)},
    )
    bus.publish(f"user:{colleague_id}", {"kind": "consult", "id": str(contact_id)})


@writes
def leave_queue(*, contact_id: UUID, reason: str = "resident_left") -> None:
    """The resident leaves: out of the line, or into wrap-up when somebody was with them. Harmless when repeated.

    `reason` "connection_lost": it was our own trouble, and perhaps not their wish.
    """
    contact = intake_selectors.get_contact(contact_id)
    if contact is None:
        raise NotFound(code="contact-unknown", text=_("There is no such contact."))
    if contact.state in ("closed", "abandoned", "wrap_up"):
        return
    if contact.state in ("connected", "parked"):
        code = LOST if reason == LOST else "resident_left"
        intake.add_message(contact_id=contact_id, direction="system", body="", data={"code": code})
        if contact.state == "connected":
            start_wrap_up(contact_id=contact_id)
        return
    if contact.state == "offered":
        withdraw_offers(contact_id=contact_id, reason="resident_left")
    intake.abandon(contact_id=contact_id, reason=reason)
    if contact.state != "offered":
        # Where writes run side by side, the dispatcher may have stored one since the state was read: it would ring
        # for nobody, and make its agent "not responding".
        withdraw_offers(contact_id=contact_id, reason="resident_left")


@writes
def close_wrap_up(*, contact_id: str, version: int) -> bool:
    """The time for wrap-up is over: close the contact, unless its row has another version than the caller read.

    False then, or when there is no such contact.
    """
    try:
        contact = intake.close(
            contact_id=UUID(contact_id), version=version, expect={"wrap_up"},
            disposition="other", cause="wrap_up_time_over",
        )  # fmt: skip
    except (Conflict, NotFound):
        return False
    if contact.agent_id:
        freed(contact.agent_id)
    return True


@writes
def return_lost_contacts(*, now: datetime) -> int:
    """Put live conversations whose agent has been gone too long back at their own place; return how many.

    Written work stays with its agent: nobody waits in front of it, and it is theirs when they are back.
    """
    lost = [
        contact
        for contact in intake_selectors.contacts_in_states(["connected"])
        if contact.agent_id and is_live(contact.channel)
    ]
    gone = people.agents_gone_since(
        {contact.agent_id for contact in lost if contact.agent_id}, now - LOST_AFTER
    )
    returned = 0
    for contact in lost:
        if contact.agent_id not in gone:
            continue
        intake.move_contact(
            contact_id=contact.id,
            to="queued",
            expect={"connected"},
            agent_id=None,
            connected_at=None,
            preferred_agent_id=None,
        )
        emit(
            intake_events.CONTACT_RETURNED,
            subject=("contact", contact.id),
            contact_id=contact.id,
            data={"queue": contact.queue_id, "agent": str(contact.agent_id), "reason": "agent_lost"},
        )
        intake.add_message(contact_id=contact.id, direction="system", body="", data={"code": "agent_lost"})
        returned += 1
    return returned
