"""A process that is told to stop ends, wherever its main thread was when the signal came."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os, signal, threading
from civicline.config.ending import Ending

done = threading.Event()
ending = Ending({seconds})
ending.do(done.set)
signal.signal(signal.SIGTERM, lambda *_: ending.tell())
{main}
"""
IN_THE_MIDDLE = """
with threading._active_limbo_lock:  # as while a thread begins: nobody else can begin or end one
    os.kill(os.getpid(), signal.SIGTERM)
    {work}
assert done.wait(5)
print("ended by itself", flush=True)
"""


def run(seconds: float, main: str) -> tuple[int, str]:
    """Its exit code and what it said; fails when it hangs."""
    program = PROGRAM.format(seconds=seconds, main=main)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=15, check=False
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def test_a_signal_in_the_middle_of_a_lock_hangs_nobody_up() -> None:
    assert run(10, IN_THE_MIDDLE.format(work="signal.sigpending()")) == (0, "ended by itself\n")


def test_what_does_not_end_is_ended() -> None:
    main = "os.kill(os.getpid(), signal.SIGTERM)\nthreading.Event().wait(60)\nprint('late')"
    assert run(0.2, main) == (0, "")


def test_being_told_twice_is_as_once() -> None:
    main = "ending.tell()\nending.tell()\nassert done.wait(5)\nprint('well')"
    assert run(10, main) == (0, "well\n")
