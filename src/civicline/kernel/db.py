"""One fair door for all writes.

`@writes` runs a function inside one transaction. On PostgreSQL that is Django's `atomic()`. SQLite has one
writer at a time and pays one fsync for each commit, so there the callers of one process line up first come,
first served in a `Gate`: the first becomes leader, runs its own function and those of the callers behind it,
each of these in a savepoint, commits ONCE, and wakes them. Nobody is told "done" before that commit is on disk.

What a function under `@writes` may rely on, and what it must keep to:

- It may run on the thread of another caller, inside a copy of its own caller's context variables (actor,
  language, log fields). Thread-locals and re-entrant locks of the caller's thread are not there, and context
  variables set inside are not seen outside.
- Take ids, and read rows inside. When the shared commit is refused because somebody left a broken foreign key
  (SQLite checks those at commit only), each function of the batch is undone and run again alone, so that only
  the guilty one fails.
- Do not wait for another write inside, nor for the network. A wait for somebody who waits for the gate ends when
  that one's patience does, with `Busy`.
- An exception undoes this function only, its callbacks and events included.
- What `kernel.rows.add` was given, events and audit entries among it, is inserted when this function returns.
"""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError

from civicline.kernel import connection, rows, scopes, troubles
from civicline.kernel.errors import Busy, DatabaseAway, StorageFull, Unavailable
from civicline.kernel.gate import Gate, refuse_broken, savepoint

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)
gate = Gate()

SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL = 5, 6, 13
SQLITE_WRITE_REFUSED = 778  # by a quota or a limit on the size of files: to people it is a full disk
SQLITE_AWAY = frozenset({8, 10, 14})  # read only, i/o error, cannot be opened
POSTGRES_BUSY = frozenset(
    {"40001", "40P01", "55P03", "53300"}
)  # serialization, deadlock, lock wait, connections
POSTGRES_FULL = frozenset({"53100"})
POSTGRES_AWAY = ("08", "57P0")  # no connection; shut down, crashed, starting up


def writes(fn: Callable[P, R]) -> Callable[P, R]:
    """Run `fn` inside one transaction; a call inside another write joins it, undone alone when it raises.

    Raises what `fn` raises; `Busy` when the database could not take the write in time, `StorageFull` when its disk
    is full: in both cases nothing was saved. `DatabaseAway` when it went away, perhaps in the middle of the commit:
    then only a repeat with the same key, or a look, can tell.
    """

    @functools.wraps(fn)
    def write(*args: P.args, **kwargs: P.kwargs) -> R:
        here = connection.here()
        call = functools.partial(fn, *args, **kwargs)
        try:
            if here.in_atomic_block and here.vendor == "sqlite":
                with savepoint(here):
                    result = call()
                    refuse_broken(here)
                    return result
            return _alone(here, call)
        except (OperationalError, InterfaceError) as error:
            raise refusal_of(error) from error

    return write


def joins(fn: Callable[P, R]) -> Callable[P, R]:
    """As `writes`, but inside another write `fn` is simply called, without a savepoint of its own.

    For functions that raise what callers expect (a lost compare-and-set, a wrong value) before they have written
    anything: then there is nothing to undo, and a savepoint, two more messages to PostgreSQL, would be waste.
    """

    @functools.wraps(fn)
    def write(*args: P.args, **kwargs: P.kwargs) -> R:
        here = connection.here()
        if here.in_atomic_block:
            return fn(*args, **kwargs)
        try:
            return _alone(here, functools.partial(fn, *args, **kwargs))
        except (OperationalError, InterfaceError) as error:
            raise refusal_of(error) from error

    return write


def _alone(here: BaseDatabaseWrapper, call: Callable[[], R]) -> R:
    """One transaction for this call, or a savepoint on PostgreSQL when there is one."""
    if here.vendor == "sqlite":
        return gate.run(call)
    with _transaction(here):
        result = call()
        refuse_broken(here)
        return result


@contextmanager
def _transaction(here: BaseDatabaseWrapper) -> Iterator[None]:
    """A transaction of PostgreSQL, or a savepoint of it, with what the block puts off to its end."""
    scope = scopes.begin(alone=not here.in_atomic_block)
    try:
        with transaction.atomic():
            yield
            if not here.needs_rollback:
                rows.settle(scope, ends=scope.alone)
    finally:
        scopes.end(scope)


def after_commit(fn: Callable[[], None], *, once: bool = False) -> None:
    """Run `fn` once the outermost transaction is durable; never when it is undone. At once outside of any.

    It runs on the caller's thread before the write returns. An error in it is logged: what it tells of is
    already saved. `once`: not again when this function waits for the commit already.
    """
    here = connection.here()
    careful = _Careful(fn)
    if once and here.run_on_commit and any(hook[1] == careful for hook in here.run_on_commit):
        return
    here.on_commit(careful)


@dataclass(frozen=True, slots=True)
class _Careful:
    """A callback whose errors are logged."""

    fn: Callable[[], None]

    def __call__(self) -> None:
        try:
            self.fn()
        except Exception:
            logger.exception("A callback after commit failed; what was written stands.")


def in_write() -> bool:
    """Whether the caller is inside a transaction."""
    return bool(connection.here().in_atomic_block)


@contextmanager
def undoable() -> Iterator[None]:
    """A savepoint inside a write: an error in the block undoes the block only."""
    here = connection.here()
    if here.in_atomic_block and here.vendor == "sqlite":
        with savepoint(here):
            yield
        return
    with _transaction(here):
        yield


def refusal_of(error: Exception) -> Exception:
    """What a database error means for people; the error itself when it is none of theirs."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return error
    refusal = _meaning(error)
    if refusal is None:
        return error
    troubles.note(refusal.code)
    return refusal


def _meaning(error: OperationalError | InterfaceError) -> Unavailable | None:
    cause = error.__cause__
    full_code = getattr(cause, "sqlite_errorcode", -1)
    code = full_code & 0xFF
    state = getattr(cause, "sqlstate", None) or ""
    words = str(error)
    if (
        code == SQLITE_FULL
        or full_code == SQLITE_WRITE_REFUSED
        or state in POSTGRES_FULL
        or "disk is full" in words
    ):
        return StorageFull()
    if code in (SQLITE_BUSY, SQLITE_LOCKED) or state in POSTGRES_BUSY or "database is locked" in words:
        return Busy()
    # psycopg knows no state where the server is gone or never answered.
    gone = not state and type(cause).__module__.partition(".")[0] == "psycopg"
    return DatabaseAway() if gone or code in SQLITE_AWAY or state.startswith(POSTGRES_AWAY) else None
