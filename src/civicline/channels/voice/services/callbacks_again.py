"""Whoever is owed a call rings again: the call that is owed is called off, or becomes the one they are on.

On the line again they are the same contact at the same place, as if they had never hung up: who hangs up before
somebody answers is called back after all.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from civicline.channels.voice import calling, outside
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.services.callbacks import cancel
from civicline.channels.voice.services.callbacks_moves import step
from civicline.channels.voice.services.calls import Arrived, get, moved
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.routing import services as routing

REASON = "rejoined"


@writes
def call_off(*, call_id: UUID, callback_id: UUID) -> None:
    """They do not want to be called any more. Raises `Conflict` when it is not theirs, or somebody calls just now."""
    _own(get(call_id), callback_id)
    cancel(callback_id=callback_id, reason="resident")


@writes
def rejoin(*, call_id: UUID, callback_id: UUID) -> Arrived:
    """They wait on the line from here on: the call that was owed, which has this caller now.

    The contact of the new call is closed as a duplicate. Raises `Conflict` when it is not theirs, or has moved on.
    """
    here = get(call_id)
    callback = _own(here, callback_id)
    owed = rows.one(Call, where={"contact_id": callback.contact_id})
    if here.state not in ("ivr", "queued") or owed is None or owed.state != "callback":
        raise Conflict(code="callback-moved")
    _let_go(here)
    _into_line(callback)
    facts: dict[str, Any] = {
        "channel": here.channel,
        "language": here.language or owed.language,
        "flow": here.flow,
    }
    if moved(owed, "queued", data={"instead_of": str(here.contact_id)}, **facts) is None:
        raise Conflict(code="callback-moved")
    return Arrived(owed.id, owed.contact_id)


def _own(call: Call, callback_id: UUID) -> Callback:
    """The call that is owed to the number of this caller."""
    callback = calling.get_callback(callback_id)
    if callback is None or callback.state not in ("waiting", "resting") or callback.contact_id is None:
        raise Conflict(code="callback-moved")
    if callback.number != outside.clean(call.number):
        raise Conflict(code="callback-of-another")
    return callback


def _let_go(here: Call) -> None:
    """The new call is over before it began; its leg belongs to the other one."""
    fields: dict[str, Any] = {"channel": f"{here.channel[:60]} {REASON}", "ended_at": clock.now()}
    if moved(here, "ended", reason=REASON, **fields) is None:
        raise Conflict(code="call-moved")
    contact = intake_selectors.get_contact(here.contact_id)
    if contact is not None and contact.state == "offered":
        routing.withdraw_offers(contact_id=contact.id, reason="resident_left")
    intake.close(contact_id=here.contact_id, disposition="duplicate", expect={"received", "queued"})


def _into_line(callback: Callback) -> None:
    """At its place, with nobody on offer: whoever was rung would have called out."""
    contact_id = callback.contact_id
    contact = intake_selectors.get_contact(contact_id) if contact_id is not None else None
    if contact_id is None or contact is None or contact.state not in ("queued", "offered", "parked"):
        raise Conflict(code="contact-moved")
    if contact.state == "parked":
        routing.wake(contact_id=contact_id)
    routing.withdraw_offers(contact_id=contact_id, reason="resident_left")
    if callback.state == "resting":
        step(callback, "waiting", next_at=None)
