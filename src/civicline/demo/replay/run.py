"""One replay: robots sign in, residents come at the day's own moments, everybody goes home, and it is counted."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from civicline.demo.replay.browser import Lost, NotAsExpected, Server, numbered_address
from civicline.demo.replay.day import Call
from civicline.demo.replay.desk import Desk
from civicline.demo.replay.report import Report, make_report
from civicline.demo.replay.resident import Resident, Visit

PROGRESS_SECONDS = 2.0
SIGN_INS_AT_ONCE = 4
GREETING = "Hello, I have read what you wrote. Let me look at it."


@dataclass(frozen=True)
class Plan:
    """What is to be replayed. `begin` in seconds after midnight of the day."""

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


@dataclass
class Replay:
    """The state of a running replay."""

    plan: Plan
    progress: Callable[[str], None]
    visits: list[Visit] = field(default_factory=list)
    serve: dict[str, float] = field(default_factory=dict)  # contact -> seconds on the wall
    free: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    desks: list[Desk] = field(default_factory=list)

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
            await self._come(server)
            telling.cancel()
            home.set()
            await asyncio.gather(*at_work, return_exceptions=True)
        finally:
            home.set()
            await asyncio.gather(*(desk.leave() for desk in self.desks), return_exceptions=True)
            await server.close()
        return make_report(
            self.visits,
            [desk.log for desk in self.desks],
            source=self.plan.source,
            day=self.plan.day,
            speed=self.plan.speed,
            wall_seconds=time.monotonic() - began,
            ended=self.ended,
            free_at_arrival=self.free,
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
        seconds = self.serve.get(contact, 0.0)
        await desk.say(contact, GREETING, f"replay-{contact[:32]}")
        await asyncio.sleep(seconds)

    async def _come(self, server: Server) -> None:
        dice, start = random.Random(self.plan.seed), time.monotonic()  # noqa: S311 -- a story told again
        people = []
        for number, call in enumerate(self.plan.calls):
            due = start + (call.at - self.plan.begin) / self.plan.speed
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            text = dice.choice(self.plan.texts)
            visit = Visit(call.service)
            self.visits.append(visit)
            resident = Resident(server, visit, address=numbered_address(number))
            people.append(asyncio.create_task(self._visit(resident, call, text)))
        await asyncio.gather(*people)

    async def _visit(self, resident: Resident, call: Call, text: str) -> None:
        visit = resident.visit
        try:
            await resident.begin(text)
            self.serve[visit.contact] = call.serve / self.plan.speed
            if any(desk.idle for desk in self.desks):
                self.free.add(visit.contact)
            if await resident.wait(call.patience / self.plan.speed):
                await resident.stay(call.serve / self.plan.speed + 60)
        except (NotAsExpected, *Lost) as problem:
            if not visit.contact:
                visit.refused = str(problem) or type(problem).__name__
        finally:
            if visit.contact and await resident.over():
                self.ended.add(visit.contact)
            with contextlib.suppress(*Lost):
                await resident.close()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            outcomes = [visit.outcome for visit in self.visits]
            self.progress(
                f"{len(self.visits)} of {len(self.plan.calls)} came, {outcomes.count('answered')} answered, "
                f"{outcomes.count('abandoned')} left, {sum(not desk.idle for desk in self.desks)} agents busy"
            )


def replay(plan: Plan, progress: Callable[[str], None]) -> Report:
    """Run it on an event loop of its own."""
    return asyncio.run(Replay(plan, progress).run())
