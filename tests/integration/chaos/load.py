"""People who keep coming while everything is being killed: reports, chats, and robots at the desks.

Each sender is as stubborn as an app in somebody's pocket: it sends the same thing with the same key until the server
has answered. What was answered is kept here, and the checks ask the database for exactly that.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import random
import threading
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from civicline.demo.replay.browser import Browser, Lost, NotAsExpected, Server, field_value, numbered_address
from civicline.demo.replay.desk import Desk, Work
from civicline.demo.replay.resident import Resident, Visit
from civicline.demo.town import PASSWORD

T = TypeVar("T")
KEY = "chaos-trial-key"
CHAT_EVERY = 8  # one chat to so many reports
UNWELL = (429, 500, 502, 503)
FIRST_AGAIN, LONGEST_AGAIN = (
    0.25,
    8.0,
)  # seconds before a client tries again: doubled each time, spread by chance


@dataclass
class Sent:
    """What was sent and what the server promised about it."""

    reports: dict[str, str] = field(default_factory=dict)  # device id -> reference that was answered
    chats: dict[str, str] = field(default_factory=dict)  # contact id -> words
    attempts: int = 0
    in_doubt: int = 0
    answers: dict[int, int] = field(default_factory=dict)
    replies: set[str] = field(default_factory=set)  # contacts whose reply the desk has acknowledged
    offered: list[float] = field(default_factory=list)  # moments of first sendings, on the monotonic clock
    acknowledged: list[float] = field(default_factory=list)  # moments of promises

    def count(self, status: int) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1

    def promise(self) -> None:
        """One more of them has its answer."""
        self.acknowledged.append(time.monotonic())

    @property
    def promises(self) -> int:
        return len(self.reports) + len(self.chats)


def between(moments: list[float], begin: float, end: float) -> int:
    """How many of the moments, which are in order, lie in the span."""
    return bisect.bisect_right(moments, end) - bisect.bisect_left(moments, begin)


def slowest(moments: list[float], begin: float, end: float, window: float) -> float:
    """The lowest rate (1/s) of any stretch of `window` seconds between the two; of the whole when that is shorter."""
    if end - begin <= window:
        return between(moments, begin, end) / (end - begin)
    steps = int((end - begin - window) * 10) + 1
    return (
        min(between(moments, begin + step / 10, begin + step / 10 + window) for step in range(steps)) / window
    )


class Robot(Desk):
    """A desk whose agent may be asked to let offers ring."""

    def __init__(
        self, answering: asyncio.Event, server: Server, email: str, password: str, work: Work, address: str
    ) -> None:
        super().__init__(server, email, password, work, address=address)
        self._answering = answering

    async def accept(self, offer: str, shown: float) -> bool:
        await self._answering.wait()
        return await super().accept(offer, shown)


async def _sign_in(desk: Desk) -> None:
    """Come in, as stubborn as a person: a server that has just started is busy with what it owes."""
    for _attempt in range(3):
        with contextlib.suppress(*Lost):
            await desk.sign_in()
            return
    await desk.sign_in()


class Crowd:
    """Runs residents and robot agents on an event loop of its own thread."""

    def __init__(self, urls: list[str], desks: list[str], *, per_second: float, seed: int) -> None:
        self.sent = Sent()
        self._urls, self._emails, self._per_second = urls, desks, per_second
        self._dice = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="crowd", daemon=True)
        self._open: set[asyncio.Task[None]] = set()
        self._number = 0
        self.home = asyncio.Event()
        self.answering = asyncio.Event()
        self.answering.set()
        self.desks: list[Desk] = []
        self.servers: list[Server] = []
        self._doors: list[Server] = []  # the agents' own connections: residents' never stand in their way
        self._at_work: list[asyncio.Task[None]] = []
        self._coming: asyncio.Task[None] | None = None
        self.began = self.ended = 0.0

    # --- from the test's thread

    def start(self) -> None:
        """Sign the robots in; they are at their desks when this returns."""
        self._thread.start()
        self._ask(self._arrive(), 240)

    def come(self) -> None:
        """Residents come by the clock, until `pause`: whether or not there is a server to talk to."""
        self.began = time.monotonic()
        self._ask(self._open_doors(), 10)

    def pause(self) -> None:
        """Nobody new comes; who has not been answered goes on trying."""
        self._ask(self._close_doors(), 30)
        self.ended = time.monotonic()

    def finish(self, seconds: float) -> None:
        """Wait until everyone who came has an answer. Raises TimeoutError."""
        self._ask(self._all_answered(), seconds)

    def stop(self) -> None:
        """End everything: no task is left behind."""
        self._ask(self._leave(), 60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def hold_offers(self) -> None:
        """From now on robots let offers ring."""
        self._ask(self._let_ring(on=True), 10)

    def answer_offers(self) -> None:
        """Robots take what rings again."""
        self._ask(self._let_ring(on=False), 10)

    def hand_over_one(self) -> float:
        """Send one chat more; the seconds from its promise until a robot has taken it. Raises TimeoutError."""
        return self._ask(self._hand_over_one(), 60)

    def _ask(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    # --- on the loop

    async def _arrive(self) -> None:
        self.servers = [Server(url) for url in self._urls]
        self._doors = [Server(url) for url in self._urls]
        for number, email in enumerate(self._emails):
            door = self._doors[number % len(self._doors)]
            self.desks.append(
                Robot(self.answering, door, email, PASSWORD, self._work, numbered_address(60_000 + number))
            )
        for desk in self.desks:
            await _sign_in(desk)
        self._at_work = [asyncio.create_task(desk.run(self.home)) for desk in self.desks]
        await asyncio.gather(*(desk.connected.wait() for desk in self.desks))

    async def _work(self, desk: Desk, contact: str) -> None:
        """Answer a chat with words of one's own; close written work at once."""
        if contact in self.sent.chats and contact not in self.sent.replies:
            await desk.say(contact, f"Hello from {desk.email}", f"reply-{contact[:32]}")
            self.sent.replies.add(contact)

    async def _open_doors(self) -> None:
        self._coming = asyncio.create_task(self._come())

    async def _close_doors(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)

    async def _come(self) -> None:
        """An open stream: the next one does not wait until the one before has been served."""
        due = time.monotonic()
        while True:
            due += 1.0 / self._per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._number += 1
            sender = self._chat if self._number % CHAT_EVERY == 0 else self._report
            self.sent.offered.append(time.monotonic())
            task = asyncio.create_task(sender(self._number))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def _all_answered(self) -> None:
        while self._open:
            done, _ = await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # what a client could not go on with is told here

    async def _leave(self) -> None:
        self.home.set()
        await self._close_doors()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._at_work, *self._open, return_exceptions=True)
        for desk in self.desks:
            await desk.browser.close()
        for server in (*self.servers, *self._doors):
            await server.close()

    async def _let_ring(self, *, on: bool) -> None:
        if on:
            self.answering.clear()
        else:
            self.answering.set()

    async def _hand_over_one(self) -> float:
        known = set(self.sent.chats)
        self._number += 1
        await self._chat(self._number)
        began = time.monotonic()
        (contact,) = set(self.sent.chats) - known
        while not any(contact in desk.log.accepted for desk in self.desks):
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    async def _before_again(self, attempt: int) -> None:
        """Wait as apps do: longer each time, and not all at once."""
        self.sent.in_doubt += 1
        await asyncio.sleep(
            min(LONGEST_AGAIN, FIRST_AGAIN * 2.0 ** min(attempt, 10)) * self._dice.uniform(0.5, 1.0)
        )

    def _server(self) -> Server:
        return self._dice.choice(self.servers)

    async def _report(self, number: int) -> None:
        device = f"chaos-{number}"
        browser = Browser(self._server(), numbered_address(number))
        form = {
            "api_key": KEY,
            "service_code": "missed-bin",
            "address_string": f"{number} Chaos Street",
            "description": f"Report {number} of the storm",
            "device_id": device,
            "attribute[bin]": "recycling",
        }
        for attempt in range(1000):
            self.sent.attempts += 1
            browser.server = self._server()
            with contextlib.suppress(*Lost):
                answer = await browser.post(
                    "/open311/v2/requests.json?jurisdiction_id=saltmere.example", form
                )
                self.sent.count(answer.status_code)
                if answer.status_code in (200, 201):
                    first = answer.json()[0]
                    self.sent.reports[device] = first.get("service_request_id") or first["token"]
                    self.sent.promise()
                    break
                if answer.status_code not in UNWELL:
                    raise AssertionError(f"{answer.status_code}: {answer.text[:400]}")
            await self._before_again(attempt)
        await browser.close()

    async def _chat(self, number: int) -> None:
        visit = Visit("general")
        resident = Resident(self._server(), visit, address=numbered_address(number))
        key = ""
        for attempt in range(1000):
            self.sent.attempts += 1
            resident.browser.server = self._server()
            with contextlib.suppress(NotAsExpected, *Lost):
                if not key:
                    page = await resident.browser.get("/chat/?service=general")
                    self.sent.count(page.status_code)
                    key = field_value(page.text, "key")
                await resident.send_first(key, f"Chat {number} of the storm")
                self.sent.chats[visit.contact] = f"Chat {number} of the storm"
                self.sent.promise()
                break
            await self._before_again(attempt)
        await resident.close()

    def closed(self) -> set[str]:
        """The contacts that robots have closed, by their own account."""
        return {contact for desk in self.desks for contact in desk.log.closed}


@contextlib.contextmanager
def crowd(urls: list[str], desks: list[str], *, per_second: float, seed: int) -> Iterator[Crowd]:
    """A crowd at work until the block ends."""
    people = Crowd(urls, desks, per_second=per_second, seed=seed)
    people.start()
    try:
        yield people
    finally:
        people.stop()
