"""`kill -9` of the process that drives the exchange while a call is owed: nobody is called twice."""

from __future__ import annotations

import pytest

from tests.exchange import OFFER_S, Exchange
from tests.integration.voice.owing import book, hear_each_other, owed
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import SipPhone

pytestmark = pytest.mark.usefixtures("callback_menu")


@pytest.mark.parametrize("when", ["waiting", "agent_rings", "outside_rings", "answered_meanwhile", "talking"])
def test_a_killed_process_calls_nobody_twice_and_goes_on(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone], when: str
) -> None:
    house.do("calling_rule", ring_seconds=OFFER_S)  # or it rings no more when the next process comes
    book(house, caller)
    desks[0].picks_up = None if when == "agent_rings" else 0.1
    home.picks_up = None if when in ("outside_rings", "answered_meanwhile") else 0.1
    if when != "waiting":
        house.do("presence", agent=house.agents[0], state="available")
    if when == "agent_rings":
        wait_until(lambda: desks[0].state == "ringing", what="the agent's telephone rings")
    elif when in ("outside_rings", "answered_meanwhile"):
        wait_until(lambda: home.state == "ringing", what="it rings at home")
    elif when == "talking":
        wait_until(lambda: hear_each_other(home, desks[0]), what="they hear each other")
    house.voice.kill()
    if when == "answered_meanwhile":
        home.pick_up()
        wait_until(lambda: home.state == "talking", what="home was picked up")
    again(house)
    house.do("presence", agent=house.agents[0], state="available")
    if when == "agent_rings":
        desks[0].picks_up = 0.1
        desks[0].pick_up()
    home.pick_up()
    wait_until(lambda: hear_each_other(home, desks[0]), seconds=30, what="they hear each other")
    assert home.rang == 1, "nobody was called twice"
    assert owed(house, "reached")["tries"] == 1
