"""Messages that try an exchange, after RFC 4475 (its sections in brackets) and from experience.

Some are sound and only look wild, most are wrong. Each is a burst of one or more datagrams, sent without a pause, from
a caller of its own: `BURSTS[name](caller, number)`.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.odd_sip import SOUND, OddCaller

Burst = Callable[[OddCaller, str], tuple[bytes, ...]]


def _invite(
    body: str | None = None, *, extra: str = "", sender: str = "+442079460150", **changed: str
) -> Burst:
    """An INVITE with other header lines than a sound one."""
    return lambda caller, number: (
        caller.request("INVITE", number, body, extra=extra, sender=sender, **changed),
    )


def _sdp(old: str, new: str) -> Burst:
    """An INVITE whose session says something else in one place."""
    return lambda caller, number: (
        caller.request("INVITE", number, SOUND.format(ip=caller.ip).replace(old, new)),
    )


def _alone(method: str, body: str = "", **changed: str) -> Burst:
    """A request that belongs to no call."""
    return lambda caller, number: (caller.request(method, number, body, **changed),)


def _bytes(seed: int, size: int) -> Burst:
    return lambda _caller, _number: (random.Random(seed).randbytes(size),)


def _torn(at: float) -> Burst:
    """A sound INVITE that ends in the middle."""

    def burst(caller: OddCaller, number: str) -> tuple[bytes, ...]:
        whole = caller.request("INVITE", number)
        return (whole[: int(len(whole) * at)],)

    return burst


def _folded(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    """Lines that go on in the next one, odd spaces and letters, unknown headers (3.1.1.1)."""
    uri = f"sip:{number}@{caller.server[0]}:{caller.server[1]}"
    return (
        caller.request(
            "INVITE", number, to=f"TO :\r\n <{uri}>", forwards="MaX-fOrWaRdS: 0068",
            extra="NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
            "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
            "Route:\r\n  <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n",
        ),
    )  # fmt: skip


def _cancelled_at_once(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    return caller.request("INVITE", number, branch="same"), caller.request("CANCEL", number, branch="same")


def _ended_at_once(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    return caller.request("INVITE", number), caller.request("BYE", number, cseq=2)


def _repeated(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    """The network doubles datagrams: one call."""
    return (caller.request("INVITE", number, branch="again"),) * 20


def _merged(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    """The same call on two ways (RFC 3261, 8.2.2.2)."""
    return caller.request("INVITE", number, branch="one"), caller.request("INVITE", number, branch="two")


def _asked_twice(caller: OddCaller, number: str) -> tuple[bytes, ...]:
    """A second question before the first one is answered."""
    return caller.request("INVITE", number), caller.request("INVITE", number, cseq=2)


BURSTS: dict[str, Burst] = {
    # Wild, and nearly right
    "folded lines (3.1.1.1)": _folded,
    "escaped user (3.1.1.3)": _invite(first="INVITE sip:%34%34207946%309%39%39@127.0.0.1 SIP/2.0"),
    "escaped null (3.1.1.4)": _invite(sender="null-%00-null"),
    "no space before the address (3.1.1.6)": _invite(contact="Contact:caller<sip:caller@127.0.0.2:9>"),
    "long values (3.1.1.7)": _invite(extra=f"X-Long: {'long' * 2_000}\r\n"),
    "very long values": _invite(extra="".join(f"X-Long-{at}: {'x' * 900}\r\n" for at in range(60))),
    "many vias": _invite(extra="Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n" * 70),
    # Broken
    "a comma too many (3.1.2.1)": _invite(contact='Contact: "Joe" <sip:joe@127.0.0.2>;;;;', extra="Via: ;;,;,,\r\n"),
    "longer than told (3.1.2.2)": _invite(length="Content-Length: 9999"),
    "a negative length (3.1.2.3)": _invite(length="Content-Length: -999"),
    "huge numbers (3.1.2.4)": _invite(
        cseq="CSeq: 36893488147419103232 INVITE", forwards="Max-Forwards: 300", extra="Expires: 1000000000000000\r\n"
    ),
    "an open quote (3.1.2.6)": _invite(sender='x', to='To: "Mr. J. User <sip:x@127.0.0.1>'),
    "an address in brackets (3.1.2.7)": _invite(first="INVITE <sip:442079460999@127.0.0.1> SIP/2.0"),
    "spaces in the address (3.1.2.8)": _invite(first="INVITE sip:4420 79460999@127.0.0.1; lr SIP/2.0"),
    "many spaces in the first line (3.1.2.9)": _invite(first="INVITE  sip:442079460999@127.0.0.1  SIP/2.0"),
    "a date of no zone (3.1.2.12)": _invite(extra="Date: Fri, 01 Jan 2010 16:00:00 EST\r\n"),
    "an unknown version (3.1.2.16)": _invite(first="INVITE sip:442079460999@127.0.0.1 SIP/7.0"),
    "another method below (3.1.2.17)": _invite(cseq="CSeq: 8 OPTIONS"),
    "no needed headers (3.3.1)": _invite(call_id="", cseq="", to=""),
    "an unknown scheme (3.3.2)": _invite(first="INVITE nobodyKnowsThisScheme:totallyopaque SIP/2.0"),
    "what nobody can require (3.3.5)": _invite(extra="Require: nothingSupportsThis, nothingSupportsThisEither\r\n"),
    "a body nobody reads (3.3.6)": _invite("<audio/>", type="Content-Type: application/unknownformat"),
    "headers twice (3.3.8)": _invite(extra="Call-ID: other\r\nCSeq: 5 BYE\r\nFrom: <sip:b@x>;tag=3\r\n"),
    "two lengths (3.3.9)": _invite(extra="Content-Length: 5\r\n"),
    "no hops left (3.3.11)": _invite(forwards="Max-Forwards: 0"),
    "no contact": _invite(contact=""),
    "torn early": _torn(0.1), "torn in the headers": _torn(0.5), "torn in the session": _torn(0.9),
    "noise": _bytes(1, 200), "much noise": _bytes(2, 20_000), "one byte": _bytes(3, 1), "nothing": lambda *_: (b"",),
    "only ends of lines": lambda *_: (b"\r\n" * 2_000,), "zeroes": lambda *_: (bytes(1_200),),
    # Absurd callers
    "a caller of 5,000 digits": _invite(sender="9" * 5_000),
    "a caller with quotes": _invite(sender="x'%22;drop%20table%20call--"),
    "a caller in another script": _invite(sender="\u0645\u0631\u062d\u0628\u0627\u202e\u0000\u0007"),
    "a caller without a name": _invite(sender=""),
    "a caller who is not one": _invite(extra="P-Asserted-Identity: <sip:@>, <tel:>, ,,\r\nRemote-Party-ID: \x01\r\n"),
    # Sound that cannot be
    "no session": _invite(""),
    "a session of nonsense": _invite("v=0\r\nwhat=is this\r\n"),
    "no common codec": _sdp("RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n", "RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"),
    "only a picture": _sdp("m=audio 40000 RTP/AVP 0 101", "m=video 40000 RTP/AVP 31"),
    "port zero": _sdp("m=audio 40000", "m=audio 0"),
    "a port beyond ports": _sdp("m=audio 40000", "m=audio 4000000000"),
    "no address for sound": _sdp("c=IN IP4 127.0.0.2\r\n", ""),
    "an address of letters": _sdp("c=IN IP4 127.0.0.2", "c=IN IP4 nobody.invalid"),
    "a hundred kinds of sound": _sdp("a=sendrecv", "a=sendrecv\r\n" + "m=audio 40002 RTP/AVP 0\r\n" * 100),
    "encrypted without a key": _sdp("RTP/AVP", "RTP/SAVP"),
    # Requests of no call
    "goodbye to nobody": _alone("BYE"), "thanks for nothing": _alone("ACK"), "nothing to cancel": _alone("CANCEL"),
    "keys of nobody": _alone("INFO", "Signal=5\r\n", type="Content-Type: application/dtmf-relay"),
    "pass on nobody": _alone("REFER", extra="Refer-To: <sip:442079460999@127.0.0.1?Replaces=x%3Bto-tag%3D1>\r\n"),
    "tell nobody": _alone("NOTIFY", extra="Event: refer\r\nSubscription-State: active\r\n"),
    "ask for news": _alone("SUBSCRIBE", extra="Event: presence\r\n"),
    "a line of one's own": _alone("REGISTER", extra="Expires: 3600\r\n"),
    "an unknown verb": _alone("NEWMETHOD"), "a verb of signs": _alone("!interesting-Method0123456789_*+`.%indeed'~"),
    "a text of noise": _alone("MESSAGE", "\x00\x01\udcff" * 300, type="Content-Type: application/octet-stream"),
    "are you there": _alone("OPTIONS"),
    # In haste
    "cancelled at once": _cancelled_at_once, "ended at once": _ended_at_once, "sent twenty times": _repeated,
    "on two ways": _merged, "asked twice": _asked_twice,
}  # fmt: skip
