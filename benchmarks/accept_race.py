"""200 agents press "accept" on one offer at the same moment: exactly one gets the contact, every time.

    python -m benchmarks.accept_race [--agents 200] [--rounds 20] [--tabs 10] [--database sqlite] [--json]

`civicline serve` runs in a process of its own. Each agent signs in separately and keeps a desk open. In each round a
resident comes by the chat's form; the router offers the contact to one agent, and then everybody presses: each agent
once, and the one it was offered to in several tabs of their browser as well. An offer is its agent's alone, so the
others must be refused, and of the tabs one may win. A round with no winner, with two, or with a wrong one ends in exit
code 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks import machine
from benchmarks.arrival_to_offer import SERVICE, accounts, town
from civicline.demo.replay.browser import Lost, NotAsExpected, Server, numbered_address
from civicline.demo.replay.desk import CONTACT, Desk
from civicline.demo.replay.report import percentile
from civicline.demo.replay.resident import Resident, Visit

OFFER_SECONDS = 30.0
QUIET_SECONDS = 3.0
"""The demo town has people waiting already; they are served before the first round."""
SIGN_INS_AT_ONCE = 4


class Racer(Desk):
    """A desk that tells of an offer instead of taking it."""

    def __init__(
        self, server: Server, email: str, password: str, number: int, rang: asyncio.Queue[tuple[Racer, str]]
    ):
        super().__init__(server, email, password, self._nothing, address=numbered_address(120_000 + number))
        self._told: set[str] = set()
        self._everybody_hears = rang

    async def _nothing(self, desk: Desk, contact: str) -> None:
        """What is taken is closed by the round itself."""

    async def accept(self, offer: str, shown: float) -> bool:
        """Tell of it, once."""
        if offer not in self._told:
            self._told.add(offer)
            self._everybody_hears.put_nowait((self, offer))
        return False

    async def press(self, offer: str) -> tuple[str, float]:
        """The contact that pressing led to, empty when it was refused; and how long the answer took, in seconds."""
        began = time.monotonic()
        answer = await self.browser.post(f"/desk/offers/{offer}/accept", {})
        if answer.status_code not in (302, 303, 403, 409):
            raise NotAsExpected(f"pressing was answered {answer.status_code}")
        found = CONTACT.search(str(answer.headers.get("location", "")))
        return (found.group(1) if found else ""), time.monotonic() - began


@dataclass
class Outcome:
    """What the rounds found. `winners`: how many presses led to the contact, of each round; times in seconds."""

    winners: list[int] = field(default_factory=list)
    presses: list[float] = field(default_factory=list)
    winning: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


async def race(url: str, emails: list[str], password: str, rounds: int, tabs: int) -> Outcome:
    """Sign everybody in, and run the rounds."""
    server = Server(url, connections=len(emails) + tabs + 20)
    rang: asyncio.Queue[tuple[Racer, str]] = asyncio.Queue()
    racers = [Racer(server, email, password, number, rang) for number, email in enumerate(emails)]
    places, stop, outcome = asyncio.Semaphore(SIGN_INS_AT_ONCE), asyncio.Event(), Outcome()

    async def sign_in(racer: Racer) -> None:
        async with places:
            await racer.sign_in()

    await asyncio.gather(*(sign_in(racer) for racer in racers))
    at_desks = [asyncio.create_task(racer.run(stop)) for racer in racers]
    try:
        await asyncio.gather(*(racer.connected.wait() for racer in racers))
        await _serve_who_waits(rang)
        for number in range(rounds):
            await _round(server, racers, rang, tabs, number, outcome)
    finally:
        stop.set()
        await asyncio.gather(*at_desks, return_exceptions=True)
        await server.close()
    return outcome


async def _serve_who_waits(rang: asyncio.Queue[tuple[Racer, str]]) -> None:
    while True:
        try:
            owner, offer = await asyncio.wait_for(rang.get(), QUIET_SECONDS)
        except TimeoutError:
            return
        contact, _seconds = await owner.press(offer)
        if contact:
            await owner.complete(contact)


async def _round(
    server: Server,
    racers: list[Racer],
    rang: asyncio.Queue[tuple[Racer, str]],
    tabs: int,
    number: int,
    outcome: Outcome,
) -> None:
    visit = Visit(SERVICE)
    resident = Resident(server, visit, address=numbered_address(number))
    await resident.begin(f"Question {number}")
    async with asyncio.timeout(OFFER_SECONDS):
        owner, offer = await rang.get()
    pressing = [racer.press(offer) for racer in racers] + [owner.press(offer) for _tab in range(tabs)]
    answers = await asyncio.gather(*pressing, return_exceptions=True)
    won = []
    for answer in answers:
        if isinstance(answer, BaseException):
            outcome.problems.append(f"round {number}: {answer or type(answer).__name__}")
            continue
        contact, seconds = answer
        outcome.presses.append(seconds)
        if contact:
            won.append(contact)
            outcome.winning.append(seconds)
    outcome.winners.append(len(won))
    if won and set(won) != {visit.contact}:
        outcome.problems.append(f"round {number}: another contact was won")
    await _finish(owner, visit.contact, resident, number, outcome)


async def _finish(owner: Racer, contact: str, resident: Resident, number: int, outcome: Outcome) -> None:
    """Only whoever has it in hand can close it, and then it is over for its resident too."""
    try:
        await owner.complete(contact)
    except (NotAsExpected, *Lost) as problem:
        outcome.problems.append(f"round {number}: {problem}")
    if not await resident.over(5.0):
        outcome.problems.append(f"round {number}: the contact is {resident.visit.phase}")
    await resident.close()


def as_dict(outcome: Outcome, agents: int, tabs: int, database: str) -> dict[str, Any]:
    """The figures; times in milliseconds."""
    return {
        "machine": machine.described(),
        "database": database,
        "agents": agents,
        "tabs": tabs,
        "rounds": len(outcome.winners),
        "winners": outcome.winners,
        "press_p50_ms": round(percentile(outcome.presses, 0.5) * 1_000, 1),
        "press_p99_ms": round(percentile(outcome.presses, 0.99) * 1_000, 1),
        "winner_p50_ms": round(percentile(outcome.winning, 0.5) * 1_000, 1),
        "winner_max_ms": round(max(outcome.winning, default=0.0) * 1_000, 1),
        "problems": outcome.problems[:5],
    }


def as_text(figures: dict[str, Any]) -> str:
    """For people."""
    one = figures
    lines = [
        f"Accept race, {one['database']} ({one['machine']})",
        f"  {one['agents']} agents and {one['tabs']} more tabs of the one it rang for press at once, "
        f"{one['rounds']} rounds",
        f"  winners of each round: {' '.join(str(count) for count in one['winners'])}",
        f"  all {one['agents'] + one['tabs']} presses at once, each answered: p50 {one['press_p50_ms']} ms, "
        f"p99 {one['press_p99_ms']} ms; the winner: p50 {one['winner_p50_ms']} ms, longest {one['winner_max_ms']} ms",
    ]
    return "\n".join([*lines, *(f"  problem: {problem}" for problem in one["problems"])])


def main() -> int:
    """Race and print; 1 when any round had not exactly one winner."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--tabs", type=int, default=10)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with town(given.database, given.agents) as (url, _pid):
        outcome = asyncio.run(race(url, *accounts(given.agents), given.rounds, given.tabs))
    figures = as_dict(outcome, given.agents, given.tabs, given.database)
    print(json.dumps(figures) if given.json else as_text(figures))
    fair = len(outcome.winners) == given.rounds and set(outcome.winners) == {1}
    return 0 if fair and not outcome.problems else 1


if __name__ == "__main__":
    sys.exit(main())
