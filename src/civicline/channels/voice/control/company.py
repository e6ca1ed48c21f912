"""The others in a call: rung, seated, heard, and let go, as the database says who is there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice import outside, selectors, services
from civicline.channels.voice.ari.client import AriRefused
from civicline.channels.voice.company import services as parties
from civicline.channels.voice.control import listening, names, picture, telephone
from civicline.channels.voice.control.leg import Guest, Leg
from civicline.engine.parties import Sitting, seat
from civicline.kernel.errors import Unavailable

if TYPE_CHECKING:
    from uuid import UUID

    from civicline.channels.voice.company.selectors import Companion
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.selectors import Facts

LOG = structlog.get_logger(__name__)
RING_S: Final = 30
UNREACHABLE: Final = 0
NO_ANSWER: Final = 19
LEG_HEADER: Final = "X-Civicline-Leg"
"""Names the leg to a telephone in a browser: a page that has just asked for it picks it up without a press."""


async def follow(line: Line, facts: Facts) -> None:
    """Make who is there, and who hears whom, as the database says."""
    there = {one.id: one for one in facts.company if one.state != "took_over"}
    for party_id in [key for key in line.guests if key not in there]:
        await _let_go(line, party_id)
    agent = line.leg if line.leg is not None and line.leg.up else None
    sitting = [
        Sitting(line.guests[one.id].id, one.state, line.guests[one.id].up)
        for one in there.values()
        if one.id in line.guests
    ]
    # Who was passed on to a number outside rests too, but hears whoever answers there.
    held = facts.held or (facts.contact_state == "parked" and facts.call_state != "outside")
    seats = seat(caller=line.caller, agent=agent.id if agent else None, held=held, parties=sitting)
    await listening.stop(line, seats)
    await line.room.sit(seats)
    if agent is not None:
        await listening.begin(line, seats, agent.id)
    for one in there.values():
        if one.id not in line.guests:
            await _ring(line, facts, one)


async def clear(line: Line) -> None:
    """The call is over: nobody is in it any more."""
    for party_id in list(line.guests):
        await _let_go(line, party_id)


async def _let_go(line: Line, party_id: UUID) -> None:
    guest = line.guests.pop(party_id)
    line.board.legs.pop(guest.id, None)
    line.room.forget(guest.id)
    await listening.forget(line, guest.id)
    await line.hang_up(guest.id)


async def adopt(line: Line, facts: Facts) -> None:
    """Somebody who is in the call already has it in hand now: their leg is the agent's from here on."""
    agent_id = facts.agent_id
    if agent_id is None or (line.leg is not None and line.leg.agent_id == agent_id):
        return
    for one in facts.company:
        guest = line.guests.get(one.id)
        if one.state == "took_over" and one.agent_id == agent_id and guest is not None and guest.up:
            del line.guests[one.id]
            await listening.forget(line, guest.id)
            before = line.leg
            line.leg, line.room.muted = Leg(guest.id, agent_id, None, up=True), False
            if before is not None:
                line.board.legs.pop(before.id, None)
                line.room.forget(before.id)
                await line.hang_up(before.id)
            LOG.info("call.handed_over", call_id=str(line.call_id))
            return


# --- Ringing them


async def _ring(line: Line, facts: Facts, one: Companion) -> None:
    """Ring a party; whoever had answered or was rung, and has no leg any more, is gone."""
    if one.answered:
        await _gone(line, one.id, NO_ANSWER, answered=True)
        return
    if one.dialled:
        await _gone(line, one.id, NO_ANSWER, answered=False)  # it ended while nobody listened
        return
    guest = Guest(names.party(facts.call_id, one.id), one.id, one.agent_id)
    where, sound, named = await _where(line, one)
    if not where:
        await _gone(line, one.id, UNREACHABLE, answered=False)
        return
    line.guests[one.id] = guest
    line.board.legs[guest.id] = line
    shown = (outside.own_number(facts.called, "") if one.agent_id is None else facts.number) or "anonymous"
    try:
        await line.board.ari.request(
            "POST", "channels/create", {"variables": {"CONNECTEDLINE(all,i)": f"{shown} <{shown}>", **named}},
            endpoint=where, app=line.board.app, appArgs=f"leg,{line.call_id}", channelId=guest.id, **sound,
        )  # fmt: skip
        async with asyncio.timeout(telephone.READY_S):
            await guest.ready.wait()
        await line.board.rows(parties.dialled, party_id=one.id)
        await line.board.ari.request("POST", f"channels/{guest.id}/dial", caller=line.caller, timeout=RING_S)
    except (AriRefused, TimeoutError) as refused:
        LOG.warning("party.unreachable", where=where, why=str(refused) or "not ready in time")
        await _let_go(line, one.id)
        await _gone(line, one.id, UNREACHABLE, answered=False)
    except Unavailable:
        await _let_go(line, one.id)  # this step is done again, whole
        raise


async def _where(line: Line, one: Companion) -> tuple[str, dict[str, str], dict[str, str]]:
    """The endpoint to dial ("" when there is none), its sound, and the header that a browser knows the leg by."""
    if one.agent_id is None:
        return outside.endpoint(one.number), {"originator": line.caller}, {}
    phone = await line.board.rows(selectors.phone_of, one.agent_id)
    if phone is None:
        return "", {}, {}
    if phone.kind == "browser":
        named = {f"PJSIP_HEADER(add,{LEG_HEADER})": str(one.id)}
        return f"PJSIP/{phone.endpoint}", {"formats": await picture.formats(line)}, named
    return f"PJSIP/{phone.endpoint}", {"originator": line.caller}, {}


# --- What the exchange told


def guest_of(line: Line, leg_id: str) -> Guest | None:
    """Whose leg this is; None when it is no party's."""
    return next((one for one in line.guests.values() if one.id == leg_id), None)


async def picked_up(line: Line, guest: Guest) -> None:
    """A party answered."""
    guest.up = True
    if line.call_id is not None:
        await line.board.rows(services.party_answered, call_id=line.call_id, party_id=guest.party_id)
        line.look()


async def gone(line: Line, guest: Guest, cause: int) -> None:
    """A party's leg ended, and not by us."""
    await _gone(line, guest.party_id, cause, answered=guest.up)
    line.guests.pop(guest.party_id, None)
    line.board.legs.pop(guest.id, None)
    line.room.forget(guest.id)
    await listening.forget(line, guest.id)
    line.look()


async def _gone(line: Line, party_id: UUID, cause: int, *, answered: bool) -> None:
    if line.call_id is not None:
        await line.board.rows(
            services.party_gone, call_id=line.call_id, party_id=party_id, cause=cause, answered=answered
        )
        line.look()
