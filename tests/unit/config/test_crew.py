"""Threads of the process: a crash of one is its own affair."""

import threading

from civicline.config.crew import Crew
from tests.servers import wait_until


def test_a_crashed_thread_starts_again_and_the_others_go_on() -> None:
    tries: list[int] = []
    healthy = threading.Event()

    def crashes_once(stop: threading.Event) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the first time it fails")
        stop.wait()

    def works(stop: threading.Event) -> None:
        healthy.set()
        stop.wait()

    crew = Crew([("fragile", crashes_once), ("solid", works)])
    crew.start()
    assert healthy.wait(5)
    wait_until(lambda: len(tries) == 2, seconds=10, what="the thread starts again")
    wait_until(lambda: crew.states() == {"fragile": "ok", "solid": "ok"}, what="both are well")
    crew.ask_to_stop()
    assert crew.wait(5) == []
    assert crew.states() == {"fragile": "stopped", "solid": "stopped"}


def test_a_thread_that_does_not_end_is_named() -> None:
    release = threading.Event()
    crew = Crew([("stubborn", lambda _: release.wait())])
    crew.start()
    crew.ask_to_stop()
    assert crew.wait(0.05) == ["stubborn"]
    release.set()
    assert crew.wait(5) == []
