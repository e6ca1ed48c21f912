"""One room for all calls with browsers: its parts are real, and take seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.call_room import CallRoom, call_room
from tests.exchange import CALLER_TONE
from tests.own_network import NoNetwork
from tests.servers import wait_until
from tests.sip_phone import SipPhone


@pytest.fixture(scope="module")
def room(asterisk: None, tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[CallRoom]:
    """Civicline, its exchange, two desk phones and a browser, in a network of their own."""
    try:
        with call_room(tmp_path_factory.mktemp("room"), browser) as furnished:
            yield furnished
    except NoNetwork as trouble:
        pytest.skip(str(trouble))


@pytest.fixture(autouse=True)
def _between_calls(room: CallRoom) -> Iterator[None]:
    """After each test everybody is free again, and nothing may be left in the exchange."""
    house = room.house
    house.before = len(house.do("calls"))
    yield
    room.empty()
    for desk in room.desks:
        desk.hang_up()
        desk.state, desk.picks_up, desk.refuses = "idle", 0.1, 0
    wait_until(house.empty, seconds=80, what="nothing is left in the exchange")
    for call in house.do("calls"):
        if call["contact_state"] in ("wrap_up", "connected"):
            house.do("complete", contact=call["contact"], agent=call["agent"])
    for agent in house.agents:
        if house.do("presence", agent=agent) != "available":
            house.do("presence", agent=agent, state="available")


@pytest.fixture
def caller(room: CallRoom) -> Iterator[SipPhone]:
    """Somebody with a telephone outside."""
    phone = SipPhone("127.0.0.2", CALLER_TONE, name="caller")
    yield phone
    phone.close()


@pytest.fixture
def agent(room: CallRoom) -> Iterator[str]:
    """The agent of the first line, whose calls ring in the browser."""
    agent = room.house.agents[0]
    room.house.do("rings_in", agent=agent, kind="browser")
    yield agent
    room.house.do("rings_in", agent=agent, kind="sip")


@pytest.fixture
def signing_agent(room: CallRoom) -> Iterator[str]:
    """An agent who signs, with a camera in the browser."""
    agent = room.house.agents[0]
    room.house.do("offers_video", queue="general")
    room.house.do("rings_in", agent=agent, kind="browser")
    room.house.do("signs", agent=agent)
    room.house.do("takes_video", agent=agent)
    yield agent
    room.house.do("takes_video", agent=agent, wanted=False)
    room.house.do("signs", agent=agent, level=None)
    room.house.do("rings_in", agent=agent, kind="sip")
