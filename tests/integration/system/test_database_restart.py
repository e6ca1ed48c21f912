"""PostgreSQL crashes in the middle of the day and is started again: nobody has to touch Civicline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.integration.chaos import ledger
from tests.integration.chaos.load import crowd
from tests.integration.system import house
from tests.servers import Civicline, PostgreSQL, wait_until

MakeServer = Callable[..., Civicline]


@pytest.fixture
def own_postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL for this test alone: it crashes."""
    server = PostgreSQL.start()
    yield server
    server.stop()


def test_a_crash_of_postgresql_is_told_calmly_and_mends_itself(
    make_server: MakeServer, own_postgresql: PostgreSQL
) -> None:
    database = own_postgresql.make_database("town")
    server = make_server(environment=house.SETTINGS | {"CIVICLINE_DATABASE_URL": database})
    server.run("demo", "--robots", str(len(house.ROBOTS)))
    with crowd([server.url], house.ROBOTS, per_second=house.PER_SECOND, seed=1) as people:
        people.come()
        house.at_work(people)
        own_postgresql.crash()
        promised = ledger.Promised.by_now(people.sent)

        health = wait_until(
            lambda: (told := server.health())["status"] == "not ready" and told, what="it is told"
        )
        assert house.state_of(health, "database") == "does not answer"
        for path in (
            "/en/",
            "/chat/",
            "/accounts/login/",
            "/desk/",
            "/api/v1/services",
            "/open311/v2/services.json",
        ):
            told = house.ask(server.url + path)
            assert told.status == 200 or house.is_calm_refusal(told), (path, told)
        told = house.ask(
            f"{server.url}/open311/v2/requests.json?jurisdiction_id=saltmere.example", house.REPORT
        )
        assert house.is_calm_refusal(told), told
        assert house.ask(f"{server.url}/health/live").status == 200

        own_postgresql.start_again()
        wait_until(lambda: server.health()["checks"]["database"] == "ok", what="it is well again by itself")
        house.at_work(people, 10)  # intake, relay, dispatcher and desks go on
        with ledger.postgresql_ledger(database) as question:
            ledger.every_acknowledged_contact_exists_once(question, promised)
            house.judge(question, people)
    wait_until(lambda: server.health()["status"] == "ok", seconds=30, what="all parts are well")
