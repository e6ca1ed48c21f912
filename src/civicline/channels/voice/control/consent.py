"""Before the line: callers hear that they are recorded, or are asked for a key. Silence and every other key mean no.

Asked before they wait and not while they do: where somebody is free they would be with an agent before the sentence is
over. What they said is kept with the call, so nobody is asked twice, and a process that takes over asks only those who
had not answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice import services
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import names
from civicline.channels.voice.control.kept import Kept
from civicline.channels.voice.flows import selectors as flows
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.sounds import Sound, sound_of
from civicline.channels.voice.recordings import rules
from civicline.engine.callflow import Flow
from civicline.engine.callflow.spoken import Spoken
from civicline.kernel.errors import Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line

LOG = structlog.get_logger(__name__)
YES: Final = "1"
WAIT_S: Final = 6.0
RULES_KEPT_S: Final = 1.5
PROMPTS: Final = {"ask": "recording_ask", "tell": "recording_notice"}
Then = Callable[[], Awaitable[None]]


class Rulebook:
    """What has to be said before which line, as the rules were some seconds ago: calls come in many at once."""

    def __init__(self, rows: Callable[..., Awaitable[str]]) -> None:
        self._rows = rows
        self._kept = Kept(self._ask, seconds=RULES_KEPT_S)

    async def before(self, queue: str, service: str) -> str:
        """ask, tell or "" for a line, by the code of its queue or else of the service."""
        return await self._kept.of((queue, service))

    async def _ask(self, of: tuple[str, str]) -> str:
        return await self._rows(rules.question_before, *of)


async def before_line(line: Line, queue: str, service: str, then: Then) -> None:
    """Say what has to be said, then go on with `then`."""
    question = await line.board.rulebook.before(queue, service)
    call = await line.board.rows(rules.said_by, line.call_id) if question and line.call_id else "yes"
    if call:
        await then()
        return
    line.asking = Asking(line, question, then)
    await line.asking.begin()


class Asking:
    """One caller who hears of the recording. All its steps run in the box of the line."""

    def __init__(self, line: Line, question: str, then: Then) -> None:
        self.line = line
        self.question = question
        self.playback = f"{names.playback(line.call_id, 0)}-recording"
        self._then = then

    async def begin(self) -> None:
        """The sentence; without a voice nobody can be asked, and nobody is recorded."""
        line = self.line
        language = line.menu.position.language if line.menu and line.menu.position else line.board.language
        sound = await line.board.rows(_sound, PROMPTS[self.question], language)
        if sound is None:
            await self._over(given=False, by="no_voice")
            return
        await line.room.stop_music()
        try:
            await line.board.ari.request(
                "POST", f"channels/{in_path(line.caller)}/play/{self.playback}", media=sound.media
            )
        except AriRefused as refused:
            LOG.info("call.not_played", why=str(refused))
            await self._over(given=False, by="no_voice")

    async def heard(self) -> None:
        """The sentence is over."""
        if self.question == "tell":
            await self._over(given=True, by="told")
        else:
            asyncio.get_running_loop().call_later(WAIT_S, self.line.post, self.silence)

    async def key(self, digit: str) -> None:
        """The caller pressed a key; while they are only told, it means nothing."""
        if self.question == "ask":
            await self.line.quietly("DELETE", f"playbacks/{self.playback}")
            await self._over(given=digit == YES, by="key")

    async def silence(self) -> None:
        """Nothing was pressed in time."""
        await self._over(given=False, by="silence")

    async def _over(self, *, given: bool, by: str) -> None:
        line = self.line
        if line.asking is not self or line.call_id is None:
            return
        await line.sure(services.set_consent, call_id=line.call_id, given=given, by=by)
        line.asking = None
        try:
            await self._then()
        except Unavailable:
            line.asking = self  # this step is done again, whole
            raise


def _sound(prompt: str, language: str) -> Sound | None:
    try:
        return sound_of(Menu("", None, Flow(""), flows.prompts_now()), Spoken(prompt), language)
    except Unavailable as silent:
        LOG.warning("call.no_voice", prompt=prompt, language=language, code=silent.code)
        return None
