"""How much one process of the live edge carries: memory per WebSocket, and how long a broadcast to all takes.

    python -m benchmarks.live_edge [--connections 5000] [--broadcasts 20] [--json]

The edge runs in a process of its own under uvicorn, with the options it runs with in production; the peers are another
process on loopback, so that their memory and work are not counted as ours. A broadcast's time is from `bus.publish` to
the arrival in each peer (one clock: CLOCK_MONOTONIC is the machine's). Reach: < 30 KiB each, p99 < 500 ms at 5,000.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import gc
import json
import resource
import secrets
import socket
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine

PER_ADDRESS = 20_000  # peers per loopback source address: below the number of ephemeral ports
REACH_KIB, REACH_MS = 30.0, 500.0


def raise_limits(wanted: int) -> None:
    """Open files: one socket per connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted + 500, hard), hard))


def resident_kib(pid: int) -> int:
    """Resident memory of a process in KiB (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS: this benchmark needs Linux")


# --- The edge's process


def serve(connections: int) -> None:
    """Run an edge; print its port; then broadcast once for each line on standard input."""
    import uvicorn
    from django.conf import settings
    from starlette.routing import Router

    settings.configure()
    from civicline.kernel import bus
    from civicline.web.live import Doors, Limits, LiveEdge, Staff, uvicorn_options

    def nothing(*_: Any) -> None:
        return None

    staff = Staff(user_id="bench", is_agent=False, sees_board=True)
    doors = Doors(
        staff_of=lambda session: staff,
        may_watch=lambda user, topic: True,
        opens_contact=lambda contact, secret: True,
        opens_wall=lambda token: True,
        got=nothing,
        seen=nothing,
        agents_seen=nothing,
        agents_vanished=nothing,
    )
    most = connections + 10
    edge = LiveEdge(
        doors=doors,
        bus=bus,
        allowed_hosts=["127.0.0.1"],
        limits=Limits(total=most, per_session=most, per_address=most),
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)

    def broadcasts() -> None:
        for line in sys.stdin:
            print(json.dumps({"id": line.strip(), "at": time.monotonic()}), flush=True)
            bus.publish("board", {"kind": "changed", "id": line.strip()})

    @contextlib.asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        async with edge.running():
            print(listener.getsockname()[1], flush=True)
            # Ends with the input: whoever started us is gone.
            reading = asyncio.get_running_loop().run_in_executor(None, broadcasts)
            yield
            reading.cancel()

    app = Router(routes=edge.routes(), lifespan=lifespan)
    uvicorn.run(
        app, fd=listener.fileno(), log_level="error", access_log=False, loop="uvloop", **uvicorn_options()
    )


# --- The peers' process


class Peer(asyncio.Protocol):
    """A WebSocket client with just what is needed: handshake, answers to pings, time of arrival."""

    def __init__(self, port: int, arrivals: dict[str, list[float]], ready: asyncio.Semaphore) -> None:
        self._port, self._arrivals, self._ready = port, arrivals, ready
        self._buffer = b""
        self._open = False
        self.lost = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        transport.write(
            f"GET /live/desk HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nOrigin: http://127.0.0.1:{self._port}\r\n"
            f"Cookie: sessionid=bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(head.decode())
            self._open, self._buffer = True, rest
        for opcode, payload in self._frames():
            if opcode == 9:
                self._pong(payload)
            elif opcode == 1:
                message = json.loads(payload)
                if message["kind"] == "welcome":
                    self._ready.release()
                else:
                    self._arrivals.setdefault(message.get("id", message["kind"]), []).append(now)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        while len(self._buffer) >= 2:
            opcode, length, start = self._buffer[0] & 15, self._buffer[1] & 127, 2
            if length == 126:
                if len(self._buffer) < 4:
                    return
                (length,) = struct.unpack("!H", self._buffer[2:4])
                start = 4
            if len(self._buffer) < start + length:
                return
            payload, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            yield opcode, payload

    def _pong(self, payload: bytes) -> None:
        assert self._transport is not None
        mask = b"\0\0\0\0"
        self._transport.write(bytes([0x8A, 0x80 | len(payload)]) + mask + payload)


async def peers(port: int, connections: int) -> None:
    """Hold the connections; report arrivals of each broadcast that standard input names, as JSON lines."""
    loop = asyncio.get_running_loop()
    arrivals: dict[str, list[float]] = {}
    ready = asyncio.Semaphore(0)
    held: list[Peer] = []
    for start in range(0, connections, 100):
        made = await asyncio.gather(
            *(
                loop.create_connection(
                    lambda: Peer(port, arrivals, ready),
                    "127.0.0.1",
                    port,
                    local_addr=(f"127.0.{1 + number // PER_ADDRESS}.1", 0),
                )
                for number in range(start, min(start + 100, connections))
            )
        )
        held.extend(peer for _, peer in made)
        for _ in made:
            await ready.acquire()
    gc.collect()
    gc.freeze()  # the peers' own pauses are not what is measured
    print(json.dumps({"ready": len(held)}), flush=True)
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        deadline = time.monotonic() + 20
        while len(arrivals.get(line, ())) < connections and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        lost = sum(peer.lost for peer in held)
        resyncs = len(arrivals.get("resync", ()))
        print(
            json.dumps({"id": line, "at": arrivals.get(line, []), "lost": lost, "resyncs": resyncs}),
            flush=True,
        )


# --- The measurement


def _process(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.live_edge", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def _say(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()


def measure(connections: int, broadcasts: int) -> dict[str, Any]:
    """Figures of one run; times in milliseconds, memory in KiB per connection."""
    edge = _process("--role", "edge", "--connections", str(connections))
    crowd: subprocess.Popen[str] | None = None
    try:
        port = int(_line(edge))
        before = resident_kib(edge.pid)
        started = time.monotonic()
        crowd = _process("--role", "peers", "--port", str(port), "--connections", str(connections))
        assert _line(crowd)["ready"] == connections
        opened = time.monotonic() - started
        time.sleep(6)  # the edge looks after its memory every 5 s; this is how it stands after the rush
        memory = (resident_kib(edge.pid) - before) / connections
        all_times: list[float] = []
        last: list[float] = []
        report: dict[str, Any] = {}
        for number in range(broadcasts):
            _say(edge, f"b{number}")
            sent = _line(edge)["at"]
            _say(crowd, f"b{number}")
            report = _line(crowd)
            if len(report["at"]) != connections:
                raise RuntimeError(f"broadcast {number}: {len(report['at'])} of {connections} arrived")
            times = sorted((at - sent) * 1_000 for at in report["at"])
            all_times += times
            last.append(times[-1])
        all_times.sort()
        return {
            "machine": machine.described(),
            "connections": connections,
            "opened_per_second": round(connections / opened),
            "kib_per_connection": round(memory, 1),
            "kib_after_broadcasts": round((resident_kib(edge.pid) - before) / connections, 1),
            "broadcasts": broadcasts,
            "p50_ms": round(statistics.median(all_times), 1),
            "p99_ms": round(all_times[int(len(all_times) * 0.99)], 1),
            "last_ms_median": round(statistics.median(last), 1),
            "lost": report["lost"],
            "resyncs": report["resyncs"],
        }
    finally:
        for process in (crowd, edge):
            if process is not None:
                process.terminate()
                process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--broadcasts", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=["edge", "peers"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    raise_limits(given.connections)
    if given.role == "edge":
        serve(given.connections)
    elif given.role == "peers":
        asyncio.run(peers(given.port, given.connections))
    else:
        figures = measure(given.connections, given.broadcasts)
        if given.json:
            print(json.dumps(figures))
            return
        print(f"Live edge, one process ({figures['machine']})")
        print(f"  {figures['connections']} WebSockets, {figures['opened_per_second']} opened a second")
        print(f"  {figures['kib_per_connection']} KiB each (reach: < {REACH_KIB:g})")
        print(
            f"  broadcast to all: p50 {figures['p50_ms']} ms, p99 {figures['p99_ms']} ms (reach: < {REACH_MS:g}),"
            f" {figures['lost']} lost, {figures['resyncs']} resyncs"
        )


if __name__ == "__main__":
    main()
