"""Recordings through the real exchange: what is recorded, what is not, and what is left of it on the disk."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, SECOND_TONE, Exchange
from tests.integration.voice.listening import heard_at, kept, recorded
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import SipPhone


@pytest.fixture(autouse=True)
def _as_it_was(house: Exchange) -> Iterator[None]:
    yield
    house.do("rule", queue="general", mode="")


def talking(house: Exchange, caller: SipPhone, desk: SipPhone) -> dict[str, str]:
    """A call in which both hear each other."""
    caller.call(NUMBER, house.address)
    call = house.reaches("talking", seconds=25)
    wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="both hear each other")
    return call


def spoken(desk: SipPhone, seconds: float) -> None:
    """Until the desk has heard so much more."""
    desk.deaf()
    wait_until(lambda: len(desk.sound(seconds)) >= 8_000 * seconds, what="they go on speaking")


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


def asked(house: Exchange, caller: SipPhone) -> bool:
    """Whether a call waits for an answer; rules are looked up anew every three seconds, so it may take two calls."""
    if caller.state in ("idle", "over"):
        caller.call(NUMBER, house.address)
    now = house.call()
    if now.get("state") == "ivr" and caller.state == "talking":
        return True
    if now.get("state") in ("talking", "queued", "offered"):
        caller.hang_up()
    return False


def test_a_recording_goes_on_over_a_kill_and_is_kept_afterwards(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = talking(house, caller, desks[0])
    wait_until(lambda: house.do("recordings", contact=call["contact"]), what="a recording runs")
    house.do("verb", name="silence_recording", contact=call["contact"], agent=call["agent"])
    house.voice.kill()
    spoken(desks[0], 2)
    again(house)
    house.do("verb", name="resume_recording", contact=call["contact"], agent=call["agent"])
    spoken(desks[0], 1.5)
    caller.hang_up()
    assert heard_at(recorded(house, call["contact"]), CALLER_TONE)[-1]


def test_what_ended_while_nobody_listened_is_found_and_encrypted(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = talking(house, caller, desks[0])
    wait_until(lambda: house.do("recordings", contact=call["contact"]), what="a recording runs")
    spoken(desks[0], 1)
    house.voice.kill()
    caller.hang_up()
    stranger = house.var / "voice/spool/recording" / "somebody-elses.wav"
    stranger.write_bytes(b"RIFF")
    again(house)
    assert kept(house, call["contact"])["seconds"] > 1
    wait_until(lambda: not stranger.exists(), seconds=20, what="what is nobody's is removed")


def test_a_queue_may_record_nothing(house: Exchange, caller: SipPhone, desks: list[SipPhone]) -> None:
    house.do("rule", queue="general", mode="never")
    call = talking(house, caller, desks[0])
    spoken(desks[0], 1)
    assert house.do("recordings", contact=call["contact"]) == []
    assert "call.recording_consent" not in house.do("events", contact=call["contact"])


def test_a_talk_while_we_are_down_is_taken_in_afterwards(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    before = {one["id"] for one in house.do("recordings")}
    house.voice.kill()
    house.servers[0].kill()
    caller.call(NUMBER, house.address)
    wait_until(lambda: any(caller.hears(tone) for tone in (AGENT_TONE, SECOND_TONE)), what="somebody answers")
    wait_until(lambda: len(caller.sound(2)) >= 16_000, what="they talk")
    caller.hang_up()
    if house.servers[0] is not house.voice:
        house.servers[0].start()
    again(house)

    def taken() -> list[dict[str, str]]:
        return [one for one in house.do("recordings") if one["id"] not in before and one["state"] == "kept"]

    found = wait_until(taken, seconds=40, what="the talk is taken in")
    assert len(found) == 1
    samples = recorded(house, found[0]["contact"])
    assert any(heard_at(samples, CALLER_TONE))
    assert list((house.var / "voice/spool/outage").glob("*.wav")) == []


def test_who_was_being_asked_when_we_died_is_asked_again(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("rule", queue="general", mode="consent")
    wait_until(lambda: asked(house, caller), seconds=20, what="the caller is asked")
    call = house.call()
    house.voice.kill()
    again(house)
    caller.deaf()
    wait_until(lambda: abs(caller.sound(0.5)).sum() > 0, what="they are asked again")
    caller.press("1")
    assert house.reaches("talking", seconds=40)["id"] == call["id"]
    wait_until(lambda: house.do("recordings", contact=call["contact"]), what="a recording runs")
    assert house.do("events", contact=call["contact"]).count("call.recording_consent") == 1


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
