"""A day as the event log tells it: who joined a line, and how each wait ended. Reports and boards count from this.

A contact counts ONCE, in the queue, channel and minute in which its first wait ended: with an agent or with the
resident leaving. A second wait after a transfer is no second contact. Nothing here looks at what a contact is now, so
a day that is over reads the same for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from civicline.intake import events
from civicline.kernel import selectors as kernel

JOINED = events.CONTACT_QUEUED.name
ANSWERED = events.CONTACT_CONNECTED.name
LEFT = events.CONTACT_ABANDONED.name
CLOSED = events.CONTACT_CLOSED.name
NAMES = (JOINED, ANSWERED, LEFT, CLOSED)
LOOK_BACK = timedelta(hours=2)
"""So long before the day begins a wait is followed, for the line of the last hour just after midnight."""


class Joined(NamedTuple):
    """A contact came into a line."""

    contact_id: UUID
    at: datetime
    queue_id: int | None
    channel: str


class Ended(NamedTuple):
    """A wait ended: `answered`, or given up. Seconds; `told` is the range that the resident heard first."""

    contact_id: UUID
    at: datetime
    queue_id: int | None
    channel: str
    answered: bool
    waited_s: float
    told: tuple[float, float] | None


@dataclass(frozen=True)
class Journal:
    """What happened in [start, end), in the order of the log; `seq` is how far it was read."""

    start: datetime
    end: datetime
    joined: tuple[Joined, ...] = ()
    ended: tuple[Ended, ...] = ()
    closed: tuple[tuple[datetime, int | None, str], ...] = ()
    seq: int = 0
    _seen: frozenset[UUID] = field(default=frozenset(), repr=False)

    def of_queue(self, queue_id: int) -> Journal:
        """Only what concerns one queue."""
        return replace(
            self,
            joined=tuple(one for one in self.joined if one.queue_id == queue_id),
            ended=tuple(one for one in self.ended if one.queue_id == queue_id),
            closed=tuple(one for one in self.closed if one[1] == queue_id),
        )


_Row = tuple[str, UUID | None, datetime, dict[str, Any], int | None]


def read_journal(start: datetime, end: datetime) -> Journal:
    """The journal of [start, end), also of what is not published yet. Two queries."""
    rows = _rows(kernel.events_named(NAMES, start, end))
    earlier = _answered_before(rows, start)
    return _fold(Journal(start, end, _seen=earlier), rows)


def _rows(events_found: Any) -> list[_Row]:
    return list(events_found.values_list("name", "contact_id", "at", "data", "seq"))


def _answered_before(rows: Iterable[_Row], start: datetime) -> frozenset[UUID]:
    """Contacts whose first wait ended before `start`: their later answers are transfers."""
    answered = {row[1] for row in rows if row[0] == ANSWERED and row[1] is not None}
    if not answered:
        return frozenset()
    long_ago = start - timedelta(days=400)
    before = kernel.events_named([ANSWERED], long_ago, start)
    day_before = before.filter(contact_id__in=_small(answered)) if len(answered) <= MANY else before
    return frozenset(answered.intersection(day_before.values_list("contact_id", flat=True)))


def queues_of_answers(contact_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The queue in which each of these contacts was first answered, wherever it went afterwards."""
    wanted = _small(set(contact_ids))
    found: dict[UUID, int] = {}
    for first in range(0, len(wanted), MANY):
        answers = kernel.events_of_contacts(wanted[first : first + MANY], [ANSWERED])
        for contact_id, data in answers.values_list("contact_id", "data"):
            if contact_id is not None and data.get("queue") is not None:
                found.setdefault(contact_id, data["queue"])
    return found


MANY = 800
"""More ids than this do not go into one query (SQLite's parameters): then the earlier events are all looked at."""


def _small(ids: set[UUID]) -> list[UUID]:
    return sorted(ids, key=str)


def _fold(journal: Journal, rows: Iterable[_Row]) -> Journal:
    joined, ended, closed = list(journal.joined), list(journal.ended), list(journal.closed)
    seen, seq = set(journal._seen), journal.seq
    for name, contact_id, at, data, number in rows:
        seq = max(seq, number or 0)
        if contact_id is None:
            continue
        queue_id, channel = data.get("queue"), str(data.get("channel") or "")
        if name == JOINED:
            joined.append(Joined(contact_id, at, queue_id, channel))
        elif name == CLOSED:
            closed.append((at, queue_id, channel))
        elif contact_id not in seen and queue_id is not None:
            seen.add(contact_id)
            ended.append(_ended(name, contact_id, at, data))
    return replace(
        journal,
        joined=tuple(joined),
        ended=tuple(ended),
        closed=tuple(closed),
        seq=seq,
        _seen=frozenset(seen),
    )


def _ended(name: str, contact_id: UUID, at: datetime, data: dict[str, Any]) -> Ended:
    low, high = data.get("told_low_s"), data.get("told_high_s")
    return Ended(
        contact_id=contact_id,
        at=at,
        queue_id=data["queue"],
        channel=str(data.get("channel") or ""),
        answered=name == ANSWERED,
        waited_s=float(data.get("waited_s") or 0.0),
        told=(float(low), float(high)) if low is not None and high is not None else None,
    )


# --- Today, kept and continued: a board is drawn every few seconds, and the log only grows.

_lock = threading.Lock()
_kept: dict[tuple[datetime, datetime], Journal] = {}


def forget_journal() -> None:
    """Read today afresh next time (tests, and a database that was replaced)."""
    with _lock:
        _kept.clear()


def todays_journal(start: datetime, end: datetime) -> Journal:
    """The journal of a day that goes on: one query for what was published since the last time."""
    key = (start, end)
    with _lock:
        known = _kept.get(key)
    if known is None:
        # One process's first look: everything that is published; later looks go on from its number.
        found = kernel.events_named(NAMES, start, end).filter(seq__isnull=False)
        rows = _rows(found)
        known = _fold(Journal(start, end, _seen=_answered_before(rows, start)), rows)
    else:
        fresh = kernel.events_named(NAMES, start, end).filter(seq__gt=known.seq).order_by("seq")
        rows = _rows(fresh)
        known = _fold(known, rows) if rows else known
    with _lock:
        _kept.clear()
        _kept[key] = known
    return known
