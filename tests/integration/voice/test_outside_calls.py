"""Numbers outside the house: reached from a menu or from the desk; what is barred is not dialled."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.owing import HOME_TONE, back, hear_each_other, owed
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import BUSY, SipPhone

ONWARD = "442079460666"
WATER = "+442079460321"


@pytest.fixture(scope="module", autouse=True)
def menus(house: Exchange) -> None:
    """One menu leads to a number at home, another one abroad."""
    house.do("outside_menu", number=f"+{ONWARD}", outside=WATER)
    house.do("calling_rule", offer_seconds=0, comfort_seconds=0, news_seconds=0)


def test_a_menu_connects_with_a_number_outside_and_goes_on_through_a_crash(
    house: Exchange, caller: SipPhone, home: SipPhone
) -> None:
    caller.call(ONWARD, house.address)
    wait_until(lambda: caller.hears(HOME_TONE) and home.hears(CALLER_TONE), what="they hear each other")
    assert house.call()["state"] == "outside"
    house.voice.kill()
    again(house)
    caller.deaf()
    wait_until(lambda: caller.hears(HOME_TONE), what="they go on hearing each other")
    home.hang_up()
    wait_until(lambda: caller.state == "over", what="the call ends")
    house.reaches("ended", contact="closed")


def test_who_is_not_reached_there_goes_on_in_the_menu(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.refuses = BUSY
    caller.call(ONWARD, house.address)
    house.reaches("talking")
    assert home.rang == 1
    wait_until(lambda: caller.hears(AGENT_TONE), what="the agent answers")


def test_an_agent_calls_from_the_desk_and_is_rung_first(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    desks[0].picks_up = None
    house.do("call_now", agent=house.agents[0], number=WATER)
    wait_until(lambda: desks[0].state == "ringing", what="the agent's own telephone rings")
    assert home.rang == 0
    desks[0].pick_up()
    wait_until(lambda: hear_each_other(home, desks[0]), what="they hear each other")
    call = house.reaches("talking", contact="connected")
    house.do("verb", name="hold", contact=call["contact"], agent=call["agent"])
    house.reaches("held")
    house.do("verb", name="resume", contact=call["contact"], agent=call["agent"])
    house.reaches("talking")
    house.do("verb", name="hang_up", contact=call["contact"], agent=call["agent"])
    wait_until(lambda: home.state == "over", what="it is over")
    house.reaches("wrapup", contact="wrap_up")


def test_nobody_answers_a_call_from_the_desk_and_the_agent_notes_it(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    home.refuses = BUSY
    house.do("call_now", agent=house.agents[0], number=WATER)
    found = owed(house, "given_up")
    assert (found["outcome"], found["contact_state"], found["tries"]) == ("busy", "wrap_up", 1)


@pytest.mark.parametrize(("number", "code"), [("+33123456789", "abroad"), ("+449012345678", "costs extra")])
def test_what_may_not_be_called_is_refused_in_words(house: Exchange, number: str, code: str) -> None:
    with pytest.raises(AssertionError, match=code):
        house.do("call_now", agent=house.agents[0], number=number)


def test_whoever_asked_not_to_be_called_is_not(house: Exchange, home: SipPhone) -> None:
    house.do("bar", number="+442079460555")
    with pytest.raises(AssertionError, match="do-not-call"):
        house.do("call_now", agent=house.agents[0], number="020 7946 0555")


def test_a_planned_call_is_offered_at_its_time_to_whoever_agreed(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("plan_in", agent=house.agents[0], number=WATER, seconds=2.5)
    assert owed(house, "planned")["contact"] == ""
    wait_until(lambda: hear_each_other(home, desks[0]), what="at its time they hear each other")
    assert owed(house, "reached")["tries"] == 1


def test_a_full_line_offers_a_call_back_or_takes_a_message_and_is_never_busy(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("presence", agent=house.agents[0], state="break")
    house.do("queue_takes", most=0)
    wait_until(
        lambda: _comes_into_a_menu(house, caller), seconds=25, every=1.0, what="it is known to be full"
    )
    assert house.call()["flow"]["position"]["node"] == "offer"
    house.do("queue_takes")
    caller.hang_up()
    house.reaches("ended")
    back(house)


def _comes_into_a_menu(house: Exchange, caller: SipPhone) -> bool:
    """What is known of lines and numbers is some seconds old: call until it is as it should be."""
    if caller.state != "talking":
        caller.call(NUMBER, house.address)
        wait_until(lambda: caller.state == "talking", what="it is answered")
    call = house.call()
    if call.get("state") == "ivr":
        return bool(call["flow"]) and call["flow"]["position"]["node"] == "offer"
    if call.get("state") == "queued":
        caller.hang_up()
    return False
