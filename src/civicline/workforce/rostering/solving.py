"""solve: two processes search by different chance and tell each other what they find, within the time given."""

from __future__ import annotations

import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, Final

import numpy as np

from civicline.workforce.rostering.columns import Generator
from civicline.workforce.rostering.conflicts import QUICK, conflicts
from civicline.workforce.rostering.instance import OFF, Instance, Penalty, Roster, penalty
from civicline.workforce.rostering.piece import cut
from civicline.workforce.rostering.problems import Told
from civicline.workforce.rostering.worker import Order, receive, send

MOST_EFFORT: Final = 2e8
"""State steps up to which one employee is looked at when nothing was found: more would not fit the memory."""
GRACE: Final = 0.5  # seconds for the last message, and for taking leave


@dataclass(frozen=True, slots=True)
class Solution:
    """The best roster found. `bound`: nothing can cost less; None where it is not known."""

    roster: Roster
    penalty: Penalty
    bound: int | None
    proved: bool
    seconds: float
    work: Mapping[str, int]
    """Deterministic work: pricing rounds, columns, neighbourhoods, state steps of one pricing."""

    @property
    def cost(self) -> int:
        """The benchmark's cost."""
        return self.penalty.total


@dataclass(frozen=True, slots=True)
class NoRoster:
    """There is none, and why; or none was found in the time (`in_time` False)."""

    reasons: tuple[Told, ...]
    in_time: bool = True


Progress = Callable[[float, int, "int | None"], None]
"""(seconds passed, cost, bound)."""


def solve(
    instance: Instance,
    *,
    seconds: float = 60.0,
    seed: int = 1,
    processes: int = 2,
    progress: Progress | None = None,
) -> Solution | NoRoster:
    """The best roster found in `seconds` of wall clock, or why there is none.

    Two processes use two cores; with one the same search takes its chance alone. Costs are those of the benchmark.
    """
    began = time.monotonic()
    reasons = conflicts(instance)
    if reasons:
        return NoRoster(tuple(reasons))
    instance = _plain(instance)
    first = _first(instance, random.Random(seed))  # noqa: S311 -- no secret
    with _Team(instance, seed, processes, began + seconds, first) as team:
        team.gather(began, progress)
    if team.roster is None:
        reasons = conflicts(instance, most_effort=MOST_EFFORT) if team.stuck else []
        if reasons:
            return NoRoster(tuple(reasons))
        return NoRoster((Told("time"),), in_time=False)
    cost = penalty(instance, team.roster)
    bound = None if team.bound == -np.inf else max(0, int(np.ceil(team.bound - 1e-3)))
    proved = team.proved or (bound is not None and cost.total <= bound)
    return Solution(
        team.roster, cost, cost.total if proved else bound, proved, time.monotonic() - began, team.work
    )


def _plain(instance: Instance) -> Instance:
    """Whoever may work no day on end may work no shift: said once, so that every part of the search keeps it."""
    nothing = (0,) * len(instance.shifts)
    staff = tuple(
        one if one.max_run >= 1 else replace(one, max_shifts=nothing, max_run=1, min_run=1)
        for one in instance.staff
    )
    return replace(instance, staff=staff)


def _first(instance: Instance, chance: random.Random) -> Roster | None:
    """Some roster at once where the horizon is short, so that a breathless machine has one too."""
    nobody = np.full((len(instance.staff), instance.days), OFF, dtype=np.int16)
    generator = Generator(cut(instance, nobody, range(len(instance.staff)), 0, instance.days), 0.0, chance)
    if generator.pricer.effort > QUICK:
        return None
    generator.together = max(1, len(instance.staff) // 4)
    chosen = generator.finish([], np.ones(len(instance.staff), dtype=bool))
    return None if chosen is None else generator.write(nobody, chosen)


@dataclass(slots=True)
class _Team:
    """The processes, and the best of what they told."""

    instance: Instance
    seed: int
    processes: int
    deadline: float
    roster: Roster | None
    cost: int = 0
    bound: float = -np.inf
    proved: bool = False
    stuck: bool = False
    """Whether a process gave up before the time: then some employee can have no schedule."""
    counts: dict[int, Mapping[str, int]] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    told: queue.Queue[tuple[int, Any]] = field(default_factory=queue.Queue)

    def __enter__(self) -> _Team:
        self.cost = 0 if self.roster is None else penalty(self.instance, self.roster).total
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        for number in range(self.processes):
            process = subprocess.Popen(
                [sys.executable, "-c", "from civicline.workforce.rostering.worker import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**environment, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )
            self.running.append(process)
            order = Order(self.instance, self.deadline - GRACE, self.seed + 1_000 * number, number)
            self._send(number, order)
            threading.Thread(target=self._listen, args=(number, process.stdout), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    _close(stream)

    def gather(self, began: float, progress: Progress | None) -> None:
        """Listen until the time is up, all are done, or the best is proved."""
        done: set[int] = set()
        while len(done) < self.processes and not self.proved:
            left = self.deadline - time.monotonic()
            try:
                number, message = self.told.get(timeout=max(0.0, left)) if left > 0 else (0, None)
            except queue.Empty:
                break
            if left <= 0:
                break
            if message is None or message[0] == "done":
                done.add(number)
                self._done(number, message)
            elif message[0] == "bound":
                self.bound = max(self.bound, message[1])
            elif self._better(number, message) and progress:
                bound = None if self.bound == -np.inf else max(0, int(np.ceil(self.bound - 1e-3)))
                progress(time.monotonic() - began, self.cost, bound)

    @property
    def work(self) -> dict[str, int]:
        """The counts of all processes, as last told."""
        names = {name for counts in self.counts.values() for name in counts}
        return {name: sum(counts.get(name, 0) for counts in self.counts.values()) for name in sorted(names)}

    def _done(self, number: int, message: Sequence[Any] | None) -> None:
        self.stuck = self.stuck or self.roster is None
        if message is not None:
            self.proved = self.proved or message[1]
            self.counts[number] = message[2]

    def _better(self, number: int, message: Sequence[Any]) -> bool:
        _, cost, roster, self.counts[number] = message
        if self.roster is not None and cost >= self.cost:
            return False
        self.roster, self.cost = roster, cost
        self.proved = self.proved or cost == 0  # no rule gives anything back
        for other in range(self.processes):
            if other != number:
                self._send(other, roster)
        return True

    def _send(self, number: int, message: object) -> None:
        stream = self.running[number].stdin
        try:
            if stream is not None:
                send(stream, message)  # type: ignore[arg-type]
        except (BrokenPipeError, ValueError):
            return  # it is done already

    def _listen(self, number: int, stream: BinaryIO) -> None:
        try:
            while (message := receive(stream)) is not None:
                self.told.put((number, message))
        except (OSError, ValueError, EOFError):
            pass  # it was ended
        self.told.put((number, None))


def _close(stream: Any) -> None:
    try:
        stream.close()
    except (BrokenPipeError, ValueError):
        return


def keys(instance: Instance, roster: Roster) -> dict[str, list[str]]:
    """By employee: the shift's key for each day, "" for none."""
    return {
        person.key: ["" if shift == OFF else instance.shifts[shift].key for shift in row]
        for person, row in zip(instance.staff, roster, strict=True)
    }
