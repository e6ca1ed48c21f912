"""How long it takes from a resident's arrival until the offer stands on an agent's screen: 100 desks, 50 contacts/s.

    python -m benchmarks.arrival_to_offer [--desks 100] [--rate 50] [--seconds 30] [--database sqlite]
        [--whole] [--all-cores]

`civicline serve` runs in a process of its own over an empty demo town. A second process holds the desks: each signs in
by the page for it, keeps its live socket open, fetches the card of its offers when the socket says so, accepts, and
closes the contact after a moment of work. A third process is the residents: each has the chat's page open already and
sends its form (a Poisson stream, so several may come within a millisecond). The time is from the server's answer to
the form until the card has arrived in the agent's browser (one clock: CLOCK_MONOTONIC is the machine's), of every
contact; `busy` says how many arrived while nobody was free. Both kinds of browsers are the replay's own thin clients.
Reach: p99 < 150 ms at 50 contacts/s with 100 desks.

What these browsers do not do: a desk sends the forms of a browser without a script and does not draw the page that
follows; a resident sends the form and leaves the page that it leads to. With `--whole` each answer of the desk brings
the opened contact and the list, as the desk's script asks for them, and each resident draws the page of the chat, keeps
its live socket open and fetches the news until the chat has ended. The hints of an open conversation, which the desk's
script follows too, are not followed in either case.

With `--all-cores` the threads of the server do not keep to one core (`civicline.config.cores`).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine
from civicline.demo.replay.browser import Lost, NotAsExpected, Server, field_value, numbered_address
from civicline.demo.replay.desk import Desk
from civicline.demo.replay.report import percentile
from civicline.demo.replay.resident import Resident, Visit

REACH_MS = 150.0
WORK_SECONDS = 0.2
SERVICE = "general"
OPENING_AT_ONCE = 6
LAST_SECONDS = 2.0
"""After the last form: its offer rings, and its agent is done."""
READING_SECONDS = 20.0
"""The longest that a resident stays on the page."""


# --- The desks' process


def accounts(count: int) -> tuple[list[str], str]:
    """The robots' addresses, and their password."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicline.config.settings")
    import django

    django.setup()
    from civicline.demo.robots import email_of
    from civicline.demo.town import PASSWORD

    return [email_of(number) for number in range(1, count + 1)], PASSWORD


