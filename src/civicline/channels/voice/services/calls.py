"""What the exchange told: a call came, a telephone rang or was answered, somebody hung up.

Every function is harmless when repeated: after a crash the same is told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from civicline.channels.voice import events
from civicline.channels.voice.adapter import VoiceAdapter
from civicline.channels.voice.company import services as company
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.callbacks_moves import keeps_place, met_in_line
from civicline.engine import lifecycle
from civicline.engine.calls import CALL, LIVE
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import bus, clock, ids, precedence, rows
from civicline.kernel import selectors as kernel
from civicline.kernel.db import after_commit, writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.kernel.events import emit
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact

ADAPTER = VoiceAdapter()
WITH_OTHERS = ("talking", "held", "outside")
"""States in which others may be in the call."""
SEEN = ("ivr", *WITH_OTHERS)
"""States of which no move of the contact tells whoever looks at the calls of now."""


BEGAN = ("call.talking", "call.held", "call.resumed")
"""After any of these it stands as its agent made it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A call that was taken in, and its contact. `queued`: the contact's row, if it joined its line in this write."""

    call_id: UUID
    contact_id: UUID
    queued: Contact | None = None


@writes
def arrive(*, raw: Mapping[str, Any], in_line: bool) -> Arrived:
    """Take in a call: contact, call, and at once its place in the line when no menu comes first (`in_line`).

    Raises `NotFound` for a service that does not exist, `BadInbound` for no call at all.
    """
    return take_in(raw, in_line=in_line)


def take_in(raw: Mapping[str, Any], *, in_line: bool) -> Arrived:
    """`arrive` for whoever is in a write."""
    if in_line:
        after_commit(precedence.expect)  # before anything else that the commit wakes
    received = intake.receive(inbound=replace(ADAPTER.parse(raw), later=not in_line))
    contact = received.contact
    known = rows.one(Call, where={"contact_id": contact.id})
    if known is not None:
        return Arrived(known.id, contact.id)
    call = Call(
        id=ids.new_id(),
        contact_id=contact.id,
        state="queued" if in_line else "ivr",
        channel=str(raw["channel"]),
        number=contact.data.get("number", ""),
        called=contact.data.get("called", ""),
        language=str(raw.get("language", "")),
        started_at=clock.now(),
    )
    rows.store(call)
    emit(
        events.CALL_ARRIVED,
        subject=("call", call.id),
        contact_id=contact.id,
        data={"called": call.called, "withheld": not call.number},
    )
    new = None if received.repeated else contact
    queued = routing.triage(contact_id=contact.id, known=new) if in_line else None
    if not in_line:
        bus.publish("board", {"kind": "call", "id": str(contact.id)})  # into a menu: nothing else tells of it
    return Arrived(call.id, contact.id, queued)


def moved(
    call: Call, to: str, *, reason: str = "", data: Mapping[str, Any] | None = None, **fields: Any
) -> Call | None:
    """Move a call by compare-and-set and say so in the log; None when it had moved on in the meantime."""
    move = lifecycle.check(CALL, call.state, to)
    row = rows.moved(
        Call,
        where={"id": call.id, "state": call.state},
        to={"state": to, "version": rows.NEXT, **({"reason": reason} if reason else {}), **fields},
    )
    if row is None:
        return None
    if call.state in WITH_OTHERS and to not in WITH_OTHERS:
        company.end_all(call_id=call.id, contact_id=call.contact_id)
    if call.pressed or call.paying:
        _forget_keys(call.id, to)
    told = {"from": call.state, **({"reason": reason} if reason else {}), **(data or {})}
    emit(events.MOVES[move.event], subject=("call", call.id), contact_id=call.contact_id, data=told)
    bus.publish(f"contact:{call.contact_id}", {"kind": "call", "id": str(call.contact_id)})
    if call.state in SEEN or to in SEEN:
        bus.publish("board", {"kind": "call", "id": str(call.contact_id)})
    return row


def _forget_keys(call_id: UUID, to: str) -> None:
    """What the caller pressed is for whoever talks with them, and for nobody after."""
    if to not in ("talking", "held"):
        rows.change(Call, where={"id": call_id}, to={"pressed": "", "paying": False})


def get(call_id: UUID) -> Call:
    """The call; raises `NotFound`."""
    call = rows.one(Call, where={"id": call_id})
    if call is None:
        raise NotFound(code="call-unknown")
    return call


@writes
def enter_line(
    *, call_id: UUID, service_code: str = "", queue_code: str = "", language: str = "", reason: str = "menu"
) -> None:
    """From the menu into a line: that of the queue named, or else of the service. Harmless when it is there."""
    call = get(call_id)
    contact = intake_selectors.get_contact(call.contact_id)
    if contact is None or call.state not in ("ringing", "ivr"):
        return
    facts: dict[str, Any] = {}
    service = intake_selectors.get_service(service_code) if service_code else None
    if service is not None and contact.service_id != service.pk:
        facts["service_id"] = service.pk
    if language and contact.languages[:1] != [language]:
        facts["languages"] = [language]
    if facts:
        intake.change_contact(contact_id=contact.id, reason=reason, **facts)
    queue = routing_selectors.get_queue(queue_code) if queue_code else None
    if contact.state == "received":
        if queue is None:
            routing.triage(contact_id=contact.id)
        else:
            routing.enqueue(
                contact_id=contact.id,
                queue=queue,
                reason=reason,
                emergency=contact.emergency or queue.emergency,
            )
    moved(call, "queued", language=language or call.language, flow=call.flow)


