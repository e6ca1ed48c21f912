"""Redis is gone for a minute under a scaled-out town: slower hints, nothing lost, and the truth on the health page."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.integration.chaos import ledger, storm
from tests.integration.chaos.load import crowd
from tests.integration.system import house
from tests.servers import Civicline, PostgreSQL, Redis, wait_until

MakeServer = Callable[..., Civicline]
GONE_SECONDS = 60.0
HINTED_SECONDS = 4.0
"""Desks look by themselves every five seconds: what is on them sooner was brought by a hint."""


def test_redis_may_go_for_a_minute_and_come_back(make_server: MakeServer, postgresql: PostgreSQL) -> None:
    database, redis = postgresql.make_database("without_redis"), Redis.start()
    settings = house.SETTINGS | {"CIVICLINE_DATABASE_URL": database, "CIVICLINE_REDIS_URL": redis.url}
    first = make_server(start=False, environment=settings)
    first.run("migrate")
    first.run("demo", "--robots", str(len(house.ROBOTS)))
    parts = [
        make_server(start=False, role=role, environment=settings).start(wait=False)
        for role in ("web", "dispatch", "work")
    ]
    for part in parts:
        wait_until(part.is_ready, seconds=90, what=f"{part.role} is ready")
    web = parts[0]
    with ledger.postgresql_ledger(database) as question:
        storm.quiet_before(question)
    try:
        with (
            crowd([web.url], house.ROBOTS, per_second=house.PER_SECOND, seed=2) as people,
            ledger.postgresql_ledger(database) as question,
        ):
            people.come()
            house.at_work(people)
            redis.stop()
            gone = time.monotonic()
            for part in parts:
                health = part.health()
                assert (health["status"], house.state_of(health, "redis")) == ("degraded", "does not answer")
                assert house.state_of(health, "database") == "ok"
            house.at_work(people, 10)  # also without hints
            for path in ("/en/", "/chat/", "/accounts/login/", "/api/v1/services"):
                assert house.ask(web.url + path).status == 200, path
            wait_until(
                lambda: time.monotonic() - gone > GONE_SECONDS,
                seconds=2 * GONE_SECONDS,
                what="Redis has been gone for a minute, and people went on coming",
            )

            redis = Redis.start(redis.port)
            for part in parts:
                wait_until(
                    lambda part=part: part.health()["checks"]["redis"] == "ok", what=f"{part.role} is well"
                )
            wait_until(
                lambda: "Redis is back" in web.log.read_text(),
                seconds=30,
                what="everybody reads the truth again",
            )
            house.at_work(people, 10)
            house.judge(question, people)
            assert max(people.hand_over_one() for _ in range(3)) < HINTED_SECONDS
    finally:
        redis.stop()
