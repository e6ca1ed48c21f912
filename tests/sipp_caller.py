"""One caller that is sipp, led by a test: it speaks a tone, and presses each key when it is told to (RFC 4733).

with SippCaller(tmp_path, keys="280") as caller:
    caller.call(number, exchange.address)
    caller.press("2")
    ...
    caller.hang_up()

Its sound is packets of our own making that sipp plays (RFC 3550, µ-law of G.711). A word to sipp's control connection
("3pcc") is what the scenario waits for between two keys.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import subprocess
from pathlib import Path
from types import TracebackType

import numpy as np

from tests.exchange import CALLER_TONE
from tests.sip_phone import FRAME, KEYS, RATE, key_packets, to_ulaw
from tests.sipp import Sipp, caller, play

CALLER = "127.0.0.2"
TONE_S = 30
"""How long the tone after each key is: longer than any test waits between two of them."""
TAKES = TONE_S * RATE // FRAME + 100
"""Numbers of packets kept free for one piece of sound, so that the next one goes on behind it."""
LOUD = 8_000  # of 32767
SOURCE = 0x1234
TOLD = "  <sendCmd><![CDATA[\nCall-ID: [call_id]\nFrom: sipp\n\n]]></sendCmd>\n"
WORD = "  <recvCmd/>\n"
END = b"\x1b"
"""Ends a word between sipp and whoever leads it."""


class SippCaller:
    """`keys`: all that will be pressed, in order. It needs root: sipp plays packets as they are."""

    def __init__(self, folder: Path, *, keys: str, hertz: float = CALLER_TONE) -> None:
        self.folder, self.keys = folder, keys
        self._left = list(keys)
        self._ear = socket.create_server(("127.0.0.1", 0))
        pieces = [self._sound(turn, key, hertz) for turn, key in enumerate(["", *keys])]
        steps = [part for piece in pieces[1:] for part in (WORD, play(piece))]
        self._talk = caller(play(pieces[0]), TOLD, *steps, WORD)
        self._line: socket.socket | None = None
        self._sipp: Sipp | None = None

    def __enter__(self) -> SippCaller:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line is not None:
            self._hurry()
            self._line.close()
        if self._sipp is not None:
            self._sipp.__exit__(kind, error, trace)
        self._ear.close()

    def call(self, number: str, server: tuple[str, int]) -> None:
        """Call, and come back when it is answered."""
        self._sipp = Sipp(
            self.folder / "sipp", self._talk, ip=CALLER, to=server, number=number, prefix="4420794601", calls=1,
            leader=self._ear.getsockname()[1],
        ).__enter__()  # fmt: skip
        self._ear.settimeout(15)
        line, _ = self._ear.accept()
        line.settimeout(15)
        self._line, told = line, b""
        while not told.endswith(END):
            told += line.recv(4_096) or END
        named = re.search(rb"Call-ID: *(\S+)", told)
        assert named, f"the call is answered: {self._sipp.trouble()}"
        self._name = named[1]

    def press(self, key: str) -> None:
        """The next of the keys."""
        assert self._left.pop(0) == key
        self._say()

    def hang_up(self) -> None:
        """End the call; sipp must have seen all that it waited for."""
        assert not self._left
        assert self._sipp is not None
        self._say()
        assert self._sipp.wait(15) == 0, self._sipp.trouble()

    def _hurry(self) -> None:
        """A test that failed on the way leaves nobody behind in the exchange."""
        if self._sipp is None or self._sipp.process.poll() is not None:
            return
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            for _ in [*self._left, "the end"]:
                self._say()
            self._sipp.wait(5)

    def _say(self) -> None:
        assert self._line is not None
        self._line.sendall(b"Call-ID: " + self._name + b"\r\nFrom: test\r\n\r\n" + END)

    def _sound(self, turn: int, key: str, hertz: float) -> Path:
        """One piece of the caller's sound as a capture: a key, where there is one, and the tone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        wave = LOUD * np.sin(2 * np.pi * hertz * np.arange(TONE_S * RATE) / RATE)
        tone, first = to_ulaw(wave.astype(np.int64)), turn * TAKES
        # All packets of one key belong to the moment at which it went down.
        said = [(101, first, load) for load in (key_packets(KEYS.index(key)) if key else [])]
        said += [
            (0, first + len(said) + at, tone[at * FRAME : (at + 1) * FRAME])
            for at in range(len(tone) // FRAME)
        ]
        packets = []
        for number, (kind, moment, load) in enumerate(said):
            stamp = moment * FRAME & 0xFFFFFFFF
            head = struct.pack(">BBHII", 0x80, kind, (first + number) & 0xFFFF, stamp, SOURCE)
            packets.append(_captured(number, head + load))
        file = self.folder / f"sound-{turn}.pcap"
        file.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1) + b"".join(packets))
        return file


def _captured(number: int, load: bytes) -> bytes:
    """A packet as captures keep it (pcap, Ethernet, IPv4, UDP); addresses and ports are sipp's matter."""
    datagram = struct.pack(">HHHH", 6_000, 6_000, 8 + len(load), 0) + load
    address = socket.inet_aton(CALLER)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0, address, address)
    frame = bytes(12) + struct.pack(">H", 0x0800) + ip + datagram
    seconds, rest = divmod(number * FRAME, RATE)
    return struct.pack("<IIII", seconds, rest * 1_000_000 // RATE, len(frame), len(frame)) + frame
