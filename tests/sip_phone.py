"""A telephone for tests: one call at a time over UDP, a tone of its own, and an ear for the tone of the other side."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
import time
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

RATE, FRAME = 8_000, 160  # samples a second; samples in a packet of 20 ms
BIAS, CLIP = 0x84, 32_635  # of ITU-T G.711 µ-law
BUSY, DECLINED = 486, 603
KEYS = "0123456789*#"
FIRST = struct.pack(">H", FRAME)  # the duration in the first packet of a key
Samples = np.ndarray[Any, np.dtype[np.int64]]


def to_ulaw(samples: Samples) -> bytes:
    """16-bit samples as G.711 µ-law."""
    loud = np.minimum(np.abs(samples), CLIP) + BIAS
    exponent = np.floor(np.log2(loud)).astype(np.int64) - 7
    mantissa = (loud >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes()


def _decoded(coded: Samples) -> Samples:
    loud = ((((coded & 0x0F) << 3) + BIAS) << ((coded >> 4) & 7)) - BIAS
    return np.where(coded & 0x80, -loud, loud)


FROM_ULAW = _decoded(~np.arange(256, dtype=np.int64) & 0xFF)


def from_ulaw(data: bytes) -> Samples:
    """G.711 µ-law as 16-bit samples."""
    return FROM_ULAW[np.frombuffer(data, np.uint8)]


@lru_cache(maxsize=64)
def _turn(hertz: float, length: int) -> np.ndarray[Any, np.dtype[np.complex128]]:
    return np.exp(-2j * np.pi * hertz * np.arange(length) / RATE)


def loudness(samples: Samples, hertz: float) -> float:
    """How loud this tone is in the samples: its amplitude, of 32767."""
    if len(samples) < RATE // 4:
        return 0.0
    return float(2 * abs(np.dot(samples, _turn(hertz, len(samples)))) / len(samples))


@lru_cache(maxsize=64)
def _tone(hertz: float) -> bytes:
    """Ten seconds of a tone as µ-law: every tenth of a hertz comes round in them."""
    at = np.arange(10 * RATE)
    return to_ulaw((8_000 * np.sin(2 * np.pi * hertz * at / RATE)).astype(np.int64))


@dataclass
class SipPhone:
    """`ip`: a loopback address of its own. `picks_up`: seconds until it answers, None never; `refuses`: with this code.

    State: idle, calling, ringing, talking, over.
    """

    ip: str
    hertz: float
    port: int = 0
    name: str = "phone"
    picks_up: float | None = 0.1
    refuses: int = 0
    state: str = "idle"
    code: int = 0
    rang: int = 0
    heard: list[bytes] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    keys: str = ""
    """What the other side pressed (RFC 4733)."""

    def __post_init__(self) -> None:
        self._sip = _bound(self.ip, self.port)
        self._rtp = _bound(self.ip, 0)
        self.port = self._sip.getsockname()[1]
        self._tag = uuid.uuid4().hex[:8]
        self._stop = threading.Event()
        self._lock = threading.RLock()
        self._invite: dict[str, str] = {}
        self._peer: tuple[str, int] = ("", 0)
        self._media: tuple[str, int] | None = None
        self._cseq, self._sequence, self._stamp = 1, 0, 0
        self._answer_at: float | None = None
        self._digits: list[bytes] = []
        self._key_at = b""
        self._call = ""
        self._thread = threading.Thread(target=self._live, name=self.name, daemon=True)
        self._thread.start()

    # --- What a test does with it

    def call(self, number: str, server: tuple[str, int], caller: str = "+442079460123") -> None:
        """Call a number at this exchange."""
        with self._lock:
            self._peer, self._call, self._cseq = server, f"{uuid.uuid4().hex}@{self.ip}", 1
            self.state, self.code, self.heard, self._media = "calling", 0, [], None
            self._to = f"<sip:{number}@{server[0]}:{server[1]}>"
            self._from = f'"Caller" <sip:{caller}@{self.ip}:{self.port}>;tag={self._tag}'
            self._uri = f"sip:{number}@{server[0]}:{server[1]}"
            self._request("INVITE", self._sdp())

    def write(self, number: str, server: tuple[str, int], words: str, caller: str = "+442079460123") -> None:
        """Send a text to a number at this exchange (RFC 3428); its answer is in `code`."""
        with self._lock:
            body = words.encode()
            lines = [
                f"MESSAGE sip:{number}@{server[0]}:{server[1]} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bK{uuid.uuid4().hex[:12]};rport",
                f'From: "Caller" <sip:{caller}@{self.ip}:{self.port}>;tag={uuid.uuid4().hex[:8]}',
                f"To: <sip:{number}@{server[0]}:{server[1]}>", f"Call-ID: {uuid.uuid4().hex}@{self.ip}",
                "CSeq: 1 MESSAGE", "Max-Forwards: 70", "Content-Type: text/plain", f"Content-Length: {len(body)}",
                "", "",
            ]  # fmt: skip
            self._sip.sendto("\r\n".join(lines).encode() + body, server)

    def hang_up(self) -> None:
        """End the call, whatever it is in."""
        with self._lock:
            # Before an answer there is no dialogue to end: whoever answers later is told then.
            if self.state == "talking":
                self._cseq += 1
                self._request("BYE")
            self.state = "over"

    def refuse(self, code: int = BUSY) -> None:
        """Say no to what rings, now."""
        with self._lock:
            self._reply(code, "No")
            self.state = "over"

    def pick_up(self) -> None:
        """Answer what rings, now."""
        with self._lock:
            self._answer_at = time.monotonic()

    def press(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        with self._lock:
            for digit in digits:
                self._digits += key_packets(KEYS.index(digit))

    def hears(self, hertz: float, least: float = 500.0) -> bool:
        """Whether this tone was in the last second."""
        return loudness(self.sound(1.0), hertz) >= least

    def sound(self, seconds: float) -> Samples:
        """What came in the last seconds."""
        with self._lock:
            packets = self.heard[-int(seconds * RATE / FRAME) :]
        return from_ulaw(b"".join(packets)) if packets else np.zeros(0, np.int64)

    def deaf(self) -> None:
        """Forget what was heard."""
        with self._lock:
            self.heard.clear()

    def close(self) -> None:
        """Hang up and end."""
        self.hang_up()
        self._stop.set()
        self._thread.join(5)
        self._sip.close()
        self._rtp.close()

    # --- Its life

    def _live(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            ready, _, _ = select.select([self._sip, self._rtp], [], [], max(0.0, due - time.monotonic()))
            with self._lock, contextlib.suppress(BlockingIOError, ConnectionError):
                if self._sip in ready:
                    data, source = self._sip.recvfrom(65_535)
                    self._take(data.decode("utf-8", "replace"), source)
                if self._rtp in ready:
                    packet = self._rtp.recv(4_096)
                    if packet[1] & 0x7F == 0 and self.state == "talking":
                        self.heard.append(packet[12:])
                    elif packet[1] & 0x7F == 101:
                        self._hear_key(packet)
                if (now := time.monotonic()) >= due:
                    # Held up, a telephone sends later and not many at once: of keys in a heap some are lost.
                    due = max(due + FRAME / RATE, now + FRAME / RATE / 2)
                    self._tick()

    def _tick(self) -> None:
        if self._answer_at is not None and time.monotonic() >= self._answer_at and self.state == "ringing":
            self._answer_at = None
            self._reply(200, "OK", self._sdp())
            self.state = "talking"
        if self.state == "talking" and self._media:
            self._speak()

    def _speak(self) -> None:
        at = self._stamp % (10 * RATE)  # a whole number of packets
        kind, load = (101, self._digits.pop(0)) if self._digits else (0, _tone(self.hertz)[at : at + FRAME])
        head = struct.pack(">BBHII", 0x80, kind, self._sequence & 0xFFFF, self._stamp & 0xFFFFFFFF, 0x1234)
        self._sequence += 1
        # All packets of one key belong to the moment at which it went down.
        over = kind == 101 and (not self._digits or self._digits[0][2:4] == FIRST)
        self._stamp += FRAME * 9 if over else FRAME if kind == 0 else 0
        if self._media:
            self._rtp.sendto(head + load, self._media)

    def _hear_key(self, packet: bytes) -> None:
        """Each key comes in several packets, all of one moment; the same key again is one of another moment."""
        stamp, event = packet[4:8], packet[12]
        if stamp != self._key_at and event < len(KEYS):
            self._key_at = stamp
            self.keys += KEYS[event]

    # --- SIP

    def _take(self, text: str, source: tuple[str, int]) -> None:
        first, headers, body = _read(text)
        if first.startswith("SIP/2.0"):
            self._answered(int(first.split()[1]), headers, body)
            return
        method = first.split()[0]
        if method == "INVITE" and headers["call-id"] != self._call:
            self._rung(headers, body, source)
        elif method == "INVITE" and self.state == "ringing":
            self._reply(180, "Ringing")
        elif method == "INVITE":
            self._invite, self._media = headers, _media(body) or self._media
            self._reply(200, "OK", self._sdp())
        elif method in ("BYE", "CANCEL"):
            self._send(_response(200, "OK", headers, self._tag), source)
            if method == "CANCEL":
                self._reply(487, "Request Terminated")
            self.state = "over"
        elif method == "MESSAGE":
            self.read.append(body)
            self._send(_response(200, "OK", headers, self._tag), source)
        elif method == "OPTIONS":
            self._send(_response(200, "OK", headers, self._tag), source)

    def _rung(self, headers: dict[str, str], body: str, source: tuple[str, int]) -> None:
        if self.state in ("talking", "ringing"):
            self._send(_response(BUSY, "Busy Here", headers, self._tag), source)
            return
        self._invite, self._peer, self._call = headers, source, headers["call-id"]
        self._media, self.heard, self.rang = _media(body), [], self.rang + 1
        self._from, self._to = f"{headers['to']};tag={self._tag}", headers["from"]
        self._uri = re.sub(r".*<(.*)>.*", r"\1", headers["contact"])
        if self.refuses:
            self._reply(self.refuses, "No")
            return
        self.state = "ringing"
        self._reply(180, "Ringing")
        self._answer_at = None if self.picks_up is None else time.monotonic() + self.picks_up

    def _answered(self, code: int, headers: dict[str, str], body: str) -> None:
        if headers.get("cseq", "").endswith("MESSAGE"):
            self.code = code
        if headers.get("cseq", "").endswith("INVITE") and headers.get("call-id") == self._call:
            self.code = code
            if code == 200:
                self._to, self._media = headers["to"], _media(body)
                self._uri = re.sub(r".*<(.*)>.*", r"\1", headers["contact"])
                self._request("ACK")
                if self.state == "calling":
                    self.state = "talking"
                elif self.state == "over":
                    self._cseq += 1
                    self._request("BYE")
            elif code >= 300:
                self._request("ACK")
                self.state = "over"

    def _request(self, method: str, body: str = "") -> None:
        lines = [
            f"{method} {self._uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bK{uuid.uuid4().hex[:12]};rport",
            f"From: {self._from}", f"To: {self._to}", f"Call-ID: {self._call}", f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:{self.name}@{self.ip}:{self.port}>", "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
        ]  # fmt: skip
        self._send("\r\n".join(lines), self._peer)

    def _reply(self, code: int, words: str, body: str = "") -> None:
        contact = f"<sip:{self.name}@{self.ip}:{self.port}>"
        self._send(_response(code, words, self._invite, self._tag, body, contact), self._peer)

    def _send(self, text: str, to: tuple[str, int]) -> None:
        self._sip.sendto(text.encode(), to)

    def _sdp(self) -> str:
        port = self._rtp.getsockname()[1]
        return (
            f"v=0\r\no=t 1 1 IN IP4 {self.ip}\r\ns=-\r\nc=IN IP4 {self.ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
        )


def _bound(ip: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind((ip, port))
    found.setblocking(False)
    return found


def _read(text: str) -> tuple[str, dict[str, str], str]:
    head, _, body = text.partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in rest:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        # Via stands once for each hop, and all of them go back.
        headers[key] = (
            f"{headers[key]}\r\nVia: {value.strip()}" if key == "via" and key in headers else value.strip()
        )
    return first, headers, body


def _response(
    code: int, words: str, headers: dict[str, str], tag: str, body: str = "", contact: str = ""
) -> str:
    to = headers["to"] if "tag=" in headers["to"] else f"{headers['to']};tag={tag}"
    lines = [
        f"SIP/2.0 {code} {words}", f"Via: {headers['via']}", f"From: {headers['from']}", f"To: {to}",
        f"Call-ID: {headers['call-id']}", f"CSeq: {headers['cseq']}", *([f"Contact: {contact}"] if contact else []),
        *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return "\r\n".join(lines)


def _media(body: str) -> tuple[str, int] | None:
    address, port = re.search(r"c=IN IP4 (\S+)", body), re.search(r"m=audio (\d+)", body)
    return (address[1], int(port[1])) if address and port else None


def key_packets(number: int) -> list[bytes]:
    """One key: eight packets while it is down, three that say it is up, at one moment of the stream."""
    down = [struct.pack(">BBH", number, 10, FRAME * (turn + 1)) for turn in range(8)]
    return down + [struct.pack(">BBH", number, 0x8A, FRAME * 9)] * 3
