"""The shortest way to a free agent's telephone: it rings while the call is written down.

It rings as soon as the engine has chosen, before the call and its offer are committed: a disk takes its time, and a
caller would hear it. Nothing that the telephone says is acted upon until they are, since whoever writes the call down
holds its box; so nobody talks, and nobody is told "taken", before it is on disk. When the write fails, or the offer
loses, the telephone is quiet again a moment later; the leg that a killed process left behind is ended by the next, as
every leg of no call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from civicline.channels.voice.adapter import shown
from civicline.channels.voice.ari.client import AriGone, AriRefused
from civicline.channels.voice.control import names, telephone
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.services import Chosen

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line


class FirstRing:
    """The first telephone that rings for a call. Belongs to the event loop; `told` alone is for other threads."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._leg: Leg | None = None
        self._making: asyncio.Task[None] | None = None
        self._dialling: asyncio.Task[None] | None = None

    def told(self, chosen: Chosen) -> None:
        """In the write: this agent was chosen."""
        self._loop.call_soon_threadsafe(self._call, chosen)

    def _call(self, chosen: Chosen) -> None:
        self.give_up()  # the write is done again
        line = self._line
        leg = self._leg = Leg(names.leg(chosen.call_id, chosen.offer_id), chosen.agent_id, chosen.offer_id)
        line.leg = leg
        line.board.legs[leg.id] = line
        # That it rings is written down before anything that happens on it.
        line.post(self._rang, leg)
        self._making = asyncio.create_task(self._made(leg, chosen))
        self._dialling = asyncio.create_task(telephone.dial(line, leg))
        self._dialling.add_done_callback(_looked_at)

    async def _made(self, leg: Leg, chosen: Chosen) -> None:
        try:
            await telephone.make(
                self._line, leg, chosen.phone, call_id=chosen.call_id, number=shown(self._line.channel.number)
            )
        except (AriRefused, AriGone):
            leg.ready.set()  # whoever waits to dial it is told the same

    async def _rang(self, leg: Leg) -> None:
        if self._line.leg is leg:
            await telephone.rang(self._line, leg.agent_id)

    async def written(self, chosen: Chosen) -> None:
        """It is written down: whoever cannot be rung is dealt with."""
        if self._leg is not None and self._dialling is not None:
            await telephone.rings(self._line, self._leg, chosen.phone, self._dialling)

    def give_up(self) -> None:
        """It was not written down: the telephone is quiet again. Harmless when there is none."""
        leg, self._leg = self._leg, None
        if leg is not None:
            telephone.forget(self._line)
            self._line.board.errand(self._line.hang_up(leg.id))


def _looked_at(dialling: asyncio.Task[None]) -> None:
    """Nobody asks how the dialling of a leg went that was given up."""
    if not dialling.cancelled():
        dialling.exception()
