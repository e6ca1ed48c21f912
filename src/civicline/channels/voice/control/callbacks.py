"""A call that we owe: its agent's telephone is rung first, then the number outside; answered, it is a line as any.

Each try has a name of its own in the exchange and is claimed in the database before anything is dialled there, so no
number rings without an agent who waits for it, and none twice: not with a second voice role, not after a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from civicline.channels.voice import selectors, services
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.control import names, recovery, telephone
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.control.line import Line
from civicline.channels.voice.control.undialled import without_undialled
from civicline.engine.callbacks import outcome_of
from civicline.kernel.errors import Conflict

if TYPE_CHECKING:
    from civicline.channels.voice.calling import OwedCall
    from civicline.channels.voice.control.switchboard import Switchboard
    from civicline.channels.voice.selectors import Facts

LOG = structlog.get_logger(__name__)


class OutgoingLine(Line):
    """One call that is owed. While nobody outside has answered, there is no caller: `caller` is empty."""

    def __init__(self, board: Switchboard, owed: OwedCall) -> None:
        super().__init__(board, Channel("", "", "", owed.number, "", ""))
        self.owed = owed
        self.outside: Leg | None = None
        self.known_as(owed.call_id, owed.contact_id)
        self.known.set()

    # --- How it stands

    async def _look(self) -> None:
        self._looks = 0
        if self.over:
            return
        facts = await self.board.rows(selectors.facts_of, self.owed.contact_id)
        if facts is None or facts.call_state not in ("callback", "dialling"):
            await self._let_go()
        elif facts.contact_state == "offered" and facts.call_state == "callback":
            await self._ring(facts)
        elif facts.contact_state == "connected" and facts.agent_id is not None:
            await self._call(facts, facts.agent_id)
        else:
            await self._nobody_here(facts)

    async def _ring(self, facts: Facts) -> None:
        leg = self.leg
        if facts.offer_id is None or facts.agent_id is None:
            return
        if leg is not None and leg.offer_id == facts.offer_id:
            if leg.up:
                await telephone.answered(self, leg)
            return
        await telephone.drop(self)
        await telephone.call_phone(self, facts, facts.agent_id, facts.offer_id)

    async def _call(self, facts: Facts, agent_id: UUID) -> None:
        leg = self.leg
        if facts.call_state == "dialling" and self.outside is None:
            # Claimed by a process that is gone, and nothing rings: whether it ever did, nobody knows.
            await self._failed("lost")
        elif leg is None or leg.agent_id != agent_id:
            await telephone.drop(self)
            await telephone.call_phone(self, facts, agent_id, None)
        elif leg.up and self.outside is None:
            await self._dial(agent_id)

    async def _nobody_here(self, facts: Facts) -> None:
        """No agent has it: nobody is rung, here or outside."""
        await self._drop_outside()
        await telephone.drop(self)
        if facts.call_state == "dialling":
            await self._failed("agent_left")

    async def _let_go(self) -> None:
        await self._drop_outside()
        await telephone.drop(self)
        self._end()

    def _end(self) -> None:
        self.over = True
        self.board.owed.forget(self)

    # --- Outside

    async def _dial(self, agent_id: UUID) -> None:
        try:
            claimed = await self.board.rows(services.start_try, call_id=self.owed.call_id, agent_id=agent_id)
        except Conflict:
            return  # it has moved on; its own hint says what follows
        if claimed is None or self.leg is None:
            self.look()
            return
        leg = self.outside = Leg(claimed.channel, agent_id, None)
        self.board.owed.legs[leg.id] = self
        await self.quietly("POST", f"channels/{in_path(self.leg.id)}/ring")
        shown = {"variables": {"CONNECTEDLINE(all,i)": f"{claimed.caller_id} <{claimed.caller_id}>"}}
        try:
            await self.board.ari.request(
                "POST", "channels/create", shown if claimed.caller_id else None, endpoint=claimed.endpoint,
                app=self.board.app, appArgs=f"leg,{self.call_id}", channelId=leg.id, formats="alaw,ulaw",
            )  # fmt: skip
            async with asyncio.timeout(telephone.READY_S):
                await leg.ready.wait()
            await self.board.ari.request("POST", f"channels/{in_path(leg.id)}/dial", timeout=claimed.ring_s)
        except (AriRefused, TimeoutError) as refused:
            LOG.warning(
                "outside.unreachable", call_id=str(self.call_id), why=str(refused) or "not ready in time"
            )
            await self._drop_outside()
            await self._failed("not_reached")

    async def outside_up(self) -> None:
        """They have answered."""
        outside, leg = self.outside, self.leg
        if outside is None or self.over:
            return
        outside.up = True
        await self.board.rows(services.reached, call_id=self.owed.call_id)
        line = Line(self.board, Channel(outside.id, "", "Up", self.owed.number, "", ""))
        self.board.lines[outside.id] = line
        line.known_as(self.owed.call_id, self.owed.contact_id)
        line.known.set()
        if leg is not None:
            line.leg = leg
            self.board.legs[leg.id] = line
            await self.quietly("DELETE", f"channels/{in_path(leg.id)}/ring")
        self.leg = self.outside = None
        self.board.owed.legs.pop(outside.id, None)
        self._end()
        line.look()

    async def outside_gone(self, cause: int) -> None:
        """Nobody answered, or they could not be reached."""
        if self.outside is not None:
            await self._failed(outcome_of(cause))
            self._forget_outside()

    async def _failed(self, outcome: str) -> None:
        LOG.info("outside.not_reached", call_id=str(self.call_id), outcome=outcome)
        await self.board.rows(services.try_failed, call_id=self.owed.call_id, outcome=outcome)
        self.look()

    async def _drop_outside(self) -> None:
        outside = self.outside
        if outside is not None:
            self._forget_outside()
            await self.hang_up(outside.id)

    def _forget_outside(self) -> None:
        if self.outside is not None:
            self.board.owed.legs.pop(self.outside.id, None)
        self.outside = None

    # --- The agent

    async def agent_hung_up(self) -> None:
        """The agent put down their telephone before anybody had answered."""
        await self._drop_outside()
        await self.board.rows(services.stop_try, call_id=self.owed.call_id)
        self.look()

    async def finish(self) -> None:
        """Nobody is on this call."""
        await self._drop_outside()
        await telephone.drop(self)

    # --- After a crash

    async def take_up(self, legs: Sequence[Channel]) -> None:
        """Which of these legs is the agent's, which one rings outside, and which are left over."""
        try:
            await self._find_legs(legs)
        finally:
            self.known.set()

    async def _find_legs(self, legs: Sequence[Channel]) -> None:
        legs = await without_undialled(self.board, legs)
        await recovery.bind_picked_up(self, legs)
        facts = await self.board.rows(selectors.facts_of, self.owed.contact_id)
        if facts is not None and facts.agent_id is not None:
            await recovery.find_leg(self, facts, facts.agent_id, legs)
        dialled = names.outside(self.owed.call_id, self.owed.tries)
        for channel in legs:
            if channel.id == dialled and facts is not None and facts.call_state == "dialling":
                self.outside = Leg(
                    channel.id, self.leg.agent_id if self.leg else UUID(int=0), None, up=channel.up
                )
                self.board.owed.legs[channel.id] = self
            elif self.leg is None or channel.id != self.leg.id:
                await self.hang_up(channel.id)
        if self.outside is not None and self.outside.up:
            await self.outside_up()
        else:
            self.look()
