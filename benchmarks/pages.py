"""How many pages a second one core serves, through the real server.

    python -m benchmarks.pages [--seconds 8] [--connections 16] [--json]

`civicline serve` runs as a process of its own, pinned to one core, with its relay, dispatcher and worker; the demo town
is in its SQLite. The client is another process on another core, with kept-alive connections. Three pages:

- the front page of residents, which is drawn once a second for all who read it in one language;
- the same page at an address with a query, which is drawn anew for each reader: what a page costs that nobody shares;
- the list of open cases that an agent sees after signing in: session, rights, the agent's own work at the side, and
  the rows, all read anew for each request.

Reach: >= 300 pages/s on one core, told by the processor time of the server's process, so that a busy machine does not
blur it; pages/s by the clock stand beside it. There is no peer: the comparison that stood here drew a plainer page in
Django's template language beside ours and so said little of either.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httptools

from benchmarks import machine

REACH = 300.0
AGENT = ("nadia@saltmere.example", "saltmere-demo")
START_SECONDS = 90.0


@dataclass(frozen=True)
class Page:
    """A page to ask for. `row` is what each of its rows begins with; `signed_in`: as an agent of the demo town."""

    name: str
    path: str
    row: str
    signed_in: bool = False


PAGES = (
    Page("front page", "/en/", '<a href="/en/services/'),
    Page("front page, drawn anew", "/en/?from=letter", '<a href="/en/services/'),
    Page("an agent's list of cases", "/desk/cases/?view=open", "<tr", signed_in=True),
)


# --- The client


class Reader(asyncio.Protocol):
    """One kept-alive connection that asks for the next page as soon as it has one."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self.request, self.until, self.done = request, until, done
        self.pages = self.failed = self.size = 0
        self.took: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.asked = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.size += len(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self.took.append(now - self.asked)
        self.pages += 1
        self.failed += self.parser.get_status_code() != 200
        if now < self.until:
            asyncio.get_running_loop().call_soon(self._ask)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def measure(
    port: int, path: str, seconds: float, connections: int, cookies: str = ""
) -> dict[str, float]:
    """Pages per second, milliseconds at the middle and at 99 in 100, bytes of one page."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: en\r\n"
    request = f"{head}Cookie: {cookies}\r\n\r\n".encode() if cookies else f"{head}\r\n".encode()
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    readers = [Reader(request, began + seconds, loop.create_future()) for _ in range(connections)]
    for reader in readers:
        await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", port)  # type: ignore[misc]  # one each
    await asyncio.gather(*(reader.done for reader in readers))
    took = sorted(one for reader in readers for one in reader.took)
    pages, failed = sum(reader.pages for reader in readers), sum(reader.failed for reader in readers)
    if failed or not took:
        raise SystemExit(f"{path}: {failed} of {pages} pages were not answered with 200")
    return {
        "pages": pages,
        "pages_per_s": pages / (time.perf_counter() - began),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000,
        "bytes": sum(reader.size for reader in readers) / pages,
    }


class Browser:
    """Reads single pages and signs in, as people do."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._kept = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._kept))

    def read(self, path: str, form: dict[str, str] | None = None) -> str:
        """The page at `path`; what it answers to `form` when one is given."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with self._opener.open(self.base + path, data, timeout=10) as answer:
            return str(answer.read().decode())

    def sign_in(self, login: str, password: str) -> None:
        """By the page that everybody uses."""
        page = self.read("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"login": login, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        self.read("/accounts/login/", form)

    def cookies(self) -> str:
        """The value of its Cookie header."""
        return "; ".join(f"{one.name}={one.value}" for one in self._kept)


# --- The server's process


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in seconds (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Start `civicline serve` with an empty folder on a core of its own; its port and its process id."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        kept = {key: value for key, value in os.environ.items() if not key.startswith("CIVICLINE_")}
        command = [sys.executable, "-m", "civicline", "serve", "--port", str(port)]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(
                command, env=kept | {"CIVICLINE_VAR": folder}, cwd=folder, stdout=log, stderr=log
            )
        with contextlib.suppress(OSError, AttributeError):  # a machine without affinity: told by its cores
            os.sched_setaffinity(process.pid, {cores[0]})
            os.sched_setaffinity(0, set(cores[1:]) or set(cores))
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the town is seeded and the server says that it is ready."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def run(seconds: float, connections: int) -> dict[str, Any]:
    """Measure all pages, each warmed first."""
    found: dict[str, Any] = {}
    with server() as (port, pid):
        browser = Browser(port)
        browser.sign_in(*AGENT)
        for page in PAGES:
            cookies = browser.cookies() if page.signed_in else ""
            asyncio.run(measure(port, page.path, 1.0, connections, cookies))
            before = cpu_seconds(pid)
            one = asyncio.run(measure(port, page.path, seconds, connections, cookies))
            one["pages_per_cpu_s"] = one["pages"] / max(cpu_seconds(pid) - before, 0.01)
            one["rows"] = browser.read(page.path).count(page.row)
            found[page.name] = one
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    described = f"{machine.described()}; the server on one core"  # before cores are shared out
    found = run(options.seconds, options.connections)
    if options.json:
        print(json.dumps({"machine": described, "reach_per_cpu_s": REACH, "pages": found}, indent=2))
        return
    print(described)
    for name, one in found.items():
        verdict = "met" if one["pages_per_cpu_s"] >= REACH else "MISSED"
        speed = f"{one['pages_per_s']:6.0f} pages/s  {one['pages_per_cpu_s']:6.0f} per CPU second ({verdict})"
        waits = f"p50 {one['p50_ms']:6.1f} ms   p99 {one['p99_ms']:6.1f} ms"
        print(f"{name:26} {one['rows']:3} rows {one['bytes'] / 1000:5.1f} kB  {speed}   {waits}")
    print(f"reach: {REACH:.0f} pages a second of one core")


if __name__ == "__main__":
    main()
