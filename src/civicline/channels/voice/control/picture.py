"""Calls with a picture in the exchange: taken in without a menu, dialled on with the kind that they came with.

The exchange changes no picture into another kind, so whoever is rung is offered the one that the caller sends. In a
room of two it hands each the picture of the other; of three and more all see whoever speaks, so who signs is best with
one at a time. (Its selective forwarding of all pictures to all wants browsers to take new streams in the middle of a
call, and shows two people nothing.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused, in_path

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

LOG = structlog.get_logger(__name__)
KINDS: Final = ("vp8", "h264")
SOUND: Final = "opus,ulaw"


async def arrive(line: Line, called: str, *, answered: bool) -> None:
    """Take in a call with a picture: it waits at once, because nothing can be said to whoever may not hear."""
    if line.call_id is None:
        if not answered:
            line.board.errand(line.quietly("POST", f"channels/{in_path(line.caller)}/answer"))
        raw = {"channel": line.caller, "number": "", "called": called, "page": True}
        arrived = await line.board.rows(services.arrive_with_picture, raw=raw, mark=line.visit)
        if arrived is None:
            LOG.warning("call.unknown_visit")
            await line.hang_up(line.caller)
            return
        line.known_as(arrived.call_id, arrived.contact_id)
    await line.room.play_music()
    line.look()


async def formats(line: Line) -> str:
    """What a browser is offered for this call: sound, and the caller's own kind of picture where there is one."""
    if not line.visit:
        return SOUND
    try:
        told = await line.board.ari.request(
            "GET", f"channels/{in_path(line.caller)}/variable", variable="CHANNEL(videonativeformat)"
        )
    except AriRefused:
        return SOUND  # the caller has just left
    named = re.findall(r"[a-z0-9]+", str(told.get("value", "")))
    kind = next((kind for kind in KINDS if kind in named), "")
    return f"{SOUND},{kind}" if kind else SOUND
