"""The line before SQLite's one writer: first come, first served, many calls to one commit (see `kernel.db`)."""

import enum
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import TransactionManagementError
from django.utils.asyncio import async_unsafe

from civicline.kernel import connection, metrics, rows, scopes
from civicline.kernel.errors import Busy

R = TypeVar("R")
logger = logging.getLogger(__name__)

SAVEPOINT = "civicline_call"
MARK, KEEP = f"SAVEPOINT {SAVEPOINT}", f"RELEASE {SAVEPOINT}"
SLOW_SECONDS = 1.0


class _State(enum.Enum):
    QUEUED = "queued"
    TAKEN = "taken"
    LEADS = "leads"


class _Call:
    """One caller's function on its way through the gate."""

    __slots__ = ("callbacks", "context", "error", "fn", "result", "since", "state", "wake")

    def __init__(self, fn: Callable[[], Any]) -> None:
        self.fn = fn
        self.context = copy_context()
        self.state = _State.QUEUED
        self.result: Any = None
        self.error: BaseException | None = None
        self.callbacks: list[Callable[[], object]] = []
        self.since = time.monotonic()
        self.wake = threading.Lock()
        self.wake.acquire()

    def fail(self, error: BaseException) -> None:
        self.error, self.result, self.callbacks = error, None, []

    def outcome(self) -> Any:
        """On the caller's own thread, after the commit."""
        if self.error is not None:
            raise self.error
        for callback in self.callbacks:
            try:
                callback()
            except Exception:
                logger.exception("A callback after commit failed; what was written stands.")
        return self.result


class _TransactionLost(Exception):
    """SQLite gave up the whole transaction inside a call (disk full, i/o error)."""


class _FirstFailed(Exception):
    """The first call of a batch failed, and its caller knows: the transaction has nothing in it that should stand."""


class Gate:
    """FIFO line of write calls with one leader at a time.

    A batch ends after `max_calls` calls or `max_seconds` seconds, whichever is first; then the next in line leads.
    A caller who was not served within `patience` seconds gets `Busy`, and its function will not run.
    """

    def __init__(self, *, max_calls: int = 128, max_seconds: float = 0.05, patience: float = 20.0) -> None:
        self.max_calls, self.max_seconds, self.patience = max_calls, max_seconds, patience
        self._mutex = threading.Lock()
        self._line: deque[_Call] = deque()
        self._led = False

    @property
    def waiting(self) -> int:
        """How many calls stand in line now."""
        return len(self._line)

    @async_unsafe("A write blocks its thread: call it through a worker thread, not on the event loop.")
    def run(self, fn: Callable[[], R]) -> R:
        call = _Call(fn)
        with self._mutex:
            if self._led:
                self._line.append(call)
            else:
                self._led = True
                call.state = _State.LEADS
        if call.state is not _State.LEADS:
            self._wait(call)
        if call.state is _State.LEADS:
            self._lead(call)
        result: R = call.outcome()
        return result

    def _wait(self, call: _Call) -> None:
        if call.wake.acquire(timeout=self.patience):
            return
        with self._mutex:
            if call.state is _State.QUEUED:
                self._line.remove(call)
                call.fail(Busy())
                return
        if call.state is _State.TAKEN:
            # Its function has begun: only the commit can tell how it ends.
            call.wake.acquire()

    def _next(self) -> _Call | None:
        with self._mutex:
            if not self._line:
                return None
            call = self._line.popleft()
            call.state = _State.TAKEN
            return call

    def _lead(self, leader: _Call) -> None:
        batch = [leader]
        try:
            self._commit(batch)
        except _FirstFailed:
            pass
        except IntegrityError as error:
            self._commit_one_by_one(batch, error)
        except BaseException as error:
            for call in batch:
                call.fail(_own_copy(error))
        finally:
            self._hand_over()
            for call in batch[1:]:
                call.wake.release()

    def _hand_over(self) -> None:
        with self._mutex:
            if not self._line:
                self._led = False
                return
            heir = self._line.popleft()
            heir.state = _State.LEADS
        heir.wake.release()

    def _commit(self, batch: list[_Call]) -> None:
        with transaction.atomic():
            here = connection.here()
            started = time.monotonic()
            call: _Call | None = batch[0]
            while call is not None:
                began = time.monotonic()
                _run(call, here, first=len(batch) == 1)
                ended = time.monotonic()
                if ended - began > SLOW_SECONDS:
                    logger.warning("A write held all others up for %.1f s: %s", ended - began, _name(call.fn))
                full = len(batch) >= self.max_calls or ended - started >= self.max_seconds
                call = None if full else self._next()
                if call is not None:
                    batch.append(call)
        metrics.write_batch.observe(len(batch))
        metrics.write_seconds.observe(time.monotonic() - started)

    def _commit_one_by_one(self, batch: list[_Call], error: IntegrityError) -> None:
        if len(batch) == 1:
            batch[0].fail(error)
            return
        logger.error("A broken foreign key was found at commit; its %d neighbours run again.", len(batch) - 1)
        for call in batch:
            call.error, call.callbacks = None, []
            try:
                with transaction.atomic():
                    _run(call, connection.here(), first=False)
            except BaseException as own:
                call.fail(own)


