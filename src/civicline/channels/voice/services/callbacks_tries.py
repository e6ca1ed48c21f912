"""One try to reach somebody who is owed a call: begun with an agent on their telephone, reached or not.

A try is claimed by compare-and-set before anything rings, under a number of its own: whoever comes second, a process
that stood by or one after a crash, finds it claimed. Every function is harmless when repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from civicline.channels.voice import calling, outside
from civicline.channels.voice.control import names
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.services.callbacks_moves import end_contact, step
from civicline.channels.voice.services.callbacks_told import tell_resident
from civicline.channels.voice.services.calls import get, moved
from civicline.engine.callbacks import GivenUp, after_try, allowed_from
from civicline.intake import selectors as intake_selectors
from civicline.kernel import clock
from civicline.kernel.db import undoable, writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.routing import services as routing


@dataclass(frozen=True, slots=True)
class Try:
    """What to dial. `channel`: its name in the exchange; `caller_id`: the number that we show, "" the provider's."""

    channel: str
    endpoint: str
    caller_id: str
    ring_s: int


def _owed(call: Call, *states: str) -> Callback | None:
    callback = calling.callback_of(call.contact_id)
    return callback if callback is not None and callback.state in states else None


@writes
def start_try(*, call_id: UUID, agent_id: UUID) -> Try | None:
    """Claim the next try for this agent, who is on their telephone; None when nobody is to be called now.

    Then the contact rests or is over, and the log says why. Raises `Conflict` when the contact is not in the hand of
    this agent, or is being called.
    """
    call = get(call_id)
    contact = intake_selectors.find_contact(call.contact_id)
    callback = _owed(call, "waiting", "resting")
    if contact is None or contact.state != "connected" or contact.agent_id != agent_id or callback is None:
        raise Conflict(code="callback-moved")
    if callback.state == "resting":  # somebody took it in hand before its time
        callback = step(callback, "waiting", next_at=None)
    refused = _refused(callback)
    if refused:
        _not_now(call, callback, agent_id, refused)
        return None
    rule = calling.rule_of(callback.queue_id)
    channel = names.outside(call.id, callback.tries + 1)
    shown = outside.own_number(call.called, rule.caller_id)
    try:
        with undoable():
            step(callback, "dialling", tries=callback.tries + 1, data={"agent": str(agent_id)})
    except IntegrityError:
        # The same number is being called for another matter.
        _not_now(call, callback, agent_id, "busy")
        return None
    moved(
        call,
        "dialling",
        channel=channel,
        direction="out",
        data={"agent": str(agent_id), "try": callback.tries + 1},
    )
    return Try(channel, outside.endpoint(callback.number), shown, rule.again.ring_s)


def _refused(callback: Callback) -> str:
    """Why this number is not called now; "" when it may be."""
    try:
        outside.may_call(callback.number)
    except outside.NotCalled as refused:
        return refused.code
    if callback.kind != Callback.Kind.CALLBACK and calling.is_barred(callback.number):
        return "number-barred"
    now = clock.now()
    at = allowed_from(now, calling.rule_of(callback.queue_id).hours)
    return "" if at is not None and at <= now else "hours"


def _not_now(call: Call, callback: Callback, agent_id: UUID, why: str) -> None:
    """Nobody is dialled: later within calling hours, or never."""
    if why in ("hours", "busy"):
        rule = calling.rule_of(callback.queue_id)
        later = after_try(rule.again, tries=0, outcome="busy", now=clock.now(), calendar=rule.hours)
        if not isinstance(later, GivenUp):
            routing.set_aside(contact_id=call.contact_id, agent_id=agent_id)
            step(callback, "resting", next_at=later.at, outcome=why, data={"until": later.at.isoformat()})
            return
    _give_up(call, callback, agent_id, why)


def _give_up(call: Call, callback: Callback, agent_id: UUID | None, why: str) -> None:
    now = clock.now()
    step(callback, "given_up", outcome=why, ended_at=now, next_at=None, data={"reason": why})
    if callback.kind == Callback.Kind.CALLBACK:
        tell_resident(callback, "given_up")
    call = get(call.id)
    if call.state in ("callback", "dialling"):
        moved(call, "ended", reason="unreached", ended_at=now, data={"outcome": why})
    if agent_id is None:
        end_contact(call.contact_id, "callback_unreached")
    elif callback.kind == Callback.Kind.DIRECT:
        # Whoever placed it notes what became of it.
        routing.start_wrap_up(contact_id=call.contact_id, agent_id=agent_id)
    else:
        routing.put_back(contact_id=call.contact_id, agent_id=agent_id, reason="callback_unreached")
        end_contact(call.contact_id, "callback_unreached")


@writes
def try_failed(*, call_id: UUID, outcome: str) -> None:
    """The try that was under way has reached nobody: the next one by rule, or given up. The agent is free again."""
    call = get(call_id)
    callback = _owed(call, "dialling")
    if callback is None:
        return
    contact = intake_selectors.find_contact(call.contact_id)
    if contact is None:
        raise NotFound(code="contact-unknown")
    holder = contact.agent_id if contact.state == "connected" else None
    rule = calling.rule_of(callback.queue_id)
    tries = rule.again.tries if callback.kind == Callback.Kind.DIRECT else callback.tries
    follows = after_try(rule.again, tries=tries, outcome=outcome, now=clock.now(), calendar=rule.hours)
    if isinstance(follows, GivenUp):
        _give_up(call, callback, holder, outcome)
        return
    if call.state == "dialling":
        moved(call, "callback", data={"outcome": outcome, "try": callback.tries})
    if holder is not None or contact.state == "queued":
        routing.set_aside(contact_id=contact.id, agent_id=holder)
    until = follows.at.isoformat()
    step(
        callback,
        "resting",
        outcome=outcome,
        next_at=follows.at,
        data={"outcome": outcome, "until": until},
    )


@writes
def reached(*, call_id: UUID) -> None:
    """They have answered: from now on it is a call as any other."""
    call = get(call_id)
    callback = _owed(call, "dialling")
    if callback is not None:
        step(callback, "reached", outcome="answered", ended_at=clock.now(), data={"try": callback.tries})
    if call.state == "dialling":
        contact = intake_selectors.find_contact(call.contact_id)
        agent = str(contact.agent_id or "") if contact is not None else ""
        moved(call, "talking", talking_at=call.talking_at or clock.now(), data={"agent": agent})


@writes
def stop_try(*, call_id: UUID, outcome: str = "agent_left") -> None:
    """The agent does not go on with it, or cannot (`outcome`): what rang outside counts; it is tried again by rule."""
    call = get(call_id)
    contact = intake_selectors.find_contact(call.contact_id)
    if call.state == "dialling":
        try_failed(call_id=call_id, outcome=outcome)
        return
    callback = _owed(call, "waiting", "resting")
    if contact is None or contact.state != "connected" or contact.agent_id is None or callback is None:
        return
    if callback.kind == Callback.Kind.DIRECT:
        _give_up(call, callback, contact.agent_id, outcome)
    elif callback.state == "waiting":
        _not_now(call, callback, contact.agent_id, "busy")
    else:
        routing.set_aside(contact_id=contact.id, agent_id=contact.agent_id)
