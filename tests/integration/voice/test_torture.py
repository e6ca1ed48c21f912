"""Broken, wild and absurd SIP at the real Asterisk: both go on, nobody is stuck, each call's end is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests import servers
from tests.conftest import _served
from tests.exchange import AGENT_TONE, CALLER_TONE, NUMBER, Exchange
from tests.integration.voice.office import new_caller
from tests.odd_sip import MANNERS, OddCaller, OddDesk
from tests.servers import wait_until
from tests.sip_phone import SipPhone
from tests.torture import BURSTS

BEGINS_FIRST = True
CODES = ["302", "400", "404", "408", "480", "486", "488", "500", "503", "600", "603", "699"]
HEARS_US = ("plays its own ringing", "answers twice")
FORGETFUL, UNSERVED = "+442079460199", "442079460998"
"""Whoever never hears an answer, and a line in which nobody works."""
FORGOTTEN_S = 2 * 32.0
"""How long an answer is said again before it is given up, and then the end of the call: 64 times 500 ms each (RFC 3261,
13.3.1.4 and 17.1.2.2)."""


@pytest.fixture(scope="module")
def desk() -> Iterator[OddDesk]:
    phone = OddDesk("127.0.0.3", AGENT_TONE, name="odd")
    yield phone
    phone.close()


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, desk: OddDesk, redis_server: servers.Redis
) -> Iterator[Exchange]:
    database = _served(f"voice_{os.urandom(4).hex()}")
    exchange = Exchange(
        tmp_path_factory.mktemp("torture") / "var", database=database, redis=redis_server.url,
        options={"CIVICLINE_VOICE_NUMBERS": f"{NUMBER}=general,{UNSERVED}=second"},
    )  # fmt: skip
    try:
        exchange.agents = exchange.start(agents=1, ports=[desk.port], offer_seconds=3)
        yield exchange
    finally:
        exchange.stop()


@pytest.fixture(scope="module")
def forgetful(house: Exchange) -> Iterator[OddCaller]:
    """Somebody who never says that they have heard the answer: it takes half a minute until that is believed."""
    caller = OddCaller(house.address, deaf=True)
    caller.send(caller.request("INVITE", UNSERVED, sender=FORGETFUL))
    wait_until(lambda: caller.answered("INVITE", 200), what="the call is answered")
    yield caller
    caller.close()


@pytest.fixture(autouse=True)
def _alive(house: Exchange, desk: OddDesk, forgetful: OddCaller) -> Iterator[None]:
    """Whatever was sent: the same processes are there, and nothing is left but who was forgotten."""
    from civicline.channels.voice.asterisk import process

    house.before = len(house.do("calls"))
    pids = (house.voice.process, process.running((house.var / "voice").absolute()))
    yield
    assert (house.voice.process, process.running((house.var / "voice").absolute())) == pids
    assert house.voice.process is not None
    assert house.voice.process.poll() is None
    desk.hang_up()
    desk.state, desk.manner, desk.picks_up = "idle", "", 0.1
    try:
        wait_until(lambda: not _legs(house), what="no leg is left over")
    except AssertionError as late:
        raise AssertionError(f"{late}: {_legs(house)}") from late
    wait_until(lambda: _nobody_is_stuck(house), seconds=60, what="no contact is stuck")
    assert "call.step_failed" not in house.voice.log.read_text()


def _legs(house: Exchange) -> list[str]:
    """Who is on the line, but whoever is to be forgotten."""
    return [one["name"] for one in house.ari("channels") if one["caller"]["number"] != FORGETFUL]


def _rows(house: Exchange) -> list[dict[str, Any]]:
    """The calls of this test. Whoever is to be forgotten takes the exchange 64 seconds, and has a test of their own."""
    return [one for one in house.do("calls")[house.before :] if one["number"] != FORGETFUL]


def _nobody_is_stuck(house: Exchange) -> bool:
    rows = _rows(house)
    for one in rows:
        if one["contact_state"] == "wrap_up":
            house.do("complete", contact=one["contact"], agent=one["agent"])
    return all(one["contact_state"] in ("closed", "abandoned") and one["state"] == "ended" for one in rows)


def good_call(house: Exchange, desk: OddDesk) -> None:
    """Somebody with a sound telephone calls and is talked to."""
    caller = new_caller()
    try:
        house.do("presence", agent=house.agents[0], state="available")
        caller.call(NUMBER, house.address)
        wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="they hear each other")
    finally:
        caller.close()
    house.do("presence", agent=house.agents[0], state="break")


def test_whatever_is_sent_the_next_caller_is_served(house: Exchange, desk: OddDesk) -> None:
    house.do("presence", agent=house.agents[0], state="break")
    callers = {name: OddCaller(house.address) for name in BURSTS}
    strangers = [OddCaller(house.address, ip="127.0.0.9") for _ in BURSTS]
    for (name, burst), stranger in zip(BURSTS.items(), strangers, strict=True):
        callers[name].send(*burst(callers[name], NUMBER))
        stranger.send(*burst(stranger, NUMBER))
    last = callers["are you there"]
    wait_until(lambda: last.answered("OPTIONS"), what="the exchange still answers")
    good_call(house, desk)
    rows = _rows(house)
    assert callers["folded lines (3.1.1.1)"].answered("INVITE", 200)
    assert callers["no common codec"].answered("INVITE", 488)
    assert not any(one.answered("INVITE", 200) for one in strangers), "a stranger calls nobody"
    wait_until(lambda: _nobody_is_stuck(house), seconds=60, what="everybody has hung up")
    for one in rows:
        told = house.do("events", contact=one["contact"])
        assert {"call.ended", "contact.abandoned", "contact.closed"} & set(told), told
    assert len([one for one in rows if one["number"] == "+442079460150"]) <= len(BURSTS)
    for caller in (*callers.values(), *strangers):
        caller.close()


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("trunk-network", NUMBER),  # the line to the network, which is believed whose number calls
        ("agent-7001", "*43"),  # a desk phone that stands at an address and has no password
        ("agent-7001", "00442079460999"),  # nor may anybody dial a number in its name
        ("civicline", NUMBER),
        ("anonymous", NUMBER),
    ],
)
def test_nobody_is_taken_for_another_by_the_name_they_give(house: Exchange, name: str, number: str) -> None:
    stranger = OddCaller(house.address, ip="127.0.0.9")
    stranger.send(stranger.request("INVITE", number, sender=name))
    wait_until(lambda: stranger.answered("INVITE"), what="the stranger is answered")
    assert not stranger.answered("INVITE", 200)
    assert {code for _, code in stranger.codes if code >= 200} <= {401, 403, 404}
    stranger.close()


def _calls(house: Exchange) -> OddCaller:
    """A caller who waits in line, and answers nothing by themselves but the first answer."""
    caller = OddCaller(house.address, stays=True)
    caller.send(caller.request("INVITE", NUMBER, branch="first"))
    wait_until(lambda: caller.answered("INVITE", 200), what="the call is answered")
    house.reaches("queued", contact="queued")
    return caller


def test_odd_moments_of_a_call_leave_it_in_line_until_it_is_hung_up(house: Exchange) -> None:
    caller = _calls(house)
    held = caller.request("INVITE", NUMBER, None, cseq=2).replace(b"a=sendrecv", b"a=sendonly")
    odd = [
        caller.request("CANCEL", NUMBER, branch="first"),  # after the answer: nothing to cancel
        held,
        caller.request("INVITE", NUMBER, "", cseq=3),  # asks us for an offer
        caller.request("UPDATE", NUMBER, "", cseq=4),
        caller.request("INFO", NUMBER, "Signal=999\r\n", cseq=5, type="Content-Type: application/dtmf-relay"),
        caller.request("INVITE", NUMBER, "v=0\r\nnonsense\r\n", cseq=6),
        caller.request("REFER", NUMBER, cseq=7, extra="Refer-To: <sip:x@127.0.0.1>\r\n"),
        caller.request("BYE", NUMBER, cseq=1, call_id="Call-ID: another"),
    ]
    for at, one in enumerate(odd):
        before = len(caller.codes)
        caller.send(one)
        if at:
            wait_until(lambda before=before: len(caller.codes) > before, what=f"message {at} is answered")  # type: ignore[misc]
        assert not caller.ended, at
    assert house.call()["state"] == "queued"
    caller.send(caller.request("BYE", NUMBER, cseq=9))
    told = house.reaches("ended", contact="abandoned")
    assert told["reason"] == "hung_up"
    caller.close()


def test_who_hangs_up_without_having_heard_the_answer_is_gone(house: Exchange) -> None:
    caller = OddCaller(house.address, deaf=True)
    caller.send(caller.request("INVITE", NUMBER))
    wait_until(lambda: caller.answered("INVITE", 200), what="the call is answered")
    caller.deaf = False  # what is said again is acknowledged, and hung up on at once
    house.reaches("ended", contact="abandoned")
    caller.close()


@pytest.fixture
def caller(house: Exchange) -> Iterator[SipPhone]:
    phone = new_caller()
    yield phone
    phone.close()


@pytest.mark.parametrize("manner", [*MANNERS, *CODES])
def test_an_agents_telephone_that_does_odd_things_costs_nobody_their_call(
    house: Exchange, desk: OddDesk, caller: SipPhone, manner: str
) -> None:
    desk.manner, rang = manner, desk.rang
    house.do("presence", agent=house.agents[0], state="available")
    caller.call(NUMBER, house.address)
    wait_until(lambda: desk.rang > rang, what="the telephone is asked")
    if manner not in HEARS_US:
        wait_until(
            lambda: house.do("presence", agent=house.agents[0]) == "not_responding",
            what="they are out of the line",
        )
        waits = house.reaches("queued", contact="queued")
        assert caller.state == "talking", "the caller hears music"
        told = house.do("events", contact=waits["contact"])
        assert {"call.phone_failed", "offer.timed_out", "offer.withdrawn"} & set(told), told
        desk.state, desk.manner = "idle", ""
        house.do("presence", agent=house.agents[0], state="available")
    wait_until(lambda: caller.hears(AGENT_TONE) and desk.hears(CALLER_TONE), what="they hear each other")
    assert house.reaches("talking")["contact_state"] == "connected"


def test_who_never_heard_the_answer_is_let_go(house: Exchange, forgetful: OddCaller) -> None:
    def gone() -> bool:
        return all(one["state"] == "ended" for one in house.do("calls") if one["number"] == FORGETFUL)

    wait_until(gone, seconds=FORGOTTEN_S + 15, what="the answer nobody heard is given up")
    wait_until(house.empty, what="nothing is left in the exchange")
