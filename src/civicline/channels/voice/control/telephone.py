"""The agent's telephone for a call: it is rung, picked up, put down, or cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.control import names, picture
from civicline.channels.voice.control.leg import Leg
from civicline.kernel.errors import Conflict

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.selectors import Facts

LOG = structlog.get_logger(__name__)
READY_S: Final = 3.0
NORMAL_CLEARING: Final = 16
LONGEST_RING_S: Final = 120
"""Offers end by the engine's clock; this one is for a process that died while the telephone rang."""


async def call_phone(line: Line, facts: Facts, agent_id: UUID, offer_id: UUID | None) -> bool:
    """Ring the agent's telephone. Returns whether it can be rung."""
    leg = Leg(names.leg(facts.call_id, offer_id or agent_id), agent_id, offer_id)
    if facts.phone is None:
        await _failed(line, leg, cause=0)
        return False
    line.leg = leg
    line.board.legs[leg.id] = line
    try:
        await make(line, leg, facts.phone, call_id=facts.call_id, number=facts.number)
    except AriRefused as refused:
        await _unreachable(line, leg, facts.phone, refused)
        return False
    return await ring(line, leg, facts.phone)


async def ring(line: Line, leg: Leg, phone: PhoneLine) -> bool:
    """Dial a leg that was made. Returns whether it can be rung."""
    return await rings(line, leg, phone, dial(line, leg))


async def dial(line: Line, leg: Leg) -> None:
    """The telephone rings. Raises `AriRefused`, and `TimeoutError` for a leg that was not made in time."""
    known = {"caller": line.caller} if line.caller else {}
    async with asyncio.timeout(READY_S):
        await leg.ready.wait()
    await line.board.ari.request("POST", f"channels/{leg.id}/dial", timeout=LONGEST_RING_S, **known)


async def rings(line: Line, leg: Leg, phone: PhoneLine, dialled: Awaitable[None]) -> bool:
    """Whether it can be rung; if not, the call goes on without this agent."""
    try:
        await dialled
    except (AriRefused, TimeoutError) as refused:
        await _unreachable(line, leg, phone, refused)
        return False
    return True


async def rang(line: Line, agent_id: UUID) -> None:
    """It is dialled, and that is written down."""
    if line.call_id is not None:
        await line.board.rows(services.phone_rang, call_id=line.call_id, agent_id=agent_id)


async def _unreachable(line: Line, leg: Leg, phone: PhoneLine, why: Exception) -> None:
    LOG.warning("phone.unreachable", phone=phone.name, why=str(why) or "not ready in time")
    await drop(line)
    await _failed(line, leg, cause=0)


async def make(line: Line, leg: Leg, phone: PhoneLine, *, call_id: UUID, number: str) -> None:
    """Made in our hands first and dialled then: a leg that is dialled at once ends when it is picked up while no
    process of ours is there.
    """
    sound = {"originator": line.caller} if line.caller else {"formats": "alaw,ulaw"}
    if phone.kind == "browser":
        sound = {"formats": await picture.formats(line)}
    shown = number or "anonymous"
    await line.board.ari.request(
        "POST", "channels/create", {"variables": {"CONNECTEDLINE(all,i)": f"{shown} <{shown}>"}},
        endpoint=f"PJSIP/{phone.endpoint}", app=line.board.app, appArgs=f"leg,{call_id}",
        channelId=leg.id, **sound,
    )  # fmt: skip


async def picked_up(line: Line, leg: Leg) -> None:
    """The agent's telephone was picked up."""
    leg.up = True
    if leg.offer_id is None:
        line.look()
    else:
        await answered(line, leg)


async def answered(line: Line, leg: Leg) -> None:
    """The offer is taken by picking up."""
    if line.call_id is None:
        return
    try:
        await line.board.rows(
            services.phone_answered, call_id=line.call_id, agent_id=leg.agent_id, offer_id=leg.offer_id
        )
    except Conflict:
        await drop(line)  # too late: somebody else has the call, or the caller left
        line.look()
        return
    await line.hush()
    if line.caller:
        await line.room.join(leg)
    else:
        line.look()


async def gone(line: Line, leg: Leg, cause: int) -> None:
    """The agent's leg ended, and not by us. Whoever else is with the caller goes on with them."""
    if line.call_id is None:
        return
    # What is written comes first: when the database is away for a moment, this step is done again, whole.
    if leg.up and cause == NORMAL_CLEARING:
        await line.agent_hung_up()
        forget(line)
        line.look()
    else:
        await _failed(line, leg, cause=cause)


async def drop(line: Line) -> None:
    """End the agent's leg, if there is one."""
    leg = line.leg
    if leg is not None:
        forget(line)
        await line.hang_up(leg.id)


def forget(line: Line) -> None:
    """The leg is not the call's any more."""
    if line.leg is not None:
        line.board.legs.pop(line.leg.id, None)
        line.room.forget(line.leg.id)
    line.leg, line.room.muted = None, False


async def _failed(line: Line, leg: Leg, *, cause: int) -> None:
    if line.call_id is not None:
        await line.board.rows(
            services.phone_failed, call_id=line.call_id, agent_id=leg.agent_id, offer_id=leg.offer_id,
            cause=cause, answered=leg.up,
        )  # fmt: skip
        forget(line)
        line.look()
