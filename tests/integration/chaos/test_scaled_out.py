"""Six processes over PostgreSQL and Redis: each kind is killed in turn, of the dispatchers the active one."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.integration.chaos import ledger, storm
from tests.integration.chaos.load import crowd
from tests.servers import Civicline, PostgreSQL, Redis, wait_until

TAKEOVER_SECONDS = 5.0
TURN = ("dispatch", "web", "work")
MakeServer = Callable[..., Civicline]


def _holder(ask: ledger.Ask) -> tuple[int, int]:
    """The process that dispatches, and its fencing number; (0, fence) when nobody does."""
    rows = ask("SELECT holder, fence FROM kernel_lease WHERE name = 'dispatcher'")
    if not rows or not rows[0][0]:
        return 0, rows[0][1] if rows else 0
    return int(rows[0][0].split(":")[1]), rows[0][1]


def _takeover(ask: ledger.Ask, fence: int) -> float:
    """Seconds until another dispatcher is active than the one of this fencing number."""
    began = time.monotonic()
    wait_until(lambda: _holder(ask)[1] > fence, seconds=15, what="the standby takes over")
    return time.monotonic() - began


@dataclass
class House:
    """Two processes of each role, and what strikes them."""

    processes: dict[str, list[Civicline]]
    dice: random.Random
    takeovers: list[float] = field(default_factory=list)

    def all_ready(self, *roles: str) -> None:
        for process in [one for role in roles for one in self.processes[role]]:
            wait_until(process.is_ready, seconds=90, what=f"{process.role} is ready")

    def strike(self, role: str, ask: ledger.Ask) -> None:
        """Kill one process of the role, the active one of the dispatchers; start it again, not waiting for it."""
        victim = self.dice.choice(self.processes[role])
        if role == "dispatch":
            active, fence = wait_until(
                lambda: (seen := _holder(ask))[0] and seen, seconds=15, what="somebody dispatches"
            )
            victim = next(one for one in self.processes[role] if one.process and one.process.pid == active)
            victim.kill()
            self.takeovers.append(_takeover(ask, fence))
        else:
            victim.kill()
        victim.start(wait=False)


def test_twenty_kills_lose_nothing_and_the_standby_takes_over(
    make_server: MakeServer, postgresql: PostgreSQL, redis_server: Redis
) -> None:
    database = postgresql.make_database("chaos")
    settings = storm.SETTINGS | {
        "CIVICLINE_DATABASE_URL": database,
        "CIVICLINE_REDIS_URL": redis_server.url.replace("/0", "/7"),
    }
    first = make_server(start=False, environment=settings)
    first.run("migrate")
    first.run("demo", "--robots", str(len(storm.ROBOTS)))
    processes = {
        role: [
            make_server(start=False, role=role, environment=settings, niceness=storm.NICENESS).start(
                wait=False
            )
            for _ in range(2)
        ]
        for role in TURN
    }
    house, pause = House(processes, random.Random(storm.SEED)), threading.Event()
    house.all_ready(*TURN)
    with ledger.postgresql_ledger(database) as ask:
        storm.quiet_before(ask)
    urls = [web.url for web in processes["web"]]
    with (
        ledger.postgresql_ledger(database) as ask,
        crowd(urls, storm.ROBOTS, per_second=storm.OFFERED, seed=storm.SEED) as people,
    ):
        people.come()
        uptime = storm.Uptime()
        for kill in range(storm.KILLS):
            role = TURN[kill % len(TURN)]
            pause.wait(storm.moment(house.dice))
            house.all_ready(
                role
            )  # both: it is the standby that takes over, and one web process goes on answering
            house.strike(role, ask)
            promised = ledger.Promised.by_now(people.sent)
            with ledger.postgresql_ledger(database, snapshot=True) as then:
                ledger.check_now(then, promised)
        people.pause()
        uptime.down()
        house.all_ready(*TURN)
        calm = storm.calm_after(ask, people)
        print(storm.told(people, calm=calm, acknowledged=uptime.rate(people.sent.acknowledged)))  # noqa: T201 -- figures
        print("takeovers in seconds:", [round(one, 1) for one in house.takeovers])  # noqa: T201 -- figures
        storm.was_a_storm(people)
        assert max(house.takeovers) < TAKEOVER_SECONDS
