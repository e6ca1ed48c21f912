"""One call on the line: what the database says of it is carried out in the exchange, one thing after the other.

Everything that happens is put into the call's own box and worked off in its order. Most of it ends in one question,
"how does the call stand now?", and in the steps that make the exchange so. The same question is asked after a crash,
so there is no second way for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar
from uuid import UUID

import structlog

from civicline.channels.voice import selectors, services
from civicline.channels.voice.adapter import shown
from civicline.channels.voice.ari.client import AriGone, AriRefused, in_path
from civicline.channels.voice.ari.messages import Channel
from civicline.channels.voice.asterisk.endpoints import is_guests
from civicline.channels.voice.control import company, consent, picture, recovery, telephone
from civicline.channels.voice.control.first_ring import FirstRing
from civicline.channels.voice.control.following import follow
from civicline.channels.voice.control.leg import Guest, Leg
from civicline.channels.voice.control.listening import Ear
from civicline.channels.voice.control.menu import InMenu
from civicline.channels.voice.control.room import Room
from civicline.channels.voice.control.waiting import Announcement
from civicline.channels.voice.flows.menus import Menu
from civicline.engine.announcing import Told
from civicline.engine.callflow import Facts as CallerFacts
from civicline.kernel.errors import Refused, Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.switchboard import Switchboard

LOG = structlog.get_logger(__name__)
AGAIN_S: Final = 0.5
LOOK_LATER_S: Final = 0.025
ANSWER_S: Final = 0.02
SILENCE_S: Final = 1.0
Step = Callable[..., Awaitable[None]]
P = ParamSpec("P")
R = TypeVar("R")


class Line:
    """One caller. `caller` is the channel's id."""

    def __init__(self, board: Switchboard, channel: Channel) -> None:
        self.board = board
        self.caller = channel.id
        self.channel = channel
        self.call_id: UUID | None = None
        self.contact_id: UUID | None = None
        self.leg: Leg | None = None
        self.guests: dict[UUID, Guest] = {}  # by party
        self.ears: dict[str, Ear] = {}  # by the leg of who listens
        self.room = Room(self)
        self.over = False
        self.menu: InMenu | None = None
        self.asking: consent.Asking | Announcement | None = None  # told or asked something, outside of a menu
        self.crowded = False  # every line was taken when they called
        self.told: Told | None = None  # how they stand in the line
        self.known = asyncio.Event()  # its legs and its menu, after a crash
        self._box: asyncio.Queue[tuple[Step, tuple[Any, ...]]] = asyncio.Queue()
        self._looks = 0
        self._answered = False
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
            except Unavailable as away:
                LOG.info("call.step_again", step=step.__name__, code=away.code, call_id=str(self.call_id))
                asyncio.get_running_loop().call_later(AGAIN_S, self.post, step, *args)
            except Refused as refused:
                LOG.info("call.moved_on", step=step.__name__, code=refused.code, call_id=str(self.call_id))
                self.look()
            except Exception:
                LOG.exception("call.step_failed", step=step.__name__, call_id=str(self.call_id))

    async def sure(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `board.rows`, and again while the database is away: for steps that cannot begin anew after it."""
        while True:
            try:
                return await self.board.rows(work, *args, **kwargs)
            except Unavailable as away:
                if self.over:
                    raise
                LOG.info("call.waits_for_rows", code=away.code, call_id=str(self.call_id))
                await asyncio.sleep(AGAIN_S)

    # --- How it stands

    async def _look(self) -> None:
        self._looks = 0
        if self.contact_id is None or self.over:
            return
        facts = await self.board.rows(selectors.facts_of, self.contact_id)
        if facts is not None:
            await follow(self, facts)

    async def agent_hung_up(self) -> None:
        """The agent has put down their telephone."""
        if self.call_id is not None:
            await self.board.rows(services.agent_left, call_id=self.call_id)

    async def offer(self, menu: Menu, language: str) -> None:
        """A small menu beside the line; who comes to its end waits on in the one from before."""
        self.menu = InMenu(
            self, menu, replace(self.caller_facts(), language=language), before=self.menu, beside=True
        )
        await self.menu.begin()

    async def hush(self) -> None:
        """Somebody is with the caller: nothing more is said or asked."""
        if self.menu is not None:
            await self.menu.stop()
        if isinstance(self.asking, Announcement):
            await self.asking.stop()

    async def finish(self) -> None:
        """Nobody is with the caller any more, and nobody will be."""
        await company.clear(self)
        await telephone.drop(self)
        await self.hang_up(self.caller)

    # --- The exchange

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
        await self.finish()

    async def arrive(self, called: str, *, answered: bool = False) -> None:
        """Take a call in: write it down, answer it, and either begin its menu or put it into the line.

        Where somebody may be free their telephone comes first. A caller never waits for our disk: the exchange answers
        `ANSWER_S` later in any case. It does what it is asked in the order in which it is asked, so nothing here waits
        for its answers.
        """
        if self.visit:
            await picture.arrive(self, called, answered=answered)
            return
        in_line = False
        self._answered = self._answered or answered
        if self.call_id is None:
            in_line = await self._write_down(called)
        self.answer()
        if self.menu is not None:
            await self.room.stop_music()
            await self.menu.begin()
        elif in_line:
            self.board.errand(self.room.play_music())
            # Whoever is offered the call is told of by a hint; this look is for one that came before we knew the call.
            asyncio.get_running_loop().call_later(LOOK_LATER_S, self.look)
        else:
            await consent.before_line(
                self, "", self.board.service_of(called) or "", partial(self._enter, called)
            )

    async def _enter(self, called: str) -> None:
        """Into the line, after what had to be said."""
        if self.call_id is not None:
            service = self.board.service_of(called) or ""
            await self.board.rows(services.enter_line, call_id=self.call_id, service_code=service)
        await self._wait()

    async def _wait(self) -> None:
        await self.room.play_music()
        self.look()

    async def _write_down(self, called: str) -> bool:
        """Write the call down; whether it is in its line already."""
        raw: dict[str, Any] = {
            "channel": self.caller, "number": self.channel.number, "called": called,
            "language": self.language or self.board.language, "service_code": self.board.service_of(called),
            "page": is_guests(self.channel.name),
        }  # fmt: skip
        menu = await (
            self.board.crowded_menu(called)
            if self.crowded
            else self.board.menu_of(called, self.channel.number)
        )
        asks = menu is None and await self.board.rulebook.before("", self.board.service_of(called) or "")
        if menu is None and not asks:
            await self._into_line(raw)
            return True
        self.answer()
        arrived = await self.board.rows(services.arrive, raw=raw, in_line=False)
        self.known_as(arrived.call_id, arrived.contact_id)
        if menu is not None:
            self.menu = InMenu(self, menu, self.caller_facts())
        return False

    async def _into_line(self, raw: Mapping[str, Any]) -> None:
        """Write the call down in its line; whoever is free is rung at once, before all that can wait."""
        asyncio.get_running_loop().call_later(ANSWER_S, self.answer)
        first = FirstRing(self)
        with self.board.rows.first(self.caller):
            try:
                arrived, chosen = await self.board.rows.at_once(
                    services.arrive_offered, raw=raw, tell=first.told
                )
            except BaseException:
                first.give_up()
                raise
            self.known_as(arrived.call_id, arrived.contact_id)
            if chosen is None:
                first.give_up()
                return
            await first.written(chosen)

    def answer(self) -> None:
        """The exchange picks up for the caller; once."""
        if not self._answered and not self.over:
            self._answered = True
            self.board.errand(self.quietly("POST", f"channels/{in_path(self.caller)}/answer"))
            asyncio.get_running_loop().call_later(SILENCE_S, self._break_silence)

    def _break_silence(self) -> None:
        """A call that cannot be written down yet, because the database is away: music rather than nothing."""
        if self.call_id is None and not self.over and not self.visit:
            self.board.errand(self.room.play_music())

    def caller_facts(self) -> CallerFacts:
        """What a menu knows of the caller before it asks anything."""
        return CallerFacts(caller=shown(self.channel.number), language=self.language)

    @property
    def language(self) -> str:
        """The language of the page that somebody calls from; empty for callers from the telephone network."""
        return self.channel.args[2] if len(self.channel.args) > 2 else ""

    @property
    def visit(self) -> str:
        """The mark of the page from which somebody calls with a picture; empty for all others."""
        return self.channel.args[3] if len(self.channel.args) > 3 else ""

    def known_as(self, call_id: UUID, contact_id: UUID) -> None:
        """From now on hints about the contact are for this line."""
        self.call_id, self.contact_id = call_id, contact_id
        self.board.contacts[str(contact_id)] = self
        self.board.calls[call_id] = self

    def becomes(self, call_id: UUID, contact_id: UUID) -> None:
        """This caller is the one of another call from here on: the one that we owed them."""
        self.board.contacts.pop(str(self.contact_id), None)
        if self.call_id is not None:
            self.board.calls.pop(self.call_id, None)
        self.known_as(call_id, contact_id)

    async def caller_gone(self) -> None:
        """The caller hung up."""
        if self.over:
            return
        await company.clear(self)
        await telephone.drop(self)
        if self.call_id is not None:
            await self.room.close()
            await self.board.rows(services.caller_gone, call_id=self.call_id)
        self.over = True
        self.board.forget(self)
