"""A robot at the agents' desk: signs in, listens, accepts what rings, talks, closes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from civicline.demo.replay.browser import Browser, Lost, NotAsExpected, Server, location_of

ACCEPT = re.compile(r"/desk/offers/([0-9a-f-]{36})/accept")
HELD = re.compile(r'data-contact="([0-9a-f-]{36})"')
CONTACT = re.compile(r"/desk/c/([0-9a-f-]{36})/")
LOOK_SECONDS = 5.0
"""The desk looks at its offers this often even when nothing was said: hints can get lost."""
PRESENT_SECONDS = 20.0
"""A free robot that nobody has called for so long says again that it is there; harmless where it is known."""
ANSWERED = 20
"""So many offers that were answered here are remembered."""
TRY_SECONDS = 60.0
"""How long a robot tries to finish a contact with a server that does not answer."""


class CannotSignIn(NotAsExpected):
    """There is no such account on that server, or it has another password."""


@dataclass
class DeskLog:
    """What one robot did. Moments are of the monotonic clock, in seconds."""

    accepted: dict[str, float] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    lost_races: int = 0
    ready: list[tuple[float, float]] = field(default_factory=list)
    busy: list[tuple[float, float]] = field(default_factory=list)  # with at least one contact in hand
    held_seconds: float = 0.0  # of all contacts together: several at once count each
    offered: dict[str, float] = field(default_factory=dict)  # contact: when its card was first on the screen
    troubles: list[str] = field(default_factory=list)  # what a person answers by trying again


Work = Callable[["Desk", str], Awaitable[None]]
"""What a robot does with a contact in its hand, until it may be closed."""


class Desk:
    """One robot agent. `work` is awaited for each contact before it is completed.

    It sends plain forms and does not draw the page that follows. With `draws` it does as the desk's script: its answers
    bring the open contact and the list with them.
    """

    def __init__(
        self, server: Server, email: str, password: str, work: Work, *, address: str = "", draws: bool = False
    ) -> None:
        self.email, self._password, self._work = email, password, work
        self.browser = Browser(server, address)
        self.log = DeskLog()
        self._draws = draws
        self.connected = asyncio.Event()
        self._rang = asyncio.Event()
        self._own: deque[str] = deque(maxlen=ANSWERED)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._busy_since = 0.0
        self._ringing = False
        self._said_available = 0.0
        self._knows_hand = False

    async def sign_in(self) -> None:
        """Sign in by the page for it, as people do. Raises `CannotSignIn`."""
        await self.browser.get("/accounts/login/")
        form = {"login": self.email, "password": self._password}
        answer = await self.browser.post("/accounts/login/", form)
        if answer.status_code != 302:
            raise CannotSignIn(
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
            began = self._said_available = time.monotonic()
            self.connected.set()
            looking = asyncio.create_task(self._follow())
            try:
                async for text in socket:
                    said = json.loads(text)
                    kind = said.get("kind")
                    # What its own answer brings about, the page does not fetch again (desk.ts).
                    if kind in ("resync", "presence") or (
                        kind == "offer" and said.get("id") not in self._own
                    ):
                        self._rang.set()
            finally:
                looking.cancel()
                self.log.ready.append((began, time.monotonic()))
                with contextlib.suppress(asyncio.CancelledError, *Lost):
                    await looking

    async def _follow(self) -> None:
        """Take what is in hand already, then what rings; whatever goes wrong is tried again at the next look."""
        self._knows_hand = False
        self._rang.set()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rang.wait(), LOOK_SECONDS)
            called = self._rang.is_set()
            self._rang.clear()
            try:
                if not self._knows_hand:
                    await self._take_up()
                    self._knows_hand = True
                await self._look(called)
            except Lost as lost:
                self._trouble(lost)
                # An offer may have been taken although the answer was lost: the page would show it in hand.
                self._knows_hand = False
                self._rang.set()
                await asyncio.sleep(0.25)

    async def _look(self, called: bool) -> None:
        page = await self._page("/desk/offers")
        shown = time.monotonic()
        found = list(dict.fromkeys(ACCEPT.findall(page)))
        self._ringing = bool(found)
        try:
            for offer in found:
                await self.accept(offer, shown)
        finally:
            self._ringing = False
        # Called, and nothing is there: an offer's time was up, so the desk counts as silent until it speaks.
        quiet = shown - self._said_available > PRESENT_SECONDS
        if not found and self.idle and (called or quiet):
            self._said_available = shown
            await self.browser.post("/desk/presence", {"state": "available"})

    async def _page(self, path: str) -> str:
        answer = await self.browser.get(path, parts=True)
        if answer.status_code == 429 or answer.status_code >= 500:
            raise ConnectionError(f"the desk answered {answer.status_code}")
        return answer.text

    def _trouble(self, what: BaseException) -> None:
        self.log.troubles.append(str(what) or type(what).__name__)

    async def _take_up(self) -> None:
        for contact in dict.fromkeys(HELD.findall(await self._page("/desk/hand"))):
            self.log.accepted.setdefault(contact, time.monotonic())
            self._begin(contact)

    @property
    def idle(self) -> bool:
        """At the desk, with nothing in hand and nothing on the screen."""
        return self.connected.is_set() and not self._busy and not self._ringing

    @property
    def ringing(self) -> bool:
        """An offer is on the screen and not answered yet."""
        return self._ringing

    @property
    def hand(self) -> frozenset[str]:
        """The contacts in hand, as this desk knows it."""
        return frozenset(self._busy)

    async def accept(self, offer: str, shown: float) -> bool:
        """Take an offer whose card was on the screen at `shown`; False when somebody or the clock was faster."""
        self._own.append(offer)
        answer = await self.browser.post(f"/desk/offers/{offer}/accept", {}, parts=self._draws)
        if answer.status_code >= 500:
            self._own.remove(offer)
            raise ConnectionError(f"accepting was answered {answer.status_code}")
        leads_to = answer.headers.get("hx-push-url" if self._draws else "location", "")
        found = CONTACT.search(str(leads_to))
        if found is None:
            self.log.lost_races += 1
            return False
        self.log.accepted[found.group(1)] = time.monotonic()
        self.log.offered.setdefault(found.group(1), shown)
        self._begin(found.group(1))
        return True

    def _begin(self, contact: str) -> None:
        if contact not in self._busy:
            if not self._busy:
                self._busy_since = time.monotonic()
            self._busy[contact] = asyncio.create_task(self._serve(contact))

    async def _serve(self, contact: str) -> None:
        began = time.monotonic()
        try:
            while not await self._served(contact) and time.monotonic() < began + TRY_SECONDS:
                await asyncio.sleep(0.25)
        except NotAsExpected as refused:
            self._trouble(refused)
        finally:
            self._knows_hand &= contact in self.log.closed  # if in vain, it is still in hand: taken up again
            now = time.monotonic()
            self.log.held_seconds += now - began
            self._busy.pop(contact, None)
            if not self._busy:
                self.log.busy.append((self._busy_since, now))

    async def _served(self, contact: str) -> bool:
        """Whether it could be done; what got lost on the way is done again."""
        try:
            await self._work(self, contact)
            await self.complete(contact)
        except Lost as lost:
            self._trouble(lost)
            return False
        return True

    async def say(self, contact: str, text: str, key: str) -> None:
        """Write to the resident; the key makes a repeat harmless. Raises `NotAsExpected`, and OSError to try again."""
        answer = await self.browser.post(f"/desk/c/{contact}/say", {"body": text, "client_key": key})
        _refused(answer.status_code, "a reply")
        location_of(answer, "a reply")

    async def complete(self, contact: str, disposition: str = "solved") -> None:
        """Close a contact. Raises `NotAsExpected` when it may not, and OSError to try again."""
        form = {"disposition": disposition}
        answer = await self.browser.post(f"/desk/c/{contact}/complete", form, parts=self._draws)
        _refused(answer.status_code, "closing a contact")
        self.log.closed[contact] = time.monotonic()


def _refused(status: int, what: str) -> None:
    if status == 429 or status >= 500:
        raise ConnectionError(f"{what} was answered {status}")
    if status >= 400:
        raise NotAsExpected(f"{what} was refused: {status}")
