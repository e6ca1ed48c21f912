"""Calls that are owed: asked for, due, called off. What becomes of a try is in `callbacks_tries`.

The contact of a call back keeps its place in the queue. Every function is harmless when repeated.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import calling, outside
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.services.callbacks_moves import end_contact, step, tell
from civicline.channels.voice.services.callbacks_told import tell_resident
from civicline.channels.voice.services.calls import enter_line, get, learn, moved
from civicline.channels.voice.services.outbound import contact_for
from civicline.engine.callbacks import OPEN, allowed_from
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import audit, clock, ids, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing


class NotOffered(Conflict):
    """This line does not call back now."""

    default_code = "callback-not-offered"
    default_text = _("This line does not call back.")


# --- Asked for by a caller


@writes
def book(*, call_id: UUID, number: str, queue_code: str = "", service_code: str = "") -> Callback:
    """Whoever is on the line is called back at their place. A second booking for one number is the first one.

    From a menu with both names the call waits in that queue by the priority of that service: so calls back may stand
    behind everybody who waits on the line (docs/subsystems/calling.md).
    Raises `NotCalled` for a number that is not called from here, `NotOffered`, and `Conflict` when somebody is with
    the caller already.
    """
    clean = outside.may_call(number)
    call = get(call_id)
    if call.state not in ("ivr", "queued", "offered"):
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    known = calling.callback_of(call.contact_id)
    if known is not None and known.state in OPEN:
        rows.change(Callback, where={"id": known.id, "state": known.state}, to={"number": clean})
        return known
    step_by = _priority_of(service_code) if queue_code and call.state == "ivr" else 0
    enter_line(call_id=call_id, service_code=service_code, queue_code=queue_code, reason="callback")
    contact = intake_selectors.get_contact(call.contact_id)
    if contact is None or contact.queue_id is None or contact.state not in ("queued", "offered"):
        raise Conflict(code="contact-moved")
    rule = calling.rule_of(contact.queue_id)
    if not rule.callbacks:
        raise NotOffered()
    earlier = calling.owed_to(clean, contact.queue_id)
    if earlier is not None:
        learn(call_id=call_id, facts={"served": "callback"})
        return earlier
    row = Callback(
        id=ids.new_id(), contact_id=contact.id, kind=Callback.Kind.CALLBACK, number=clean, queue_id=contact.queue_id,
        language=get(call_id).language, asked_at=clock.now(),
    )  # fmt: skip
    rows.store(row)
    # So that lists and cards show it as what it is, from the row that they read anyway.
    known_as = {**contact.data, "owed": row.kind, "text_to": clean}
    intake.change_contact(
        contact_id=contact.id, reason="callback", data=known_as, priority=contact.priority + step_by
    )
    tell(row, "", number_is_callers=clean == outside.clean(call.number))
    _wait_for_hours(row)
    tell_resident(row, "booked")
    return row


def _priority_of(service_code: str) -> int:
    service = intake_selectors.get_service(service_code) if service_code else None
    return routing_selectors.priority_of_service(service.pk) if service is not None else 0


def _wait_for_hours(callback: Callback) -> None:
    """Outside of calling hours it rests until they begin."""
    now = clock.now()
    at = allowed_from(now, calling.rule_of(callback.queue_id).hours)
    if at is not None and at > now and callback.contact_id is not None:
        routing.withdraw_offers(contact_id=callback.contact_id, reason="resident_left")
        routing.set_aside(contact_id=callback.contact_id)
        step(callback, "resting", next_at=at, data={"until": at.isoformat()})


# --- The clock


def wake_due() -> int:
    """Calls whose time has come are back in the line at their place; how many. Nothing is written while none is due."""
    woken = 0
    for callback in calling.due(clock.now()):
        try:
            _wake(callback=callback)
        except Conflict:
            continue
        woken += 1
    return woken


@writes
def _wake(*, callback: Callback) -> None:
    if callback.state == "resting" and callback.contact_id is not None:
        routing.wake(contact_id=callback.contact_id)
    elif callback.state == "planned":
        callback = begin_planned(callback)
    step(callback, "waiting", next_at=None)


def begin_planned(callback: Callback) -> Callback:
    """The time that was agreed on has come: a contact for it, first offered to whoever agreed."""
    contact_id = contact_for(callback)
    row = rows.moved(
        Callback,
        where={"id": callback.id, "state": "planned", "contact_id": None},
        to={"contact_id": contact_id},
    )
    if row is None:
        raise Conflict(code="callback-moved")
    return row


# --- Called off


@writes
def cancel(*, callback_id: UUID, reason: str) -> None:
    """It is not wanted any more. Raises `NotFound`, and `Conflict` when somebody is calling just now."""
    callback = calling.get_callback(callback_id)
    if callback is None:
        raise NotFound(code="callback-unknown", text=_("There is no such call."))
    if callback.state not in OPEN:
        return
    if callback.state == "dialling":
        raise Conflict(code="callback-dialling", text=_("We are calling at this moment."))
    step(callback, "cancelled", ended_at=clock.now(), next_at=None, data={"reason": reason})
    audit.record("callback.cancelled", object=("callback", callback.id), reason=reason)
    if callback.contact_id is not None:
        end_contact(callback.contact_id, "resident_left")
        call = rows.one(Call, where={"contact_id": callback.contact_id})
        if call is not None and call.state == "callback":
            moved(call, "ended", reason="cancelled", ended_at=clock.now())
