"""How long a caller waits for a free agent's telephone to ring, beside Asterisk's own Queue(), with the real Asterisk.

Civicline runs as one process on SQLite with its embedded Asterisk; callers and telephones are this process, over
loopback, without sound.

- queue: INVITE of the caller to INVITE at an agent's telephone, through the dialplan's Queue(): no database.
- civicline: the same through Civicline: the call written down, triaged, offered by the engine, every step committed.
- ivr: calls answered into a published menu, hung up half a second later.
- music: callers who all wait in line at once; `hear_music`: those who get at least 45 packets of sound a second, of 50.

A call takes 5 s, so that of 100 agents 90 talk at once. Wrap-up ends by itself within two seconds.

Run: `python -m benchmarks.voice [--json] [--agents N] [--rate N] [--seconds N] [--ivr-rate N] [--waiting N]
[--only-rings]`

`--only-rings` leaves ivr and music out: for several short runs of two versions in turns, where others use the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from benchmarks import machine

QUEUE, MENU, CIVICLINE = "9000", "442079460777", "442079460999"
SOUND_PORT = 40_000
WAIT_RATE, WAIT_S, HEAR_S, LEAST_PACKETS = 20.0, 12.0, 3.0, 45
"""Callers a second, how long the last of them waits, how long we listen (s), packets a second for sound."""
TALK_S, RING_S, MENU_S = 5.0, 0.05, 0.5
TARGET_P50_MS, TARGET_P99_MS = 8.0, 50.0
SDP = (
    "v=0\r\no=b 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\n"  # SOUND_PORT
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


@dataclass
class Run:
    """When each caller's INVITE left, when it was answered, and when a telephone was rung for it; seconds."""

    sent: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    rung: dict[str, float] = field(default_factory=dict)
    failed: int = 0

    def waits_ms(self) -> list[float]:
        """From the caller's INVITE to the agent's, sorted."""
        return sorted((self.rung[one] - at) * 1000 for one, at in self.sent.items() if one in self.rung)


class Side(asyncio.DatagramProtocol):
    """Speaks SIP over one socket, as many calls at once as there are."""

    def __init__(self, ip: str, run: Run) -> None:
        self.ip = ip
        self.run = run
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    def send(self, lines: list[str], to: tuple[str, int], body: str = "") -> None:
        """One message."""
        kind = ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([*lines, *kind, f"Content-Length: {len(body)}", "", body])
        assert self.transport is not None
        self.transport.sendto(text.encode(), to)

    def answer(self, words: str, text: str, to: tuple[str, int], body: str = "") -> None:
        """A response to a request."""
        kept = re.findall(r"^(?:Via|From|Call-ID|CSeq):.*$", text, re.M | re.I)
        wanted = re.search(r"^To:(.*)$", text, re.M | re.I)
        tag = "" if wanted and "tag=" in wanted[1] else ";tag=b"
        contact = f"Contact: <sip:b@{self.ip}:{self.port}>"
        lines = [
            f"SIP/2.0 {words}",
            *(one.strip() for one in kept),
            f"To:{wanted[1].strip() if wanted else ''}{tag}",
        ]
        self.send([*lines, contact], to, body)


