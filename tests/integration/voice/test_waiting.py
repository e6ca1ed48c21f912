"""Callers in line hear how they stand when it is news, and may ask to be called back without losing their place."""

from __future__ import annotations

from tests.exchange import AGENT_TONE, NUMBER, Exchange
from tests.integration.voice.owing import back
from tests.servers import wait_until
from tests.sip_phone import SipPhone


def announced(house: Exchange, call: str) -> list[str]:
    """What a caller was told while they waited, in order."""
    return [line.split('"words":')[1].split('"')[1] for line in house.voice.log.read_text().splitlines()
            if "call.announced" in line and call in line]  # fmt: skip


def test_who_waits_is_told_how_they_stand_then_comfort_and_reaches_the_agent_at_once(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("calling_rule", offer_seconds=0, comfort_seconds=20, news_seconds=600)
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(NUMBER, house.address)
    call = house.reaches("queued")["id"]
    wait_until(lambda: announced(house, call) == ["news"], what="place and range are told")
    wait_until(lambda: announced(house, call) == ["news", "comfort"], seconds=40, what="some comfort")
    back(house)
    house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE), what="the announcement does not stand between them")


def test_who_is_offered_a_call_back_in_line_and_takes_it_keeps_the_place(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("calling_rule", offer_seconds=5, comfort_seconds=0, news_seconds=0)
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(NUMBER, house.address)
    waits = house.reaches("queued")
    wait_until(lambda: announced(house, waits["id"]) == ["offer"], what="a call back is offered")
    wait_until(lambda: _press(house, caller), seconds=25, every=1.0, what="it is booked")
    wait_until(lambda: caller.state == "over", seconds=25, what="the call ends")
    call = house.reaches("callback", contact="queued")
    assert (call["contact"], call["queued_at"]) == (waits["contact"], waits["queued_at"])
    house.do("cancel_callback", callback=house.do("owed")[-1]["id"])


def _press(house: Exchange, caller: SipPhone) -> bool:
    """Yes to the offer, and yes to the number, one key at a time."""
    if any(one["state"] == "waiting" for one in house.do("owed")):
        return True
    caller.press("1")
    return False


def test_who_does_not_want_one_waits_on_at_the_same_place(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("calling_rule", offer_seconds=5, comfort_seconds=0, news_seconds=0)
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(NUMBER, house.address)
    waits = house.reaches("queued")
    wait_until(lambda: announced(house, waits["id"]) == ["offer"], what="a call back is offered")
    caller.press("2")
    back(house)
    assert house.reaches("talking")["queued_at"] == waits["queued_at"]
    wait_until(lambda: caller.hears(AGENT_TONE), what="they hear each other")
