"""The figures of `benchmarks.voice` with real sipp as the callers, and as the telephones of all agents.

Civicline runs as one process on SQLite with its embedded Asterisk. Callers are one sipp, the telephones of all
agents are another one; each notes every message with the time of the same clock, in microseconds.

- queue: INVITE of the caller to INVITE at an agent's telephone, through the dialplan's Queue(): no database.
- civicline: the same through Civicline, in the same run: every step committed. Matched by the caller's number.
- ivr: calls answered into a published menu, hung up half a second later.
- music: callers who all wait in line at once; `hear_music`: those who get at least 45 packets of sound a second, of 50.

A call takes 5 s, so that of 100 agents 90 talk at once. Wrap-up ends by itself within two seconds.

Run: `python -m benchmarks.voice_sipp [--json] [--agents N] [--rate N] [--seconds N] [--ivr-rate N] [--waiting N]
[--only-rings]`. It needs sipp (Debian: apt-get install sip-tester) and takes
under two minutes; `--only-rings --seconds 45` gives the long tail more to show itself in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from benchmarks import machine
from benchmarks.voice import (
    CIVICLINE,
    HEAR_S,
    LEAST_PACKETS,
    MENU,
    MENU_S,
    QUEUE,
    RING_S,
    SOUND_PORT,
    TALK_S,
    WAIT_RATE,
    WAIT_S,
    Ear,
    ordered,
    print_ratio,
    print_rows,
    used,
)  # fmt: skip
from tests.sipp import Message, Sipp, caller, missing_sipp, pause, telephone

CALLERS, TELEPHONES = "127.0.0.2", "127.0.0.3"
DRAIN_S = 2.5
"""Until wrap-up is over and everybody is free again."""


@dataclass
class Floor:
    """What is measured: the exchange, where its town keeps its files, and the telephones of its agents."""

    house: Any
    folder: Path
    phones: Sipp
    agents: list[str]
    runs: int = 0

    def callers(self, number: str, *, calls: int, rate: float, stays: float) -> Sipp:
        """So many callers of this number, each with a number of their own."""
        self.runs += 1
        # Nobody listens at that port but the ear, and sound that nobody takes costs nothing.
        talk = caller(pause(int(stays * 1000)), sound=CALLERS, port=str(SOUND_PORT))
        return Sipp(
            self.folder / f"callers-{self.runs}", talk, ip=CALLERS, to=self.house.address, number=number,
            prefix=f"15558{self.runs:02d}", calls=calls, rate=rate,
        )  # fmt: skip

    @contextmanager
    def cost(self) -> Iterator[dict[str, Any]]:
        """Cores used while the block ran, and memory after it (MB), of Civicline and of the exchange."""
        from civicline.channels.voice.asterisk import process

        pids = {
            "civicline": self.house.voice.process.pid,
            "asterisk": process.running((self.house.var / "voice").absolute()),
        }
        found: dict[str, Any] = {}
        before, began = {who: used(pid)[0] for who, pid in pids.items()}, time.monotonic()
        yield found
        took = time.monotonic() - began
        for who, pid in pids.items():
            found |= {
                f"{who}_cpu": round((used(pid)[0] - before[who]) / took, 2), f"{who}_mb": round(used(pid)[1])
            }  # fmt: skip


def firsts(messages: list[Message], *, sent: bool, code: int, by: str) -> dict[str, float]:
    """When each caller's first INVITE (code 0), or first answer to one, passed; by their number or their call."""
    found: dict[str, float] = {}
    for one in messages:
        if one.sent == sent and one.turn.endswith("INVITE") and one.code == code:
            found.setdefault(str(getattr(one, by)), one.at)
    return found


def spread(sent: dict[str, float], then: dict[str, float]) -> list[float]:
    """Milliseconds from the one to the other, sorted."""
    return sorted((then[one] - at) * 1000 for one, at in sent.items() if one in then)


def at_share(values: list[float], share: float) -> float | None:
    """The value below which this share of them lies."""
    return round(values[min(len(values) - 1, int(len(values) * share))], 1) if values else None


