"""An agent's telephone that cannot be reached, or is gone from the talk."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from civicline.channels.voice import calling, events
from civicline.channels.voice.models import Call, Callback
from civicline.channels.voice.services.callbacks_tries import stop_try
from civicline.channels.voice.services.calls import get, line_returned
from civicline.intake import events as intake_events
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel.db import writes
from civicline.kernel.events import emit
from civicline.people import services as people
from civicline.routing import services as routing

OWN_PHONE: Final = "own_phone"
"""Why nobody was reached: the telephone of whoever wanted to call."""


@writes
def phone_failed(*, call_id: UUID, agent_id: UUID, offer_id: UUID | None, cause: int, answered: bool) -> None:
    """The agent's telephone could not be reached, was busy, or refused: the caller goes back to their own place.

    Whom the agent was about to call themselves has no place to go back to: nobody is called, and the agent sees why.

    The agent stops responding until they say that they are there: a telephone that is off would otherwise be rung
    again and again. `answered`: it was in the talk and went away without hanging up. `cause`: Q.850.
    """
    call = get(call_id)
    emit(
        events.PHONE_FAILED,
        subject=("call", call_id),
        contact_id=call.contact_id,
        data={"agent": str(agent_id), "cause": cause, "answered": answered},
    )
    people.mark_not_responding(agent_id=agent_id, reason="connection_lost" if answered else "offer_timed_out")
    contact = intake_selectors.find_contact(call.contact_id)
    if contact is None or contact.agent_id != agent_id:
        return
    if contact.state == "offered" and offer_id is not None:
        # Withdrawn, not declined: nobody has said no, and once they are there again they may have it at once.
        routing.withdraw_offers(contact_id=contact.id, reason="agent_lost")
    elif contact.state == "connected" and _is_placed(call):
        stop_try(call_id=call_id, outcome=OWN_PHONE)
        return
    elif contact.state == "connected":
        _back_to_line(contact.id, agent_id, contact.queue_id)
    line_returned(call_id=call_id)


def _back_to_line(contact_id: UUID, agent_id: UUID, queue_id: int | None) -> None:
    intake.move_contact(
        contact_id=contact_id, to="queued", expect={"connected"}, agent_id=None, connected_at=None,
        preferred_agent_id=None,
    )  # fmt: skip
    emit(
        intake_events.CONTACT_RETURNED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"queue": queue_id, "agent": str(agent_id), "reason": "agent_lost"},
    )


def _is_placed(call: Call) -> bool:
    """Whether the agent placed it, and nobody outside has answered yet."""
    callback = calling.callback_of(call.contact_id)
    return (
        callback is not None
        and callback.kind == Callback.Kind.DIRECT
        and call.state in ("callback", "dialling")
    )
