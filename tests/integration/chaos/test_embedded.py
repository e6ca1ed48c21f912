"""One process on SQLite, killed twenty times in the middle of its work, at 50 contacts a second."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable

from tests.integration.chaos import ledger
from tests.integration.chaos.load import KEY, crowd
from tests.servers import Civicline, wait_until

SEED = int(os.environ.get("CIVICLINE_TEST_CHAOS_SEED", "1911"))
KILLS = 20
PER_SECOND = 60.0  # asked for, so that 50 really come
SETTINGS = {
    "CIVICLINE_OPEN311_OPEN_KEYS": KEY,
    "CIVICLINE_OPEN311_REPORTS_PER_MINUTE": "1000000",
    "CIVICLINE_LOG_LEVEL": "warning",
}
MakeServer = Callable[..., Civicline]


def test_twenty_kills_lose_nothing(make_server: MakeServer) -> None:
    server = make_server(environment=SETTINGS)
    server.run("demo", "--robots", "16")
    robots = [f"robot-{number:03}@robots.saltmere.example" for number in range(1, 17)]
    dice, pause = random.Random(SEED), threading.Event()
    file = server.var / "civicline.sqlite3"
    with crowd([server.url], robots, per_second=PER_SECOND, seed=SEED) as people:
        for _kill in range(KILLS):
            people.come()
            pause.wait(dice.uniform(0.3, 1.4))
            server.kill()
            people.pause()
            promised = ledger.Promised.by_now(people.sent)
            with ledger.sqlite_ledger(file, snapshot=True) as ask:
                ledger.check_now(ask, promised)
            server.start(seconds=30)
        calm = time.monotonic()
        people.finish(60)
        promised = ledger.Promised.by_now(people.sent)
        with ledger.sqlite_ledger(file) as ask:
            wait_until(
                lambda: not ledger.open_of(ask, promised),
                seconds=90,
                what="every contact is closed",
                every=0.5,
            )
            wait_until(
                lambda: ask("SELECT count(*) FROM kernel_event WHERE seq IS NULL") == [(0,)],
                what="the log is whole",
            )
            wait_until(
                lambda: (
                    ask(
                        "SELECT count(*) FROM intake_delivery WHERE state IN ('queued', 'retry', 'in_flight')"
                    )
                    == [(0,)]
                ),
                seconds=75,
                what="every reply is delivered",
            )
            ledger.check_at_the_end(ask, ledger.Promised.by_now(people.sent))
        names = ["kills", "reports", "chats", "tries in doubt", "seconds until all were closed"]
        sent = people.sent
        values = [KILLS, len(sent.reports), len(sent.chats), sent.in_doubt, round(time.monotonic() - calm, 1)]
        print(ledger.told(names, values), f"peak {people.peak_rate():g}/s", sent.answers)  # noqa: T201 -- figures
        assert people.peak_rate() >= 50
        assert len(sent.reports) + len(sent.chats) >= KILLS * 10
