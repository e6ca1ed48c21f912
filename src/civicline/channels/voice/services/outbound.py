"""Calls that begin at a desk: at once for the one who clicks, or planned for a time that was agreed on.

Whoever calls is rung first, the resident then: the same way as for those who are called back.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import calling, outside, selectors
from civicline.channels.voice.adapter import PHONE_SKILL
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.services.callbacks_moves import tell
from civicline.engine.callbacks import allowed_from
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.intake.ports import Inbound, ResidentFacts
from civicline.kernel import audit, clock, ids, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people import selectors as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact

LONGEST_AHEAD_DAYS: Final = 90


def refuse_number(*, number: str) -> str:
    """The number in E.164 when it is one that may be called; raises `NotCalled`, `Invalid` with a sentence."""
    clean = outside.may_call(number)
    if calling.is_barred(clean):
        raise Invalid(
            code="number-barred",
            text=_("This person asked not to be called. The number is on the do-not-call list."),
        )
    return clean


def refuse_call(*, number: str, queue_id: int, at: datetime | None = None) -> str:
    """The number in E.164 when it may be called then (now); raises `NotCalled`, `Invalid` with a sentence."""
    clean = refuse_number(number=number)
    moment = at or clock.now()
    allowed = allowed_from(moment, calling.rule_of(queue_id).hours)
    if allowed is None or allowed > moment:
        raise Invalid(code="calling-hours", text=_("This is outside of calling hours."))
    return clean


@writes
def call_now(
    *,
    agent_id: UUID,
    number: str,
    about: UUID | None = None,
    resident_id: UUID | None = None,
    language: str = "",
) -> Callback:
    """The agent's own telephone rings, then the resident's. Raises `NotCalled`, `Invalid`, `Conflict`.

    `about`: the contact or case that it is about.
    """
    queue_id = _queue_of(agent_id)
    clean = refuse_call(number=number, queue_id=queue_id)
    if selectors.phone_of(agent_id) is None:
        raise Invalid(code="no-telephone", text=_("You have no telephone yet."))
    if agent_id not in people.signed_in_agent_ids([agent_id]):
        raise Invalid(code="agent-absent", text=_("Sign in at the desk first."))
    _refuse_while_busy(agent_id)
    callback = _asked(Callback.Kind.DIRECT, clean, queue_id, agent_id, about, language, note="")
    contact_id = contact_for(callback, resident_id=resident_id, by=agent_id)
    rows.change(Callback, where={"id": callback.id}, to={"contact_id": contact_id})
    callback.contact_id = contact_id
    tell(callback, "", agent=str(agent_id))
    audit.record(
        "call.placed",
        object=("contact", contact_id),
        resident_id=resident_id,
        data={"about": str(about or "")},
    )
    return callback


@writes
def plan_call(
    *,
    agent_id: UUID,
    number: str,
    at: datetime,
    about: UUID | None = None,
    language: str = "",
    note: str = "",
) -> Callback:
    """Agree on a time: then it is offered, to this agent first. Raises `NotCalled`, `Invalid`."""
    now, queue_id = clock.now(), _queue_of(agent_id)
    if at <= now or (at - now).days >= LONGEST_AHEAD_DAYS:
        raise Invalid(fields={"at": _("Give a time in the next 90 days.")})
    clean = refuse_call(number=number, queue_id=queue_id, at=at)
    callback = _asked(Callback.Kind.PLANNED, clean, queue_id, agent_id, about, language, note=note, at=at)
    tell(callback, "", agent=str(agent_id), at=at.isoformat())
    audit.record("call.planned", object=("callback", callback.id), data={"about": str(about or "")})
    return callback


def _asked(
    kind: str, number: str, queue_id: int, agent_id: UUID, about: UUID | None, language: str, *, note: str,
    at: datetime | None = None,
) -> Callback:  # fmt: skip
    row = Callback(
        id=ids.new_id(), kind=kind, state="planned" if at else "waiting", number=number, queue_id=queue_id,
        agent_id=agent_id, about=about, language=language, note=note.strip()[:300], next_at=at, asked_at=clock.now(),
    )  # fmt: skip
    rows.store(row)
    return row


def _queue_of(agent_id: UUID) -> int:
    served = routing_selectors.queues_served(agent_id)
    if not served:
        raise Invalid(code="no-queue", text=_("You serve no queue, so nobody could take the call up again."))
    return served[0].pk


def _refuse_while_busy(agent_id: UUID) -> None:
    hand = intake_selectors.contacts_of_agent(agent_id, ("offered", "connected", "parked"))
    states = {contact.state for contact in hand if contact.channel == "voice"}
    if states & {"connected", "parked"}:
        raise Conflict(code="agent-busy", text=_("You are on the telephone. End that call first."))
    if states:
        raise Conflict(code="agent-offered", text=_("A call is offered to you. Accept or decline it first."))


def contact_for(callback: Callback, *, resident_id: UUID | None = None, by: UUID | None = None) -> UUID:
    """A contact and a call for a call that is due: in the line, or at once in the hand of `by`."""
    data = {"number": callback.number, "called": "", "owed": str(callback.kind)}
    inbound = Inbound(
        channel="voice", text="", subject=callback.number, resident=ResidentFacts(phone=callback.number),
        languages=(callback.language,) if callback.language else (), data=data,
        key=f"owed-{callback.id}", skills=(PHONE_SKILL,), later=True, preferred_agent_id=callback.agent_id,
    )  # fmt: skip
    contact = intake.receive(inbound=inbound).contact
    queue = next((one for one in routing_selectors.list_queues() if one.pk == callback.queue_id), None)
    if queue is None:
        raise NotFound(code="queue-unknown", text=_("There is no such queue."))
    if contact.state == "received":
        fields = {"resident_id": resident_id} if resident_id is not None else {}
        routing.enqueue(contact_id=contact.id, queue=queue, reason="call_out", **fields)
    if rows.key(Call, where={"contact_id": contact.id}) is None:
        _store_call(contact, callback)
    if by is not None:
        routing.assign(contact_id=contact.id, agent_id=by, by=by, reason=str(callback.kind))
    return contact.id


def _store_call(contact: Contact, callback: Callback) -> None:
    rows.store(
        Call(
            id=ids.new_id(), contact_id=contact.id, state="callback", direction="out", channel=f"owed-{callback.id}",
            number=callback.number, language=callback.language, started_at=clock.now(),
            data={"about": str(callback.about)} if callback.about else {},
        )
    )  # fmt: skip
