"""The threads of one process that work besides answering requests: relay, dispatcher, worker, deliveries.

A thread that crashes is logged and started again after a pause that grows; one broken part never takes the others
along, and the process says so on /health/ready.
"""

import threading
import time
from collections.abc import Callable

import structlog
from django.db import close_old_connections

from civicline.kernel.db import refusal_of
from civicline.kernel.errors import Unavailable
from civicline.kernel.retries import AWAY_PAUSE

LOG = structlog.get_logger(__name__)
Run = Callable[[threading.Event], None]
FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_SECONDS = 0.5, 30.0, 60.0


class Crew:
    """Runs each (name, run) in a thread of its own until `stop`."""

    def __init__(self, members: list[tuple[str, Run]]) -> None:
        self._stop = threading.Event()
        self._states = {name: "starting" for name, _ in members}
        self._threads = [
            threading.Thread(target=self._keep, args=(name, run), name=name, daemon=True)
            for name, run in members
        ]

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """Tell all threads to finish what they hold and end."""
        self._stop.set()

    def wait(self, seconds: float) -> list[str]:
        """Wait for the threads to end; return the names of those that did not in time."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def states(self) -> dict[str, str]:
        """Return what each thread does: "ok", or why it is waiting."""
        return dict(self._states)

    def _keep(self, name: str, run: Run) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            began = time.monotonic()
            self._states[name] = "ok"
            try:
                run(self._stop)
            except Exception as error:
                refused = refusal_of(error)
                if isinstance(refused, Unavailable):
                    # Not its fault, and nobody can tell when it is over: it looks again soon, each time.
                    self._states[name] = f"waits for the database ({refused.code})"
                    LOG.warning("thread.waits", thread=name, reason=refused.code)
                    close_old_connections()
                    self._stop.wait(AWAY_PAUSE)
                    continue
                self._states[name] = f"restarting after {type(error).__name__}"
                LOG.exception("thread.crashed", thread=name)
            else:
                if self._stop.is_set():
                    break
                self._states[name] = "restarting, it had ended"
                LOG.error("thread.ended", thread=name)
            pause = (
                FIRST_PAUSE if time.monotonic() - began > HEALTHY_SECONDS else min(LONGEST_PAUSE, pause * 2)
            )
            self._stop.wait(pause)
        self._states[name] = "stopped"


_of_this_process: list[Crew] = []


def put_in_charge(crew: Crew) -> None:
    """Make this the crew that health checks ask about."""
    _of_this_process[:] = [crew]


def report() -> dict[str, str]:
    """Return the states of this process's threads; empty where none run (tests, single commands)."""
    return {name: state for crew in _of_this_process for name, state in crew.states().items()}
