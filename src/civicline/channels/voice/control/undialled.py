"""Legs that a process made and never dialled, because it died in between: nobody's telephone rings on them.

Such a leg is ended, and whoever is to be rung gets a new one. A leg is made first and dialled then (`telephone`), so
there is a moment for this in every call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice.ari.client import Ari, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel

if TYPE_CHECKING:
    from civicline.channels.voice.control.switchboard import Switchboard

LOG = structlog.get_logger(__name__)
GONE_WITHIN_S: Final = 2.0
LOOK_EVERY_S: Final = 0.02
NOT_FOUND: Final = 404


async def without_undialled(board: Switchboard, legs: Iterable[Channel]) -> list[Channel]:
    """Those of these legs on which somebody was rung. All others are gone when this returns: their names are free.

    That they are gone is told later, by the name that the new legs have too, so the switchboard is told whom to ignore.
    """
    ari = board.ari
    rung = []
    for leg in legs:
        if leg.state != "Down" or await _was_answered_by_anything(ari, leg):
            rung.append(leg)
        else:
            LOG.info("voice.never_dialled", leg=leg.id)
            board.never_dialled.add(leg.name)
            await _end(ari, leg)
    return rung


async def _was_answered_by_anything(ari: Ari, leg: Channel) -> bool:
    """Whether the other side has said anything but "trying": its tag stands in the dialogue (RFC 3261, 8.2.6.2).

    Networks that play their own ringing leave a leg "Down" while it rings, so the state alone does not tell.
    """
    try:
        told = await ari.request(
            "GET", f"channels/{in_path(leg.id)}/variable", variable="CHANNEL(pjsip,remote_tag)"
        )
    except AriRefused:
        return False
    return bool((told or {}).get("value"))


async def _end(ari: Ari, leg: Channel) -> None:
    """End it and wait until the exchange has forgotten its name."""
    try:
        await ari.request("DELETE", f"channels/{in_path(leg.id)}", reason="normal")
        async with asyncio.timeout(GONE_WITHIN_S):
            while True:
                await ari.request("GET", f"channels/{in_path(leg.id)}")
                await asyncio.sleep(LOOK_EVERY_S)
    except AriRefused as refused:
        if refused.status != NOT_FOUND:
            raise
    except TimeoutError:
        LOG.warning("voice.leg_stays", leg=leg.id)
