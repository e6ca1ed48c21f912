"""Calls back through the real exchange: booked by key, the place kept, the agent first and then the number outside."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.owing import (
    OFFERS,
    asked_for_number,
    back,
    book,
    hear_each_other,
    owed,
    stands_at,
)
from tests.servers import wait_until
from tests.sip_phone import SipPhone

pytestmark = pytest.mark.usefixtures("callback_menu")
LANGUAGES = "442079460889"


def test_the_place_is_kept_the_agent_rings_first_and_both_hear_each_other(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    first = book(house, caller)
    later = SipPhone("127.0.0.2", CALLER_TONE, name="later")
    later.call(NUMBER, house.address, caller="+442079460124")
    wait_until(lambda: len(house.do("positions", queue="general")) == 2, what="somebody came later")
    assert house.do("positions", queue="general")[0] == first["contact"], "the place is kept"
    assert home.rang == 0, "no number rings without an agent"
    desks[0].picks_up = None
    house.do("presence", agent=house.agents[0], state="available")
    wait_until(lambda: desks[0].state == "ringing", what="the agent's telephone rings")
    assert home.rang == 0, "nobody outside rings before the agent has picked up"
    desks[0].pick_up()
    wait_until(lambda: hear_each_other(home, desks[0]), what="they hear each other")
    assert home.rang == 1
    assert owed(house, "reached")["tries"] == 1
    names = house.do("events", contact=first["contact"])
    later.close()
    told = [name for name in names if name.startswith(("callback.", "call.d", "call.t"))]
    assert told == [
        "callback.asked", "callback.told", "call.to_be_called", "callback.dialled", "call.dialled",
        "callback.reached", "call.talking",
    ]  # fmt: skip
    home.hang_up()
    wait_until(lambda: desks[0].state == "over", what="the agent hears that it is over")


def test_another_number_is_typed_read_back_and_called(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(OFFERS, house.address)
    for phase, keys in (("offer", "1"), ("which", "2"), ("number", "02079460321#"), ("confirm", "1")):
        wait_until(lambda phase=phase: stands_at(house, phase), what=f"it asks: {phase}")  # type: ignore[misc]
        caller.press(keys)
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    assert owed(house, "waiting")["number"] == "+442079460321"
    back(house)
    wait_until(lambda: hear_each_other(home, desks[0]), what="they hear each other")


@pytest.mark.parametrize(("key", "language"), [("1", "en"), ("2", "es"), ("3", "ar")])
def test_in_each_language_it_is_offered_booked_and_kept_with_the_call(
    house: Exchange, caller: SipPhone, home: SipPhone, key: str, language: str
) -> None:
    house.do("callback_menu", number=f"+{LANGUAGES}", languages=["en", "es", "ar"], code="languages")
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(LANGUAGES, house.address)
    wait_until(
        lambda: (house.call().get("flow") or {}).get("position", {}).get("node") == "language", what="it asks"
    )
    for phase, pressed in (("", key), ("offer", "1"), ("which", "1")):
        if phase:
            wait_until(lambda phase=phase: stands_at(house, phase), what=f"it asks: {phase}")  # type: ignore[misc]
        caller.press(pressed)
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    assert owed(house, "waiting")["language"] == language
    assert "call.no_voice" not in house.voice.log.read_text(), "every sentence was said"


def test_who_books_while_somebody_is_free_is_talked_to_at_once(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    caller.call(OFFERS, house.address)
    house.reaches("ivr")
    caller.press("1")
    wait_until(lambda: asked_for_number(house), what="the number is read to them")
    caller.press("1")
    house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE) and desks[0].hears(CALLER_TONE), what="they hear each other")
    assert (owed(house, "reached")["outcome"], home.rang) == ("in_line", 0)
    assert house.reaches("talking")["contact_state"] == "connected", "the menu does not end the talk"


def test_a_call_back_that_is_called_off_leaves_the_line(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    booked = book(house, caller)
    house.do("cancel_callback", callback=booked["id"])
    assert owed(house, "cancelled")["contact_state"] == "abandoned"
    assert house.reaches("ended")["reason"] == "cancelled"
    house.do("presence", agent=house.agents[0], state="available")
    assert (home.rang, house.do("positions", queue="general")) == (0, [])
