"""One process on SQLite, killed twenty times in the middle of its work, while 50 contacts a second keep coming."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from tests.integration.chaos import at_rest, ledger, storm
from tests.integration.chaos.load import crowd
from tests.servers import Civicline

MakeServer = Callable[..., Civicline]


def test_twenty_kills_lose_nothing(make_server: MakeServer) -> None:
    server = make_server(start=False, environment=storm.SETTINGS, niceness=storm.NICENESS)
    at_rest.lay_out(server).start()
    dice, pause = random.Random(storm.SEED), threading.Event()
    file = server.var / "civicline.sqlite3"
    with ledger.sqlite_ledger(file) as ask:
        storm.quiet_before(ask)
    with crowd([server.url], storm.ROBOTS, per_second=storm.OFFERED, seed=storm.SEED) as people:
        people.come()
        uptime = storm.Uptime()
        for _kill in range(storm.KILLS):
            pause.wait(storm.moment(dice))
            server.kill()
            uptime.down()
            promised = ledger.Promised.by_now(people.sent)
            with ledger.sqlite_ledger(file, snapshot=True) as ask:
                ledger.check_now(ask, promised)
            server.start(seconds=60)
            uptime.up()
        people.pause()
        with ledger.sqlite_ledger(file) as ask:
            calm = storm.calm_after(ask, people)
        print(storm.told(people, calm=calm, acknowledged=uptime.rate(people.sent.acknowledged)))  # noqa: T201 -- figures
        storm.was_a_storm(people)
