"""How a call that is owed moves between its states, and what its contact does meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import calling, events
from civicline.channels.voice.models import Callback
from civicline.engine import lifecycle
from civicline.engine.callbacks import CALLBACK
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import bus, clock, rows
from civicline.kernel.errors import Conflict
from civicline.kernel.events import emit
from civicline.routing import services as routing


def tell(callback: Callback, event: str, **data: Any) -> None:
    """Say in the log what became of a call that is owed, and hint at it."""
    kind = events.OWED.get(event, events.CALLBACK_ASKED)
    emit(
        kind, subject=("callback", callback.id), contact_id=callback.contact_id, data={"kind": callback.kind, **data}
    )  # fmt: skip
    bus.publish(f"contact:{callback.contact_id}", {"kind": "owed", "id": str(callback.contact_id)})


def step(callback: Callback, to: str, *, data: Mapping[str, Any] | None = None, **fields: Any) -> Callback:
    """Move it by compare-and-set. Raises `Conflict` when it had moved on."""
    move = lifecycle.check(CALLBACK, callback.state, to)
    row = rows.moved(
        Callback,
        where={"id": callback.id, "state": callback.state, "tries": callback.tries},
        to={"state": to, **fields},
    )
    if row is None:
        raise Conflict(code="callback-moved", text=_("This call has changed in the meantime."))
    tell(row, move.event, **(data or {}))
    return row


def keeps_place(contact_id: UUID) -> str:
    """The number on which somebody who is off the line now is to be called; "" when they are not.

    Who is on offer at this moment is taken back: that telephone rings for nobody, the next one rings for them.
    """
    owed = calling.callback_of(contact_id)
    if owed is None or owed.state not in ("waiting", "resting"):
        return ""
    contact = intake_selectors.find_contact(contact_id)
    if contact is None or contact.state not in ("queued", "offered", "parked"):
        return ""
    if contact.state == "parked" and contact.agent_id is not None:
        return ""
    if contact.state == "offered":
        routing.withdraw_offers(contact_id=contact_id, reason="resident_left")
    return owed.number


def met_in_line(contact_id: UUID) -> None:
    """Somebody answered whoever had asked for a call back before they had hung up: it is not owed any more."""
    callback = rows.one(Callback, where={"contact_id": contact_id, "state": "waiting"})
    if callback is not None:
        step(callback, "reached", outcome="in_line", ended_at=clock.now())


def end_contact(contact_id: UUID, reason: str) -> None:
    """Take the contact of a call that is not owed any more out of the line, or out of its rest."""
    contact = intake_selectors.find_contact(contact_id)
    if contact is not None and contact.state == "parked" and contact.agent_id is None:
        routing.wake(contact_id=contact_id)
    if contact is not None and contact.state in ("parked", "queued", "offered", "received"):
        routing.withdraw_offers(contact_id=contact_id, reason="resident_left")
        intake.abandon(contact_id=contact_id, reason=reason)
