"""What the exchange wrote to disk: recordings and messages are brought into safety and removed, also those left over.

Files are worked off by one thread of their own: an hour of speech takes a second, and calls must not wait for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import Ari, AriGone, AriRefused, in_path
from civicline.channels.voice.control.ledger import Ledger
from civicline.kernel import clock
from civicline.kernel.errors import Refused

LOG = structlog.get_logger(__name__)
QUIET_S: Final = 4.0
"""A recording that has not grown for so long is over, or the exchange is asked."""


class Spool:
    """The folders that the exchange writes into. Belongs to one connection to it."""

    def __init__(self, ari: Ari, folder: Path) -> None:
        self._ari = ari
        self._recordings = folder / "recording"
        self._folder = folder
        self._files = Ledger("voice-files", threads=1)

    def close(self) -> None:
        """Finish what is in hand, and no more."""
        self._files.close()

    async def keep(self, name: str) -> None:
        """The exchange has finished this recording. When it cannot be kept now, the next sweep does it."""
        try:
            await self._files(services.keep_recording, spool=self._recordings, name=name)
        except (Refused, OSError) as fault:
            LOG.warning("recording.not_kept_yet", name=name, why=str(fault))

    async def sweep(self) -> None:
        """Recordings that were over while nobody listened, and what callers left on the answering machine."""
        with contextlib.suppress(AriGone, AriRefused):
            for name in await self._files(self._left_over):
                if not await self._runs(name):
                    await self.keep(name)
        await self._take(services.take_messages, "messages")
        await self._take(services.take_outage_recordings, "outage")
        await self._take(services.take_outage_calls, "calls")
        with contextlib.suppress(Refused):
            await self._files(services.give_up_lost, spool=self._recordings)

    async def take_texts(self) -> None:
        """What was written to us."""
        await self._take(services.take_texts, "texts")

    async def _take(self, take: Callable[..., int], folder: str) -> None:
        try:
            await self._files(take, folder=self._folder / folder)
        except (Refused, OSError) as fault:
            LOG.warning("spool.not_taken_yet", folder=folder, why=str(fault))

    def _left_over(self) -> list[str]:
        before = clock.now().timestamp() - QUIET_S
        return sorted(file.stem for file in self._recordings.glob("*.wav") if file.stat().st_mtime < before)

    async def _runs(self, name: str) -> bool:
        """Whether the exchange still writes it: in a room where nobody speaks a file does not grow."""
        try:
            await self._ari.request("GET", f"recordings/live/{in_path(name)}")
        except AriRefused as refused:
            if refused.status != 404:
                raise
            return False
        return True
