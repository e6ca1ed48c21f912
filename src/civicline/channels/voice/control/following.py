"""How a call stands in the database is made so in the exchange: one table from the contact's state to what is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from civicline.channels.voice import services
from civicline.channels.voice.control import company, telephone

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.selectors import Facts


async def follow(line: Line, facts: Facts) -> None:
    """Make the exchange as the database says."""
    doing = _go_on_outside if facts.call_state == "outside" else STATES.get(facts.contact_state)
    if doing is None:
        await line.finish()
    else:
        await doing(line, facts)


async def _in_menu(line: Line, facts: Facts) -> None:
    """The menu has its own steps; it goes on where a number outside was not reached."""
    if line.menu is not None and facts.call_state == "ivr":
        await line.menu.not_connected()


async def _wait(line: Line, facts: Facts) -> None:
    await telephone.drop(line)
    if line.menu is None or not line.menu.speaks:
        await company.follow(line, facts)
    if facts.call_state in ("offered", "talking", "held"):
        await line.board.rows(services.line_returned, call_id=facts.call_id)


async def _ring(line: Line, facts: Facts) -> None:
    leg = line.leg
    if facts.offer_id is None or facts.agent_id is None:
        return
    if facts.call_state in ("talking", "held"):
        # Passed on and offered again before anybody looked: who had the call is not with the caller any more.
        await line.board.rows(services.line_returned, call_id=facts.call_id)
    if leg is not None and leg.offer_id == facts.offer_id:
        if facts.call_state == "queued":
            # It rings since before a crash, and nobody came to write it down.
            await line.board.rows(services.phone_rang, call_id=facts.call_id, agent_id=facts.agent_id)
        if leg.up:
            await telephone.answered(line, leg)
        return
    await telephone.drop(line)
    if line.room.bridged:
        await company.follow(line, facts)  # somebody was with them until now: music again
    if await telephone.call_phone(line, facts, facts.agent_id, facts.offer_id):
        await line.board.rows(services.phone_rang, call_id=facts.call_id, agent_id=facts.agent_id)


async def _talk(line: Line, facts: Facts) -> None:
    if facts.agent_id is None:
        return
    await company.adopt(line, facts)
    leg = line.leg
    if leg is None or leg.agent_id != facts.agent_id:
        await telephone.drop(line)
        if await line.board.rows(services.passed_meanwhile, call_id=facts.call_id):
            line.look()
            return
        await company.follow(line, facts)
        await telephone.call_phone(line, facts, facts.agent_id, None)
        return
    if not leg.up:
        return  # they accepted on the screen, and their telephone still rings
    await line.hush()
    if facts.call_state in ("queued", "offered"):
        await line.board.rows(services.talking, call_id=facts.call_id, agent_id=facts.agent_id)
    await company.follow(line, facts)
    await line.room.mute(leg, muted=facts.muted)
    await line.room.recorder.follow()
    if facts.keys:
        await line.room.press(await line.board.rows(services.take_keys, call_id=facts.call_id))


async def _go_on_outside(line: Line, facts: Facts) -> None:
    """The caller talks with somebody outside; the agent has left, and nothing more is recorded."""
    await telephone.drop(line)
    await line.room.recorder.end()
    await company.follow(line, facts)


STATES: Final[Mapping[str, Callable[[Line, Facts], Awaitable[None]]]] = {
    "received": _in_menu,
    "queued": _wait,
    "offered": _ring,
    "connected": _talk,
    "parked": _talk,
}
"""By the contact's state; in every other one the call is over."""