def offered(floor: Floor, number: str, *, rate: float, seconds: float, stays: float) -> dict[str, Any]:
    """Calls by the clock, whatever becomes of those before; what became of them."""
    count = int(rate * seconds)
    with floor.cost() as cost, floor.callers(number, calls=count, rate=rate, stays=stays) as callers:
        callers.wait(seconds + stays + 40)
        time.sleep(DRAIN_S)
    heard = list(callers.messages())
    asked, answered = (
        firsts(heard, sent=code == 0, code=code, by="call") for code in (0, 200)
    )  # an answer's From is the caller's too, and so is its call
    begun = firsts(heard, sent=True, code=0, by="number")
    rung = firsts(list(floor.phones.messages()), sent=False, code=0, by="number")
    waits = spread(begun, rung)
    return {
        "rate": rate, "calls": len(asked), "answered": len(answered), "failed": callers.failed(),
        "reached_agent": len(waits), "p50_ms": at_share(waits, 0.5), "p99_ms": at_share(waits, 0.99),
        "answer_p99_ms": at_share(spread(asked, answered), 0.99), **cost,
    }  # fmt: skip


async def heard(seconds: float) -> int:
    """How many callers had music for so long: each is sent to from a port of its own."""
    loop = asyncio.get_running_loop()
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=(CALLERS, SOUND_PORT))
    await asyncio.sleep(seconds)
    transport.close()
    return sum(packets >= LEAST_PACKETS * seconds for packets in ear.heard.values())


def in_line(floor: Floor, count: int) -> dict[str, Any]:
    """So many callers wait at once, and nobody is there; whether each of them hears music."""
    for agent in floor.agents:
        floor.house.do("presence", agent=agent, state="break")
    stays = count / WAIT_RATE + WAIT_S
    with floor.cost() as cost, floor.callers(CIVICLINE, calls=count, rate=WAIT_RATE, stays=stays) as callers:
        time.sleep(count / WAIT_RATE + 2)
        music = asyncio.run(heard(HEAR_S))
        waiting = sum(leg["state"] == "Up" for leg in floor.house.ari("channels"))
        callers.wait(stays + 40)
    answered = firsts(list(callers.messages()), sent=False, code=200, by="call")
    return {
        "calls": count, "answered": len(answered), "failed": callers.failed(), "waiting": waiting, "hear_music": music,
        **cost,
    }  # fmt: skip


def measure(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Civicline, its Asterisk and the telephones; then one after the other."""
    from tests.exchange import Exchange

    var = folder / "var"
    ring = telephone(rings_ms=int(RING_S * 1000), sound=TELEPHONES, port=str(SOUND_PORT))
    house = Exchange(var, log_level="warning", options={"CIVICLINE_VOICE_LINES": "2000"}, sound_ports=8_000)
    (var / "voice/etc").mkdir(parents=True)
    queue = f"exten => {QUEUE},1,Answer(0,i)\n same => n,Queue(civicline,,,,300)\n same => n,Hangup()\n"
    (var / "voice/etc/extensions-custom.conf").write_text(queue)
    found: dict[str, Any] = {}
    with Sipp(folder / "telephones", ring, ip=TELEPHONES) as phones:
        phones.listens()
        try:
            agents = house.start(
                agents=arguments.agents, ports=[phones.port], wrap_up_seconds=0, menu_number=MENU
            )
            floor = Floor(house, folder, phones, agents)
            for name, number in (("queue", QUEUE), ("civicline", CIVICLINE)):
                found[name] = offered(
                    floor, number, rate=arguments.rate, seconds=arguments.seconds, stays=TALK_S
                )
            if not arguments.only_rings:
                brief = min(arguments.seconds, 10)
                found["ivr"] = offered(floor, MENU, rate=arguments.ivr_rate, seconds=brief, stays=MENU_S)
                found["music"] = in_line(floor, arguments.waiting)
        finally:
            house.stop()
        found["telephones_failed"] = phones.failed()
    return found


def main() -> int:
    """Measure and print."""
    arguments = ordered(__doc__, seconds=15.0)
    from tests.exchange import missing

    if missing_sipp() or missing():
        print(missing_sipp() or missing())
        return 0
    with tempfile.TemporaryDirectory(prefix="civicline-sipp-") as folder:
        found = measure(Path(folder), arguments)
    if arguments.json:
        print(json.dumps({"machine": machine.hardware(), **found}))
        return 0
    crossed = found.pop("telephones_failed")
    print_rows(found)
    print(f"calls at the telephones that went otherwise than planned: {crossed}")
    print_ratio(found["civicline"], found["queue"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
