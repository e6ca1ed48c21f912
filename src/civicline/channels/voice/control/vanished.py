"""Browsers that are gone without a word: killed, or in a network that did not come back.

The exchange finds them by the session's timer after 90 seconds; so long whoever they talked with would hear nothing.
"""

from __future__ import annotations

from typing import Final

import structlog

from civicline.channels.voice.ari.client import Ari, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel

LOG = structlog.get_logger(__name__)
TEMPORARY_FAILURE: Final = (
    41  # Q.850: not a hang-up, so whoever talked with an agent goes back to their place
)


async def end_calls_of(ari: Ari, browser: str) -> None:
    """End every leg of this browser's telephone, by its name in the exchange."""
    for channel in map(Channel.read, await ari.request("GET", "channels")):
        if not channel.name.startswith(f"PJSIP/{browser}-"):
            continue
        LOG.info("telephone.vanished", browser=browser, channel=channel.id)
        try:
            await ari.request("DELETE", f"channels/{in_path(channel.id)}", reason_code=str(TEMPORARY_FAILURE))
        except AriRefused as refused:
            if refused.status != 404:
                raise
