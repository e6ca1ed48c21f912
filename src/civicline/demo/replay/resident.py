"""A robot resident: opens the chat page, writes, waits as long as its patience lasts, reads, leaves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any

from civicline.demo.replay.browser import Browser, Lost, NotAsExpected, Server, field_value, location_of

CHAT = re.compile(r"/chat/([0-9a-f-]{36})/")
WAITING = frozenset({"joining", "waiting", "called"})
LOOK_SECONDS = 5.0


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

    def __init__(self, server: Server, visit: Visit, *, address: str, language: str = "en") -> None:
        self.browser = Browser(server, address, language)
        self.visit = visit
        self._page: dict[str, Any] = {"phase": "joining"}

    async def begin(self, text: str) -> None:
        """Open the page and send the first message. Raises `NotAsExpected`, or what a lost network raises."""
        start = f"/chat/?service={self.visit.service}"
        page = await self.browser.get(start)
        key = field_value(page.text, "key")
        await self.send_first(key, text)

    async def send_first(self, key: str, text: str) -> None:
        """Send the form. With the same key it can be sent again when the answer was lost."""
        form = {"key": key, "service": self.visit.service, "body": text, "name": "Robot resident"}
        self.visit.sent = self.visit.sent or time.monotonic()
        answer = await self.browser.post("/chat/", form)
        found = CHAT.search(location_of(answer, "starting a chat"))
        if found is None:
            raise NotAsExpected("starting a chat did not lead to one")
        self.visit.taken = time.monotonic()
        self.visit.contact = found.group(1)

    async def wait(self, patience: float) -> bool:
        """Wait for an agent; whether one came before patience was over. Leaves the line when not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._until(lambda: self._page.get("phase") not in WAITING)
        if self._page.get("phase") == "talking" or await self._look() == "talking":
            self.visit.answered = self.visit.answered or time.monotonic()
            return True
        if self._page.get("phase") in WAITING:
            await self.browser.post(f"/chat/{self.visit.contact}/end", {})
            # Somebody may have said hello in the same moment: the page tells who was first.
            if await self._look() != "ended":
                return await self.wait(5.0)
        self.visit.left = time.monotonic()
        return False

    async def stay(self, seconds: float) -> None:
        """Stay in the conversation until it is over, for at most `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._until(lambda: self._page.get("phase") == "ended")
        self.visit.ended = time.monotonic()

    async def over(self) -> bool:
        """Whether the server says that this contact is over; asked again for a few seconds, it may just be ending."""
        for _turn in range(10):
            with contextlib.suppress(NotAsExpected, *Lost):
                if await self._look() == "ended":
                    return True
            await asyncio.sleep(0.5)
        return False

    async def _until(self, reached: Any) -> None:
        """Follow the live socket until the page shows what is waited for; come back when it breaks."""
        while not reached():
            with contextlib.suppress(*Lost):
                async with self.browser.live(f"/live/chat/{self.visit.contact}") as socket:
                    await self._look()
                    while not reached():
                        await self._hear(socket)
                        await self._look()
                    return
            await asyncio.sleep(0.25)

    async def _hear(self, socket: Any) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                while True:
                    said = json.loads(await socket.recv())
                    # The line moved for somebody; a page thins these out, and so does this one, by its own pace.
                    if said.get("kind") not in ("line", "welcome", "typing"):
                        return

    async def _look(self) -> str:
        """Fetch how the chat stands, as the page's script does."""
        answer = await self.browser.get(f"/chat/{self.visit.contact}/news?after=0", json=True)
        if answer.status_code == 429:
            await asyncio.sleep(1.0)
            return str(self._page.get("phase", ""))
        if answer.status_code != 200:
            raise NotAsExpected(f"the chat page answered {answer.status_code}")
        self._page = answer.json()
        self._note(time.monotonic())
        return str(self._page["phase"])

    def _note(self, now: float) -> None:
        visit, page = self.visit, self._page
        if page["phase"] == "called" and visit.called is None:
            visit.called = now
        if page["phase"] == "talking" and visit.answered is None:
            visit.answered = now
        if page["phase"] == "waiting" and visit.told is None and page.get("wait"):
            visit.told = (int(page["wait"][0]), int(page["wait"][1]))
            visit.position = page.get("position")

    async def close(self) -> None:
        """Close the browser."""
        await self.browser.close()
