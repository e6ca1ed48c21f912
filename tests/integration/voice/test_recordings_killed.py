"""Recordings over a `kill -9` of whoever began them: they go on, and what ended meanwhile is found."""

from __future__ import annotations

import pytest

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, SECOND_TONE, Exchange
from tests.integration.voice.listening import asked, heard_at, kept, recorded, spoken, talking
from tests.integration.voice.test_killed import again
from tests.servers import wait_until
from tests.sip_phone import SipPhone

pytestmark = pytest.mark.usefixtures("own_rule")


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
