"""Whoever is owed a call and rings again: they hear of it, and wait on the line, keep it or call it off."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.owing import OFFERS, back, book, owed, stands_at
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import SipPhone

pytestmark = pytest.mark.usefixtures("callback_menu")


def rings_again(house: Exchange, caller: SipPhone, key: str, number: str = OFFERS) -> None:
    """Call once more from the same number, hear of the call that is owed, and press a key."""
    caller.call(number, house.address)
    wait_until(lambda: stands_at(house, "owed"), what="they hear of it")
    caller.press(key)


@pytest.mark.parametrize("killed", [False, True], ids=["", "killed"])
def test_who_rings_again_waits_on_the_line_at_the_place_they_have(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone], killed: bool
) -> None:
    booked = book(house, caller)
    later = SipPhone("127.0.0.2", 610.0, name="later")
    later.call(NUMBER, house.address, caller="+442079460124")
    wait_until(lambda: len(house.do("positions", queue="general")) == 2, what="somebody came later")
    rings_again(house, caller, "3")
    wait_until(lambda: house.do("calls")[-1]["reason"] == "rejoined", what="they wait on the line")
    if killed:
        house.voice.kill()
        again(house)
    assert house.do("positions", queue="general")[0] == booked["contact"], "the place is kept"
    later.close()
    back(house)
    wait_until(lambda: caller.hears(AGENT_TONE) and desks[0].hears(CALLER_TONE), what="they hear each other")
    assert (owed(house, "reached")["outcome"], home.rang) == ("in_line", 0)
    names = house.do("events", contact=booked["contact"])
    assert names.index("call.to_be_called") < names.index("call.rejoined") < names.index("call.talking")
    caller.hang_up()


def test_who_rings_again_keeps_it_or_calls_it_off(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    booked, count = book(house, caller), len(house.do("owed"))
    rings_again(house, caller, "1")
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    assert house.do("positions", queue="general") == [booked["contact"]]
    rings_again(house, caller, "2")
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    assert owed(house, "cancelled")["contact_state"] == "abandoned"
    assert (len(house.do("owed")), home.rang, house.do("positions", queue="general")) == (count, 0, [])


def test_a_number_without_a_menu_tells_them_too_and_again_after_a_kill(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    booked, count = book(house, caller), len(house.do("owed"))
    # Who is owed a call is known to the line some seconds later.
    wait_until(lambda: _hears_of_it(house, caller), seconds=30, every=0.5, what="they hear of it")
    house.voice.kill()
    again(house)
    wait_until(lambda: _waits_on(house, caller), seconds=30, every=2.0, what="they wait on the line")
    assert (house.do("positions", queue="general"), len(house.do("owed"))) == ([booked["contact"]], count)
    back(house)
    wait_until(lambda: caller.hears(AGENT_TONE) and desks[0].hears(CALLER_TONE), what="they hear each other")
    assert (owed(house, "reached")["outcome"], home.rang) == ("in_line", 0)
    caller.hang_up()


def _waits_on(house: Exchange, caller: SipPhone) -> bool:
    """Whether they wait on the line; else they press the key for it, until somebody listens again."""
    if house.do("calls")[-1]["reason"] == "rejoined":
        return True
    caller.press("3")
    return False


def _hears_of_it(house: Exchange, caller: SipPhone) -> bool:
    """Ring the number without a menu; whoever is put into the line instead hangs up and rings again."""
    if caller.state != "talking":
        caller.call(NUMBER, house.address)
        wait_until(lambda: caller.state == "talking", what="it answers")
        wait_until(
            lambda: house.call()["state"] == "queued" or stands_at(house, "owed"), what="it is settled"
        )
    if house.call()["state"] == "queued":
        caller.hang_up()
    return stands_at(house, "owed")