class Telephones(Side):
    """All agents' telephones: they ring for a moment, then somebody answers."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        if text.startswith("INVITE"):
            number = re.search(r"^From:.*?(1555\d+)", text, re.M | re.I)
            if number:
                self.run.rung.setdefault(number[1], time.monotonic())
            self.answer("180 Ringing", text, addr)
            loop = asyncio.get_running_loop()
            loop.call_later(RING_S, self.answer, "200 OK", text, addr, SDP.format(ip=self.ip))
        elif text.startswith(("BYE", "CANCEL", "OPTIONS")):
            self.answer("200 OK", text, addr)


class Callers(Side):
    """Callers: each has a number of its own, and hangs up after a while."""

    calls: dict[str, tuple[str, float]] = {}

    def call(self, number: str, extension: str, server: tuple[str, int], seconds: float) -> None:
        """Begin one call."""
        self.calls[f"{number}@{self.ip}"] = (extension, seconds)
        self.run.sent[number] = time.monotonic()
        self._request(
            "INVITE", number, f"<sip:{extension}@{server[0]}:{server[1]}>", server, 1, SDP.format(ip=self.ip)
        )

    def _request(
        self, method: str, number: str, to: str, server: tuple[str, int], turn: int, body: str = ""
    ) -> None:
        extension = self.calls[f"{number}@{self.ip}"][0]
        self.send(
            [
                f"{method} sip:{extension}@{server[0]}:{server[1]} SIP/2.0",
                f"Via: SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bK{uuid.uuid4().hex[:12]};rport",
                f"From: <sip:{number}@{self.ip}>;tag=c{number}", f"To: {to}", f"Call-ID: {number}@{self.ip}",
                f"CSeq: {turn} {method}", f"Contact: <sip:{number}@{self.ip}:{self.port}>", "Max-Forwards: 70",
            ], server, body,
        )  # fmt: skip

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        if not text.startswith("SIP/2.0"):
            self.answer("200 OK", text, addr)
            return
        code, number = int(text[8:11]), re.search(r"^Call-ID:\s*(\d+)@", text, re.M | re.I)
        if (
            "INVITE" not in (re.search(r"^CSeq:.*$", text, re.M | re.I) or [""])[0]
            or number is None
            or code < 200
        ):
            return
        to = re.search(r"^To:\s*(.*?)\s*$", text, re.M | re.I)
        self._request("ACK", number[1], to[1] if to else "", addr, 1)
        if number[1] in self.run.answered:
            return
        self.run.answered[number[1]] = time.monotonic()
        if code >= 300:
            self.run.failed += 1
            return
        seconds = self.calls[f"{number[1]}@{self.ip}"][1]
        loop = asyncio.get_running_loop()
        loop.call_later(seconds, self._request, "BYE", number[1], to[1] if to else "", addr, 2)


class Ear(asyncio.DatagramProtocol):
    """Counts the packets of sound from each of the exchange's ports: each caller is sent to from one of its own."""

    def __init__(self) -> None:
        self.heard: Counter[int] = Counter()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard[addr[1]] += 1


async def wait_in_line(callers: Callers, house: Any, count: int) -> dict[str, Any]:
    """So many callers wait at once, and nobody is there; hear for some seconds whether each of them has music."""
    loop = asyncio.get_running_loop()
    run = callers.run = Run()
    stay = count / WAIT_RATE + WAIT_S
    for _ in range(count):
        callers.call(f"1555{uuid.uuid4().int % 10**9:09d}", CIVICLINE, house.address, stay)
        await asyncio.sleep(1 / WAIT_RATE)
    await asyncio.sleep(2)
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=("127.0.0.2", SOUND_PORT))
    await asyncio.sleep(HEAR_S)
    transport.close()
    least = LEAST_PACKETS * HEAR_S
    waiting = sum(leg["state"] == "Up" for leg in house.ari("channels"))
    await asyncio.sleep(stay + 2)
    return {
        "calls": len(run.sent), "answered": len(run.answered) - run.failed, "failed": run.failed, "waiting": waiting,
        "hear_music": sum(packets >= least for packets in ear.heard.values()),
    }  # fmt: skip


async def offer(
    callers: Callers,
    run: Run,
    extension: str,
    server: tuple[str, int],
    *,
    rate: float,
    seconds: float,
    talk: float,
) -> Run:
    """Offer calls by the clock, whatever becomes of those before; then wait until all are over."""
    callers.run = run
    began, count = time.monotonic(), int(rate * seconds)
    for turn in range(count):
        await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
        callers.call(f"1555{uuid.uuid4().int % 10**9:09d}", extension, server, talk)
    await asyncio.sleep(talk + 2.5)
    return run