@writes
def keep_place(*, call_id: UUID, flow: Mapping[str, Any] | None, language: str = "") -> None:
    """Keep where in its menu a call is, for the process that takes over."""
    fields: dict[str, Any] = {"flow": dict(flow) if flow is not None else None}
    if language:
        fields["language"] = language
    rows.change(Call, where={"id": call_id}, to=fields)


@writes
def learn(*, call_id: UUID, facts: Mapping[str, Any]) -> None:
    """Keep what the menu learned of the caller with the contact, for the agent's screen."""
    call = get(call_id)
    kept = {**call.data, **{key: str(value)[:200] for key, value in facts.items()}}
    rows.change(Call, where={"id": call_id}, to={"data": kept})
    emit(
        events.FACTS_LEARNED,
        subject=("call", call_id),
        contact_id=call.contact_id,
        data={"names": sorted(facts)},
    )


@writes
def phone_rang(*, call_id: UUID, agent_id: UUID) -> None:
    """An agent's telephone rings for the call."""
    call = get(call_id)
    if call.state == "queued":
        moved(call, "offered", data={"agent": str(agent_id)})


@writes
def line_returned(*, call_id: UUID) -> None:
    """Nobody is with the caller any more: the offer came to nothing, or the call was passed on."""
    call = get(call_id)
    if call.state in ("offered", "talking", "held"):
        moved(call, "queued", muted=False)


@writes
def passed_meanwhile(*, call_id: UUID) -> bool:
    """Whether the contact has come into a hand since the call last began, was held or went on; then it begins anew.

    What the hand before had set up (a hold, muting, others in the call) ends with it, also when the passing on was over
    before the exchange was told of any of it.
    """
    call = get(call_id)
    contact = intake_selectors.find_contact(call.contact_id)
    if call.state not in ("talking", "held") or contact is None or contact.connected_at is None:
        return False
    begun = max((one.at for one in kernel.events_of_contacts([call.contact_id], BEGAN)), default=None)
    if begun is None or begun >= contact.connected_at:
        return False
    line_returned(call_id=call_id)
    return True


@writes
def phone_answered(*, call_id: UUID, agent_id: UUID, offer_id: UUID | None) -> None:
    """The agent picked up: the offer is accepted and the call talks, in one write.

    Raises `Conflict` when the offer is gone, and neither was the contact given to this agent by other means.
    """
    call = get(call_id)
    contact = intake_selectors.find_contact(call.contact_id)
    if contact is None:
        raise NotFound(code="contact-unknown")
    if not (contact.state == "connected" and contact.agent_id == agent_id):
        if offer_id is None:
            raise Conflict(code="offer-gone")
        routing.accept_offer(offer_id=offer_id, agent_id=agent_id)
    talking(call_id=call_id, agent_id=agent_id)


@writes
def talking(*, call_id: UUID, agent_id: UUID) -> None:
    """Caller and agent hear each other."""
    call = get(call_id)
    if call.state in ("queued", "offered"):
        moved(call, "talking", data={"agent": str(agent_id)}, talking_at=call.talking_at or clock.now())
        met_in_line(call.contact_id)


@writes
def caller_gone(*, call_id: UUID, reason: str = "hung_up") -> None:
    """The caller's leg is gone. Who waited has abandoned; where somebody was with them, wrap-up begins.

    Who is to be called back keeps their place.
    """
    call = get(call_id)
    if call.state not in LIVE or _is_called_back(call, reason):
        return
    contact = intake_selectors.find_contact(call.contact_id)
    now = clock.now()
    with_agent = contact is not None and contact.state in ("connected", "parked", "wrap_up")
    moved(
        call,
        "wrapup" if with_agent and call.state in ("talking", "held") else "ended",
        reason=reason,
        ended_at=now,
    )
    if contact is not None and contact.state not in ("closed", "wrap_up"):
        if call.state in ("ivr", "outside") and contact.state == "received" and call.data.get("served"):
            intake.close(contact_id=contact.id, disposition="self_served", expect={"received"})
        elif contact.state == "queued" and call.data.get("served") == "callback":
            intake.close(contact_id=contact.id, disposition="duplicate", expect={"queued"})
        elif call.state == "outside" and contact.state == "parked":
            intake.close(contact_id=contact.id, disposition="passed_on", cause=reason, expect={"parked"})
        else:
            routing.leave_queue(
                contact_id=contact.id, reason="connection_lost" if reason == "lost" else "hung_up"
            )


def _is_called_back(call: Call, reason: str) -> bool:
    number = keeps_place(call.contact_id) if call.state in ("ivr", "queued", "offered") else ""
    return bool(number) and moved(call, "callback", reason=reason, number=number) is not None


@writes
def end_call(*, call_id: UUID, reason: str = "agent_hung_up") -> None:
    """The agent hung up, or the menu came to its end: what is left of the contact follows."""
    call = get(call_id)
    if _is_called_back(call, reason):
        return
    contact = intake_selectors.find_contact(call.contact_id)
    if contact is not None and contact.state == "connected" and contact.agent_id is not None:
        routing.start_wrap_up(contact_id=contact.id, agent_id=contact.agent_id)
    elif contact is not None and contact.state == "received":
        intake.close(contact_id=contact.id, disposition="self_served", expect={"received"})
    if call.state in LIVE:
        over = "wrapup" if call.state in ("talking", "held") else "ended"
        moved(call, over, reason=reason, ended_at=clock.now())


@writes
def close_of_contact(*, contact_id: UUID) -> None:
    """The contact is closed: so is its call."""
    call = rows.one(Call, where={"contact_id": contact_id})
    if call is not None and call.state == "wrapup":
        moved(call, "ended", reason=call.reason)
