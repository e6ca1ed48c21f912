"""Calls through the real exchange: a caller, the queue, the engine's offer, an agent's telephone, and back."""

from __future__ import annotations

from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, SECOND_TONE, Exchange
from tests.integration.voice.listening import recorded
from tests.servers import wait_until
from tests.sip_phone import BUSY, SipPhone, loudness


def begin(house: Exchange, caller: SipPhone, desk: SipPhone) -> dict[str, str]:
    """A call that talks; both sides hear each other."""
    caller.call(NUMBER, house.address)
    call = house.reaches("talking")
    wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="both hear each other")
    return call


def test_a_caller_reaches_an_agent_by_the_engines_offer_and_both_hear_each_other(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = begin(house, caller, desks[0])
    assert call["agent"] == house.agents[0]
    assert call["contact_state"] == "connected"
    desks[0].hang_up()
    wait_until(lambda: caller.state == "over", what="the caller hears that it is over")
    over = house.reaches("wrapup", contact="wrap_up")
    names = house.do("events", contact=over["contact"])
    told = [name for name in names if name.startswith(("call.", "contact.", "offer."))]
    # They hear that they are recorded before they join the line.
    assert told[:4] == ["contact.received", "call.arrived", "call.recording_consent", "contact.queued"]
    assert set(told[4:]) >= {
        "offer.made", "call.phone_rang", "offer.accepted", "contact.connected", "call.talking",
        "call.recording_started",
        "call.hung_up", "contact.wrap_up_started",
    }  # fmt: skip


def test_the_recording_has_the_tone_of_both_sides(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    contact = begin(house, caller, desks[0])["contact"]
    wait_until(lambda: house.call()["recording"], what="a recording began")
    desks[0].deaf()
    wait_until(lambda: len(desks[0].sound(1.0)) >= 8_000, what="a second was spoken")
    caller.hang_up()
    house.reaches("wrapup")
    last = recorded(house, contact)[-8_000:]
    assert loudness(last, CALLER_TONE) > 1_000
    assert loudness(last, AGENT_TONE) > 1_000
    assert loudness(last, SECOND_TONE) < 200


def test_who_hangs_up_in_the_queue_has_abandoned(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    house.do("presence", agent=house.agents[0], state="break")
    caller.call(NUMBER, house.address)
    house.reaches("queued", contact="queued")
    wait_until(lambda: caller.state == "talking" and abs(caller.sound(0.5)).sum() > 0, what="they hear music")
    caller.hang_up()
    call = house.reaches("ended", contact="abandoned")
    assert call["reason"] == "hung_up"
    assert desks[0].rang == 0 or desks[0].state != "ringing"


def test_who_hangs_up_while_it_rings_stops_the_ringing(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    desks[0].picks_up = None
    caller.call(NUMBER, house.address)
    house.reaches("offered")
    wait_until(lambda: desks[0].state == "ringing", what="the desk rings")
    caller.hang_up()
    house.reaches("ended", contact="abandoned")
    wait_until(lambda: desks[0].state == "over", what="the ringing stops")
    assert house.do("presence", agent=house.agents[0]) == "available"


def test_a_busy_telephone_puts_the_caller_back_and_the_agent_out_of_the_line(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    desks[0].refuses = BUSY
    caller.call(NUMBER, house.address)
    wait_until(
        lambda: house.do("presence", agent=house.agents[0]) == "not_responding",
        what="the agent is out of the line",
    )
    call = house.reaches("queued", contact="queued")
    assert "call.phone_failed" in house.do("events", contact=call["contact"])
    desks[0].refuses = 0
    house.do("presence", agent=house.agents[0], state="available")
    assert house.reaches("talking")["queued_at"] == call["queued_at"]


def test_on_hold_the_caller_hears_music_and_not_the_agent(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = begin(house, caller, desks[0])
    house.do("verb", name="hold", contact=call["contact"], agent=call["agent"])
    house.reaches("held")
    wait_until(
        lambda: not caller.hears(AGENT_TONE, 100) and not desks[0].hears(CALLER_TONE, 100),
        what="they are apart",
    )
    house.do("verb", name="resume", contact=call["contact"], agent=call["agent"])
    wait_until(
        lambda: caller.hears(AGENT_TONE) and desks[0].hears(CALLER_TONE), what="they are together again"
    )


def test_a_muted_agent_is_not_heard_and_hears(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = begin(house, caller, desks[0])
    house.do("verb", name="mute", contact=call["contact"], agent=call["agent"])
    wait_until(lambda: not caller.hears(AGENT_TONE, 100), what="the caller hears nothing")
    desks[0].deaf()
    wait_until(lambda: desks[0].hears(CALLER_TONE), what="the agent goes on hearing")
    house.do("verb", name="unmute", contact=call["contact"], agent=call["agent"])
    wait_until(lambda: caller.hears(AGENT_TONE), what="the caller hears the agent again")


def test_a_call_is_passed_on_to_another_line(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = begin(house, caller, desks[0])
    house.do("transfer", contact=call["contact"], agent=call["agent"], queue="second")
    wait_until(lambda: desks[0].state == "over", what="the first agent is free")
    wait_until(lambda: caller.hears(SECOND_TONE) and desks[1].hears(CALLER_TONE), what="the second one talks")
    assert house.reaches("talking")["agent"] == house.agents[1]


def test_the_agent_ends_the_call_on_the_screen(
    house: Exchange, caller: SipPhone, desks: list[SipPhone]
) -> None:
    call = begin(house, caller, desks[0])
    house.do("verb", name="hang_up", contact=call["contact"], agent=call["agent"])
    wait_until(
        lambda: caller.state == "over" and desks[0].state == "over", what="both telephones are on the hook"
    )
    house.do("complete", contact=call["contact"], agent=call["agent"])
    house.reaches("ended", contact="closed")
