"""The relay: gives committed events their place in the log, tells who listens, and runs the handlers.

1. `kernel.publication`: in ONE transaction, under the lock of the counter row, the next events get the next numbers of
   `seq`, and the atomic handlers that want them run, in savepoints when one of them fails; each has a HandlerRun row
   in that same transaction, done or owed. Two relays at once wait for each other there: no gap, no number twice, no
   effect twice.
2. Hints go out on the bus.
3. What is still owed: `_run_atomic` runs handlers in savepoints of one shared write, and their done-marks are in that
   same write, so their effect on the database happens exactly once. `_run_others`: handlers with atomic=False are
   claimed by compare-and-set, run outside of any transaction, and marked afterwards: at least once.

A handler that fails is tried again with exponential backoff and jitter, on its own; after `MAX_ATTEMPTS` it is
marked failed. Order: for one handler and one subject, events are handled in the order of the log; while one waits
for its next try the later ones of that subject wait behind it. Other subjects and other handlers go on. When it is
given up the later ones go on too.

One relay is active by lease; that spares work and keeps order. What is above holds without it.
"""

import logging
import threading
import time
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, close_old_connections, connection

from civicline.kernel import bus, clock, db, metrics, precedence, rows
from civicline.kernel.db import writes
from civicline.kernel.events import RELAY_TOPIC, nudge
from civicline.kernel.handlers import Handler, PublishedEvent, Registry
from civicline.kernel.housekeeping import refresh_gauges
from civicline.kernel.leases import Lease
from civicline.kernel.log import STEPS
from civicline.kernel.models import Event, HandlerRun
from civicline.kernel.publication import (
    BATCH,
    BATCH_SECONDS,
    Published,
    call,
    call_undoable,
    failed,
    publish,
)
from civicline.kernel.retries import loop_pause
from civicline.kernel.selectors import published

CLAIM_SECONDS = 60.0
SMALLEST_BATCH = 8
INSTANT = timedelta(microseconds=1)

OFTEN = frozenset({"queue.position_changed", "wait.told", "message.delivered", "message.read"})
"""Told many times of one contact: the event log keeps them, and each would be a line here."""

logger = logging.getLogger(__name__)


def _tell(events: Iterable[PublishedEvent]) -> None:
    """One line for each step of a contact's way, without anybody's words; many are written at once."""
    steps = [
        {"contact_id": str(event.contact_id), "seq": event.seq, "by": event.actor.kind, "event": event.name}
        for event in events
        if event.contact_id and event.name not in OFTEN
    ]
    if steps:
        logger.info("Steps of contacts: %d", len(steps), extra={STEPS: steps})


