"""One exchange for all tests of a module: it is real, and takes seconds to start.

`house` has two desks; `office` three, a line to somebody outside, and what is needed for more than two in a call.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import _served
from tests.exchange import AGENT_TONE, CALLER_TONE, OFFER_S, SECOND_TONE, Exchange
from tests.integration.voice.office import Built, Office, built, cleared, new_caller
from tests.integration.voice.owing import HOME_TONE, OFFERS
from tests.servers import wait_until
from tests.sip_phone import SipPhone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long in one piece begin first, so that nobody waits for them at the end."""
    items.sort(key=lambda item: not getattr(getattr(item, "module", None), "BEGINS_FIRST", False))


@pytest.fixture(scope="session", autouse=True)
def _with_asterisk(asterisk: None) -> None:
    """All of it is about a real one."""


@pytest.fixture(scope="module")
def desks() -> Iterator[list[SipPhone]]:
    """Two desk phones: the first for the first line, the second for the other one."""
    phones = [
        SipPhone("127.0.0.3", AGENT_TONE, name="desk-1"),
        SipPhone("127.0.0.3", SECOND_TONE, name="desk-2"),
    ]
    yield phones
    for phone in phones:
        phone.close()


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, desks: list[SipPhone], redis_server: servers.Redis
) -> Iterator[Exchange]:
    """Civicline and its Asterisk: one process on SQLite, a voice process of its own on PostgreSQL."""
    var: Path = tmp_path_factory.mktemp("exchange") / "var"
    database = _served(f"voice_{os.urandom(4).hex()}")
    exchange = Exchange(
        var, database=database, redis=redis_server.url,
        options={"CIVICLINE_VOICE_RECORDING": "always"},
    )  # fmt: skip
    try:
        exchange.agents = exchange.start(
            agents=2, ports=[phone.port for phone in desks], offer_seconds=OFFER_S
        )
        yield exchange
    finally:
        exchange.stop()


@pytest.fixture
def caller(house: Exchange, desks: list[SipPhone]) -> Iterator[SipPhone]:
    """A caller; after the test everybody is free again, and nothing may be left in the exchange."""
    house.before = len(house.do("calls"))
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="caller")
    yield phone
    phone.close()
    for desk in desks:
        desk.hang_up()
        desk.state, desk.picks_up, desk.refuses = "idle", 0.1, 0
    wait_until(house.empty, seconds=20, what="nothing is left in the exchange")
    wait_until(lambda: _all_completed(house), what="nothing is in anybody's hand")
    for agent in house.agents:
        if house.do("presence", agent=agent) != "available":
            house.do("presence", agent=agent, state="available")


@pytest.fixture(scope="module")
def callback_menu(house: Exchange) -> None:
    """A number whose menu offers to call back, and a rule that does not wait for minutes."""
    house.do("callback_menu", number=f"+{OFFERS}")
    house.do("calling_rule")


@pytest.fixture
def home(house: Exchange) -> Iterator[SipPhone]:
    """What rings when the town calls out: the other end of its line to the network."""
    phone = SipPhone("127.0.0.2", HOME_TONE, port=house.network_port, name="home")
    yield phone
    phone.close()
    for one in house.do("owed"):
        if one["state"] in ("waiting", "resting", "planned"):
            house.do("cancel_callback", callback=one["id"])


@pytest.fixture
def own_rule(house: Exchange) -> Iterator[None]:
    """A test that changes what is recorded; after it the rule is again as it was."""
    yield
    house.do("rule", queue="general", mode="")


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory, redis_server: servers.Redis) -> Iterator[Built]:
    """The exchange, the desks, and somebody outside."""
    yield from built(tmp_path_factory, redis_server)


@pytest.fixture
def office(building: Built) -> Iterator[Office]:
    """The people of the building and a new caller; after the test everybody is free again."""
    house, desks, network = building
    house.before = len(house.do("calls"))
    network.rang = 0
    found = Office(house, desks, network, new_caller())
    yield found
    cleared(found)


def _all_completed(house: Exchange) -> bool:
    """Complete what is in hand; whether nothing is any more. The end of a call may be on its way at this moment."""
    found = [one for one in house.do("calls") if one["contact_state"] in ("wrap_up", "connected")]
    for call in found:
        with contextlib.suppress(AssertionError):
            house.do("complete", contact=call["contact"], agent=call["agent"])
    return not found
