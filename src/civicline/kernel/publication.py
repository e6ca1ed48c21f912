"""Publication: the next events get their places in the log, and the handlers that want them run in the same write.

One transaction where there would be three (places, effects, done-marks), and a run that is done is written once, as
done. What cannot run at once is written as owed, for the relay: a handler with atomic=False, one that waits behind an
earlier event of its subject, what the time of the batch was too short for, and all of them after a batch broke.
"""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from civicline.kernel import clock, connection, counters, db, metrics, rows, scopes
from civicline.kernel.actors import Actor
from civicline.kernel.db import writes
from civicline.kernel.gate import refuse_broken
from civicline.kernel.handlers import Handler, PublishedEvent, Registry
from civicline.kernel.log import about
from civicline.kernel.models import Event, HandlerRun
from civicline.kernel.readings import Reading
from civicline.kernel.retries import retry_delay

SEQ = "event.seq"
BATCH = 200
BATCH_SECONDS = 0.05
MAX_ATTEMPTS = 12
ERROR_LENGTH = 2000
PENDING, DONE, FAILED = (state.value for state in HandlerRun.State)

Line = tuple[str, str, str]
"""A handler and a subject (kind, id): its events are handled in their order."""

logger = logging.getLogger(__name__)

_NEXT = Reading(
    lambda: Event.objects.filter(seq__isnull=True)
    .order_by("id")
    .values_list(
        "id", "uid", "name", "version", "subject_kind", "subject_id", "contact_id", "case_id",
        "actor_kind", "actor_id", "at", "data",
    )[:BATCH]
)  # fmt: skip
_WAITING = Reading(
    lambda: HandlerRun.objects.filter(state=PENDING).values_list(
        "handler", "event__subject_kind", "event__subject_id"
    )[: BATCH + 1]
)


class Published(NamedTuple):
    """What has just been published. `owes`: whether handlers may wait to be run, for these events or earlier ones."""

    events: list[PublishedEvent]
    owes: bool


class _HandlerFailed(Exception):
    """A handler failed that had no savepoint of its own: nothing of its publication may stand."""


def publish(registry: Registry, *, at_once: bool) -> Published:
    """Give the next events their places; run what may run, unless not `at_once`.

    Handlers hardly ever fail, and savepoints were a quarter of all statements on SQLite: so they run without, and
    when one fails all of it is undone and done again, each in a savepoint.

    Raises IntegrityError, and nothing has happened, when what a handler wrote breaks a foreign key.
    """
    try:
        return _publish(registry, at_once=at_once, guarded=False)
    except _HandlerFailed:
        return _publish(registry, at_once=at_once, guarded=True)


@writes
def _publish(registry: Registry, *, at_once: bool, guarded: bool) -> Published:
    found = _numbered()
    if not found:
        return Published([], True)
    _give_places(found)
    batch = _Batch(_waiting() if at_once else None, guarded=guarded)
    for key, event in found:
        for handler in registry.needed(event.name, batch.asked):
            batch.deal(key, event, handler)
    return Published([event for _, event in found], batch.owes)


def _give_places(found: list[tuple[int, PublishedEvent]]) -> None:
    """Write the places, many with one statement; few lengths of it, so that it is prepared few times."""
    left = found
    while left:
        size = 1 << (len(left).bit_length() - 1)
        part, left = left[:size], left[size:]
        cases, keys = " ".join(["WHEN %s THEN %s"] * size), ", ".join(["%s"] * size)
        params = [number for key, event in part for number in (key, event.seq)] + [key for key, _ in part]
        with connection.here().cursor() as cursor:
            cursor.execute(f"UPDATE kernel_event SET seq = CASE id {cases} END WHERE id IN ({keys})", params)  # noqa: S608 -- places only


def _numbered() -> list[tuple[int, PublishedEvent]]:
    """The next events by their row ids, with the places that they get."""
    if connection.here().vendor != "sqlite":  # a file has one writer, and this is it
        counters.take(
            SEQ, 0
        )  # the lock of this row makes the next relay wait, and see what this one has published
    read = list(_NEXT())
    if not read:
        return []
    first = counters.take(SEQ, len(read)) - len(read) + 1
    found = []
    for seq, row in enumerate(read, first):
        key, uid, name, version, subject_kind, subject_id, contact_id, case_id, kind, who, at, data = row
        event = PublishedEvent(
            seq=seq, uid=uid, name=name, version=version, subject_kind=subject_kind, subject_id=subject_id,
            contact_id=contact_id, case_id=case_id, actor=Actor(kind, who), at=at, data=data,
        )  # fmt: skip
        found.append((key, event))
    return found


