"""The machine's clock is set an hour on, and back again, under a running house: its own time goes on as before."""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.chaos import at_rest, ledger, storm
from tests.integration.chaos.load import crowd
from tests.integration.system import house
from tests.servers import Civicline, PartMissing, wait_until

MakeServer = Callable[..., Civicline]
LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
HOUR = 3600


class Hands:
    """The hands of the wall clock that one process sees; its monotonic clock is the machine's own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, seconds: int) -> None:
        """Set the clock so many seconds before the truth (+) or behind it (-), as an operator does: at once."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{seconds:+d}\n", encoding="utf-8")
        written.replace(self._file)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to see them. Raises `PartMissing`."""
        found = [path for pattern in LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))]
        if not found:
            raise PartMissing("libfaketime is not installed here; on Debian: apt-get install libfaketime")
        return {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else waits by the monotonic clock end at once, and threads that want the interpreter fight for it.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }


def _offers(question: ledger.Ask, condition: str) -> int:
    ((count,),) = question(f"SELECT count(*) FROM routing_offer WHERE {condition}")  # noqa: S608 -- ours
    return int(count)


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    """The clock of the server under test."""
    return Hands(tmp_path / "clock")


def _ring_for(file: Path, seconds: int) -> None:
    """Offers ring long enough for everything here, and shorter than the clock jumps."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE routing_queue SET offer_seconds = ?", (seconds,))


def _times_set(server: Civicline) -> int:
    return len(re.findall("dispatcher.clock_set", server.log.read_text(encoding="utf-8")))


def test_a_clock_that_jumps_takes_nothing_from_anybody(make_server: MakeServer, hands: Hands) -> None:
    try:
        environment = house.SETTINGS | hands.environment
    except PartMissing as missing:
        pytest.skip(str(missing))
    server = at_rest.lay_out(make_server(start=False, environment=environment))
    file = server.var / "civicline.sqlite3"
    _ring_for(file, HOUR // 4)
    server.start()
    with ledger.sqlite_ledger(file) as question:
        storm.quiet_before(question)
    with (
        crowd([server.url], house.ROBOTS, per_second=house.PER_SECOND, seed=6) as people,
        ledger.sqlite_ledger(file) as question,
    ):
        people.come()
        house.at_work(people)
        ((broken,),) = question("SELECT count(*) FROM kernel_event WHERE name = 'case.sla_breached'")
        people.hold_offers()
        wait_until(lambda: _offers(question, "state = 'open'") >= 3, seconds=60, what="offers ring")
        for number, seconds in enumerate((HOUR, 0, -HOUR, 0), 1):
            hands.set(seconds)
            wait_until(
                lambda number=number: _times_set(server) == number, seconds=30, what="the jump is seen"
            )
            assert _offers(question, "state = 'open'") >= 3, "they ring on"
        assert _offers(question, "state = 'timed_out'") == 0
        people.answer_offers()
        house.at_work(people, 10)  # relay, jobs, dispatcher and deliveries wait for no wrong hour
        house.judge(question, people)
        assert question("SELECT count(*) FROM kernel_event WHERE name = 'case.sla_breached'") == [(broken,)]
        returned = "SELECT count(*) FROM kernel_event WHERE name = 'contact.returned_to_queue'"
        assert question(returned) == [(0,)]
        # Their order is told by their numbers: the clock was set back, the log was not.
        rows = question("SELECT seq, at FROM kernel_event ORDER BY seq")
        assert any(later[1] < earlier[1] for earlier, later in itertools.pairwise(rows))
        moments = "SELECT contact_id, {}(seq) FROM kernel_event WHERE name = '{}' GROUP BY 1"
        beginnings = dict(question(moments.format("min", "contact.received")))
        ends = dict(question(moments.format("max", "contact.closed")))
        assert all(beginnings[contact] < seq for contact, seq in ends.items() if contact in beginnings)
