"""Six processes over PostgreSQL and Redis: each kind is killed in turn, of the dispatchers the active one."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable

from tests.integration.chaos import ledger
from tests.integration.chaos.load import KEY, crowd
from tests.servers import Civicline, PostgreSQL, Redis, wait_until

SEED = int(os.environ.get("CIVICLINE_TEST_CHAOS_SEED", "1911"))
KILLS = 20
PER_SECOND = 60.0
TAKEOVER_SECONDS = 5.0
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


def test_twenty_kills_lose_nothing_and_the_standby_takes_over(
    make_server: MakeServer, postgresql: PostgreSQL, redis_server: Redis
) -> None:
    database = postgresql.make_database("chaos")
    settings = {
        "CIVICLINE_DATABASE_URL": database,
        "CIVICLINE_REDIS_URL": redis_server.url.replace("/0", "/7"),
        "CIVICLINE_OPEN311_OPEN_KEYS": KEY,
        "CIVICLINE_OPEN311_REPORTS_PER_MINUTE": "1000000",
        "CIVICLINE_LOG_LEVEL": "warning",
    }
    first = make_server(start=False, environment=settings)
    first.run("migrate")
    first.run("demo", "--robots", "16")
    processes = {
        role: [make_server(start=False, role=role, environment=settings).start(wait=False) for _ in range(2)]
        for role in ("web", "dispatch", "work")
    }
    for process in [one for pair in processes.values() for one in pair]:
        wait_until(process.is_ready, seconds=60, what=f"{process.role} is ready")
    robots = [f"robot-{number:03}@robots.saltmere.example" for number in range(1, 17)]
    dice, pause, takeovers = random.Random(SEED), threading.Event(), []
    urls = [web.url for web in processes["web"]]
    with (
        ledger.postgresql_ledger(database) as ask,
        crowd(urls, robots, per_second=PER_SECOND, seed=SEED) as people,
    ):
        for kill in range(KILLS):
            people.come()
            pause.wait(dice.uniform(0.3, 1.2))
            role = ("dispatch", "web", "work")[kill % 3]
            victim = dice.choice(processes[role])
            if role == "dispatch":
                active, fence = wait_until(
                    lambda: (seen := _holder(ask))[0] and seen, seconds=15, what="somebody dispatches"
                )
                victim = next(one for one in processes[role] if one.process and one.process.pid == active)
                victim.kill()
                people.pause()
                takeovers.append(_takeover(ask, fence))
            else:
                victim.kill()
            people.pause()
            promised = ledger.Promised.by_now(people.sent)
            with ledger.postgresql_ledger(database, snapshot=True) as then:
                ledger.check_now(then, promised)
            victim.start(seconds=60)
        calm = time.monotonic()
        people.finish(60)
        promised = ledger.Promised.by_now(people.sent)
        wait_until(
            lambda: not ledger.open_of(ask, promised), seconds=120, what="every contact is closed", every=0.5
        )
        wait_until(
            lambda: ask("SELECT count(*) FROM kernel_event WHERE seq IS NULL") == [(0,)],
            what="the log is whole",
        )
        wait_until(
            lambda: (
                ask("SELECT count(*) FROM intake_delivery WHERE state IN ('queued', 'retry', 'in_flight')")
                == [(0,)]
            ),
            seconds=75,
            what="every reply is delivered",
        )
        ledger.check_at_the_end(ask, ledger.Promised.by_now(people.sent))
        sent = people.sent
        names = ["kills", "reports", "chats", "tries in doubt", "seconds until all were closed"]
        values = [KILLS, len(sent.reports), len(sent.chats), sent.in_doubt, round(time.monotonic() - calm, 1)]
        print(ledger.told(names, values), f"peak {people.peak_rate():g}/s", sent.answers)  # noqa: T201 -- figures
        print("takeovers in seconds:", [round(one, 1) for one in takeovers])  # noqa: T201 -- figures
        assert people.peak_rate() >= 50
        assert max(takeovers) < TAKEOVER_SECONDS
        assert len(sent.reports) + len(sent.chats) >= KILLS * 10