class Relay:
    """See the module. `run` is for a thread of its own; `drain` for tests and replays."""

    def __init__(self, registry: Registry, hub: bus.Hub | None = None, *, poll_seconds: float = 1.0) -> None:
        self._registry = registry
        self._hub = hub or bus.hub
        self._poll = poll_seconds
        self._nudged = threading.Event()
        self._lease = Lease("relay")
        self._jumps = clock.Jumps()
        self._reach = BATCH  # how many runs are read for a batch: about twice what its time was enough for
        self._alone = 0  # how many runs are still tried one by one, after a batch broke at commit

    @property
    def active(self) -> bool:
        """Whether this is the relay at work, and not a standby."""
        return self._lease.held

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; look for it at least once per poll (1 s)."""
        with self._hub.add((RELAY_TOPIC,), (), lambda _: self._nudged.set()):
            failures = 0
            while not stop.is_set():
                self._nudged.clear()
                precedence.give_way()
                try:
                    if self._jumps.seconds() < 0:
                        _try_at_once()
                    pause = self._turn()
                    failures = 0
                except Exception as error:
                    failures += 1
                    pause = loop_pause(error, failures, "relay")
                    close_old_connections()
                    stop.wait(pause)
                    continue
                if pause:
                    # A standby looks at the lease only: nudges are for the one at work.
                    (self._nudged if self.active else stop).wait(pause)
            self._lease.release()
        connection.close()

    def _turn(self) -> float:
        """One round under the lease. Returns how long to pause (seconds), 0 when there was work."""
        if not self._lease.held or self._lease.seconds_left < self._lease.seconds * 0.6:
            if self._lease.acquire() is None:
                return self._poll
            refresh_gauges()
        events, runs = self._round()
        # What is emitted meanwhile, by handlers too, nudges: there is no need to look for it at once.
        return 0.0 if runs or events >= BATCH else self._poll

    def step(self) -> int:
        """Publish one batch and run what is due once. Returns how many events and runs were dealt with."""
        return sum(self._round())

    def _round(self) -> tuple[int, int]:
        """How many events were published, and how many owed runs were dealt with."""
        batch = self._publish_next()
        return len(batch.events), self._run_due() if batch.owes else 0

    def drain(self) -> int:
        """Publish and run everything owed now, also what handlers emit meanwhile, once; later tries stay owed."""
        total = 0
        while done := self.step():
            total += done
        return total

    # -- publication

    def _publish_next(self) -> Published:
        if rows.key(Event, where={"seq": None}) is None:
            return Published([], True)
        try:
            batch = publish(self._registry, at_once=not self._alone)
        except IntegrityError:
            # What a handler wrote breaks a foreign key, which shows at commit only: the events get their places
            # without the handlers, and those run one by one until the guilty one is alone and pays.
            logger.warning("A batch of handlers broke at commit; they run again one by one")
            self._alone = BATCH
            batch = publish(self._registry, at_once=False)
        metrics.events_published.inc(len(batch.events))
        for message in _hints(batch.events):
            self._hub.send(message)
        if logger.isEnabledFor(logging.INFO):
            _tell(batch.events)
        return batch

    # -- handlers

    def _run_due(self) -> int:
        due = {"state": HandlerRun.State.PENDING.value, "next_try_at": rows.Below(clock.now() + INSTANT)}
        if rows.key(HandlerRun, where=due) is None:
            return 0
        try:
            done = self._run_atomic(1 if self._alone else BATCH)
        except IntegrityError:
            # A broken foreign key shows at commit only: go one by one until the guilty one is alone and pays.
            if self._alone:
                self._blame_first()
            else:
                logger.warning("A batch of handlers broke at commit; they run again one by one")
                self._alone = BATCH
            return 1
        self._alone = max(0, self._alone - max(1, done))
        return done + self._run_others()

    def _due(self, *, limit: int, atomic: bool | None) -> list[HandlerRun]:
        """Runs that may go now, in the order of the log; those behind a waiting one of their subject are put off."""
        now = clock.now()
        pending = HandlerRun.objects.filter(state=HandlerRun.State.PENDING)
        due = pending.filter(next_try_at__lte=now)
        others = list(self._registry.names(atomic=False))
        if atomic is not None:
            due = due.exclude(handler__in=others) if atomic else due.filter(handler__in=others)
        due = due.select_related("event").order_by("event__seq", "id")
        if db.in_write() and connection.features.has_select_for_update:
            due = due.select_for_update(of=("self",))
        blocked = {
            _line(run): run
            for run in pending.filter(next_try_at__gt=now, attempts__gt=0).select_related("event")
        }
        free = []
        for run in due[:limit]:
            ahead = blocked.get(_line(run))
            if ahead is not None and (ahead.event.seq or 0) < (run.event.seq or 0):
                HandlerRun.objects.filter(pk=run.pk).update(next_try_at=ahead.next_try_at)
            else:
                free.append(run)
        return free

    @writes
    def _run_atomic(self, limit: int) -> int:
        done: list[int] = []
        tried = 0
        stalled: set[tuple[str, str, str]] = set()
        runs = self._due(limit=min(limit, self._reach), atomic=True)
        # The time for handlers only: where reading alone takes as long, a batch would be one run.
        started = time.monotonic()
        self._reach = min(BATCH, self._reach * 2)
        for run in runs:
            if _line(run) in stalled:
                continue
            if tried and time.monotonic() - started > BATCH_SECONDS:
                self._reach = max(SMALLEST_BATCH, tried * 2)
                break
            tried += 1
            error = call_undoable(self._handler(run), run.handler, published(run.event))
            if error is None:
                done.append(run.pk)
            else:
                stalled.add(_line(run))
                _failed(run, error)
        if done:
            HandlerRun.objects.filter(pk__in=done).update(
                state=HandlerRun.State.DONE, done_at=clock.now(), next_try_at=None, error=""
            )
        return tried

    def _handler(self, run: HandlerRun) -> Handler | None:
        return self._registry.get(run.handler)

    def _run_others(self) -> int:
        tried = 0
        stalled: set[tuple[str, str, str]] = set()
        owed = {"state": "pending", "handler": self._registry.names(atomic=False)}
        if not owed["handler"] or rows.key(HandlerRun, where=owed) is None:
            return 0
        for run in self._due(limit=20, atomic=False):
            if _line(run) in stalled or not _claim(run):
                continue
            tried += 1
            try:
                call(self._handler(run), run.handler, published(run.event))
            except Exception as error:
                stalled.add(_line(run))
                run.attempts -= 1
                writes(_failed)(run, error)
            else:
                _done(run)
        return tried

    @writes
    def _blame_first(self) -> None:
        for run in self._due(limit=1, atomic=True):
            _failed(run, IntegrityError("What this handler wrote breaks a foreign key."))


@writes
def _try_at_once() -> None:
    """The clock was set back: what is to be tried later by the wrong time would wait for as long as that was wrong."""
    pending = HandlerRun.objects.filter(state=HandlerRun.State.PENDING, next_try_at__gt=clock.now())
    logger.warning(
        "The clock was set back: %s handler runs are tried now", pending.update(next_try_at=clock.now())
    )


def _line(run: HandlerRun) -> tuple[str, str, str]:
    return run.handler, run.event.subject_kind, run.event.subject_id


def _failed(run: HandlerRun, error: Exception) -> None:
    failed(run.pk, run.handler, published(run.event), attempts=run.attempts, error=error)


@writes
def _claim(run: HandlerRun) -> bool:
    until = clock.now() + timedelta(seconds=CLAIM_SECONDS)
    mine = HandlerRun.objects.filter(pk=run.pk, state=HandlerRun.State.PENDING, attempts=run.attempts)
    won = bool(mine.filter(next_try_at=run.next_try_at).update(attempts=run.attempts + 1, next_try_at=until))
    if won:
        run.attempts += 1
    return won


@writes
def _done(run: HandlerRun) -> None:
    HandlerRun.objects.filter(pk=run.pk).update(
        state=HandlerRun.State.DONE, done_at=clock.now(), next_try_at=None, error=""
    )


@writes
def retry_failed(handler: str | None = None) -> int:
    """Owe again what was given up, of one handler or of all: after its cause was mended. Returns how many."""
    failed = HandlerRun.objects.filter(state=HandlerRun.State.FAILED)
    if handler is not None:
        failed = failed.filter(handler=handler)
    db.after_commit(nudge)
    return failed.update(state=HandlerRun.State.PENDING, attempts=0, next_try_at=clock.now())


def _hints(events: Iterable[PublishedEvent]) -> list[bus.Message]:
    """One hint for each contact and case that changed, with the last seq, and one for the whole log."""
    hints: dict[str, bus.Message] = {}
    for event in events:
        for kind, ident in (("contact", event.contact_id), ("case", event.case_id)):
            if ident is not None:
                topic = f"{kind}:{ident}"
                hints[topic] = {"topic": topic, "id": str(ident), "seq": event.seq}
        hints["events"] = {"topic": "events", "seq": event.seq}
    return list(hints.values())
