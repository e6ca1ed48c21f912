"""The disk is full: people are told that nothing was saved; with room again all goes on, and nothing is lost."""

from __future__ import annotations

import resource
from collections.abc import Callable

from tests.integration.chaos import at_rest, ledger
from tests.integration.chaos.load import crowd
from tests.integration.system import house
from tests.servers import Civicline, wait_until

MakeServer = Callable[..., Civicline]
ROOM = 64_000  # bytes a file may have: less than the database needs for its next pages


def _room(server: Civicline, size: int) -> None:
    """How large the server's files may become, as by a quota: the kernel refuses what is more."""
    assert server.process is not None
    _soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_full_disk_is_told_and_with_room_again_all_goes_on(make_server: MakeServer) -> None:
    server = at_rest.lay_out(make_server(start=False, environment=house.SETTINGS)).start()
    address = f"{server.url}/open311/v2/requests.json?jurisdiction_id=saltmere.example"
    with crowd([server.url], house.ROBOTS, per_second=house.PER_SECOND, seed=5) as people:
        people.come()
        house.at_work(people)
        _room(server, ROOM)
        told = wait_until(
            lambda: (now := house.ask(address, house.REPORT)).status != 200 and now, what="it is full"
        )
        assert house.is_calm_refusal(told), told
        assert "no room left" in told.body
        assert house.ask(f"{server.url}/en/").status == 200  # reading goes on
        health = server.health()
        assert (health["status"], house.state_of(health, "writes")) == (
            "degraded",
            "refused of late: the disk is full",
        )
        _room(server, resource.RLIM_INFINITY)
        house.at_work(people, 10)
        with ledger.sqlite_ledger(server.var / "civicline.sqlite3") as question:
            assert question("PRAGMA integrity_check") == [("ok",)]
            house.judge(question, people)
    wait_until(lambda: server.health()["status"] == "ok", seconds=30, what="all parts are well")
