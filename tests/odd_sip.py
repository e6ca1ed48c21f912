"""Telephones that do what no telephone should: torn messages, answers to nothing, words in the wrong order.

`OddCaller` sends whatever it is given and hangs up on whatever answers. `OddDesk` is an agent's telephone that has a
`manner`.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import threading
import uuid
from dataclasses import dataclass, field

from tests.sip_phone import SipPhone, _media, _read, _response

SOUND = (
    "v=0\r\no=t 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)


@dataclass
class OddCaller:
    """Sends from `ip`; acknowledges each 200 and, unless it `stays`, hangs up at once. `deaf`: it does neither."""

    server: tuple[str, int]
    ip: str = "127.0.0.2"
    stays: bool = False
    deaf: bool = False
    codes: list[tuple[str, int]] = field(default_factory=list)
    """What was answered: method and code."""
    ended: bool = False
    """The other side hung up."""

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.ip, 0))
        self.port = self._socket.getsockname()[1]
        self.call_id = uuid.uuid4().hex
        self.to_tag = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def request(
        self,
        method: str,
        number: str,
        body: str | None = None,
        *,
        cseq: int = 1,
        branch: str = "",
        extra: str = "",
        sender: str = "+442079460150",
        **changed: str,
    ) -> bytes:
        """A request. `changed`: header lines in the place of those of a sound one, "" for none; `extra`: more lines."""
        uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        given = SOUND.format(ip=self.ip) if body is None and method == "INVITE" else body or ""
        to_tag = f";tag={self.to_tag}" if self.to_tag else ""
        lines = {
            "first": f"{method} {uri} SIP/2.0",
            "via": f"Via: SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bK{branch or uuid.uuid4().hex[:10]};rport",
            "origin": f'From: "Odd" <sip:{sender}@{self.ip}:{self.port}>;tag=t{self.call_id[:8]}',
            "to": f"To: <{uri}>{to_tag}", "call_id": f"Call-ID: {self.call_id}", "cseq": f"CSeq: {cseq} {method}",
            "contact": f"Contact: <sip:odd@{self.ip}:{self.port}>", "forwards": "Max-Forwards: 70",
            "type": "Content-Type: application/sdp" if given else "",
            "length": f"Content-Length: {len(given.encode('utf-8', 'surrogateescape'))}",
        }  # fmt: skip
        head = "\r\n".join(line for line in (lines | changed).values() if line)
        return f"{head}\r\n{extra}\r\n{given}".encode("utf-8", "surrogateescape")

    def send(self, *messages: bytes) -> None:
        """Send as it is, one after the other, without a pause."""
        for one in messages:
            with contextlib.suppress(OSError):  # larger than a datagram can be
                self._socket.sendto(one, self.server)

    def answered(self, method: str, code: int = 0) -> bool:
        """Whether this method was answered for good; with `code`, by this."""
        return any(one == method and (told == code if code else told >= 200) for one, told in self.codes)

    def close(self) -> None:
        """Go away without a word."""
        self._stop.set()
        self._thread.join(5)
        self._socket.close()

    def _listen(self) -> None:
        while not self._stop.is_set():
            if not select.select([self._socket], [], [], 0.05)[0]:
                continue
            with contextlib.suppress(OSError, ValueError, KeyError, IndexError):
                first, headers, _body = _read(self._socket.recv(65_535).decode("utf-8", "replace"))
                self._hear(first, headers)

    def _hear(self, first: str, headers: dict[str, str]) -> None:
        if not first.startswith("SIP/2.0"):
            self.ended = self.ended or first.startswith("BYE")
            if not self.deaf:
                self.send(_response(200, "OK", headers, "x").encode())
            return
        code, method = int(first.split()[1]), headers["cseq"].split()[-1]
        self.codes.append((method, code))
        if method != "INVITE" or code < 200 or self.deaf:
            return
        found = re.search(r"tag=([^;\s]+)", headers["to"])
        if code < 300:
            self.to_tag = found[1] if found else ""
        cseq = headers["cseq"].split()[0]
        same = {
            "to": f"To: {headers['to']}",
            "origin": f"From: {headers['from']}",
            "call_id": f"Call-ID: {headers['call-id']}",
        }
        via = f"Via: {headers['via']}" if code >= 300 else ""
        self.send(self.request("ACK", "x", cseq=int(cseq), **same, **({"via": via} if via else {})))
        if code < 300 and not self.stays:
            self.send(self.request("BYE", "x", cseq=int(cseq) + 1, **same))


class OddDesk(SipPhone):
    """`manner`: "" as anybody, else one of `MANNERS`, or a code it answers with."""

    manner = ""

    def _rung(self, headers: dict[str, str], body: str, source: tuple[str, int]) -> None:
        manner, self.rang = self.manner, self.rang + bool(self.manner)
        if not manner or self.state in ("talking", "ringing"):
            super()._rung(headers, body, source)
            return
        self._invite, self._peer = headers, source
        self._uri = re.sub(r".*<(.*)>.*", r"\1", headers["contact"])
        self._from, self._to = f"{headers['to']};tag={self._tag}", headers["from"]
        if manner.isdigit():
            self._reply(int(manner), "No")
            return
        for step in MANNERS[manner]:
            getattr(self, f"_{step}")(headers, body, source)

    def _trying(self, *_asked: object) -> None:
        self._reply(100, "Trying")

    def _early_sound(self, *_asked: object) -> None:
        self._reply(183, "Session Progress", self._sdp())

    def _pick_up_later(self, headers: dict[str, str], body: str, source: tuple[str, int]) -> None:
        super()._rung(headers, body, source)

    def _two_answer(self, headers: dict[str, str], body: str, *_asked: object) -> None:
        """A second telephone behind the same name answers too (RFC 3261, 13.2.2.4)."""
        contact = f"<sip:other@{self.ip}:{self.port}>"
        self._call, self._media, self.heard = headers["call-id"], _media(body), []
        for tag in (self._tag, "theother"):
            self._send(_response(200, "OK", headers, tag, self._sdp(), contact), self._peer)
        self.state = "talking"

    def _answer_without_sound(self, *_asked: object) -> None:
        self._reply(200, "OK")

    def _answer_nonsense(self, *_asked: object) -> None:
        self._reply(200, "OK", "v=0\r\nthis is no session\r\n")

    def _answer_unknown_codec(self, *_asked: object) -> None:
        self._reply(
            200,
            "OK",
            self._sdp().replace("RTP/AVP 0 101", "RTP/AVP 18").replace("a=rtpmap:0 PCMU/8000\r\n", ""),
        )

    def _answer_port_zero(self, *_asked: object) -> None:
        self._reply(200, "OK", re.sub(r"m=audio \d+", "m=audio 0", self._sdp()))

    def _torn_reply(self, *_asked: object) -> None:
        self._send("SIP/2.0 200\r\nVia: ;;;\r\nCSeq: x\r\n\r\n\0\0\xff", self._peer)

    def _moved(self, headers: dict[str, str], *_asked: object) -> None:
        elsewhere = f"<sip:nobody@{self.ip}:9>"
        self._send(_response(302, "Moved", headers, self._tag, "", elsewhere), self._peer)


MANNERS: dict[str, tuple[str, ...]] = {
    "says nothing": (),
    "says only trying": ("trying",),
    "is moved elsewhere": ("moved",),
    "sends a torn answer": ("torn_reply",),
    "answers without sound": ("answer_without_sound",),
    "answers nonsense": ("answer_nonsense",),
    "answers with an unknown codec": ("answer_unknown_codec",),
    "answers with port zero": ("answer_port_zero",),
    "plays its own ringing": ("early_sound", "pick_up_later"),
    "answers twice": ("two_answer",),
}
