"""Kept to plan: what was planned beside what was done, second by second, and fair.

    kept      planned to work, and there: available, in training, or with a contact in hand.
    excused   planned to work, and on a break that a contact had taken away before: it is made good.
    missing   planned to work, and not there. A stretch shorter than three minutes is nobody's business.
    extra     with a contact in hand during a break or after the end of the shift: shown apart, never held against.

Breaks count neither way. A call that runs late is no sin.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from civicline.workforce.models import Shift

PRESENT = frozenset({"available", "training"})
SMALL = timedelta(minutes=3)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the planned day: kept, excused, missing or break."""

    start: datetime
    end: datetime
    kind: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Kept:
    """One person's day up to now, in seconds."""

    pieces: list[Piece] = field(default_factory=list)
    extra: float = 0.0

    def seconds(self, kind: str) -> float:
        """All stretches of a kind together."""
        return sum(piece.seconds for piece in self.pieces if piece.kind == kind)

    @property
    def planned(self) -> float:
        """Planned work up to now, without breaks."""
        return sum(piece.seconds for piece in self.pieces if piece.kind != "break")

    @property
    def missing_since(self) -> datetime | None:
        """From when on somebody is missing who should be at work now; None while nobody is missed."""
        gone = self.gone
        return gone[0].start if gone and self.pieces[-1].kind == "missing" else None

    @property
    def gone(self) -> list[Piece]:
        """What is missing since the person was last at work: a planned break between brings nobody back."""
        away = list(
            itertools.takewhile(lambda piece: piece.kind in ("missing", "break"), reversed(self.pieces))
        )
        return [piece for piece in reversed(away) if piece.kind == "missing"]

    @property
    def share(self) -> float | None:
        """Kept and excused out of planned; None before the shift began."""
        if not self.planned:
            return None
        return (self.seconds("kept") + self.seconds("excused")) / self.planned


def kept_to_plan(
    shifts: Sequence[Shift], states: Sequence[tuple[datetime, str]], busy: Sequence[Span], now: datetime
) -> Kept:
    """Lay presence and contacts over the shifts, up to `now`.

    `states`: (moment, presence from then on), in order; before the first it is signed_out. `busy`: stretches with at
    least one contact in hand, in order, without overlaps.
    """
    pieces: list[Piece] = []
    extra = owed = 0.0
    for start, end, planned in _plan(shifts, now):
        for first, last in _cut(start, end, states, busy):
            seconds = (last - first).total_seconds()
            with_contact = any(begin <= first < finish for begin, finish in busy)
            if planned == "break":
                extra += seconds if with_contact else 0.0
                owed += seconds if with_contact else 0.0
                pieces.append(Piece(first, last, "break"))
            elif with_contact or _state(states, first) in PRESENT:
                pieces.append(Piece(first, last, "kept"))
            else:
                excused = min(owed, seconds) if _state(states, first) == "break" else 0.0
                owed -= excused
                middle = first + timedelta(seconds=excused)
                pieces += [Piece(first, middle, "excused")] if excused else []
                pieces += [Piece(middle, last, "missing")] if middle < last else []
    return Kept(_without_small(_joined(pieces)), extra + _after(shifts, busy, now))


def _plan(shifts: Sequence[Shift], now: datetime) -> Iterable[tuple[datetime, datetime, str]]:
    """Stretches of work and breaks as planned, cut at `now`."""
    for shift in sorted(shifts, key=lambda one: one.start):
        at = shift.start
        for after, minutes, _paid in sorted(shift.breaks, key=lambda one: float(one[0])):
            begin = shift.start + timedelta(minutes=after)
            yield from _before(at, begin, now, "work")
            at = begin + timedelta(minutes=minutes)
            yield from _before(begin, at, now, "break")
        yield from _before(at, shift.end, now, "work")


def _before(
    start: datetime, end: datetime, now: datetime, kind: str
) -> Iterable[tuple[datetime, datetime, str]]:
    end = min(end, now)
    if start < end:
        yield start, end, kind


def _cut(
    start: datetime, end: datetime, states: Sequence[tuple[datetime, str]], busy: Sequence[Span]
) -> Iterable[Span]:
    marks = {start, end}
    marks |= {at for at, _state in states if start < at < end}
    marks |= {at for span in busy for at in span if start < at < end}
    return itertools.pairwise(sorted(marks))


def _state(states: Sequence[tuple[datetime, str]], at: datetime) -> str:
    found = "signed_out"
    for since, state in states:
        if since > at:
            break
        found = state
    return found


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].kind == piece.kind and joined[-1].end == piece.start:
            joined[-1] = Piece(joined[-1].start, piece.end, piece.kind)
        else:
            joined.append(piece)
    return joined


def _without_small(pieces: list[Piece]) -> list[Piece]:
    return _joined([
        Piece(piece.start, piece.end, "kept") if piece.kind == "missing" and piece.end - piece.start < SMALL else piece
        for piece in pieces
    ])  # fmt: skip


def _after(shifts: Sequence[Shift], busy: Sequence[Span], now: datetime) -> float:
    """Seconds with a contact that had begun in a shift and went on after its end."""
    total = 0.0
    ends = sorted(shift.end for shift in shifts)
    for begin, finish in busy:
        over = [end for end in ends if begin < end < min(finish, now)]
        if over:
            following = [one.start for one in shifts if one.start >= over[-1]]
            last = min([finish, now, *following])
            total += max(0.0, (last - over[-1]).total_seconds())
    return total
