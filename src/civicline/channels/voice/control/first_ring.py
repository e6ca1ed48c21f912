"""The shortest way to a free agent's telephone: its leg is made while the call is written down, and dialled once it is.

Nobody's telephone rings before the call and its offer are committed. A leg that was made for a write that failed is
ended here; one that a killed process left behind is ended by the next, as every leg of no call.
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

    def told(self, chosen: Chosen) -> None:
        """In the write: this agent was chosen."""
        self._loop.call_soon_threadsafe(self._make, chosen)

    def _make(self, chosen: Chosen) -> None:
        self.give_up()  # the write is done again
        line = self._line
        leg = self._leg = Leg(names.leg(chosen.call_id, chosen.offer_id), chosen.agent_id, chosen.offer_id)
        line.leg = leg
        line.board.legs[leg.id] = line
        self._making = asyncio.create_task(self._made(leg, chosen))

    async def _made(self, leg: Leg, chosen: Chosen) -> None:
        try:
            await telephone.make(
                self._line, leg, chosen.phone, call_id=chosen.call_id, number=shown(self._line.channel.number)
            )
        except (AriRefused, AriGone):
            leg.ready.set()  # whoever waits to dial it is told the same

    async def ring(self, chosen: Chosen) -> None:
        """It is written down: the telephone rings."""
        if self._leg is not None:
            await telephone.ring(self._line, self._leg, chosen.phone)

    def give_up(self) -> None:
        """It was not written down: the leg that was made for it ends. Harmless when there is none."""
        leg, self._leg = self._leg, None
        if leg is not None:
            telephone.forget(self._line)
            self._line.board.errand(self._line.hang_up(leg.id))
