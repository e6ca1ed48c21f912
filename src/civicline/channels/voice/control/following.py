"""How a call stands in the database is made so in the exchange: one table from the contact's state to what is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from civicline.channels.voice import services
from civicline.channels.voice.control import telephone

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.selectors import Facts


async def follow(line: Line, facts: Facts) -> None:
    """Make the exchange as the database says."""
    doing = STATES.get(facts.contact_state)
    if doing is None:
        await line.finish()
    else:
        await doing(line, facts)


async def _in_menu(line: Line, facts: Facts) -> None:
    """The menu has its own steps."""


async def _wait(line: Line, facts: Facts) -> None:
    await telephone.drop(line)
    await line.room.part()
    await line.room.play_music()
    if facts.call_state in ("offered", "talking", "held"):
        await line.board.rows(services.line_returned, call_id=facts.call_id)


async def _ring(line: Line, facts: Facts) -> None:
    leg = line.leg
    if facts.offer_id is None or facts.agent_id is None:
        return
    if leg is not None and leg.offer_id == facts.offer_id:
        if leg.up:
            await telephone.answered(line, leg)
        return
    await telephone.drop(line)
    if await telephone.call_phone(line, facts, facts.agent_id, facts.offer_id):
        await line.board.rows(services.phone_rang, call_id=facts.call_id, agent_id=facts.agent_id)


async def _talk(line: Line, facts: Facts) -> None:
    leg = line.leg
    if facts.agent_id is None:
        return
    if leg is None or leg.agent_id != facts.agent_id:
        await telephone.drop(line)
        await line.room.part()
        await telephone.call_phone(line, facts, facts.agent_id, None)
        return
    if not leg.up:
        return  # they accepted on the screen, and their telephone still rings
    if facts.call_state in ("queued", "offered"):
        await line.board.rows(services.talking, call_id=facts.call_id, agent_id=facts.agent_id)
    if facts.held or facts.contact_state == "parked":
        await line.room.part()
        await line.room.play_music()
    else:
        await line.room.join(leg)
    await line.room.mute(leg, muted=facts.muted)


STATES: Final[Mapping[str, Callable[[Line, Facts], Awaitable[None]]]] = {
    "received": _in_menu,
    "queued": _wait,
    "offered": _ring,
    "connected": _talk,
    "parked": _talk,
}
"""By the contact's state; in every other one the call is over."""
