"""What an agent does with a call in hand: hold, resume, mute, hang up. The exchange follows what is written here."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import events
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.calls import moved
from civicline.kernel import bus, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, NotFound
from civicline.kernel.events import emit
from civicline.routing import services as routing
from civicline.routing.services.work import in_hand_of


def _in_hand(contact_id: UUID, agent_id: UUID, states: tuple[str, ...]) -> Call:
    """The call, in the hand of this agent and in one of these states."""
    in_hand_of(contact_id, agent_id)
    call = rows.one(Call, where={"contact_id": contact_id})
    if call is None:
        raise NotFound(code="call-unknown", text=_("There is no such call."))
    if call.state not in states:
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    return call


@writes
def hold(*, contact_id: UUID, agent_id: UUID) -> None:
    """The caller hears music. Raises `Forbidden`, `NotFound`, `Conflict`."""
    moved(_in_hand(contact_id, agent_id, ("talking",)), "held", data={"agent": str(agent_id)})


@writes
def resume(*, contact_id: UUID, agent_id: UUID) -> None:
    """Back into the talk. Raises `Forbidden`, `NotFound`, `Conflict`."""
    moved(_in_hand(contact_id, agent_id, ("held",)), "talking", data={"agent": str(agent_id)})


@writes
def mute(*, contact_id: UUID, agent_id: UUID) -> None:
    """The caller does not hear the agent. Raises `Forbidden`, `NotFound`, `Conflict`."""
    _set_mute(_in_hand(contact_id, agent_id, ("talking", "held")), agent_id, muted=True)


@writes
def unmute(*, contact_id: UUID, agent_id: UUID) -> None:
    """The caller hears the agent again. Raises `Forbidden`, `NotFound`, `Conflict`."""
    _set_mute(_in_hand(contact_id, agent_id, ("talking", "held")), agent_id, muted=False)


def _set_mute(call: Call, agent_id: UUID, *, muted: bool) -> None:
    if rows.change(Call, where={"id": call.id, "muted": not muted}, to={"muted": muted}):
        emit(
            events.MUTED, subject=("call", call.id), contact_id=call.contact_id,
            data={"agent": str(agent_id), "muted": muted},
        )  # fmt: skip
        bus.publish(f"contact:{call.contact_id}", {"kind": "call", "id": str(call.contact_id)})


@writes
def hang_up(*, contact_id: UUID, agent_id: UUID) -> None:
    """The agent ends the call; wrap-up begins. Raises `Forbidden`, `NotFound`, `Conflict`."""
    _in_hand(contact_id, agent_id, ("offered", "talking", "held"))
    routing.start_wrap_up(contact_id=contact_id, agent_id=agent_id)
