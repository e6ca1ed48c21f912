"""A busy process keeps its threads to one core, and lets go of it for others."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.config import cores
from civicline.config.cores import Choice, Look, cores_here, used_seconds
from tests.servers import wait_until


def _after(choice: Choice, times: int, own: float, *used: float) -> int | None:
    for _ in range(times):
        choice.after(Look(own, dict(enumerate(used))))
    return choice.core


def test_a_busy_process_takes_the_core_that_others_use_least_and_a_calm_one_none() -> None:
    choice = Choice()
    assert _after(choice, cores.LOOKS_BUSY - 1, 0.9, 0.8, 0.4) is None
    assert _after(choice, 1, 0.1, 0.1, 0.1) is None, "a second of rest, and it counts anew"
    assert _after(choice, cores.LOOKS_BUSY, 0.9, 0.8, 0.4) == 1
    assert _after(choice, cores.LOOKS_CALM - 1, 0.05, 0.8, 0.1) == 1
    assert _after(choice, 1, 0.05, 0.8, 0.1) is None


def test_it_moves_when_others_come_and_leave_another_core() -> None:
    choice = Choice(dice=lambda: 0.0)
    assert _after(choice, cores.LOOKS_BUSY, 0.6, 0.2, 0.9) == 0
    assert _after(choice, 1, 0.5, 0.5 + cores.CROWDED - 0.01, 0.0) == 0, "a little of it they may have"
    assert _after(choice, 1, 0.5, 1.0, 0.1) == 1
    stubborn = Choice(dice=lambda: 0.9, core=0)
    assert _after(stubborn, 1, 0.5, 1.0, 0.1) == 0, "the other one of two servers moves"


def test_it_lets_go_when_all_cores_are_crowded_and_comes_back_later() -> None:
    choice = Choice(core=0)
    assert _after(choice, 1, 0.5, 1.0, 0.9) is None
    assert _after(choice, cores.PAUSE_LOOKS, 0.9, 0.9, 0.0) is None
    assert _after(choice, cores.LOOKS_BUSY, 0.9, 0.9, 0.0) == 1


_share = st.floats(0.0, 1.0)


@given(st.lists(st.tuples(_share, st.lists(_share, min_size=3, max_size=3)), max_size=60), st.integers(0, 9))
def test_it_never_keeps_to_a_core_that_is_not_there(
    looks: list[tuple[float, list[float]]], tenth: int
) -> None:
    choice = Choice(dice=lambda: tenth / 10)
    for own, used in looks:
        assert choice.after(Look(own, dict(enumerate(used)))) in {None, 0, 1, 2}


def test_what_the_system_tells_of_its_cores() -> None:
    stat = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 50 50 9000 70 20 30 400 0 0\ncpu11 0 0 200 1 1 0 0 5 0 0\nintr 5 5\n"
    assert used_seconds(stat) == {0: 2.5, 11: 2.0}, (
        "neither rest, nor waiting for disks, nor what others stole"
    )


def test_where_the_call_is_forbidden_or_nothing_is_told_no_thread_is_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cores, "cores_here", lambda: frozenset({0, 1}))
    monkeypatch.setattr(cores, "_TRY", "import os, signal; os.kill(os.getpid(), signal.SIGSYS)")
    assert not cores.may_keep(), "a child was killed for it, as a filter of system calls does"
    stop = threading.Event()
    keeper = cores.CoreKeeper(Choice(core=0), every=0.001)
    moved: list[int | None] = []
    monkeypatch.setattr(keeper, "_keep_to", moved.append)
    thread = threading.Thread(target=keeper.run, args=(stop,))
    thread.start()
    wait_until(lambda: moved == [None], what="it lets everything be")
    monkeypatch.setattr(cores, "STAT", Path("/proc/none/stat"))
    blind = threading.Thread(target=cores.CoreKeeper(Choice(core=0)).run, args=(stop,))
    blind.start()
    stop.set()
    for one in (thread, blind):
        one.join(20)
        assert not one.is_alive()
    assert moved == [None]


_BUSY_PROGRAM = """
import json, os, subprocess, sys, threading, time
from civicline.config.cores import CoreKeeper, cores_here
everything, stop, rest = cores_here(), threading.Event(), threading.Event()

def work():
    while not rest.is_set():
        sum(range(1000))

def seen(wanted, thread):
    until = time.monotonic() + 40
    while time.monotonic() < until:
        if wanted(os.sched_getaffinity(thread.native_id)):
            return True
        stop.wait(0.02)
    return False

CHILD = "import os; print(len(os.sched_getaffinity(0)))"
started = []

def start_programs():
    rest.wait()
    started.append(int(subprocess.run([sys.executable, "-c", CHILD], capture_output=True).stdout))

busy, large = threading.Thread(target=work), threading.Thread(target=start_programs, name="jobs")
keeper = threading.Thread(target=CoreKeeper(every=0.05).run, args=(stop,))
for one in (busy, large, keeper):
    one.start()
kept = seen(lambda cores: len(cores) == 1, busy)
free = os.sched_getaffinity(large.native_id) == everything
later = threading.Thread(target=stop.wait)
later.start()
kept_later = seen(lambda cores: len(cores) == 1, later)
rest.set()
let_go = seen(lambda cores: cores == everything, later)
stop.set()
for one in (busy, large, keeper, later):
    one.join()
print(json.dumps([kept, free, kept_later, let_go, started[0] == len(everything)]))
"""


@pytest.mark.skipif(len(cores_here()) < 2, reason="it needs Linux and two cores")
def test_threads_keep_to_one_core_while_there_is_much_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BUSY_PROGRAM], capture_output=True, text=True, timeout=120, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == [True] * 5, f"kept, at large, kept later, let go, programs have all: {told}\n{done.stderr}"
