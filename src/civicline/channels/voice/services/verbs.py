"""What an agent does with a call in hand: hold, resume, mute, keys, hang up. The exchange follows what is written."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import events
from civicline.channels.voice.company import services as company
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.callbacks_tries import stop_try
from civicline.channels.voice.services.calls import moved
from civicline.kernel import bus, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.routing import services as routing
from civicline.routing.services.work import in_hand_of

KEYS: Final = re.compile(r"[0-9*#A-D]{1,32}")
MOST_KEYS: Final = 64
TRIES: Final = 5


def in_hand(contact_id: UUID, agent_id: UUID, states: tuple[str, ...]) -> Call:
    """The call, in the hand of this agent and in one of these states. Raises `Forbidden`, `NotFound`, `Conflict`."""
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
    moved(in_hand(contact_id, agent_id, ("talking",)), "held", data={"agent": str(agent_id)})


@writes
def resume(*, contact_id: UUID, agent_id: UUID) -> None:
    """Back into the talk; whoever was consulted meanwhile waits. Raises `Forbidden`, `NotFound`, `Conflict`."""
    call = in_hand(contact_id, agent_id, ("held",))
    company.set_aside(call_id=call.id, contact_id=contact_id)
    moved(call, "talking", data={"agent": str(agent_id)})


@writes
def mute(*, contact_id: UUID, agent_id: UUID) -> None:
    """The caller does not hear the agent. Raises `Forbidden`, `NotFound`, `Conflict`."""
    _set_mute(in_hand(contact_id, agent_id, ("talking", "held")), agent_id, muted=True)


@writes
def unmute(*, contact_id: UUID, agent_id: UUID) -> None:
    """The caller hears the agent again. Raises `Forbidden`, `NotFound`, `Conflict`."""
    _set_mute(in_hand(contact_id, agent_id, ("talking", "held")), agent_id, muted=False)


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
    call = in_hand(contact_id, agent_id, ("offered", "talking", "held", "callback", "dialling"))
    if call.state in ("callback", "dialling"):
        stop_try(call_id=call.id)  # nobody has answered yet: it is tried again by rule
        return
    routing.start_wrap_up(contact_id=contact_id, agent_id=agent_id)


@writes
def press(*, contact_id: UUID, agent_id: UUID, keys: str) -> None:
    """Press keys for the other side: they are sent as signs of RFC 4733, one after the other, and kept by nobody.

    Raises `Invalid` for what is no key, `Forbidden`, `NotFound`, `Conflict`.
    """
    if not KEYS.fullmatch(keys):
        raise Invalid(fields={"keys": _("Press digits, * or #.")})
    for _again in range(TRIES):
        call = in_hand(contact_id, agent_id, ("talking", "held"))
        if len(call.keys) + len(keys) > MOST_KEYS:
            raise Conflict(code="too-many-keys", text=_("These keys come too fast. Wait a moment."))
        if rows.change(Call, where={"id": call.id, "keys": call.keys}, to={"keys": call.keys + keys}):
            bus.publish(f"contact:{contact_id}", {"kind": "keys", "id": str(contact_id)})
            return
    raise Conflict(code="call-moved", text=_("The call has changed in the meantime."))


@writes
def take_keys(*, call_id: UUID) -> str:
    """The keys that are to be sent now; they are taken out first, so that none is ever sent twice."""
    call = rows.one(Call, where={"id": call_id})
    if call is None or not call.keys:
        return ""
    taken = rows.change(Call, where={"id": call_id, "keys": call.keys}, to={"keys": ""})
    return call.keys if taken else ""
