"""`kill -9` of the process that drives the exchange, in each state of a call: it goes on, and is found again."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.servers import wait_until
from tests.sip_phone import SipPhone


def hear_each_other(caller: SipPhone, desk: SipPhone) -> bool:
    return caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE)


def again(house: Exchange) -> None:
    """The process is started again, and holds the exchange."""
    taken_up = house.voice.log.read_text().count("voice.reconciled")
    house.voice.start()
    house.wait_connected()
    wait_until(
        lambda: house.voice.log.read_text().count("voice.reconciled") > taken_up,
        seconds=60,
        every=0.05,
        what="all calls are taken up",
    )


def test_a_talk_goes_on_without_us_and_its_end_is_noted(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    caller.call(NUMBER, house.address)
    call = house.reaches("talking")
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they hear each other")
    house.voice.kill()
    caller.deaf()
    desks[0].deaf()
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they go on hearing each other")
    again(house)
    assert house.call()["id"] == call["id"]
    assert house.call()["state"] == "talking"
    desks[0].hang_up()
    wait_until(lambda: caller.state == "over", what="the end reaches the caller")
    house.reaches("wrapup", contact="wrap_up")


def test_who_hung_up_while_nobody_listened_is_gone_afterwards(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    caller.call(NUMBER, house.address)
    house.reaches("talking")
    house.voice.kill()
    caller.hang_up()
    again(house)
    house.reaches("wrapup", contact="wrap_up")
    wait_until(lambda: desks[0].state == "over", what="the agent's leg, left over, is ended")


def test_who_waits_goes_on_waiting_at_their_place(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(NUMBER, house.address)
    before = house.reaches("queued", contact="queued")
    # Written down is not answered yet: whoever dies in between leaves a caller who hears nothing until the next one.
    wait_until(lambda: abs(caller.sound(0.5)).sum() > 0, what="the caller hears music")
    house.voice.kill()
    caller.deaf()
    wait_until(lambda: abs(caller.sound(0.5)).sum() > 0, what="the music goes on")
    again(house)
    house.do("presence", agent=house.agents[0], state="available")
    after = house.reaches("talking", seconds=25)
    assert (after["id"], after["queued_at"]) == (before["id"], before["queued_at"])
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they hear each other")


@pytest.mark.parametrize("picked_up", ["before", "meanwhile"])
def test_what_rings_is_answered_once_somebody_listens_again(
    house: Exchange, caller: SipPhone, desks: list[SipPhone], picked_up: str
) -> None:
    desks[0].picks_up = None
    caller.call(NUMBER, house.address)
    house.reaches("offered")
    wait_until(lambda: desks[0].state == "ringing", what="the desk rings")
    house.voice.kill()
    if picked_up == "meanwhile":
        desks[0].pick_up()
        wait_until(lambda: desks[0].state == "talking", what="the desk was picked up")
    again(house)
    if picked_up == "before":
        desks[0].pick_up()
    house.reaches("talking", seconds=25)
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they hear each other")


def test_who_picked_up_while_nobody_listened_has_the_call_and_is_not_rung_again(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    desks[0].picks_up = None
    caller.call(NUMBER, house.address)
    call = house.reaches("offered")
    wait_until(lambda: desks[0].state == "ringing", what="the desk rings")
    house.voice.kill()
    desks[0].pick_up()
    wait_until(lambda: desks[0].state == "talking", what="the desk was picked up")
    house.do("time_is_up", contact=call["contact"])  # before anybody heard that they had
    again(house)
    after = house.reaches("talking", seconds=25, contact="connected")
    assert (after["id"], after["agent"]) == (call["id"], call["agent"])
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they hear each other")
    assert desks[0].state == "talking"
    house.voice.kill()
    again(house)  # and it is found by the same leg again
    assert house.call()["state"] == "talking"
    caller.deaf()
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they go on hearing each other")


def test_who_was_on_hold_stays_on_hold(house: Exchange, caller: SipPhone, desks: list[SipPhone]) -> None:
    caller.call(NUMBER, house.address)
    call = house.reaches("talking")
    house.do("verb", name="hold", contact=call["contact"], agent=call["agent"])
    house.reaches("held")
    house.voice.kill()
    again(house)
    caller.deaf()
    desks[0].deaf()
    wait_until(lambda: abs(caller.sound(0.5)).sum() > 0, what="they hear music")
    assert not caller.hears(AGENT_TONE, 100)
    house.do("verb", name="resume", contact=call["contact"], agent=call["agent"])
    wait_until(lambda: hear_each_other(caller, desks[0]), what="they are together again")


def test_while_we_are_down_callers_reach_the_same_people(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.voice.kill()
    house.servers[0].kill()
    caller.call(NUMBER, house.address)
    wait_until(lambda: hear_each_other(caller, desks[0]) or caller.hears(700.0), what="somebody answers")
    caller.hang_up()
    wait_until(house.empty, what="the call is over")
    for desk in desks:
        desk.picks_up = None
    caller.call(NUMBER, house.address)
    wait_until(lambda: any(desk.state == "ringing" for desk in desks), what="it rings")
    caller.hang_up()
    before = len(house.do("without_us"))
    if house.servers[0] is not house.voice:
        house.servers[0].start()
    again(house)
    wait_until(
        lambda: house.do("without_us")[before:] == [["closed", "solved"], ["abandoned", ""]],
        seconds=30, what="both are written down",
    )  # fmt: skip
