"""One call on the line: what the database says of it is carried out in the exchange, one thing after the other.

Everything that happens is put into the call's own box and worked off in its order. Most of it ends in one question,
"how does the call stand now?", and in the steps that make the exchange so. The same question is asked after a crash,
so there is no second way for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog

from civicline.channels.voice import selectors, services
from civicline.channels.voice.adapter import shown
from civicline.channels.voice.ari.client import AriGone, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.asterisk.configuration import PhoneLine, endpoint
from civicline.channels.voice.control import names, recovery
from civicline.channels.voice.control.leg import Leg
from civicline.channels.voice.control.menu import InMenu
from civicline.engine.callflow import Facts as CallerFacts
from civicline.kernel.errors import Conflict, Refused, Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.switchboard import Switchboard
    from civicline.channels.voice.selectors import Facts

LOG = structlog.get_logger(__name__)
AGAIN_S: Final = 0.5
READY_S: Final = 3.0
NORMAL_CLEARING: Final = 16
LONGEST_RING_S: Final = 120
"""Offers end by the engine's clock; this one is for a process that died while the telephone rang."""
Step = Callable[..., Awaitable[None]]


class Line:
    """One caller. `caller` is the channel's id."""

    def __init__(self, board: Switchboard, channel: Channel) -> None:
        self.board = board
        self.caller = channel.id
        self.channel = channel
        self.call_id: UUID | None = None
        self.contact_id: UUID | None = None
        self.leg: Leg | None = None
        self.bridged = False
        self.music = False
        self.muted = False
        self.over = False
        self.menu: InMenu | None = None
        self.known = asyncio.Event()  # its legs and its menu, after a crash
        self._box: asyncio.Queue[tuple[Step, tuple[Any, ...]]] = asyncio.Queue()
        self._looks = 0
        self._work = asyncio.create_task(self._keep_working())

    # --- The box

    def post(self, step: Step, *args: Any) -> None:
        """Do this when what came before is done."""
        self._box.put_nowait((step, args))

    def look(self) -> None:
        """Something about the call has changed: look how it stands now."""
        if not self._looks:
            self._looks = 1
            self.post(self._look)

    def close(self) -> None:
        """Stop working; the call itself goes on in the exchange."""
        self.over = True
        self._work.cancel()

    async def _keep_working(self) -> None:
        while not self.over:
            step, args = await self._box.get()
            try:
                await step(*args)
            except AriGone:
                return  # the switchboard connects again, and starts from how things stand then
            except AriRefused as refused:
                # A peer may vanish at any call; its own event says what follows.
                LOG.info("call.step_refused", step=step.__name__, why=str(refused), call_id=str(self.call_id))
            except Unavailable:
                asyncio.get_running_loop().call_later(AGAIN_S, self.post, step, *args)
            except Refused as refused:
                LOG.info("call.moved_on", step=step.__name__, code=refused.code, call_id=str(self.call_id))
                self.look()
            except Exception:
                LOG.exception("call.step_failed", step=step.__name__, call_id=str(self.call_id))

    # --- How it stands

    async def _look(self) -> None:
        self._looks = 0
        if self.contact_id is None or self.over:
            return
        facts = await self.board.rows(selectors.facts_of, self.contact_id)
        if facts is not None:
            await self.follow(facts)

    async def follow(self, facts: Facts) -> None:
        """Make the exchange as the database says."""
        state = facts.contact_state
        if state == "queued":
            await self._wait(facts)
        elif state == "offered":
            await self._ring(facts)
        elif state in ("connected", "parked"):
            await self._talk(facts)
        elif state != "received":
            await self._finish()

    async def _wait(self, facts: Facts) -> None:
        await self.drop_leg()
        await self.part()
        await self.play_music()
        if facts.call_state in ("offered", "talking", "held"):
            await self.board.rows(services.line_returned, call_id=facts.call_id)

    async def _ring(self, facts: Facts) -> None:
        leg = self.leg
        if facts.offer_id is None or facts.agent_id is None:
            return
        if leg is not None and leg.offer_id == facts.offer_id:
            if leg.up:
                await self._answered(leg)
            return
        await self.drop_leg()
        if await self.call_phone(facts, facts.agent_id, facts.offer_id):
            await self.board.rows(services.phone_rang, call_id=facts.call_id, agent_id=facts.agent_id)

    async def call_phone(self, facts: Facts, agent_id: UUID, offer_id: UUID | None) -> bool:
        """Ring the agent's telephone. Returns whether it can be rung."""
        leg = Leg(names.leg(facts.call_id, offer_id or agent_id), agent_id, offer_id)
        if facts.phone is None:
            await self._phone_failed(leg, cause=0)
            return False
        self.leg = leg
        self.board.legs[leg.id] = self
        try:
            await self._dial(leg, facts.phone, facts.number)
        except (AriRefused, TimeoutError) as refused:
            LOG.warning("phone.unreachable", phone=facts.phone.name, why=str(refused) or "not ready in time")
            await self.drop_leg()
            await self._phone_failed(leg, cause=0)
            return False
        return True

    async def _dial(self, leg: Leg, phone: PhoneLine, number: str) -> None:
        """Made in our hands first and dialled then: a leg that is dialled at once ends when it is picked up while no
        process of ours is there.
        """
        sound = {"formats": "opus,ulaw"} if phone.kind == "browser" else {"originator": self.caller}
        shown = number or "anonymous"
        await self.board.ari.request(
            "POST", "channels/create", {"variables": {"CONNECTEDLINE(all,i)": f"{shown} <{shown}>"}},
            endpoint=f"PJSIP/{endpoint(phone.name)}", app=self.board.app, appArgs=f"leg,{self.call_id}",
            channelId=leg.id, **sound,
        )  # fmt: skip
        async with asyncio.timeout(READY_S):
            await leg.ready.wait()
        await self.board.ari.request(
            "POST", f"channels/{leg.id}/dial", caller=self.caller, timeout=LONGEST_RING_S
        )

    async def _talk(self, facts: Facts) -> None:
        leg = self.leg
        if facts.agent_id is None:
            return
        if leg is None or leg.agent_id != facts.agent_id:
            await self.drop_leg()
            await self.part()
            await self.call_phone(facts, facts.agent_id, None)
            return
        if not leg.up:
            return  # they accepted on the screen, and their telephone still rings
        if facts.call_state in ("queued", "offered"):
            await self.board.rows(services.talking, call_id=facts.call_id, agent_id=facts.agent_id)
        await self._hold_or_join(leg, facts)

    async def _hold_or_join(self, leg: Leg, facts: Facts) -> None:
        if facts.held or facts.contact_state == "parked":
            await self.part()
            await self.play_music()
        else:
            await self.join(leg)
        if facts.muted != self.muted:
            method = "POST" if facts.muted else "DELETE"
            await self.board.ari.request(method, f"channels/{in_path(leg.id)}/mute", direction="in")
            self.muted = facts.muted

    async def _finish(self) -> None:
        await self.drop_leg()
        await self.hang_up(self.caller)

    # --- The exchange

    async def play_music(self) -> None:
        """Music while they wait; begun once."""
        if not self.music:
            self.music = True
            await self.board.ari.request("POST", f"channels/{in_path(self.caller)}/moh")

    async def stop_music(self) -> None:
        """Silence before somebody speaks."""
        if self.music:
            self.music = False
            await self.board.ari.request("DELETE", f"channels/{in_path(self.caller)}/moh")

    async def join(self, leg: Leg) -> None:
        """Caller and agent hear each other."""
        if self.bridged or self.call_id is None:
            return
        room = names.bridge(self.call_id)
        await self.stop_music()
        await self.quietly("POST", f"bridges/{room}", type="mixing")  # after a hold it is there already
        await self.board.ari.request("POST", f"bridges/{room}/addChannel", channel=f"{self.caller},{leg.id}")
        self.bridged = True
        if self.board.records:
            await self._record(room)

    async def _record(self, room: str) -> None:
        """From the first word to the last; a held caller is not in the room and not in the recording."""
        if self.call_id is None:
            return
        name = names.recording(self.call_id, 1)
        try:
            await self.board.ari.request(
                "POST", f"bridges/{room}/record", name=name, format="wav", ifExists="append", maxDurationSeconds=14_400
            )  # fmt: skip
        except AriRefused as refused:
            if refused.status != 409:  # it records already
                raise
            return
        await self.board.rows(services.recording_started, call_id=self.call_id, name=name)

    async def part(self) -> None:
        """The caller leaves the room; the agent's leg stays in it."""
        if self.bridged and self.call_id is not None:
            self.bridged = False
            room = names.bridge(self.call_id)
            await self.quietly("POST", f"bridges/{room}/removeChannel", channel=self.caller)

    async def drop_leg(self) -> None:
        """End the agent's leg, if there is one."""
        leg = self.leg
        if leg is not None:
            self._forget_leg()
            await self.hang_up(leg.id)

    async def hang_up(self, channel: str) -> None:
        """End a leg that may be gone already."""
        await self.quietly("DELETE", f"channels/{in_path(channel)}", reason="normal")

    async def quietly(self, method: str, uri: str, **query: object) -> None:
        """Ask for something that may be so already."""
        try:
            await self.board.ari.request(method, uri, **query)
        except AriRefused as refused:
            if refused.status not in (404, 409, 422):
                raise

    # --- What the exchange told

    async def take_up(self, legs: Sequence[Channel]) -> None:
        """After a crash: go on with the call from how it stands."""
        try:
            await recovery.take_up(self, legs)
        finally:
            self.known.set()

    async def end(self, reason: str) -> None:
        """The menu came to its end."""
        if self.call_id is not None:
            await self.board.rows(services.end_call, call_id=self.call_id, reason=reason)
        await self._finish()

    async def leg_up(self, leg_id: str) -> None:
        """The agent's telephone was picked up."""
        leg = self.leg
        if leg is None or leg.id != leg_id:
            await self.hang_up(leg_id)
            return
        leg.up = True
        if leg.offer_id is None:
            self.look()
        else:
            await self._answered(leg)

    async def _answered(self, leg: Leg) -> None:
        if self.call_id is None:
            return
        try:
            await self.board.rows(
                services.phone_answered, call_id=self.call_id, agent_id=leg.agent_id, offer_id=leg.offer_id
            )
        except Conflict:
            await self.drop_leg()  # too late: somebody else has the call, or the caller left
            self.look()
            return
        await self.join(leg)

    async def leg_gone(self, leg_id: str, cause: int) -> None:
        """The agent's leg ended, and not by us."""
        leg = self.leg
        if leg is None or leg.id != leg_id or self.call_id is None:
            return
        # What is written comes first: when the database is away for a moment, this step is done again, whole.
        if leg.up and cause == NORMAL_CLEARING:
            await self.board.rows(services.end_call, call_id=self.call_id)
            self._forget_leg()
            await self._finish()
        else:
            await self._phone_failed(leg, cause=cause)

    def _forget_leg(self) -> None:
        if self.leg is not None:
            self.board.legs.pop(self.leg.id, None)
        self.leg, self.muted = None, False

    async def _phone_failed(self, leg: Leg, *, cause: int) -> None:
        if self.call_id is not None:
            await self.board.rows(
                services.phone_failed, call_id=self.call_id, agent_id=leg.agent_id, offer_id=leg.offer_id,
                cause=cause, answered=leg.up,
            )  # fmt: skip
            self._forget_leg()
            self.look()

    async def arrive(self, called: str, *, answered: bool = False) -> None:
        """Take a call in: answer it, write it down, and either begin its menu or put it into the line.

        The exchange answers while the row is written: a caller never waits for our disk.
        """
        if self.call_id is None:
            answer = asyncio.create_task(self._answer(answered=answered))
            try:
                await self._write_down(called)
            finally:
                await answer
        if self.menu is not None:
            await self.menu.begin()
            return
        await self.play_music()
        self.look()

    async def _answer(self, *, answered: bool) -> None:
        if not answered:
            await self.quietly("POST", f"channels/{in_path(self.caller)}/answer")

    async def _write_down(self, called: str) -> None:
        raw = {
            "channel": self.caller, "number": self.channel.number, "called": called,
            "language": self.board.language, "service_code": self.board.service_of(called),
        }  # fmt: skip
        menu = await self.board.menu_of(called)
        arrived = await self.board.rows(services.arrive, raw=raw, in_line=menu is None)
        self.known_as(arrived.call_id, arrived.contact_id)
        if menu is not None:
            self.menu = InMenu(self, menu, self.caller_facts())

    def caller_facts(self) -> CallerFacts:
        """What a menu knows of the caller before it asks anything."""
        return CallerFacts(caller=shown(self.channel.number))

    def known_as(self, call_id: UUID, contact_id: UUID) -> None:
        """From now on hints about the contact are for this line."""
        self.call_id, self.contact_id = call_id, contact_id
        self.board.contacts[str(contact_id)] = self
        self.board.calls[call_id] = self

    async def caller_gone(self) -> None:
        """The caller hung up."""
        if self.over:
            return
        await self.drop_leg()
        if self.call_id is not None:
            await self.quietly("DELETE", f"bridges/{names.bridge(self.call_id)}")
            await self.board.rows(services.caller_gone, call_id=self.call_id)
        self.over = True
        self.board.forget(self)
