"""What browsers may say to the exchange."""

from __future__ import annotations

import pytest

from civicline.channels.voice.sip_frames import MOST_CALLS, Frames
from civicline.channels.voice.tickets import AGENT, GUEST, Ticket

VISITOR = Ticket(GUEST, "guest-3", "", "visit", "1")
NADIA = Ticket(AGENT, "browser-7001", "nadia", "nadia", "2")


def request(
    method: str = "INVITE",
    *,
    uri: str = "sip:town@civicline.invalid",
    sender: str = '"Me" <sip:guest-3@civicline.invalid>;tag=a',
    to: str = "<sip:town@civicline.invalid>",
    call: str = "one",
    more: str = "",
) -> str:
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9\r\nFrom: {sender}\r\nTo: {to}\r\n"
        f"Call-ID: {call}\r\nCSeq: 1 {method}\r\n{more}Content-Length: 0\r\n\r\n"
    )


def test_a_guest_may_call_the_town_and_go_on_in_the_call() -> None:
    frames = Frames(VISITOR)
    assert frames.allows(request())
    assert frames.allows(request(uri="sip:town-ar@civicline.invalid"))
    assert frames.allows(request("ACK", to="<sip:town@civicline.invalid>;tag=b"))
    assert frames.allows(request("BYE", uri="sip:127.0.0.1:5060;transport=ws", to="<sip:town@x>;tag=b"))
    assert frames.allows("SIP/2.0 200 OK\r\n\r\n")
    assert frames.allows("\r\n\r\n")


@pytest.mark.parametrize(
    "frame",
    [
        request(uri="sip:7001@civicline.invalid"),
        request(uri="sip:town;x@civicline.invalid"),
        request(uri="sip:town-7001@civicline.invalid"),
        request(uri="sip:town-@civicline.invalid"),
        request("REGISTER", uri="sip:civicline.invalid"),
        request("MESSAGE"),
        request("REFER", to="<sip:town@civicline.invalid>;tag=b"),
        request("SUBSCRIBE"),
        request(sender="<sip:agent-7001@civicline.invalid>;tag=a"),
        request(sender='"<sip:guest-3@civicline.invalid>" <sip:agent-7001@civicline.invalid>;tag=a'),
        request(more="From: <sip:agent-7001@civicline.invalid>;tag=a\r\n"),
        request(more="f: <sip:agent-7001@civicline.invalid>;tag=a\r\n"),
        request(more="X: y\r\n From: <sip:agent-7001@civicline.invalid>\r\n"),
        request().replace("To: ", "T0: "),
        "GET / HTTP/1.1\r\n\r\n",
        "nonsense",
    ],
    ids=lambda frame: frame.splitlines()[0][:40],
)
def test_a_guest_may_nothing_else(frame: str) -> None:
    assert not Frames(VISITOR).allows(frame)


def test_a_guest_may_try_again_but_not_for_ever() -> None:
    frames = Frames(VISITOR)
    for number in range(MOST_CALLS):
        assert frames.allows(request(call=f"call {number}"))
    assert frames.allows(request(call="call 0"))  # the same once more, with the password
    assert not frames.allows(request(call="one too many"))


def test_an_agent_signs_in_as_themselves_alone() -> None:
    own = "<sip:browser-7001@civicline.invalid>;tag=a"
    frames = Frames(NADIA)
    assert frames.allows(request("REGISTER", uri="sip:civicline.invalid", sender=own))
    assert frames.allows(request(uri="sip:+442079460123@civicline.invalid", sender=own))
    other = own.replace("7001", "7002")
    assert not frames.allows(request("REGISTER", uri="sip:civicline.invalid", sender=other))


def test_headers_have_their_short_names_too() -> None:
    frame = request().replace("From:", "f:").replace("To:", "t:").replace("Call-ID:", "i:")
    assert Frames(VISITOR).allows(frame)
