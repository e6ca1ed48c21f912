"""Recordings through the real exchange: what is recorded, what is not, and what is left of it on the disk."""

from __future__ import annotations

import time

import pytest

from tests.exchange import CALLER_TONE, Exchange
from tests.integration.voice.listening import asked, heard_at, kept, recorded, spoken, talking
from tests.servers import wait_until
from tests.sip_phone import SipPhone

pytestmark = pytest.mark.usefixtures("own_rule")


def test_what_lies_on_the_disk_is_encrypted(house: Exchange, caller: SipPhone, desks: list[SipPhone]) -> None:
    call = talking(house, caller, desks[0])
    spoken(desks[0], 1)
    caller.hang_up()
    found = kept(house, call["contact"])
    assert found["agent"] == house.agents[0]
    assert found["basis"] == "always"
    files = list((house.var / "recordings").rglob(f"{found['id'].replace('-', '')}.rec"))
    assert len(files) == 1
    content = files[0].read_bytes()
    assert content.startswith(b"CIVREC01")
    assert b"RIFF" not in content
    assert (house.var / "recordings.key").stat().st_mode & 0o077 == 0


def test_while_payment_data_is_given_silence_is_recorded(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = talking(house, caller, desks[0])
    wait_until(lambda: house.do("recordings", contact=call["contact"]), what="a recording runs")
    spoken(desks[0], 1.5)
    house.do("verb", name="silence_recording", contact=call["contact"], agent=call["agent"])
    spoken(desks[0], 3)
    house.do("verb", name="resume_recording", contact=call["contact"], agent=call["agent"])
    spoken(desks[0], 2)
    caller.hang_up()
    heard = heard_at(recorded(house, call["contact"]), CALLER_TONE)
    words = "".join("x" if one else "." for one in heard).strip(".")
    assert "x...." in words, words
    assert words.startswith("x")
    assert words.endswith("xx"), words
    told = house.do("events", contact=call["contact"])
    assert told.index("call.recording_silenced") < told.index("call.recording_resumed")


@pytest.mark.parametrize("key, recorded_then", [("1", True), ("2", False), ("", False)])
def test_where_callers_are_asked_only_a_yes_is_recorded(
    house: Exchange, caller: SipPhone, desks: list[SipPhone], key: str, recorded_then: bool
) -> None:
    house.do("rule", queue="general", mode="consent")
    spoken_rules = house.do("presence", agent=house.agents[0])
    assert spoken_rules == "available"
    wait_until(lambda: asked(house, caller), seconds=20, what="the caller is asked")
    if key:
        caller.press(key)
    call = house.reaches("talking", seconds=40)
    told = house.do("events", contact=call["contact"])
    assert told.index("call.recording_consent") < told.index("contact.queued")
    if recorded_then:
        wait_until(lambda: house.do("recordings", contact=call["contact"]), what=f"a recording runs: {told}")
    spoken(desks[0], 1.5)
    assert bool(house.do("recordings", contact=call["contact"])) is recorded_then
    caller.hang_up()
    if recorded_then:
        assert kept(house, call["contact"])["basis"] == "consent"


def test_a_queue_may_record_nothing(house: Exchange, caller: SipPhone, desks: list[SipPhone]) -> None:
    house.do("rule", queue="general", mode="never")
    call = talking(house, caller, desks[0])
    spoken(desks[0], 1)
    assert house.do("recordings", contact=call["contact"]) == []
    assert "call.recording_consent" not in house.do("events", contact=call["contact"])


def test_who_hangs_up_while_they_are_asked_is_gone(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("rule", queue="general", mode="consent")
    wait_until(lambda: asked(house, caller), seconds=20, what="the caller is asked")
    caller.hang_up()
    house.reaches("ended", contact="abandoned")
    assert desks[0].state != "ringing"


def test_behind_a_menu_callers_are_asked_before_they_join_the_line(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("menu", number="+442079460996")
    house.do("rule", queue="general", mode="consent")
    caller.call("442079460996", house.address)
    house.reaches("ivr")
    pressed = 0.0

    def through() -> bool:
        """One for the line, and one for yes: pressed again every second, as people do."""
        nonlocal pressed
        if house.call()["state"] != "ivr":
            return True
        if time.monotonic() > pressed + 1.2:
            pressed = time.monotonic()
            caller.press("1")
        return False

    wait_until(through, seconds=30, what="the menu and the question are behind them", every=0.1)
    call = house.reaches("talking", seconds=25)
    told = house.do("events", contact=call["contact"])
    assert told.index("call.recording_consent") < told.index("contact.queued")
    assert told.count("call.recording_consent") == 1
    wait_until(lambda: house.do("recordings", contact=call["contact"]), what="a recording runs")
