"""Roles of which there is only one in an installation: the active relay, the active dispatcher.

A lease is one row, taken and renewed by compare-and-set, with a fencing number that grows with each taking. That
one rule is right on both databases, so there is no second mechanism (a PostgreSQL session lock lives as long as its
connection, which a pooler or a half-open TCP connection may keep for minutes after the holder died).

Clocks: whether a holder is alive is decided by watching, on the watcher's own monotonic clock: a row that has not
changed for `seconds` belongs to a dead holder. Every renewal changes `expires_at`. So wall clocks that jump or
differ between machines neither end a living lease nor keep a dead one. Only the very first look of a process, which
has watched nothing yet, believes `expires_at`, and only when that is past by a margin (`TRUST_MARGIN`).

A holder that was stopped and comes back may still believe in its lease. Therefore whatever it writes in its role
calls `guard()` inside the write: it holds the row until the commit and raises `Conflict` when the fence has moved.
"""

import os
import socket
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from civicline.kernel import clock, db, metrics, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.models import Lease as LeaseRow

_MINE = "SELECT fence FROM kernel_lease WHERE name = %s AND holder = %s AND fence = %s"
SECONDS = 3.0
TRUST_MARGIN = 5.0
Seen = tuple[int, str, object]


def new_holder() -> str:
    """A name for this process' claim, unique for ever: host, process id, random."""
    return f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


class Lease:
    """One claim on one role. Not thread-safe: one thread owns it. Renew at least each `seconds` / 3.

    `courtesy`: for how many seconds more the role of this dead holder is left to others.
    """

    def __init__(
        self,
        name: str,
        holder: str | None = None,
        seconds: float = SECONDS,
        courtesy: Callable[[str], float] | None = None,
    ) -> None:
        self.name, self.holder, self.seconds = name, holder or new_holder(), seconds
        self._courtesy = courtesy or (lambda holder: 0.0)
        self.fence: int | None = None
        self._good_until = 0.0
        self._seen: Seen | None = None
        self._seen_at = 0.0

    @property
    def held(self) -> bool:
        """Whether this claim is surely alive: renewed less than `seconds` ago."""
        return self.fence is not None and clock.monotonic() < self._good_until

    @property
    def seconds_left(self) -> float:
        """For how long it is surely ours without a renewal; 0 when it is not."""
        return max(0.0, self._good_until - clock.monotonic()) if self.fence is not None else 0.0

    def acquire(self) -> int | None:
        """Take the lease, or renew it when it is ours. Returns the fencing number, or None while another holds it."""
        if self.fence is not None and self.renew():
            return self.fence
        started = clock.monotonic()
        # Look first: a standby must not write once a second.
        row = LeaseRow.objects.filter(name=self.name).first()
        if row is not None and not self._is_free(row):
            return None
        fence = self._take(row)
        if fence is not None:
            self._hold(fence, started)
        return fence

    def renew(self) -> bool:
        """Stay the holder. False when another has taken over: stop acting in the role at once."""
        if self.fence is None:
            return False
        started = clock.monotonic()
        if self._touch():
            self._hold(self.fence, started)
            return True
        self._drop()
        return False

    def release(self) -> None:
        """Give the role up, so that the next one need not wait. Harmless when it is not ours."""
        if self.fence is not None:
            self._free()
        self._drop()

    def guard(self) -> None:
        """Inside a write done in the role: raises Conflict unless the role is still ours until the commit."""
        if not db.in_write():
            raise RuntimeError("A lease guards a write: call guard() inside one.")
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        if self.fence is None or rows.first_row(_MINE + lock, [self.name, self.holder, self.fence]) is None:
            raise Conflict(code="lease-lost", lease=self.name)

    def _mine(self) -> QuerySet[LeaseRow]:
        return LeaseRow.objects.filter(name=self.name, holder=self.holder, fence=self.fence or 0)

    def _is_free(self, row: LeaseRow) -> bool:
        if not row.holder or row.expires_at is None:
            return True
        more = self._courtesy(row.holder)
        look: Seen = (row.fence, row.holder, row.expires_at)
        if look != self._seen:
            self._seen, self._seen_at = look, clock.monotonic()
            return clock.now() > row.expires_at + timedelta(seconds=TRUST_MARGIN + more)
        return clock.monotonic() - self._seen_at >= self.seconds + more

    @writes
    def _take(self, row: LeaseRow | None) -> int | None:
        until = clock.now() + timedelta(seconds=self.seconds)
        if row is None:
            LeaseRow.objects.bulk_create([LeaseRow(name=self.name)], ignore_conflicts=True)
        fence = row.fence if row else 0
        taken = LeaseRow.objects.filter(
            name=self.name,
            fence=fence,
            holder=row.holder if row else "",
            expires_at=row.expires_at if row else None,
        ).update(holder=self.holder, fence=fence + 1, expires_at=until)
        return fence + 1 if taken else None

    @writes
    def _touch(self) -> bool:
        mine = self._mine()
        row = mine.first()
        if row is None or row.expires_at is None:
            return False
        until = clock.now() + timedelta(seconds=self.seconds)
        if until == row.expires_at:
            # A renewal has to be seen as one, even under a clock that stands still.
            until += timedelta(microseconds=1)
        return bool(mine.update(expires_at=until))

    @writes
    def _free(self) -> None:
        self._mine().update(holder="", expires_at=None)

    def _hold(self, fence: int, started: float) -> None:
        self.fence, self._good_until, self._seen = fence, started + self.seconds, None
        metrics.lease_held.labels(self.name).set(1)

    def _drop(self) -> None:
        self.fence, self._good_until = None, 0.0
        metrics.lease_held.labels(self.name).set(0)
