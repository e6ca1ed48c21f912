"""The thread that keeps the index behind the event log: a moment after, and in nobody's way."""

from __future__ import annotations

import threading

import structlog

from civicline.finding import services
from civicline.kernel import bus, clock, precedence
from civicline.kernel.leases import Lease

log = structlog.get_logger(__name__)
POLL_S = 2.0
GATHER_S = 2.0
"""How long to gather before writing: a message, its contact and its case are then written once, and what many contacts
share is asked once. Somebody who rings somewhere meanwhile waits for none of it."""


class Follower:
    """One is active by lease; more stand by."""

    def __init__(self) -> None:
        self._nudge = threading.Event()
        self._lease = Lease("finding", seconds=15.0)

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set; woken by the bus, with a slow poll as the safety net."""
        subscription = bus.subscribe(["events"], lambda _message: self._nudge.set())
        try:
            while not stop.is_set():
                self._nudge.clear()
                self._careful_round()
                self._wait(stop)
            self._lease.release()
        finally:
            subscription.close()

    def _careful_round(self) -> None:
        precedence.give_way()
        try:
            if self._lease.acquire() is not None:
                services.catch_up()
        except Exception:
            log.exception("finding.round_failed")

    def _wait(self, stop: threading.Event) -> None:
        deadline = clock.monotonic() + POLL_S
        while not stop.is_set() and clock.monotonic() < deadline:
            if self._nudge.wait(timeout=0.2):
                stop.wait(GATHER_S)
                return
