"""Calls back that do not reach anybody at once: busy, unanswered, given up, or stopped by the agent."""

from __future__ import annotations

import pytest

from tests.exchange import Exchange
from tests.integration.voice.owing import back, book, hear_each_other, owed
from tests.servers import wait_until
from tests.sip_phone import BUSY, SipPhone

pytestmark = pytest.mark.usefixtures("callback_menu")


def test_a_busy_number_is_tried_again_and_the_agent_is_free_meanwhile(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.refuses = BUSY
    book(house, caller)
    back(house)
    resting = owed(house, "resting")
    assert (resting["outcome"], resting["contact_state"]) == ("busy", "parked")
    wait_until(lambda: desks[0].state == "over", what="the agent's telephone is free")
    home.refuses = 0
    found = owed(house, "reached")
    assert found["tries"] >= 2
    wait_until(lambda: hear_each_other(home, desks[0]), what="they hear each other")


def test_after_the_last_try_it_is_given_up_and_the_log_says_why(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.refuses = BUSY
    house.do("calling_rule", tries=2)
    booked = book(house, caller)
    back(house)
    found = owed(house, "given_up")
    house.do("calling_rule")
    assert (found["tries"], found["outcome"], found["contact_state"]) == (2, "busy", "abandoned")
    assert home.rang == 2
    assert house.reaches("ended")["reason"] == "unreached"
    assert "callback.given_up" in house.do("events", contact=booked["contact"])


def test_nobody_answers_and_the_ringing_ends_by_rule(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.picks_up = None
    house.do("calling_rule", ring_seconds=2, pause_seconds=60)
    book(house, caller)
    back(house)
    found = owed(house, "resting")
    house.do("calling_rule")
    assert (found["outcome"], found["tries"]) == ("no_answer", 1)
    wait_until(lambda: home.state == "over", what="it rings no more")


def test_an_agent_who_puts_the_telephone_down_stops_the_ringing_outside(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.picks_up = None
    house.do("calling_rule", busy_seconds=60)
    book(house, caller)
    back(house)
    wait_until(lambda: home.state == "ringing", what="it rings at home")
    desks[0].hang_up()
    wait_until(lambda: home.state == "over", what="it rings no more")
    house.do("calling_rule")
    assert owed(house, "resting")["outcome"] == "agent_left"
