"""Browsers that are gone without a word: killed, signed out, or in a network that did not come back.

The exchange finds them by the session's timer after 90 seconds; so long whoever they talked with would hear nothing.
A page that still sends its sound is not gone: its network is just back, or somebody has signed out and talks on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice import at_door
from civicline.channels.voice.ari.client import Ari, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel

if TYPE_CHECKING:
    from civicline.channels.voice.control.ledger import Ledger

LOG = structlog.get_logger(__name__)
TEMPORARY_FAILURE: Final = (
    41  # Q.850: not a hang-up, so whoever talked with an agent goes back to their place
)
LISTENS_S: Final = 2.0
"""Sound comes fifty times a second: who sends none for so long sends none."""
LOOKS: Final = 60
"""After two minutes a page that has signed out has ended its call itself, and the exchange watches over all others."""


async def end_calls_of(ari: Ari, rows: Ledger, gone: at_door.Gone) -> None:
    """End every leg that this page left behind."""
    found = [one for one in map(Channel.read, await ari.request("GET", "channels")) if _is_of(one, gone)]
    await asyncio.gather(*(_end_when_silent(ari, rows, one, gone) for one in found))


def _is_of(channel: Channel, gone: at_door.Gone) -> bool:
    before = channel.made_at is None or channel.made_at <= gone.lost_at
    return before and channel.name.startswith(f"PJSIP/{gone.user}-")


async def _end_when_silent(ari: Ari, rows: Ledger, leg: Channel, gone: at_door.Gone) -> None:
    try:
        heard = await _heard(ari, leg)
        for _ in range(LOOKS):
            await asyncio.sleep(LISTENS_S)
            before, heard = heard, await _heard(ari, leg)
            if not await rows(at_door.is_away, gone):
                return
            if heard == before:
                LOG.info("telephone.vanished", browser=gone.user, channel=leg.id)
                await ari.request("DELETE", _path(leg), reason_code=str(TEMPORARY_FAILURE))
                return
    except AriRefused as refused:
        if refused.status != 404:
            raise


async def _heard(ari: Ari, leg: Channel) -> int:
    """How many packets of sound have come; none as long as there is no way for them."""
    try:
        told = await ari.request("GET", f"{_path(leg)}/rtp_statistics")
    except AriRefused as refused:
        if refused.status == 404 and not await _is_there(ari, leg):
            raise
        return 0
    return int(told.get("rxcount", 0))


async def _is_there(ari: Ari, leg: Channel) -> bool:
    try:
        await ari.request("GET", _path(leg))
    except AriRefused:
        return False
    return True


def _path(leg: Channel) -> str:
    return f"channels/{in_path(leg.id)}"