async def desks(url: str, emails: list[str], password: str, whole: bool) -> None:
    """Hold the desks until standard input ends; then tell when each contact's card was on a screen."""
    count = len(emails)
    server = Server(url, connections=count + 50)
    idle: list[tuple[float, int]] = []

    async def work(desk: Desk, contact: str) -> None:
        await asyncio.sleep(WORK_SECONDS)

    held = [
        Desk(server, email, password, work, address=numbered_address(120_000 + number), draws=whole)
        for number, email in enumerate(emails)
    ]
    places = asyncio.Semaphore(4)

    async def sign_in(desk: Desk) -> None:
        async with places:
            await desk.sign_in()

    await asyncio.gather(*(sign_in(desk) for desk in held))
    stop = asyncio.Event()
    running = [asyncio.create_task(desk.run(stop)) for desk in held]
    await asyncio.gather(*(desk.connected.wait() for desk in held))
    _settle()
    print(json.dumps({"ready": count}), flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not ended.done():
        idle.append((time.monotonic(), sum(desk.idle for desk in held)))
        await asyncio.sleep(0.05)
    shown = {contact: at for desk in held for contact, at in desk.log.offered.items()}
    accepted = sum(len(desk.log.accepted) for desk in held)
    troubles = [trouble for desk in held for trouble in desk.log.troubles]
    races = sum(desk.log.lost_races for desk in held)
    print(
        json.dumps(
            {"shown": shown, "accepted": accepted, "races": races, "troubles": troubles[:5], "idle": idle}
        ),
        flush=True,
    )
    stop.set()
    await asyncio.gather(*running, return_exceptions=True)
    await server.close()


# --- The residents' process


async def residents(url: str, rate: float, seconds: float, whole: bool) -> None:
    """Open the chat's page for everybody, then send the forms at their moments; tell when each was answered."""
    server = Server(url, connections=200)
    dice = random.Random(1)
    due = [0.0]
    while due[-1] < seconds:
        due.append(due[-1] + dice.expovariate(rate))
    ready = await _open_pages(server, len(due))
    _settle()
    print(json.dumps({"ready": len(ready)}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    start = time.monotonic() + 0.2
    taken: dict[str, float] = {}
    posts: list[float] = []
    late: list[float] = []
    problems: list[str] = []

    async def send(number: int) -> None:
        await asyncio.sleep(max(0.0, start + due[number] - time.monotonic()))
        late.append(time.monotonic() - start - due[number])
        key, resident = ready[number]
        began = time.monotonic()
        try:
            contact = await resident.send_first(key, f"Question {number}: when is the office open?")
        except (NotAsExpected, *Lost) as problem:
            problems.append(str(problem) or type(problem).__name__)
            return
        taken[contact] = resident.visit.taken or 0.0
        posts.append(taken[contact] - began)
        if whole:
            reading.append(asyncio.create_task(_read(resident, contact)))

    reading: list[asyncio.Task[None]] = []
    await asyncio.gather(*(send(number) for number in range(len(ready))))
    await asyncio.gather(*reading, return_exceptions=True)
    print(json.dumps({"taken": taken, "posts": posts, "late": late, "problems": problems[:5]}), flush=True)
    await server.close()


async def _read(resident: Resident, contact: str) -> None:
    """The page that the form leads to, and what its script does until the chat has ended."""
    await resident.browser.get(f"/chat/{contact}/")
    await resident.stay(READING_SECONDS)


async def _open_pages(server: Server, count: int) -> list[tuple[str, Resident]]:
    opened: list[tuple[str, Resident]] = []
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            resident = Resident(server, Visit(SERVICE), address=numbered_address(number))
            page = await resident.browser.get(f"/chat/?service={SERVICE}")
            opened.append((field_value(page.text, "key"), resident))

    await asyncio.gather(*(worker() for _ in range(OPENING_AT_ONCE)))
    return opened


def _settle() -> None:
    """The clients' own pauses are not what is measured."""
    gc.collect()
    gc.freeze()


# --- The measurement


def _process(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.arrival_to_offer", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("one of the clients' processes ended early; its error is above")
    return json.loads(line)


@contextlib.contextmanager
def town(database: str, robots: int, *, one_core: bool = True) -> Iterator[tuple[str, int]]:
    """A running server over an empty demo town with robots: its address, and its process id."""
    from tests.servers import Civicline, PostgreSQL

    with contextlib.ExitStack() as stack:
        environment = {"CIVICLINE_WORK_ONE_CORE": str(one_core)}
        if database == "postgresql":
            postgresql = PostgreSQL.start()
            stack.callback(postgresql.stop)
            environment["CIVICLINE_DATABASE_URL"] = postgresql.make_database("arrival")
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="civicline-bench-"))
        server = Civicline(Path(folder), environment=environment)
        server.run("demo")
        server.run("demo", "--robots", str(robots))
        stack.callback(server.stop)
        server.start()
        assert server.process is not None
        yield server.url, server.process.pid


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used (Linux; nought elsewhere)."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _free_at(idle: list[list[float]], moment: float) -> int:
    """How many desks were free at the last look before a moment."""
    before = [int(count) for at, count in idle if at <= moment]
    return before[-1] if before else 0


def measure(
    count: int, rate: float, seconds: float, database: str, *, whole: bool = False, one_core: bool = True
) -> dict[str, Any]:
    """Figures of one run; times in milliseconds."""
    with town(database, count, one_core=one_core) as (url, pid), contextlib.ExitStack() as stack:

        def client(*arguments: str) -> subprocess.Popen[str]:
            process = _process(*arguments, "--url", url, *(["--whole"] if whole else []))
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            return process

        agents = client("--role", "desks", "--desks", str(count))
        assert _line(agents)["ready"] == count
        people = client("--role", "residents", "--rate", str(rate), "--seconds", str(seconds))
        _line(people)
        used = _cpu(pid)
        assert people.stdin is not None
        people.stdin.write("go\n")
        people.stdin.flush()
        sent = _line(people)
        time.sleep(LAST_SECONDS)
        used = _cpu(pid) - used
        assert agents.stdin is not None
        agents.stdin.close()
        seen = _line(agents)
    taken: dict[str, float] = sent["taken"]
    waits = [
        max(0.0, seen["shown"][contact] - at) * 1_000
        for contact, at in taken.items()
        if contact in seen["shown"]
    ]
    return {
        "machine": described_machine(),
        "database": database,
        "desks": count,
        "one_core": one_core,
        "browsers": "whole" if whole else "thin",
        "contacts": len(taken),
        "per_second": round(len(taken) / max(1e-9, max(taken.values()) - min(taken.values())), 1),
        "offered": len(waits),
        "busy": sum(_free_at(seen["idle"], at) == 0 for at in taken.values()),
        "p50_ms": round(percentile(waits, 0.5), 1),
        "p95_ms": round(percentile(waits, 0.95), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
        "max_ms": round(max(waits, default=0.0), 1),
        "form_p50_ms": round(percentile(sent["posts"], 0.5) * 1_000, 1),
        "form_p99_ms": round(percentile(sent["posts"], 0.99) * 1_000, 1),
        "sent_late_p99_ms": round(percentile(sent["late"], 0.99) * 1_000, 1),
        "server_cpu_ms": round(used * 1_000 / max(1, len(taken)), 1),
        "races": seen["races"],
        "problems": [*sent["problems"], *seen["troubles"]],
    }


def described_machine() -> str:
    """What the figures were measured on, and how busy it was."""
    return machine.described()


def as_text(figures: dict[str, Any]) -> str:
    """For people."""
    one = figures
    return "\n".join(
        [
            f"Arrival to offer, {one['desks']} desks, {one['browsers']} browsers, {one['database']}"
            f"{'' if one['one_core'] else ', on all cores'} ({one['machine']})",
            f"  {one['contacts']} contacts, {one['per_second']} a second; {one['offered']} offered, "
            f"{one['busy']} came while nobody was free",
            f"  form answered -> card on the agent's screen: p50 {one['p50_ms']} ms, p95 {one['p95_ms']} ms, "
            f"p99 {one['p99_ms']} ms, longest {one['max_ms']} ms (reach: p99 < {REACH_MS:g} ms)",
            f"  form sent -> answered: p50 {one['form_p50_ms']} ms, p99 {one['form_p99_ms']} ms; "
            f"the senders' own lateness p99 {one['sent_late_p99_ms']} ms",
            f"  the server used {one['server_cpu_ms']} ms of processor time for each contact, from form to closed",
            *([f"  {one['races']} offers were gone when accepted"] if one["races"] else []),
            *(f"  problem: {problem}" for problem in one["problems"]),
        ]
    )


def main() -> int:
    """Measure and print; 1 when contacts were lost on the way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--desks", type=int, default=100)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--whole", action="store_true", help="browsers that draw what they are sent")
    parser.add_argument("--all-cores", action="store_true", help="the server does not keep to one core")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=["desks", "residents"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role == "desks":
        asyncio.run(desks(given.url, *accounts(given.desks), given.whole))
        return 0
    if given.role == "residents":
        asyncio.run(residents(given.url, given.rate, given.seconds, given.whole))
        return 0
    figures = measure(
        given.desks,
        given.rate,
        given.seconds,
        given.database,
        whole=given.whole,
        one_core=not given.all_cores,
    )
    print(json.dumps(figures) if given.json else as_text(figures))
    return 0 if figures["offered"] == figures["contacts"] and not figures["problems"] else 1


if __name__ == "__main__":
    sys.exit(main())
