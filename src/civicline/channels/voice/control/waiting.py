"""Callers in line: music, and between it what is worth saying. When, is the rule of `engine.announcing`.

What was said is known here alone: after a crash callers hear once more how they stand, which is better than nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import structlog

from civicline.channels.voice import standing
from civicline.channels.voice.ari.client import AriRefused, in_path
from civicline.channels.voice.control import names
from civicline.channels.voice.flows import selectors as flows
from civicline.channels.voice.flows.menus import Menu
from civicline.channels.voice.flows.sounds import sound_of
from civicline.channels.voice.standing import Waits
from civicline.engine.announcing import Standing, Told, Words, next_words
from civicline.engine.callflow import Flow, Spoken, nodes
from civicline.kernel.errors import Refused, Unavailable

if TYPE_CHECKING:
    from civicline.channels.voice.control.line import Line
    from civicline.channels.voice.control.switchboard import Switchboard

LOG = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 2.0


async def keep_company(board: Switchboard) -> None:
    """Look after everybody who waits, all with one reading."""
    while True:
        waiting = {line.contact_id: line for line in board.lines.values() if waits(line) and line.contact_id}
        if waiting:
            with contextlib.suppress(Refused):
                found = await board.rows(standing.standings, list(waiting))
                for contact_id, how in found.items():
                    waiting[contact_id].post(consider, waiting[contact_id], how)
        await asyncio.sleep(LOOK_EVERY_S)


def waits(line: Line) -> bool:
    """Whether this caller hears music and nobody rings for them. Whoever calls with a picture reads it on the page."""
    busy = line.asking is not None or line.leg is not None or line.over or bool(line.visit)
    return not busy and line.room.has_music and (line.menu is None or not line.menu.speaks)


async def consider(line: Line, how: Waits) -> None:
    """Say what is worth saying to this caller now."""
    if not waits(line):
        return
    if line.told is None:
        line.told = _told_before(line, how.standing)
    words = next_words(how.rule.news, line.told, how.standing, how.waited_s, can_call_back=how.can_call_back)
    if words is None:
        return
    before, line.told = line.told.standing, line.told.after(words, how.standing, how.waited_s)
    LOG.info("call.announced", call_id=str(line.call_id), words=words)
    if words == "offer":
        await _offer(line, how)
    else:
        line.asking = Announcement(line, _sentences(words, before, how), how.language)
        await line.asking.begin()


def _told_before(line: Line, now: Standing) -> Told:
    """A menu that announces the wait has told them how they stand."""
    if line.menu is not None and any(
        isinstance(one, nodes.AnnounceWait) for one in line.menu.menu.flow.nodes.values()
    ):
        return Told(news_at=0.0, standing=now)
    return Told()


def _sentences(words: Words, before: Standing, how: Waits) -> Sequence[Spoken]:
    if words == "comfort":
        return (Spoken("please_wait"),)
    high, was = how.standing.high, before.high
    shorter = words == "good_news" and high is not None and was is not None and high < was
    return (Spoken("wait_shorter"), *how.says) if shorter else how.says


class Announcement:
    """Sentences between music. All its steps run in the box of the line."""

    def __init__(self, line: Line, spoken: Sequence[Spoken], language: str) -> None:
        self.line = line
        self.language = language
        self.playback = ""
        self._left = deque(spoken)
        self._number = 0

    async def begin(self) -> None:
        """The music stops, the first sentence is heard."""
        await self.line.room.stop_music()
        await self.heard()

    async def heard(self) -> None:
        """The next sentence; after the last one, music."""
        line = self.line
        while self._left and line.asking is self:
            media = await line.board.rows(_media, self._left.popleft(), self.language)
            if not media:
                continue
            self._number += 1
            self.playback = f"{names.playback(line.call_id, self._number)}-waiting"
            with contextlib.suppress(AriRefused):
                await line.board.ari.request(
                    "POST", f"channels/{in_path(line.caller)}/play/{self.playback}", media=media
                )
                return
        if line.asking is self:
            line.asking = None
            await line.room.play_music()

    async def key(self, digit: str) -> None:
        """A key means what it means in the menu, where one leads on from waiting."""
        await self.stop()
        if self.line.menu is not None:
            await self.line.menu.key(digit)
        if self.line.menu is None or not self.line.menu.speaks:
            await self.line.room.play_music()

    async def stop(self) -> None:
        """Be quiet at once: somebody is with the caller, or they pressed a key."""
        self._left.clear()
        self.line.asking = None
        await self.line.quietly("DELETE", f"playbacks/{self.playback}")


def _media(spoken: Spoken, language: str) -> str:
    try:
        sound = sound_of(Menu("", None, Flow(""), flows.prompts_now()), spoken, language)
    except Unavailable as silent:
        LOG.warning("call.no_voice", prompt=spoken.prompt, language=language, code=silent.code)
        return ""
    return sound.media if sound is not None else ""


async def _offer(line: Line, how: Waits) -> None:
    """A small menu beside the line: who takes the call back hangs up, who does not waits on, at the same place."""
    flow = Flow(
        start="offer", languages=(how.language,), give_up="line",
        nodes={
            "offer": nodes.OfferCallback(how.queue, accepted="bye", refused="line"),
            "line": nodes.Queue(how.queue, full="line"),
            "bye": nodes.HangUp(),
        },
    )  # fmt: skip
    prompts = await line.board.rows(flows.prompts_now)
    await line.room.stop_music()
    await line.offer(Menu("waiting", None, flow, prompts), how.language)