def refuse_broken(here: BaseDatabaseWrapper) -> None:
    """Raise when a database error was swallowed: Django would undo the work and say nothing."""
    if here.needs_rollback:
        raise TransactionManagementError(
            "A database error was caught inside a write, outside of a savepoint."
        )


@contextmanager
def savepoint(here: BaseDatabaseWrapper) -> Iterator[None]:
    """A savepoint of SQLite's open transaction: an error in the block undoes the block, its callbacks included.

    Raw statements, because Django's savepoints cost ten times as much as SQLite's. Savepoints of one name may stand
    within each other; the innermost is meant.
    """
    mark = len(here.run_on_commit)
    here.connection.execute(MARK)
    scope = scopes.begin()
    try:
        yield
        rows.settle(scope)
    except BaseException:
        _undo(here, mark)
        raise
    finally:
        scopes.end(scope)
    here.connection.execute(KEEP)


def _undo(here: BaseDatabaseWrapper, mark: int) -> None:
    """Go back to the innermost savepoint, and forget the callbacks from `mark` on."""
    raw = here.connection
    del here.run_on_commit[mark:]
    # SQLite may have given up the whole transaction by itself: then there is nothing left to go on with.
    here.needs_rollback = not raw.in_transaction
    if raw.in_transaction:
        raw.execute(f"ROLLBACK TO {SAVEPOINT}")
        raw.execute(KEEP)


def _run(call: _Call, here: BaseDatabaseWrapper, *, first: bool) -> None:
    """Run one call in a savepoint; its callbacks are taken from the connection so that each caller runs its own.

    The `first` needs none: what it wrote is all that the transaction holds. Raises _FirstFailed when it fails.
    """
    # As `savepoint` does it, without what a context manager costs: every write of the house goes this way.
    mark = len(here.run_on_commit)
    if not first:
        here.connection.execute(MARK)
    scope = scopes.begin()
    try:
        call.result = call.context.run(call.fn)
        if here.needs_rollback:
            refuse_broken(here)
        if scope.pending:
            rows.settle(scope)
        if not first:
            here.connection.execute(KEEP)
    except BaseException as error:
        call.fail(error)
        if first:
            raise _FirstFailed from None
        _undo(here, mark)
        if not here.connection.in_transaction:
            here.needs_rollback = False
            raise _TransactionLost from error
        return
    finally:
        scopes.end(scope)
    if len(here.run_on_commit) > mark:
        call.callbacks = [hook[1] for hook in here.run_on_commit[mark:]]
        del here.run_on_commit[mark:]


def _own_copy(error: BaseException) -> BaseException:
    """An exception for one of several callers: a shared one would gather all their tracebacks."""
    if isinstance(error, _TransactionLost) and error.__cause__ is not None:
        error = error.__cause__
    try:
        own = type(error)(*error.args)
    except TypeError:
        return error
    own.__cause__ = error.__cause__
    return own


def _name(fn: Callable[[], Any]) -> str:
    """What to call a write in the log: never its arguments, which are people's data."""
    inner = getattr(fn, "func", fn)
    return str(getattr(inner, "__qualname__", type(inner).__name__))
