"""A robot at the agents' desk: signs in, listens, accepts what rings, talks, closes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from civicline.demo.replay.browser import Browser, Lost, NotAsExpected, Server, location_of

ACCEPT = re.compile(r"/desk/offers/([0-9a-f-]{36})/accept")
HELD = re.compile(r'data-contact="([0-9a-f-]{36})"')
CONTACT = re.compile(r"/desk/c/([0-9a-f-]{36})/")
LOOK_SECONDS = 5.0
"""The desk looks at its offers this often even when nothing was said: hints can get lost."""


@dataclass
class DeskLog:
    """What one robot did. Moments are of the monotonic clock, in seconds."""

    accepted: dict[str, float] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    lost_races: int = 0
    ready: list[tuple[float, float]] = field(default_factory=list)
    busy_seconds: float = 0.0
    offered: dict[str, float] = field(default_factory=dict)  # contact: when its card was first on the screen


Work = Callable[["Desk", str], Awaitable[None]]
"""What a robot does with a contact in its hand, until it may be closed."""


class Desk:
    """One robot agent. `work` is awaited for each contact before it is completed."""

    def __init__(self, server: Server, email: str, password: str, work: Work, *, address: str = "") -> None:
        self.email, self._password, self._work = email, password, work
        self.browser = Browser(server, address)
        self.log = DeskLog()
        self.connected = asyncio.Event()
        self._rang = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def sign_in(self) -> None:
        """Sign in by the page for it, as people do. Raises `NotAsExpected`."""
        await self.browser.get("/accounts/login/")
        form = {"login": self.email, "password": self._password}
        answer = await self.browser.post("/accounts/login/", form)
        if answer.status_code != 302:
            raise NotAsExpected(
                f"{self.email} cannot sign in ({answer.status_code}); make robots with: civicline demo --robots"
            )

    async def run(self, stop: asyncio.Event) -> None:
        """Be at the desk until `stop`; when the network or the server goes away, come back by itself."""
        ended = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                session = asyncio.create_task(self._session())
                await asyncio.wait([session, ended], return_when=asyncio.FIRST_COMPLETED)
                session.cancel()
                with contextlib.suppress(asyncio.CancelledError, NotAsExpected, *Lost):
                    await session
                self.connected.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 0.25)
        finally:
            ended.cancel()
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def leave(self) -> None:
        """Go home, and close the browser."""
        with contextlib.suppress(*Lost):
            await self.browser.post("/desk/presence", {"state": "signed_out:end_of_shift"})
        await self.browser.close()

    async def _session(self) -> None:
        """One connection: open the socket, say that one is free, then follow what it says."""
        async with self.browser.live("/live/desk") as socket:
            await socket.recv()
            answer = await self.browser.post("/desk/presence", {"state": "available"})
            if answer.status_code in (401, 403) or "/accounts/login" in str(
                answer.headers.get("location", "")
            ):
                await self.sign_in()
                return
            began = time.monotonic()
            self.connected.set()
            looking = asyncio.create_task(self._look())
            try:
                async for said in socket:
                    kind = json.loads(said).get("kind")
                    if kind in ("offer", "resync", "presence"):
                        self._rang.set()
            finally:
                looking.cancel()
                self.log.ready.append((began, time.monotonic()))
                with contextlib.suppress(asyncio.CancelledError, NotAsExpected, *Lost):
                    await looking

    async def _look(self) -> None:
        """Take what rings; after each connection also what is in hand already."""
        await self._take_up()
        self._rang.set()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rang.wait(), LOOK_SECONDS)
            self._rang.clear()
            page = await self.browser.get("/desk/offers", parts=True)
            shown = time.monotonic()
            for offer in dict.fromkeys(ACCEPT.findall(page.text)):
                await self.accept(offer, shown)
            if page.status_code >= 500:
                raise OSError(f"the desk is unwell: {page.status_code}")

    async def _take_up(self) -> None:
        hand = await self.browser.get("/desk/hand", parts=True)
        for contact in dict.fromkeys(HELD.findall(hand.text)):
            self.log.accepted.setdefault(contact, time.monotonic())
            self._begin(contact)

    @property
    def idle(self) -> bool:
        """At the desk with nothing in hand."""
        return self.connected.is_set() and not self._busy

    async def accept(self, offer: str, shown: float) -> bool:
        """Take an offer whose card was on the screen at `shown`; False when somebody or the clock was faster."""
        answer = await self.browser.post(f"/desk/offers/{offer}/accept", {})
        found = CONTACT.search(str(answer.headers.get("location", "")))
        if found is None:
            self.log.lost_races += 1
            return False
        self.log.accepted[found.group(1)] = time.monotonic()
        self.log.offered.setdefault(found.group(1), shown)
        self._begin(found.group(1))
        return True

    def _begin(self, contact: str) -> None:
        if contact not in self._busy:
            self._busy[contact] = asyncio.create_task(self._serve(contact))

    async def _serve(self, contact: str) -> None:
        began = time.monotonic()
        try:
            await self._work(self, contact)
            await self.complete(contact)
        except (NotAsExpected, *Lost):
            return  # still in hand: taken up again at the next connection
        finally:
            self.log.busy_seconds += time.monotonic() - began
            self._busy.pop(contact, None)
            self._rang.set()

    async def say(self, contact: str, text: str, key: str) -> None:
        """Write to the resident; the key makes a repeat harmless. Raises `NotAsExpected`."""
        answer = await self.browser.post(f"/desk/c/{contact}/say", {"body": text, "client_key": key})
        if answer.status_code >= 400:
            raise NotAsExpected(f"a reply was refused: {answer.status_code}")
        location_of(answer, "a reply")

    async def complete(self, contact: str, disposition: str = "solved") -> None:
        """Close a contact. Raises `NotAsExpected` when the server could not."""
        answer = await self.browser.post(f"/desk/c/{contact}/complete", {"disposition": disposition})
        if answer.status_code >= 500:
            raise NotAsExpected(f"a contact could not be closed: {answer.status_code}")
        self.log.closed[contact] = time.monotonic()
