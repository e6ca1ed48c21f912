"""All threads of a busy process keep to one core, for as long as that core is theirs.

One thread at a time runs Python. When the next one to run sits on another core, that core has to be woken and nothing
of what was at hand is there: with 100 desks and 50 contacts a second on two cores, shared, a contact took a fifth less
of the processor on one core (`benchmarks.arrival_to_offer`, and with `--all-cores`). The scheduler does not know of
that lock.

So once a second we look. A process that is busy takes the core that others use least; it moves when others come to use
that core and leave another, lets go of it when they use all of them, and when it has little to do. `AT_LARGE` names the
threads that do long work outside of Python's lock, or start programs that shall have all cores: those stay free.

Where the system cannot keep threads to a core (macOS), gives us one only (`CPUAffinity=` of systemd), hides what its
cores do, or forbids the call, nothing is done. Some forbid it by killing whoever makes it (`SystemCallFilter=` of
systemd): so a child tries it first.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import structlog

LOG = structlog.get_logger(__name__)
AT_LARGE: Final = frozenset({"jobs", "asterisk"})
LOOK_SECONDS: Final = 1.0
BUSY, CALM = (
    0.3,
    0.15,
)  # of a core, used by this process: it takes one from the former on, lets go under the latter
LOOKS_BUSY, LOOKS_CALM = 3, 10
CROWDED: Final = 0.35  # of our core, used by others
BETTER: Final = 0.2  # by so much less another core has to be used to be worth a move
STAT: Final = Path("/proc/stat")
_TRY: Final = "import os; os.sched_setaffinity(0, os.sched_getaffinity(0))"
PAUSE_LOOKS: Final = 15  # after all cores were crowded


class Look(NamedTuple):
    """One second: of a core each, what this process used, and what was used of every core, by anybody."""

    own: float
    used: Mapping[int, float]


@dataclass
class Choice:
    """Which core to keep to, look by look; None: all of them. `dice` gives numbers from 0 to 1."""

    dice: Callable[[], float] = random.random
    core: int | None = None
    _looks: int = 0
    _pause: int = 0

    def after(self, look: Look) -> int | None:
        """The core to keep to from now on."""
        if self._pause:
            self._pause -= 1
        elif self.core is None:
            self._looks = self._looks + 1 if look.own >= BUSY else 0
            if self._looks >= LOOKS_BUSY:
                self._take(min(look.used, key=lambda core: (look.used[core], self.dice())))
        elif look.own < CALM:
            self._looks += 1
            if self._looks >= LOOKS_CALM:
                self._take(None)
        else:
            self._looks = 0
            self._stay_or_go(look, self.core)
        return self.core

    def _stay_or_go(self, look: Look, mine: int) -> None:
        others = look.used.get(mine, 1.0) - look.own
        if others < CROWDED:
            return
        free = min((core for core in look.used if core != mine), key=lambda core: look.used[core])
        if look.used[free] > others - BETTER:
            self._pause = PAUSE_LOOKS
            self._take(None)
        elif self.dice() < 0.5:  # two servers on one core would else change places for ever
            self._take(free)

    def _take(self, core: int | None) -> None:
        self.core, self._looks = core, 0


class CoreKeeper:
    """Keeps the threads of this process to the core of `choice`. One thread owns it."""

    def __init__(self, choice: Choice | None = None, every: float = LOOK_SECONDS) -> None:
        self._choice, self._every = choice or Choice(), every
        self._all = cores_here()
        self._kept: set[int] = set()
        self._core: int | None = None

    def run(self, stop: threading.Event) -> None:
        """Look and keep until told to stop; all cores are everybody's again then."""
        try:
            self._look_and_keep(stop)
        finally:
            self._keep_to(None)
        stop.wait()

    def _look_and_keep(self, stop: threading.Event) -> None:
        """Until told to stop, or nothing can be done here."""
        meter = _Meter(self._all) if len(self._all) > 1 and STAT.is_file() else None
        allowed = False
        while meter is not None and not stop.wait(self._every):
            core = self._choice.after(meter.look())
            if core is not None and not (allowed := allowed or may_keep()):
                LOG.warning("cores.not_allowed", remedy="allow the system call sched_setaffinity")
                return
            self._keep_to(core)

    def _keep_to(self, core: int | None) -> None:
        if core != self._core:
            LOG.info("cores.kept" if core is not None else "cores.let_go", core=core)
            self._core, self._kept = core, set()
        elif core is None:
            return
        where = self._all if core is None else {core}
        here = _threads()
        for thread in here - self._kept:
            with contextlib.suppress(OSError):  # it has ended since
                os.sched_setaffinity(thread, where)
        self._kept = here


@dataclass
class _Meter:
    """Reads what was used since it was read before."""

    cores: frozenset[int]
    _at: float = field(default_factory=time.monotonic)
    _own: float = field(default_factory=time.process_time)
    _used: dict[int, float] = field(default_factory=lambda: used_seconds(STAT.read_text()))

    def look(self) -> Look:
        at, own = time.monotonic(), time.process_time()
        used = used_seconds(STAT.read_text())
        took = max(at - self._at, 0.001)
        told = Look(
            (own - self._own) / took,
            {core: (used.get(core, 0.0) - self._used.get(core, 0.0)) / took for core in self.cores},
        )
        self._at, self._own, self._used = at, own, used
        return told


def cores_here() -> frozenset[int]:
    """The cores that this process may use; none where the system cannot tell, or cannot keep threads to them."""
    if sys.platform != "linux":
        return frozenset()
    return frozenset(os.sched_getaffinity(0))


def may_keep() -> bool:
    """Whether the system lets a process keep to a core, and lives on: tried by a child."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        tried = subprocess.run(  # noqa: S603 -- our own Python, with a text of our own
            [sys.executable, "-I", "-S", "-c", _TRY],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
        return tried.returncode == 0
    return False


def used_seconds(stat: str) -> dict[int, float]:
    """Seconds that each core has worked (user, nice, system, interrupts), from the text of /proc/stat."""
    tick = os.sysconf("SC_CLK_TCK")
    found = {}
    for line in stat.splitlines():
        name, *fields = line.split()
        if name.startswith("cpu") and name[3:].isdigit():
            user, nice, system, _idle, _waiting, hard, soft = (int(one) for one in fields[:7])
            found[int(name[3:])] = (user + nice + system + hard + soft) / tick
    return found


def _threads() -> set[int]:
    """The threads of this process by their numbers in the system, but for those at large."""
    at_large = {one.native_id for one in threading.enumerate() if one.name in AT_LARGE}
    return {int(one.name) for one in Path("/proc/self/task").iterdir()} - at_large
