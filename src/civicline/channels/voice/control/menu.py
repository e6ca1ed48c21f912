"""A caller in a menu: what the flow wants done is done in the exchange, and what comes back is told to the flow.

The flow itself is pure (`engine.callflow`); where the call stands in it is kept after each step, so a process that
takes over says the last sentence again and goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from civicline.channels.voice import services
from civicline.channels.voice.adapter import dialled
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import consent, names
from civicline.channels.voice.control.ear import Ear
from civicline.channels.voice.flows import facts as town
from civicline.channels.voice.flows import selectors as flows
from civicline.channels.voice.flows.front import front_for
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.sounds import Sound, sound_of
from civicline.channels.voice.flows.trail import tells_key
from civicline.channels.voice.standing import line_refuses
from civicline.engine.callflow import (
    Digits,
    Facts,
    Failed,
    Heard,
    Silence,
    Started,
    Step,
    as_plain,
    begin,
    from_plain,
    walk,
)
from civicline.engine.callflow import actions as act
from civicline.engine.callflow.position import Position
from civicline.engine.callflow.spoken import Spoken
from civicline.kernel.errors import Refused, Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

LOG = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Saying:
    """Sentences on their way: the one that is heard now, and those after it."""

    barge_in: bool
    sounds: deque[Sound]
    playback: str = ""


@dataclass(slots=True)
class InMenu:
    """One caller and one menu. All its steps run in the box of the line, one after the other."""

    line: Line
    menu: Menu
    facts: Facts
    position: Position | None = None
    path: list[list[str]] = field(default_factory=list)
    """Where which key was pressed, for the agent's screen."""
    rings_outside: bool = False
    before: InMenu | None = None
    beside: bool = False
    """Beside the line: a caller who waits is asked something; `before` is the menu that led them there."""
    ear: Ear | None = None
    rejoined: services.Arrived | None = None
    """The call that was owed to them, once they wait for it on the line: they have a place there already."""
    _left: deque[act.Action] = field(default_factory=deque)
    _saying: _Saying | None = None
    _collect: act.Collect | None = None
    _queue: act.EnterQueue | None = None
    _keys: str = ""
    _turn: int = 0

    def __post_init__(self) -> None:
        board = self.line.board
        if board.recogniser is not None:
            self.ear = Ear(self.line, board.recogniser, board.media)

    # --- Steps of the flow

    async def begin(self) -> None:
        """From its first node."""
        await self._do(begin(self.menu.flow, self.facts))

    async def go_on(self, position: Position) -> None:
        """After a restart: the node where the call stands is entered afresh."""
        await self._do(walk(self.menu.flow, position, Started(), self.facts))

    async def hear(self, heard: Heard) -> None:
        """Tell the flow, and do what it wants next."""
        if self.position is None:
            return
        self._collect = self._queue = None
        if self.ear is not None:
            self.ear.end()
        if isinstance(heard, Digits) and tells_key(self.menu.flow.nodes.get(self.position.node)):
            self.path.append([self.position.node, heard.text[:1]])
        await self._do(walk(self.menu.flow, self.position, heard, self.facts))

    async def _do(self, step: Step) -> None:
        self.position, self._left, self._saying = step.position, deque(step.actions), None
        kept = {"version": self.menu.version, "position": as_plain(step.position), "path": self.path}
        if self.line.call_id is not None and not self.beside:
            await self.line.sure(
                services.keep_place, call_id=self.line.call_id, flow=kept, language=step.position.language
            )
        await self._next()

    async def _next(self) -> None:
        """The next action, until one of them waits."""
        while self._left:
            action = self._left.popleft()
            if await self._carry_out(action):
                return

    async def _carry_out(self, action: act.Action) -> bool:
        """Begin one action. Returns whether what follows has to wait for its outcome."""
        match action:
            case act.Say():
                return await self._say(action)
            case act.Collect():
                await self._begin_to_collect(action)
            case act.LookUp():
                await self._look_up(action)
            case act.Remember():
                if self.line.call_id is not None:
                    await self.line.sure(services.learn, call_id=self.line.call_id, facts=action.facts)
                return False
            case act.EnterQueue():
                await self._to_line(action)
            case act.RecordVoicemail():
                await self._take_message(action)
            case act.Dial():
                await self._pass_outside(action)
            case act.HangUp():
                await self.line.end("flow_ended")
            case _:
                return False
        return True

    async def _look_up(self, action: act.LookUp) -> None:
        answered = await self.line.sure(town.answer, action, caller=self.facts, book=self._carry_out_wish)
        if self.rejoined is not None:
            self.line.becomes(self.rejoined.call_id, self.rejoined.contact_id)
        await self.hear(answered)

    @property
    def speaks(self) -> bool:
        """Whether the caller hears the menu, or it waits for them: no music then."""
        return self._saying is not None or self._collect is not None or bool(self._left)

    async def stop(self) -> None:
        """Somebody is with the caller: what was still to be said or done is dropped."""
        saying, self._saying, self._collect, self.position = self._saying, None, None, None
        self._left.clear()
        if saying is not None:
            await self.line.quietly("DELETE", f"playbacks/{saying.playback}")

    # --- Sentences

    async def _say(self, action: act.Say) -> bool:
        if self._keys and action.barge_in:
            return False
        sounds: deque[Sound] = deque()
        for spoken in action.spoken:
            sound = await self.line.sure(self._sound, spoken)
            if sound is not None:
                sounds.append(sound)
        self._saying = _Saying(action.barge_in, sounds)
        return await self._play_next()

    def _sound(self, spoken: Spoken) -> Sound | None:
        language = self.position.language if self.position is not None else self.facts.language
        try:
            return sound_of(self.menu, spoken, language)
        except Unavailable as silent:
            LOG.warning("call.no_voice", prompt=spoken.prompt, language=language, code=silent.code)
            return None

    async def _play_next(self) -> bool:
        saying = self._saying
        while saying is not None and saying.sounds:
            sound = saying.sounds.popleft()
            self._turn += 1
            saying.playback = names.playback(self.line.call_id, self._turn)
            try:
                await self.line.board.ari.request(
                    "POST", f"channels/{in_path(self.line.caller)}/play/{saying.playback}", media=sound.media
                )
            except AriRefused as refused:
                LOG.info("call.not_played", why=str(refused))
                continue
            return True
        self._saying = None
        return False

    async def playback_over(self, playback: str) -> None:
        """A sentence was heard to its end."""
        if self._saying is not None and self._saying.playback == playback and not await self._play_next():
            await self._next()

    # --- Keys

    async def key(self, digit: str) -> None:
        """The caller pressed a key."""
        if self._queue is not None:
            if self._queue.key_leaves:
                await self.line.room.stop_music()
                await self.hear(Digits(digit))
            return
        self._keys += digit
        saying = self._saying
        if saying is not None and saying.barge_in:
            self._saying = None
            await self.line.quietly("DELETE", f"playbacks/{saying.playback}")
            await self._next()
        elif self._collect is not None:
            await self._look_at_keys()

    async def spoken(self, keys: str) -> None:
        """What the caller said, understood as keys."""
        if self._collect is not None and not self._keys:
            self._keys = keys
            await self._look_at_keys()

    async def _begin_to_collect(self, action: act.Collect) -> None:
        self._collect = action
        self._wait_for_keys(action.seconds)
        if self.ear is not None and self.position is not None:
            self.ear.begin(self.position.language, self.spoken)
        if self._keys:
            await self._look_at_keys()

    def _wait_for_keys(self, seconds: float) -> None:
        self._turn += 1
        asyncio.get_running_loop().call_later(seconds, self.line.post, self._time_over, self._turn)

    async def _look_at_keys(self) -> None:
        wanted = self._collect
        if wanted is None:
            return
        text, mark, _rest = (
            self._keys.partition(wanted.terminator) if wanted.terminator else (self._keys, "", "")
        )
        if mark or len(text) >= wanted.max_digits:
            self._keys = ""
            await self.hear(Digits(text[: wanted.max_digits]))
        else:
            self._wait_for_keys(wanted.between)

    async def _time_over(self, turn: int) -> None:
        """Nothing more was pressed in time; a later key has its own time."""
        if self._collect is not None and turn == self._turn:
            keys, self._keys = self._keys, ""
            await self.hear(Digits(keys) if keys else Silence())

    def _carry_out_wish(self, wish: town.Booking | town.Change) -> bool:
        """What a caller wants of a call back; on a thread of the ledger."""
        return self._book(wish) if isinstance(wish, town.Booking) else self._change(wish)

    def _change(self, wish: town.Change) -> bool:
        if self.line.call_id is None:
            return False
        try:
            if wish.join:
                self.rejoined = services.rejoin(call_id=self.line.call_id, callback_id=wish.callback)
            else:
                services.call_off(call_id=self.line.call_id, callback_id=wish.callback)
        except Unavailable:
            raise  # it is done again
        except Refused as refused:
            LOG.info("callback.not_changed", code=refused.code, call_id=str(self.line.call_id))
            return False
        return True

    def _book(self, booking: town.Booking) -> bool:
        """Take a call back; on a thread of the ledger. A line that does not call back, and a number that is not called
        from here, are refused, and the flow goes on.
        """
        if self.line.call_id is None:
            return False
        try:
            services.book(
                call_id=self.line.call_id, number=booking.number, queue_code=booking.queue,
                service_code=booking.service,
            )  # fmt: skip
        except Unavailable:
            raise  # it is done again
        except Refused as refused:
            LOG.info("callback.not_booked", code=refused.code, call_id=str(self.line.call_id))
            return False
        return True

    # --- Ways out

    async def _to_line(self, action: act.EnterQueue) -> None:
        """Into the line, unless it takes nobody now; who waits there already only waits on."""
        if self.beside:
            self.line.menu = self.before
            await self.line.room.play_music()
            self.line.look()
            return
        why = "" if self.rejoined else await self.line.sure(line_refuses, action.queue)
        if why:
            await self.hear(Failed(why))
        else:
            await consent.before_line(self.line, action.queue, action.service, partial(self._enter, action))

    async def _enter(self, action: act.EnterQueue) -> None:
        self._queue, self._keys = action, ""
        if self.line.call_id is None or self.position is None:
            return
        await self.line.sure(
            services.enter_line, call_id=self.line.call_id, queue_code=action.queue, service_code=action.service,
            language=self.position.language,
        )  # fmt: skip
        await self.line.room.play_music()
        self.line.look()

    async def _pass_outside(self, action: act.Dial) -> None:
        """Ring a number outside; the flow goes on when nobody answers there."""
        try:
            if self.line.call_id is not None:
                await self.line.sure(services.pass_outside, call_id=self.line.call_id, number=action.number)
        except Refused as refused:
            LOG.info("call.not_passed_on", code=refused.code, call_id=str(self.line.call_id))
            await self.hear(Failed("refused"))
            return
        self.rings_outside = True
        self.line.look()

    async def not_connected(self) -> None:
        """Whoever was rung outside did not answer."""
        if self.rings_outside:
            self.rings_outside = False
            await self.line.room.stop_music()
            await self.hear(Failed("no_answer"))

    async def _take_message(self, action: act.RecordVoicemail) -> None:
        """The exchange's own answering machine takes it: one way for messages, whether we are there or not."""
        if self.line.call_id is not None:
            facts = {"message_queue": action.queue, "message_service": action.service, "served": "message"}
            await self.line.sure(services.learn, call_id=self.line.call_id, facts=facts)
        await self.line.quietly(
            "POST",
            f"channels/{in_path(self.line.caller)}/continue",
            context="message",
            extension="say",
            priority=1,
        )


def menu_of(
    kept: Any, called: str, service: str = "", caller: str = ""
) -> tuple[Menu | None, Position | None]:
    """The menu for a number; with what was `kept` of a call, that version, and where it stands in it.

    A number without a menu has one for the moment where there is something to say before the line of its `service`,
    be it to this `caller` alone, to whom a call is owed.
    """
    if isinstance(kept, dict) and kept.get("version") is not None:
        menu = flows.menu_of_version(int(kept["version"]))
        if menu is not None:
            return menu, from_plain(kept["position"])
    menu = flows.menu_for(dialled(called))
    if menu is None:
        menu = front_for(service, caller=caller)
        if menu is not None and isinstance(kept, dict) and "position" in kept:
            position = from_plain(kept["position"])
            # What was to be said may be over by now, and its steps with it.
            return menu, position if position.node in menu.flow.nodes else None
    return menu, None
