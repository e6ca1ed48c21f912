"""What the whole system in one process costs while nothing happens: how soon it is ready, its memory, and its end.

    python -m benchmarks.embedded [--starts 3] [--idle 20] [--json]

`civicline serve` runs as a process of its own on SQLite with the demo town in it, which is seeded first and not
measured. Each start: seconds until its health page says "ok", megabytes of resident memory after the front page, the
sign-in and the API's document were read and `--idle` seconds went by, the share of a core that it used in that time,
and seconds from Ctrl-C (SIGINT) until the process is gone. Told is the middle of the starts, and the worst.

Reach: ready in < 3 s, < 200 MB, gone in < 2 s; exit code 1 when the middle start misses one. Linux only, for /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import machine

READY_S, MEMORY_MB, GONE_S = 3.0, 200.0, 2.0
PAGES = ("/en/", "/accounts/login/", "/api/v1/openapi.json")


@dataclass(frozen=True)
class Start:
    """One start: seconds, megabytes, share of a core."""

    ready_s: float
    memory_mb: float
    idle_core: float
    gone_s: float


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) * 1024 / 1_000_000


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def one_start(var: Path, idle_s: float) -> Start:
    """Start it, let it rest, and end it."""
    from tests.servers import Civicline

    server = Civicline(var)
    began = time.perf_counter()
    server.start()
    ready = time.perf_counter() - began
    process = server.process
    assert process is not None
    try:
        for page in PAGES:
            with urllib.request.urlopen(server.url + page, timeout=10) as answer:  # noqa: S310 -- our own server
                answer.read()
        used = _processor_s(process.pid)
        threading.Event().wait(idle_s)
        share, memory = (_processor_s(process.pid) - used) / idle_s, _memory_mb(process.pid)
        began = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(30)
        return Start(ready, memory, share, time.perf_counter() - began)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--starts", type=int, default=3)
    options.add_argument("--idle", type=float, default=20.0, help="seconds of rest before memory is read")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="civicline-bench-") as folder:
        var = Path(folder) / "var"
        seeding = os.environ | {"CIVICLINE_VAR": str(var)}
        for command in ("migrate", "demo"):
            subprocess.run(
                [sys.executable, "-m", "civicline", command], env=seeding, check=True, capture_output=True
            )
        starts = [one_start(var, chosen.idle) for _ in range(chosen.starts)]
    names = ("ready_s", "memory_mb", "idle_core", "gone_s")
    middle = {name: statistics.median(getattr(one, name) for one in starts) for name in names}
    worst = {name: max(getattr(one, name) for one in starts) for name in names}
    if chosen.json:
        print(json.dumps({"machine": machine.described(), "starts": [asdict(one) for one in starts]}))
    else:
        print(machine.described())
        for name, unit, reach in (
            ("ready_s", "s until ready", READY_S),
            ("memory_mb", "MB at rest", MEMORY_MB),
            ("idle_core", "of a core at rest", None),
            ("gone_s", "s from Ctrl-C to gone", GONE_S),
        ):
            wanted = "" if reach is None else f", to reach < {reach:g}"
            print(f"  {middle[name]:8.2f} {unit} (worst {worst[name]:.2f}{wanted})")
    reached = middle["ready_s"] < READY_S and middle["memory_mb"] < MEMORY_MB and middle["gone_s"] < GONE_S
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