def _waiting() -> set[Line] | None:
    """Lines in which something is owed already; None when they are too many to look at."""
    if rows.key(HandlerRun, where={"state": PENDING}) is None:
        return set()
    owed = _WAITING()
    return None if len(owed) > BATCH else {(handler, kind, ident) for handler, kind, ident in owed}


class _Batch:
    """The handlers of one publication. `waiting`: lines in which nothing may run; None: nothing runs at all.

    `guarded`: each handler has a savepoint; otherwise one that fails raises _HandlerFailed.
    """

    def __init__(self, waiting: set[Line] | None, *, guarded: bool) -> None:
        self.asked: dict[str, bool] = {}
        self._guarded = guarded
        self.owes = waiting is None or bool(waiting)
        self._waiting = waiting
        self._started = time.monotonic()
        self._now = clock.now()

    def deal(self, key: int, event: PublishedEvent, handler: Handler) -> None:
        """Run the handler and write that it is done; else write that it is owed, or how it failed."""
        line = (handler.name, event.subject_kind, event.subject_id)
        if not self._may_run(handler, line):
            self._owe(key, handler)
            return
        # Each gets its own: what one handler does to the data is not for the next.
        own = replace(event, data=dict(event.data))
        error: Exception | None = None
        if self._guarded:
            error = call_undoable(handler, handler.name, own)
        else:
            _call_bare(handler, own)
        if error is None:
            done = {"state": DONE, "next_try_at": None, "done_at": clock.now()}
            rows.add(HandlerRun, event_id=key, handler=handler.name, attempts=0, error="", **done)
            return
        run = self._owe(key, handler)
        failed(run, handler.name, event, attempts=0, error=error)
        if self._waiting is not None:
            self._waiting.add(line)

    def _may_run(self, handler: Handler, line: Line) -> bool:
        if self._waiting is None:
            return False
        in_time = time.monotonic() - self._started <= BATCH_SECONDS
        if handler.atomic and in_time and line not in self._waiting:
            return True
        self._waiting.add(line)
        return False

    def _owe(self, key: int, handler: Handler) -> int:
        self.owes = True
        owed: int = rows.insert(
            HandlerRun, event_id=key, handler=handler.name, attempts=0, error="",
            state=PENDING, next_try_at=self._now, done_at=None,
        )  # fmt: skip
        return owed


# -- one run


def call_undoable(handler: Handler | None, name: str, event: PublishedEvent) -> Exception | None:
    """Call a handler inside a write; when it fails its effects are undone, and the error comes back."""
    try:
        with db.undoable():
            call(handler, name, event)
            refuse_broken(
                connection.here()
            )  # an error of the database that the handler caught undoes it, too
    except Exception as error:
        return error
    return None


def _call_bare(handler: Handler, event: PublishedEvent) -> None:
    """Call a handler inside a write, without a savepoint. Raises _HandlerFailed when it fails."""
    scope = scopes.begin()
    try:
        call(handler, handler.name, event)
        refuse_broken(connection.here())
        rows.settle(scope)  # the next handler may read what this one has put off
    except Exception as error:
        raise _HandlerFailed from error
    finally:
        scopes.end(scope)


def call(handler: Handler | None, name: str, event: PublishedEvent) -> None:
    """Call a handler and measure it. Raises what it raises, LookupError where there is none of that name."""
    if handler is None:
        raise LookupError(f"There is no handler called {name} in this process.")
    with metrics.handler_seconds.labels(name).time(), about(event.contact_id):
        handler.fn(event)


def failed(run_id: int, handler: str, event: PublishedEvent, *, attempts: int, error: Exception) -> None:
    """Write that an owed run failed, `attempts` times before; it is tried again later, or given up."""
    attempts += 1
    metrics.handler_failures.labels(handler).inc()
    given_up = attempts >= MAX_ATTEMPTS
    again: datetime | None = None if given_up else clock.now() + timedelta(seconds=retry_delay(attempts))
    HandlerRun.objects.filter(pk=run_id, state=PENDING).update(
        attempts=attempts, next_try_at=again, error=f"{type(error).__name__}: {error}"[:ERROR_LENGTH],
        state=FAILED if given_up else PENDING,
    )  # fmt: skip
    where = {"handler": handler, "event": event.name, "seq": event.seq, "attempts": attempts}
    with about(event.contact_id):
        if given_up:
            metrics.handler_given_up.labels(handler).inc()
            logger.error("A handler was given up: %s", where, exc_info=error)
        else:
            logger.warning("A handler failed and is tried again: %s", where, exc_info=error)
