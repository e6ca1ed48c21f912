"""One replay: robots sign in, residents come at the day's own moments, everybody goes home, and it is counted."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from civicline.demo.replay.browser import Lost, NotAsExpected, Server, numbered_address
from civicline.demo.replay.day import Call
from civicline.demo.replay.desk import Desk
from civicline.demo.replay.report import Report, Unsettled, make_report
from civicline.demo.replay.resident import Resident, Visit

PROGRESS_SECONDS = 2.0
SIGN_INS_AT_ONCE = 4
HOME_SECONDS = 60.0
"""How long everybody waits, when the last resident has gone, for what is still in hand."""
GREETING = "Hello, I have read what you wrote. Let me look at it."


@dataclass(frozen=True)
class Plan:
    """What is to be replayed. `begin` in seconds after midnight of the day; `most_seconds` on the wall."""

    url: str
    source: str
    day: str
    calls: list[Call]
    texts: list[str]
    emails: list[str]
    password: str
    speed: float
    begin: float
    seed: int = 1
    most_seconds: float | None = None
    teams: tuple[str, ...] = ()


@dataclass
class Replay:
    """The state of a running replay."""

    plan: Plan
    progress: Callable[[str], None]
    people: list[Resident] = field(default_factory=list)
    serve: dict[str, float] = field(default_factory=dict)  # contact -> seconds on the wall
    free: set[str] = field(default_factory=set)  # contacts for whom a free desk could be reserved at arrival
    waiting: set[str] = field(default_factory=set)  # taken in, and not in anybody's hand yet
    taken_up: set[str] = field(default_factory=set)  # accepted by a robot at some time
    ended: set[str] = field(default_factory=set)
    desks: list[Desk] = field(default_factory=list)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)  # everybody goes home now

    async def run(self) -> Report:
        """Replay and count. Raises `NotAsExpected` when the robots cannot sign in."""
        server = Server(self.plan.url, connections=len(self.plan.emails) + 200)
        home, began = asyncio.Event(), time.monotonic()
        try:
            await self._sign_in(server)
            at_work = [asyncio.create_task(desk.run(home)) for desk in self.desks]
            async with asyncio.timeout(60):
                await asyncio.gather(*(desk.connected.wait() for desk in self.desks))
            began = time.monotonic()
            telling = asyncio.create_task(self._tell())
            with self._interruptible():
                await self._come(server)
            await self._settle()
            telling.cancel()
            home.set()
            await asyncio.gather(*at_work, return_exceptions=True)
        finally:
            home.set()
            await asyncio.gather(*(desk.leave() for desk in self.desks), return_exceptions=True)
            await server.close()
        return self._report(time.monotonic() - began)

    def _report(self, wall_seconds: float) -> Report:
        visits = [resident.visit for resident in self.people]
        return make_report(
            visits,
            [desk.log for desk in self.desks],
            source=self.plan.source,
            day=self.plan.day,
            planned=len(self.plan.calls),
            speed=self.plan.speed,
            wall_seconds=wall_seconds,
            ended=self.ended,
            free_at_arrival=self.free,
            teams=self.plan.teams,
            unsettled=[self._what_is_left(visit) for visit in visits if self._is_unsettled(visit)],
        )

    async def _sign_in(self, server: Server) -> None:
        places = asyncio.Semaphore(SIGN_INS_AT_ONCE)

        async def one(desk: Desk) -> None:
            async with places:
                await desk.sign_in()

        for number, email in enumerate(self.plan.emails):
            address = numbered_address(120_000 + number)
            self.desks.append(Desk(server, email, self.plan.password, self._work, address=address))
        await asyncio.gather(*(one(desk) for desk in self.desks))

    async def _work(self, desk: Desk, contact: str) -> None:
        self.waiting.discard(contact)
        self.taken_up.add(contact)
        await desk.say(contact, GREETING, f"replay-{contact[:32]}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.hurry.wait(), self.serve.get(contact, 0.0))

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: nobody new comes, everybody finishes, and it is counted. Twice: as everywhere."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            self.hurry.set()
            loop.remove_signal_handler(signal.SIGINT)

        handled = True
        try:
            loop.add_signal_handler(signal.SIGINT, stop)
        except (RuntimeError, ValueError):  # not the main thread: nobody presses keys there
            handled = False
        timer = loop.call_later(self.plan.most_seconds, stop) if self.plan.most_seconds else None
        try:
            yield
        finally:
            if timer is not None:
                timer.cancel()
            if handled:
                loop.remove_signal_handler(signal.SIGINT)

    async def _come(self, server: Server) -> None:
        dice, start = random.Random(self.plan.seed), time.monotonic()  # noqa: S311 -- a story told again
        visits = []
        for number, call in enumerate(self.plan.calls):
            due = start + (call.at - self.plan.begin) / self.plan.speed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.hurry.wait(), max(0.0, due - time.monotonic()))
            if self.hurry.is_set():
                break
            text = dice.choice(self.plan.texts)
            address = numbered_address(number)
            resident = Resident(server, Visit(call.service), address=address, hurry=self.hurry)
            self.people.append(resident)
            visits.append(asyncio.create_task(self._visit(resident, call, text)))
        await asyncio.gather(*visits)

    async def _visit(self, resident: Resident, call: Call, text: str) -> None:
        visit = resident.visit
        serve = call.serve / self.plan.speed
        try:
            await resident.begin(text)
            self.serve[visit.contact] = serve
            self._note_arrival(visit.contact)
            if await resident.wait(call.patience / self.plan.speed):
                await resident.stay(serve + HOME_SECONDS)
        except (NotAsExpected, *Lost) as problem:
            visit.troubles.append(str(problem) or type(problem).__name__)
            if not visit.contact:
                visit.refused = visit.troubles[-1]
        self.waiting.discard(visit.contact)
        if visit.contact and await resident.over(serve + HOME_SECONDS):
            self.ended.add(visit.contact)

    def _note_arrival(self, contact: str) -> None:
        """Reserve a free desk for this arrival, when there is one beyond those that others wait for.

        Whoever waits already (a card on a screen is not waiting any more) goes before this one and needs a desk too;
        so several who come at once are counted only as far as there are free desks for all of them.
        """
        ringing = sum(desk.ringing for desk in self.desks)
        ahead = max(0, len(self.waiting) - ringing)
        if contact in self.taken_up or sum(desk.idle for desk in self.desks) > ahead:
            self.free.add(contact)
        if contact not in self.taken_up:
            self.waiting.add(contact)

    async def _settle(self) -> None:
        """Wait until nobody has anything in hand, then ask again for what was not seen to be over."""
        until = time.monotonic() + HOME_SECONDS
        while any(desk.hand for desk in self.desks) and time.monotonic() < until:
            await asyncio.sleep(0.1)
        for resident in self.people:
            visit = resident.visit
            # Left in the moment in which an agent came: that the page said "ended" once may not have been the end.
            doubtful = visit.outcome == "abandoned" and visit.contact in self.taken_up
            if visit.contact and (doubtful or visit.contact not in self.ended):
                self.ended.discard(visit.contact)
                if await resident.over(5.0):
                    self.ended.add(visit.contact)
        for resident in self.people:
            await resident.close()

    def _is_unsettled(self, visit: Visit) -> bool:
        return bool(visit.contact) and (visit.contact not in self.ended or visit.outcome == "open")

    def _what_is_left(self, visit: Visit) -> Unsettled:
        hands = [desk.email for desk in self.desks if visit.contact in desk.log.accepted]
        return Unsettled(visit.contact, visit.phase, visit.outcome, hands, visit.troubles[-3:])

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            outcomes = [resident.visit.outcome for resident in self.people]
            self.progress(
                f"{len(self.people)} of {len(self.plan.calls)} came, {outcomes.count('answered')} answered, "
                f"{outcomes.count('abandoned')} left, {len(self.waiting)} wait, "
                f"{sum(bool(desk.hand) for desk in self.desks)} agents busy"
            )


def replay(plan: Plan, progress: Callable[[str], None]) -> Report:
    """Run it on an event loop of its own."""
    return asyncio.run(Replay(plan, progress).run())