def used(pid: int) -> tuple[float, float]:
    """CPU seconds and resident MB of a process."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
    return (int(words[11]) + int(words[12])) / 100, resident


async def measure(
    house: Any, phones: Telephones, agents: list[str], arguments: argparse.Namespace
) -> dict[str, Any]:
    """All four, one after the other."""
    from civicline.channels.voice.asterisk import process

    loop = asyncio.get_running_loop()
    _, callers = await loop.create_datagram_endpoint(
        lambda: Callers("127.0.0.2", Run()), local_addr=("127.0.0.2", 0)
    )
    pids = {
        "civicline": house.voice.process.pid,
        "asterisk": process.running((house.var / "voice").absolute()),
    }
    found: dict[str, Any] = {}
    plan = [
        ("queue", QUEUE, arguments.rate, arguments.seconds, TALK_S),
        ("civicline", CIVICLINE, arguments.rate, arguments.seconds, TALK_S),
        ("ivr", MENU, arguments.ivr_rate, min(arguments.seconds, 10), MENU_S),
    ]
    for name, extension, rate, seconds, talk in plan[: 2 if arguments.only_rings else None]:
        run = phones.run = Run()
        before, began = {who: used(pid)[0] for who, pid in pids.items()}, time.monotonic()
        await offer(callers, run, extension, house.address, rate=rate, seconds=seconds, talk=talk)
        waits, took = run.waits_ms(), time.monotonic() - began
        found[name] = {
            "rate": rate, "calls": len(run.sent), "answered": len(run.answered) - run.failed, "failed": run.failed,
            "reached_agent": len(waits), "p50_ms": _at(waits, 0.5), "p99_ms": _at(waits, 0.99),
            "answer_p99_ms": _at(sorted((run.answered[one] - run.sent[one]) * 1000 for one in run.answered), 0.99),
            **{f"{who}_cpu": round((used(pid)[0] - before[who]) / took, 2) for who, pid in pids.items()},
            **{f"{who}_mb": round(used(pid)[1]) for who, pid in pids.items()},
        }  # fmt: skip
    if arguments.only_rings:
        return found
    for agent in agents:
        await asyncio.to_thread(house.do, "presence", agent=agent, state="break")
    before, began = {who: used(pid)[0] for who, pid in pids.items()}, time.monotonic()
    found["music"] = await wait_in_line(callers, house, arguments.waiting)
    took = time.monotonic() - began
    found["music"] |= {
        f"{who}_cpu": round((used(pid)[0] - before[who]) / took, 2) for who, pid in pids.items()
    }
    found["music"] |= {f"{who}_mb": round(used(pid)[1]) for who, pid in pids.items()}
    return found


def _at(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(len(values) * share))], 1) if values else None


async def prepare(arguments: argparse.Namespace, var: Path) -> dict[str, Any]:
    """Civicline, its Asterisk and the telephones; then measure."""
    from tests.exchange import Exchange

    loop = asyncio.get_running_loop()
    _, phones = await loop.create_datagram_endpoint(
        lambda: Telephones("127.0.0.3", Run()), local_addr=("127.0.0.3", 0)
    )
    house = Exchange(var, log_level="warning", options={"CIVICLINE_VOICE_LINES": "2000"}, sound_ports=8_000)
    etc = var / "voice/etc"
    etc.mkdir(parents=True)
    queue = f"exten => {QUEUE},1,Answer(0,i)\n same => n,Queue(civicline,,,,300)\n same => n,Hangup()\n"
    (etc / "extensions-custom.conf").write_text(queue)
    try:
        agents = await asyncio.to_thread(
            house.start, agents=arguments.agents, ports=[phones.port], wrap_up_seconds=0, menu_number=MENU
        )
        return await measure(house, phones, agents, arguments)
    finally:
        await asyncio.to_thread(house.stop)


def ordered(about: str | None, *, seconds: float) -> argparse.Namespace:
    """What was asked for; both measurements of calls take the same words. `seconds`: for how long, by default."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--agents", type=int, default=100)
    parser.add_argument("--rate", type=float, default=18.0)
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--ivr-rate", type=float, default=160.0)
    parser.add_argument("--waiting", type=int, default=300)
    parser.add_argument("--only-rings", action="store_true")
    return parser.parse_args()


def print_rows(rows: dict[str, Any]) -> None:
    """A line for each."""
    for name, row in rows.items():
        print(f"{name:10} " + " ".join(f"{key}={value}" for key, value in row.items()))


def print_ratio(ours: dict[str, Any], peer: dict[str, Any]) -> None:
    """How many times as long as Asterisk's own queue we took, beside what is wanted."""
    if ours["p50_ms"] and peer["p50_ms"]:
        ratios = f"p50 {ours['p50_ms'] / peer['p50_ms']:.1f}, p99 {ours['p99_ms'] / peer['p99_ms']:.1f}"
        print(f"times as long as Queue(): {ratios}; wanted: p50 {TARGET_P50_MS} ms, p99 {TARGET_P99_MS} ms")


def main() -> int:
    """Measure and print."""
    arguments = ordered(__doc__, seconds=20.0)
    from tests.exchange import missing

    if missing():
        print(missing())
        return 0
    with tempfile.TemporaryDirectory(prefix="civicline-voice-") as folder:
        found = asyncio.run(prepare(arguments, Path(folder) / "var"))
    if arguments.json:
        print(json.dumps({"machine": machine.hardware(), **found}))
        return 0
    print_rows(found)
    print_ratio(found["civicline"], found["queue"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
