"""PostgreSQL past its driver's cursors: statements prepared once, and BEGIN and COMMIT sent along with the work.

A cursor of psycopg costs the processor twice what PostgreSQL takes for an everyday statement, and each message to
and fro costs both sides once more. Here a write that changes a row and tells of it is two messages instead of four:
BEGIN with its first statement, COMMIT with its last. Values are converted by psycopg, as everywhere.
"""

import select
import threading
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

from psycopg import Connection, Cursor, OperationalError, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import tuple_row

Statement = tuple[str, Sequence[Any]]
"""SQL with %s for each of its parameters."""

MOST_PREPARED = 256  # on one connection; what comes after them goes the driver's way
IN_ORDER = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
BEGIN, COMMIT = b"BEGIN", b"COMMIT"
_numbers = count()


class Line:
    """The short way on one connection, for the one thread whose it is."""

    def __init__(self, raw: Connection[Any]) -> None:
        self.raw = raw
        self._server = raw.pgconn
        self._values = Transformer(raw)
        self._known: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._seen: set[str] = set()

    @property
    def idle(self) -> bool:
        """Whether no transaction is open: PostgreSQL was sent no BEGIN."""
        return self._server.transaction_status == TransactionStatus.IDLE

    def run(self, statement: Statement, *, begin: bool = False, commit: bool = False) -> "Answer":
        """Run one statement, in a transaction that is begun with it, ended with it, or both; raise psycopg's errors.

        Without either it is run as things are: in the open transaction, or as one of its own. `begin` needs psycopg's
        autocommit off, and `commit` a caller who ends the transaction in any case, for what is not prepared goes the
        driver's way. Where it raises, the transaction, if still open, is for the caller to roll back.
        """
        sql, params = statement
        given: Any = self._values.dump_sequence(params, _formats(len(params)))
        name = self._prepared(sql, self._values.types or ())
        if name is None:
            return Answer(self._values, Cursor(self.raw, row_factory=tuple_row).execute(sql, params).pgresult)
        if begin or commit:
            result = self._together(name, given, begin=begin, commit=commit)
        else:
            result = self._server.exec_prepared(name, given, self._values.formats)
        if result.status not in IN_ORDER:
            raise _error(result)
        return Answer(self._values, result)

    def _prepared(self, sql: str, types: tuple[int, ...]) -> bytes | None:
        """The name of this statement on the server; None when it was not seen before, or may not be prepared."""
        name = self._known.get((sql, types))
        if name is not None:
            return name
        if sql not in self._seen:
            self._seen.add(sql)
            return None
        full = len(self._known) >= MOST_PREPARED or self.raw.prepare_threshold is None
        if full or self._server.transaction_status == TransactionStatus.INERROR:
            return None
        name = b"civicline_%d" % next(_numbers)
        result = self._server.prepare(name, _numbered(sql), types)
        if result.status != ExecStatus.COMMAND_OK:
            raise _error(result)
        self._known[sql, types] = name
        return name

    def _together(self, name: bytes, given: Any, *, begin: bool, commit: bool) -> PGresult:
        """The statement's result, or that of the first of the three which failed."""
        server = self._server
        try:
            server.enter_pipeline_mode()
            if begin:
                server.send_query_params(BEGIN, None)
            server.send_query_prepared(name, given, self._values.formats)
            if commit:
                server.send_query_params(COMMIT, None)
            server.pipeline_sync()
            results = self._results()
            server.exit_pipeline_mode()
        except BaseException:
            # What is on its way nobody could tell from the answer to the next: this connection is of no more use.
            server.finish()
            raise
        failed = [result for result in results if result.status not in IN_ORDER]
        return failed[0] if failed else results[1 if begin else 0]

    def _results(self) -> list[PGresult]:
        """All results up to where both sides are together again. Waiting, other threads go on."""
        server = self._server
        found: list[PGresult] = []
        while server.flush():
            self._wait(select.POLLIN | select.POLLOUT)
        while True:
            while server.is_busy():
                self._wait(select.POLLIN)
            result = server.get_result()
            if server.status != ConnStatus.OK:
                raise _error(result) if result else OperationalError(server.get_error_message())
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                return found
            if result is not None:
                found.append(result)

    def _wait(self, until: int) -> None:
        """Let the server's answer come in, or what is sent go out."""
        watched = select.poll()
        watched.register(self._server.socket, until)
        if any(ready & ~select.POLLOUT for _, ready in watched.poll()):
            self._server.consume_input()


class Answer:
    """What one statement brought."""

    def __init__(self, values: Any, result: PGresult | None) -> None:
        self._values, self._result = values, result

    def _rows(self) -> int:
        self._values.set_pgresult(self._result)
        return self._result.ntuples if self._result is not None else 0

    def fetchone(self) -> Any:
        """The first row as a tuple, or None."""
        return self._values.load_row(0, tuple) if self._rows() else None

    def fetchall(self) -> list[Any]:
        """All rows as tuples."""
        found: list[Any] = self._values.load_rows(0, self._rows(), tuple)
        return found

    @property
    def rowcount(self) -> int:
        """How many rows were changed or read."""
        return (self._result.command_tuples or 0) if self._result is not None else 0


class _Kept(threading.local):
    line: Line | None = None


_kept = _Kept()


def line_of(raw: Connection[Any]) -> Line:
    """This thread's short way on its connection; a new one when it was connected anew."""
    line = _kept.line
    if line is None or line.raw is not raw:
        line = _kept.line = Line(raw)
    return line


@cache
def _formats(length: int) -> list[PyFormat]:
    return [PyFormat.AUTO] * length


@cache
def _numbered(sql: str) -> bytes:
    """The statement with PostgreSQL's own numbered places."""
    first, *others = sql.split("%s")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))).encode()


def _error(result: PGresult) -> Exception:
    """What went wrong, as psycopg words it: without a state from the server, the connection is gone."""
    if result.error_field(DiagnosticField.SQLSTATE) is None:
        return OperationalError(result.get_error_message())
    return errors.error_from_result(result)
