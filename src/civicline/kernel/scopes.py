"""The writes that are open on this thread, innermost last, and the rows that each has put off to its end.

Rows whose key nobody has to wait for (an event, an audit entry, a new contact) go into the database together when
their write ends: on PostgreSQL in one statement instead of one message to and fro for each. What undoes a write
forgets what it had put off.
"""

import threading
from typing import Any

from django.db import models

Pending = tuple[type[models.Model], dict[str, Any]]


class Scope:
    """One write, or one savepoint within. `alone`: nothing outside of it has begun a transaction."""

    __slots__ = ("alone", "before", "nudged", "pending")

    def __init__(self, before: "Scope | None", *, alone: bool) -> None:
        self.before = before
        self.alone = alone
        self.nudged = False
        self.pending: list[Pending] = []


class _Open(threading.local):
    innermost: Scope | None = None


_open = _Open()


def current() -> Scope | None:
    """The innermost write of this thread."""
    return _open.innermost


def begin(*, alone: bool = False) -> Scope:
    """A write begins; end it with `end`, whatever becomes of it."""
    scope = _open.innermost = Scope(_open.innermost, alone=alone)
    return scope


def end(scope: Scope) -> None:
    """A write is over. What it has still put off is forgotten."""
    _open.innermost = scope.before
