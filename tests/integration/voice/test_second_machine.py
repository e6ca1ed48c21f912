"""Two machines, each with an Asterisk and a voice process, on one database: one works, the other waits.

Here the machines are two folders and two sets of ports; a machine that dies is all of its processes, killed at once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import _served
from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.test_killed import again
from tests.servers import Civicline, wait_until
from tests.sip_phone import SipPhone

BEGINS_FIRST = True


@pytest.fixture(scope="module")
def desk() -> Iterator[SipPhone]:
    phone = SipPhone("127.0.0.3", AGENT_TONE, name="desk")
    yield phone
    phone.close()


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, desk: SipPhone, redis_server: servers.Redis
) -> Iterator[tuple[Exchange, Exchange]]:
    folder: Path = tmp_path_factory.mktemp("machines")
    served = _served(f"machines_{os.urandom(4).hex()}")
    redis = redis_server.url
    first = Exchange(folder / "first", database=served, redis=redis)
    same = served or {"CIVICLINE_DATABASE_URL": f"sqlite:///{first.var / 'civicline.sqlite3'}"}
    second = Exchange(folder / "second", database=same, redis=redis)
    role = "voice" if served else "all"
    second.servers = [Civicline(second.var, role=role, environment=second.environment)]
    try:
        first.agents = first.start(agents=1, ports=[desk.port])
        second.voice.start()
        wait_until(lambda: exchange_of(second), seconds=30, what="the second exchange runs")
        yield first, second
    finally:
        second.stop()
        first.stop()


@pytest.fixture
def caller(machines: tuple[Exchange, Exchange], desk: SipPhone) -> Iterator[SipPhone]:
    first, _second = machines
    first.before = len(first.do("calls"))
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="caller")
    yield phone
    phone.close()
    desk.hang_up()
    desk.state = "idle"


def exchange_of(machine: Exchange) -> int | None:
    """The process of this machine's Asterisk."""
    from civicline.channels.voice.asterisk import process

    return process.running((machine.var / "voice").absolute())


def drives(machine: Exchange) -> bool:
    """Whether this machine's process follows calls now."""
    log = machine.voice.log.read_text()
    return log.count("voice.active") > log.count("voice.lease_lost") and "voice.reconciled" in log


def talks(machine: Exchange, town: Exchange, caller: SipPhone, desk: SipPhone) -> dict[str, str]:
    """A call over this machine in which both hear each other."""
    caller.call(NUMBER, machine.address)
    call = town.reaches("talking", seconds=30)
    wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="both hear each other")
    return call


def free(town: Exchange, contact: str) -> None:
    """The agent wraps up and is there for the next one."""
    now = next(one for one in town.do("calls") if one["contact"] == contact)
    if now["contact_state"] == "wrap_up":
        town.do("complete", contact=contact, agent=town.agents[0])
    if town.do("presence", agent=town.agents[0]) != "available":
        town.do("presence", agent=town.agents[0], state="available")


def test_a_process_that_is_killed_comes_again_before_the_other_machine_takes_its_calls_for_lost(
    machines: tuple[Exchange, Exchange], caller: SipPhone, desk: SipPhone
) -> None:
    first, second = machines
    call = talks(first, first, caller, desk)
    first.voice.kill()
    again(first)
    assert "voice.active" not in second.voice.log.read_text()
    desk.deaf()
    wait_until(lambda: desk.hears(CALLER_TONE), what="they go on talking")
    assert first.call()["id"] == call["id"]
    assert first.call()["state"] == "talking"
    caller.hang_up()
    first.reaches("wrapup", contact="wrap_up")
    free(first, call["contact"])


def test_when_the_first_machine_dies_the_second_serves_the_next_callers(
    machines: tuple[Exchange, Exchange], caller: SipPhone, desk: SipPhone
) -> None:
    first, second = machines
    lost = talks(first, first, caller, desk)
    asterisk = exchange_of(first)
    assert asterisk is not None
    first.voice.kill()
    os.kill(asterisk, signal.SIGKILL)
    wait_until(lambda: drives(second), seconds=60, what="the second machine is at work")
    wait_until(
        lambda: (
            next(one for one in first.do("calls") if one["id"] == lost["id"])["state"] in ("wrapup", "ended")
        ),
        what="the call that died with its exchange is over",
    )
    caller.hang_up()
    desk.hang_up()
    free(first, lost["contact"])
    first.before = len(first.do("calls"))
    desk.state = "idle"
    wait_until(lambda: caller.state == "over", what="the caller has put the telephone down")
    call = talks(second, first, caller, desk)
    assert call["id"] != lost["id"]
    caller.hang_up()
    first.reaches("wrapup", contact="wrap_up")
    free(first, call["contact"])
