"""Another program holds the embedded database: people wait a moment, or are told in words that nothing was saved."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.integration.chaos import at_rest, ledger
from tests.integration.chaos.load import crowd
from tests.integration.system import house
from tests.servers import Civicline, wait_until

MakeServer = Callable[..., Civicline]
PATIENCE = 4


@contextlib.contextmanager
def _held(file: Path) -> Iterator[None]:
    """The database belongs to another program, as during somebody's careless maintenance."""
    with contextlib.closing(sqlite3.connect(file, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_is_waited_for_and_then_told(make_server: MakeServer) -> None:
    settings = house.SETTINGS | {"CIVICLINE_DATABASE_PATIENCE_SECONDS": str(PATIENCE)}
    server = at_rest.lay_out(make_server(start=False, environment=settings)).start()
    file = server.var / "civicline.sqlite3"
    with crowd([server.url], house.ROBOTS, per_second=house.PER_SECOND, seed=3) as people:
        people.come()
        house.at_work(people)
        with _held(file):
            promised = people.sent.promises
            told = house.ask(
                f"{server.url}/open311/v2/requests.json?jurisdiction_id=saltmere.example", house.REPORT
            )
            assert house.is_calm_refusal(told), told
            assert house.ask(f"{server.url}/en/").status == 200  # reading goes on
            health = wait_until(
                lambda: (now := server.health())["status"] == "degraded" and now, what="it is told"
            )
            assert "locked" in house.state_of(health, "writes")
            assert house.state_of(health, "database") == "ok"
            assert people.sent.promises <= promised + 1  # one may have been on its way back
        house.at_work(people, 10)
        with ledger.sqlite_ledger(file) as question:
            house.judge(question, people)
    wait_until(lambda: server.health()["status"] == "ok", seconds=30, what="all parts are well")


def test_a_short_lock_is_not_even_noticed(make_server: MakeServer) -> None:
    server = at_rest.lay_out(make_server(start=False, environment=house.SETTINGS)).start()
    with crowd([server.url], house.ROBOTS[:2], per_second=house.PER_SECOND, seed=4) as people:
        people.come()
        house.at_work(people, 3)
        with _held(server.var / "civicline.sqlite3"):
            came = len(people.sent.offered)
            wait_until(lambda: len(people.sent.offered) > came + 10, what="more residents come meanwhile")
        people.pause()
        people.finish(60)
        assert set(people.sent.answers) <= {200, 201}
        assert people.sent.in_doubt == 0
