"""Events of legs: whose leg it is, and what is done then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from civicline.channels.voice.control import company, telephone

if TYPE_CHECKING:
    from civicline.channels.voice.control.leg import Guest, Leg
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.control.listening import Ear


def leg_of(line: Line, leg_id: str) -> Leg | Guest | Ear | None:
    """The leg of this name in a call."""
    legs = (line.leg, *line.guests.values(), *line.ears.values())
    return next((one for one in legs if one is not None and one.id == leg_id), None)


async def picked_up(line: Line, leg_id: str) -> None:
    """A telephone that we rang was picked up."""
    guest = company.guest_of(line, leg_id)
    if line.leg is not None and line.leg.id == leg_id:
        await telephone.picked_up(line, line.leg)
    elif guest is not None:
        await company.picked_up(line, guest)
    else:
        await line.hang_up(leg_id)


async def gone(line: Line, leg_id: str, cause: int) -> None:
    """A leg has ended, and not by us."""
    guest = company.guest_of(line, leg_id)
    if line.leg is not None and line.leg.id == leg_id:
        await telephone.gone(line, line.leg, cause)
    elif guest is not None:
        await company.gone(line, guest, cause)
