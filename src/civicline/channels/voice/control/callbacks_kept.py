"""All calls that are owed: looked up, woken when their time has come, and each given a line of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from civicline.channels.voice import calling, services
from civicline.channels.voice.control import names
from civicline.channels.voice.control.callbacks import OutgoingLine
from civicline.kernel.errors import Refused

if TYPE_CHECKING:
    from civicline.channels.voice.ari.messages import Channel
    from civicline.channels.voice.control.switchboard import Switchboard

LOOK_EVERY_S: Final = 1.0
KNOWN_S: Final = 10.0


class Owed:
    """The lines of calls that are owed. `legs`: those that ring outside, by name. Belongs to one event loop."""

    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self.lines: dict[UUID, OutgoingLine] = {}
        self.legs: dict[str, OutgoingLine] = {}
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Something about calls that are owed has changed."""
        self._changed.set()

    def ready(self, leg_id: str) -> None:
        """The leg can be dialled."""
        outside = self.legs[leg_id].outside
        if outside is not None:
            outside.ready.set()

    def forget(self, line: OutgoingLine) -> None:
        """It is not owed any more."""
        self.lines.pop(line.owed.call_id, None)
        self.board.forget(line)

    def close(self) -> None:
        """Let go of all: what rings goes on in the exchange."""
        for line in self.lines.values():
            line.close()

    async def keep(self) -> None:
        """Look after them, when something has changed and now and then."""
        while True:
            self._changed.clear()
            with contextlib.suppress(Refused):
                await self.board.rows(services.wake_due)
                await self._meet()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._changed.wait()

    async def _meet(self) -> None:
        found = {one.call_id: one for one in await self.board.rows(calling.owed_calls)}
        for call_id, owed in found.items():
            if call_id not in self.lines:
                self.lines[call_id] = OutgoingLine(self.board, owed)
                self.lines[call_id].look()
            elif owed.busy:
                self.lines[call_id].look()
        for call_id, line in list(self.lines.items()):
            if call_id not in found:
                line.look()

    async def restore(self, channels: Mapping[str, Channel]) -> None:
        """After a connect: each gets the legs back that are its own."""
        for owed in await self.board.rows(calling.owed_calls):
            line = self.lines[owed.call_id] = OutgoingLine(self.board, owed)
            legs = [one for one in channels.values() if names.call_of(one.id) == owed.call_id]
            line.known.clear()
            line.post(line.take_up, legs)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KNOWN_S):
                await asyncio.gather(*(line.known.wait() for line in list(self.lines.values())))
