"""A robot resident: opens the chat page, writes, waits as long as its patience lasts, reads, leaves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from civicline.demo.replay.browser import Browser, Lost, NotAsExpected, Server, field_value, location_of

CHAT = re.compile(r"/chat/([0-9a-f-]{36})/")
WAITING = frozenset({"joining", "waiting", "called"})
LOOK_SECONDS = 5.0
LEAVE_SECONDS = 60.0
"""How long a resident tries again what a server did not answer; then the contact counts as unfinished."""
AGAIN_SECONDS = 0.25
TAKEN_IN = (302, 303, 409)
"""Answers to "end the chat": done; or somebody was faster, and the page then tells who."""


@dataclass
class Visit:
    """What became of one resident. Moments are of the monotonic clock, in seconds; None: it did not happen."""

    service: str
    contact: str = ""
    sent: float | None = None  # the moment the form left
    taken: float | None = None  # the moment the server answered it
    called: float | None = None
    answered: float | None = None
    left: float | None = None
    ended: float | None = None
    told: tuple[int, int] | None = None  # the first range told, in seconds
    position: int | None = None
    refused: str = ""
    phase: str = "joining"  # as the page told it last
    troubles: list[str] = field(default_factory=list)  # what a browser shows as "try again"

    @property
    def outcome(self) -> str:
        """answered, abandoned, refused (never taken in), or open."""
        if self.refused:
            return "refused"
        if self.answered is not None:
            return "answered"
        return "abandoned" if self.left is not None else "open"


class Resident:
    """One resident with one chat."""

    def __init__(
        self,
        server: Server,
        visit: Visit,
        *,
        address: str,
        language: str = "en",
        hurry: asyncio.Event | None = None,
    ) -> None:
        self.browser = Browser(server, address, language)
        self.visit = visit
        self._hurry = hurry or asyncio.Event()  # set when everybody is to go home now

    async def begin(self, text: str) -> None:
        """Open the page and send the first message, again when it got lost on the way. Raises `NotAsExpected`."""
        page = await self._surely(self._start_page)
        key = field_value(page, "key")
        await self._surely(lambda: self.send_first(key, text))

    async def _start_page(self) -> str:
        answer = await self.browser.get(f"/chat/?service={self.visit.service}")
        _to_be_asked_again(answer.status_code, "the page to start a chat")
        return answer.text

    async def send_first(self, key: str, text: str) -> str:
        """Send the form; return the contact's id. With the same key it can be sent again when the answer was lost.

        Raises `NotAsExpected`, and OSError when it is to be sent again.
        """
        form = {"key": key, "service": self.visit.service, "body": text, "name": "Robot resident"}
        self.visit.sent = self.visit.sent or time.monotonic()
        answer = await self.browser.post("/chat/", form)
        _to_be_asked_again(answer.status_code, "starting a chat")
        found = CHAT.search(location_of(answer, "starting a chat"))
        if found is None:
            raise NotAsExpected("starting a chat did not lead to one")
        self.visit.taken = time.monotonic()
        self.visit.contact = found.group(1)
        return self.visit.contact

    async def wait(self, patience: float) -> bool:
        """Wait for an agent; whether one came before patience was over. Leaves the line when not.

        Raises `NotAsExpected` when the server does not let go of the resident for a minute.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._until(lambda: self.visit.phase not in WAITING or self._hurry.is_set())
        until = time.monotonic() + LEAVE_SECONDS
        while time.monotonic() < until:
            # Somebody may have said hello in the same moment: only the page tells who was first.
            phase = await self._surely(self._look)
            if phase == "talking":
                return True
            if phase not in WAITING:
                self.visit.left = time.monotonic()
                return False
            await self._surely(self._end)
        raise NotAsExpected(f"the resident could not leave: {self.visit.phase}")

    async def _end(self) -> str:
        """Say that one leaves, once. Raises `OSError` when the server could not take it."""
        answer = await self.browser.post(f"/chat/{self.visit.contact}/end", {})
        if answer.status_code not in TAKEN_IN:
            raise ConnectionError(f"leaving was answered {answer.status_code}")
        return self.visit.phase

    async def _surely(self, deed: Callable[[], Awaitable[str]]) -> str:
        """Do it again until the server answers, as somebody does who presses the button again."""
        until = time.monotonic() + LEAVE_SECONDS
        while True:
            try:
                return await deed()
            except Lost as lost:
                self._trouble(lost)
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(AGAIN_SECONDS)

    def _trouble(self, what: BaseException) -> None:
        self.visit.troubles.append(str(what) or type(what).__name__)

    async def stay(self, seconds: float) -> None:
        """Stay in the conversation until it is over, for at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._until(lambda: self.visit.phase == "ended")
        self.visit.ended = time.monotonic()

    async def over(self, within: float) -> bool:
        """Whether the server says that this contact is over; asked again for `within` seconds, it may be ending."""
        until = time.monotonic() + within
        while True:
            try:
                if await self._look() == "ended":
                    return True
            except (NotAsExpected, *Lost) as problem:
                self._trouble(problem)
            if time.monotonic() > until:
                return False
            await asyncio.sleep(AGAIN_SECONDS)

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Follow the live socket until the page shows what is waited for; come back when it breaks."""
        while not reached():
            try:
                async with self.browser.live(f"/live/chat/{self.visit.contact}") as socket:
                    await self._look()
                    while not reached():
                        await self._hear(socket)
                        await self._look()
                    return
            except Lost as lost:
                self._trouble(lost)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, socket: Any) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                while True:
                    said = json.loads(await socket.recv())
                    # The line moved for somebody; a page thins these out, and so does this one, by its own pace.
                    if said.get("kind") not in ("line", "welcome", "typing"):
                        return

    async def _look(self) -> str:
        """Fetch how the chat stands, as the page's script does. Raises `OSError` when it is to be asked again."""
        answer = await self.browser.get(f"/chat/{self.visit.contact}/news?after=0", json=True)
        _to_be_asked_again(answer.status_code, "the chat page")
        if answer.status_code != 200:
            raise NotAsExpected(f"the chat page answered {answer.status_code}")
        self._note(answer.json(), time.monotonic())
        return self.visit.phase

    def _note(self, page: dict[str, Any], now: float) -> None:
        visit = self.visit
        visit.phase = str(page["phase"])
        if visit.phase == "called" and visit.called is None:
            visit.called = now
        if visit.phase == "talking" and visit.answered is None and visit.left is None:
            visit.answered = now
        if visit.phase == "waiting" and visit.told is None and page.get("wait"):
            visit.told = (int(page["wait"][0]), int(page["wait"][1]))
            visit.position = page.get("position")

    async def close(self) -> None:
        """Close the browser."""
        await self.browser.close()


def _to_be_asked_again(status: int, what: str) -> None:
    if status == 429 or status >= 500:
        raise ConnectionError(f"{what} was answered {status}")
