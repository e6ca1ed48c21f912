"""A supervisor's ear at the agent's leg: it hears both sides; whispering, the agent hears the supervisor too.

The ear is a channel of the exchange's own (a snoop) in a small room with the supervisor's leg. It cannot change its
way, so each change is a new ear.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import names
from civicline.kernel import ids

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.engine.parties import Seats


LOG = structlog.get_logger(__name__)
READY_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Ear:
    """`id`: the snoop's channel, "" while a new one is made; at whose leg, which way, and where it is heard."""

    id: str
    at: str
    way: str
    room: str
    ready: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


async def stop(line: Line, seats: Seats) -> None:
    """End the ears of those who do not listen any more, or listen otherwise now."""
    agent = line.leg.id if line.leg is not None else ""
    still = {leg for leg, _way in seats.hears}
    for leg, ear in list(line.ears.items()):
        if (leg, ear.way) in seats.hears and ear.at == agent:
            continue
        if leg in still and ear.id:
            # The room stays, and they in it: a new ear follows.
            line.ears[leg] = replace(ear, id="")
            await _end(line, ear)
        elif leg not in still:
            await forget(line, leg)


async def begin(line: Line, seats: Seats, agent: str) -> None:
    """Give an ear to each who listens and has none."""
    for leg, way in sorted(seats.hears):
        known = line.ears.get(leg)
        if line.call_id is None or (known is not None and known.id):
            continue
        try:
            await _open(line, leg, way, agent, known)
        except (AriRefused, TimeoutError) as refused:
            # The agent's leg may have gone this moment: with the next one there is a new ear.
            LOG.info("call.not_heard", why=str(refused) or "not ready in time", call_id=str(line.call_id))
            await forget(line, leg)


async def _open(line: Line, leg: str, way: str, agent: str, known: Ear | None) -> None:
    """An ear in the room of `known`, or in a new one. Its names are new too: what has just been ended may be there
    for a moment longer.
    """
    call_id = line.call_id or UUID(int=0)
    room = known.room if known is not None else names.watch(call_id, ids.new_id())
    ear = line.ears[leg] = Ear(names.spy(call_id, ids.new_id()), agent, way, room)
    if known is None:
        await line.quietly("POST", f"bridges/{room}", type="mixing")
    line.board.legs[ear.id] = line
    await line.board.ari.request(
        "POST", f"channels/{in_path(agent)}/snoop/{ear.id}", spy="both",
        whisper="out" if way == "whispering" else "none", app=line.board.app, appArgs=f"ear,{call_id}",
    )  # fmt: skip
    async with asyncio.timeout(READY_S):
        await ear.ready.wait()  # before, it can be put into no room
    coming = ear.id if known is not None else f"{ear.id},{leg}"
    await line.board.ari.request("POST", f"bridges/{room}/addChannel", channel=coming)


async def forget(line: Line, leg: str) -> None:
    """Whoever has this leg hears nothing any more."""
    ear = line.ears.pop(leg, None)
    if ear is not None:
        if ear.id:
            await _end(line, ear)
        await line.quietly("DELETE", f"bridges/{ear.room}")


async def _end(line: Line, ear: Ear) -> None:
    line.board.legs.pop(ear.id, None)
    await line.hang_up(ear.id)


async def sweep(line: Line, rooms: Sequence[str]) -> None:
    """After a crash: whoever listened gets a new ear, and a new room for it."""
    for room in rooms:
        await line.quietly("DELETE", f"bridges/{room}")
