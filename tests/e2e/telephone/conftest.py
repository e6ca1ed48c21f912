"""One room for all calls with browsers: its parts are real, and take seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.call_room import CallRoom, call_room
from tests.own_network import NoNetwork
from tests.servers import wait_until


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
