"""A supervisor's ear at the agent's leg: it hears both sides; whispering, the agent hears the supervisor too.

The ear is a channel of the exchange's own (a snoop) in a small room with the supervisor's leg. It cannot change its
way, so each change is a new ear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.channels.voice.ari.client import in_path
from civicline.channels.voice.control import names

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.engine.parties import Seats


@dataclass(frozen=True, slots=True)
class Ear:
    """`id`: the snoop's channel; at whose leg, which way, and the room in which it is heard."""

    id: str
    at: str
    way: str
    room: str


def _room(line: Line, leg: str) -> str:
    return names.watch(line.call_id or UUID(int=0), names.read_party(leg) or UUID(int=0))


async def stop(line: Line, seats: Seats) -> None:
    """End the ears of those who do not listen any more, or listen otherwise now."""
    agent = line.leg.id if line.leg is not None else ""
    for leg, ear in list(line.ears.items()):
        if (leg, ear.way) not in seats.hears or ear.at != agent:
            await forget(line, leg)


async def begin(line: Line, seats: Seats, agent: str) -> None:
    """Give an ear to each who listens and has none."""
    for leg, way in sorted(seats.hears):
        if leg in line.ears or line.call_id is None:
            continue
        line.ear_number += 1
        ear = Ear(names.spy(line.call_id, line.ear_number), agent, way, _room(line, leg))
        line.ears[leg] = ear
        await line.quietly("POST", f"bridges/{ear.room}", type="mixing")
        await line.board.ari.request(
            "POST", f"channels/{in_path(agent)}/snoop/{ear.id}", spy="both",
            whisper="out" if way == "whispering" else "none", app=line.board.app, appArgs=f"ear,{line.call_id}",
        )  # fmt: skip
        await line.board.ari.request("POST", f"bridges/{ear.room}/addChannel", channel=f"{ear.id},{leg}")


async def forget(line: Line, leg: str) -> None:
    """Whoever has this leg hears nothing any more."""
    ear = line.ears.pop(leg, None)
    if ear is not None:
        await line.hang_up(ear.id)
        await line.quietly("DELETE", f"bridges/{ear.room}")
