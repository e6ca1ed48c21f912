"""Callers in a menu: keys pressed on a telephone, lines reached, messages left, and a restart in the middle."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, NUMBER, SECOND_TONE, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone

MENU = "442079460777"


@pytest.fixture(scope="module", autouse=True)
def menu(house: Exchange) -> None:
    """The town's menu answers a number of its own."""
    house.do("menu", number=f"+{MENU}")


def hears_the_menu(caller: SipPhone) -> bool:
    return caller.state == "talking" and abs(caller.sound(0.5)).max(initial=0) > 500


def pressed_or_left(house: Exchange, caller: SipPhone, key: str) -> bool:
    """Whether the call is out of the menu; if not, the key is pressed once more."""
    if house.call()["state"] != "ivr":
        return True
    caller.press(key)
    return False


@pytest.mark.parametrize(("key", "tone"), [("1", AGENT_TONE), ("2", SECOND_TONE)])
def test_a_key_leads_to_its_line(
    house: Exchange, caller: SipPhone, desks: list[SipPhone], key: str, tone: float
) -> None:
    caller.call(MENU, house.address)
    house.reaches("ivr", contact="received")
    wait_until(lambda: hears_the_menu(caller), what="the caller hears the menu")
    caller.press(key)
    house.reaches("talking")
    wait_until(lambda: caller.hears(tone), what="the one who was asked for answers")


def test_who_presses_nothing_hears_goodbye_and_the_call_ends(house: Exchange, caller: SipPhone) -> None:
    caller.call(MENU, house.address)
    wait_until(lambda: caller.state == "over", seconds=25, what="the call ends")
    assert house.reaches("ended", contact="closed")["reason"] == "flow_ended"


def test_a_menu_goes_on_where_it_was_after_a_kill(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    caller.call(MENU, house.address)
    house.reaches("ivr", contact="received")
    house.voice.kill()
    house.voice.start()
    house.wait_connected()
    # A key that falls between the two processes is lost, as between two sentences: people press again.
    wait_until(lambda: pressed_or_left(house, caller, "1"), seconds=25, every=1.0, what="the menu is left")
    house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE), what="they hear each other")


def test_a_message_becomes_work_of_its_line_with_the_recording(house: Exchange, caller: SipPhone) -> None:
    caller.call(MENU, house.address)
    wait_until(lambda: hears_the_menu(caller), what="the caller hears the menu")
    caller.press("9")
    folder = house.var / "voice/spool/messages"
    wait_until(
        lambda: any(file.stat().st_size > 20_000 for file in folder.glob("*.wav")),
        what="more than a second is recorded",
    )
    caller.hang_up()
    wait_until(lambda: not list(folder.glob("*.wav")), seconds=25, what="the message was taken")
    (message,) = house.do("messages")
    assert message["queue"] == "second"
    assert message["seconds"][0] > 1
    assert message["subject"] == "+442079460123"


def test_other_numbers_go_straight_into_the_line(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    caller.call(NUMBER, house.address)
    house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE), what="they hear each other")
