"""Calls back through the real exchange: booked by key, the place kept, the agent first and then the number outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import BUSY, SipPhone

OFFERS = "442079460888"
LANGUAGES = "442079460889"
HOME_TONE = 520.0


@pytest.fixture(scope="module", autouse=True)
def menu(house: Exchange) -> None:
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


def latest(house: Exchange) -> dict[str, Any]:
    found = house.do("owed")
    return dict(found[-1]) if found else {}


def owed(house: Exchange, state: str, *, seconds: float = 20.0) -> dict[str, Any]:
    """Wait until the last call that is owed is in this state."""
    wait_until(
        lambda: latest(house).get("state") == state, seconds=seconds, every=0.05,
        what=f"the call back is {state}: {latest(house)}",
    )  # fmt: skip
    return latest(house)


def book(house: Exchange, caller: SipPhone) -> dict[str, Any]:
    """Call, take the offer, confirm the number that one calls from, and hang up."""
    count = len(house.do("owed"))
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(OFFERS, house.address)
    wait_until(
        lambda: caller.state == "talking" and abs(caller.sound(0.5)).max(initial=0) > 500, what="it speaks"
    )
    caller.press("1")
    wait_until(lambda: _asked_for_number(house), what="the number is read to them")
    caller.press("1")
    wait_until(lambda: len(house.do("owed")) > count, what="the call back is booked")
    wait_until(lambda: caller.state == "over", seconds=25, what="the menu says goodbye")
    house.reaches("callback")
    return latest(house)


def back(house: Exchange) -> None:
    """The agent is back from their break, in which the call back was booked."""
    house.do("presence", agent=house.agents[0], state="available")


def _asked_for_number(house: Exchange) -> bool:
    return stands_at(house, "which")


def stands_at(house: Exchange, phase: str) -> bool:
    """Whether the menu waits for this."""
    flow = house.call().get("flow") or {}
    return bool(flow.get("position", {}).get("phase") == phase)


def hear_each_other(home: SipPhone, desk: SipPhone) -> bool:
    return home.hears(AGENT_TONE) and desk.hears(HOME_TONE)


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
    wait_until(lambda: _asked_for_number(house), what="the number is read to them")
    caller.press("1")
    house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE) and desks[0].hears(CALLER_TONE), what="they hear each other")
    assert (owed(house, "reached")["outcome"], home.rang) == ("in_line", 0)
    assert house.reaches("talking")["contact_state"] == "connected", "the menu does not end the talk"


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


def test_a_call_back_that_is_called_off_leaves_the_line(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone]
) -> None:
    booked = book(house, caller)
    house.do("cancel_callback", callback=booked["id"])
    assert owed(house, "cancelled")["contact_state"] == "abandoned"
    assert house.reaches("ended")["reason"] == "cancelled"
    house.do("presence", agent=house.agents[0], state="available")
    assert (home.rang, house.do("positions", queue="general")) == (0, [])


@pytest.mark.parametrize("when", ["waiting", "agent_rings", "outside_rings", "answered_meanwhile", "talking"])
def test_a_killed_process_calls_nobody_twice_and_goes_on(
    house: Exchange, caller: SipPhone, home: SipPhone, desks: list[SipPhone], when: str
) -> None:
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
