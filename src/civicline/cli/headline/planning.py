"""Civicline's day: a forecast from other days, and the paid hours of that day in shifts where they help most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from civicline.cli.headline.calls import Days
from civicline.engine.queueing import erlang_a
from civicline.engine.simulation import Agent, Shift
from civicline.engine.simulation.spreads import Floats

QUARTER: Final = 900.0
SLOTS: Final = 96
MOST: Final = 60
LENGTHS: Final = (6, 8, 12, 16, 20, 24, 28, 32, 36)
"""Shifts in quarters of an hour; those under four hours count as a fifth dearer, so that there are few."""
SHORT: Final = 16


class Planned(NamedTuple):
    """A shift in quarters of an hour of the day, and the quarters in which it rests."""

    start: int
    end: int
    rests: tuple[int, ...]


def forecast(days: Days, day: str) -> Floats:
    """Contacts expected in each quarter of an hour of `day`.

    From the weeks before it. In the log's first week there are none: then from the other weeks, or the other
    days, this day left out. Of the day itself only its opening hours are known: from the quarter of its first call
    to that of its last.
    """
    first = date.fromisoformat(min(days))
    week = {name: (date.fromisoformat(name) - first).days // 7 for name in days}
    source = [name for name in days if week[name] < week[day]]
    source = source or [name for name in days if week[name] != week[day]]
    source = source or [name for name in days if name != day]
    counts = {name: _counts(days, name) for name in source}
    weekday = date.fromisoformat(day).weekday()
    same = [name for name in source if date.fromisoformat(name).weekday() == weekday] or source
    level = float(np.mean([counts[name].sum() for name in same]))
    like = [name for name in source if abs(counts[name].sum() - level) <= level / 2] or same
    shape = _shape([counts[name] for name in same]) + _shape([counts[name] for name in like])
    smooth = np.convolve(np.pad(shape, 2, mode="edge"), np.ones(5) / 5, "valid")
    opened = np.flatnonzero(_counts(days, day))
    smooth[: opened[0]] = smooth[opened[-1] + 1 :] = 0.0
    return np.asarray(smooth / max(float(smooth.sum()), 1e-12) * level)


def _counts(days: Days, day: str) -> Floats:
    slots = [min(SLOTS - 1, int(call.at // QUARTER)) for call in days[day]]
    return np.bincount(slots, minlength=SLOTS).astype(np.float64)


def _shape(counts: Sequence[Floats]) -> Floats:
    return np.asarray(np.mean([one / one.sum() for one in counts], axis=0))


def costs(expected: Floats, handle: float, patience: float) -> Floats:
    """Seconds waited in each quarter of an hour by all its contacts, for 0 to MOST people there (Erlang A)."""
    people = np.arange(1, MOST + 1)[None, :]
    load = np.maximum(expected * handle / QUARTER, 1e-9)[:, None]
    waits = erlang_a(load, people, handle_seconds=handle, patience_seconds=patience).mean_wait
    nobody = np.full((SLOTS, 1), patience)
    return np.asarray(np.concatenate([nobody, waits], axis=1) * expected[:, None])


def shifts(
    expected: Floats, paid_hours: float, *, handle: float, patience: float, resting: float
) -> list[Planned]:
    """Shifts that use up the paid hours (less than a quarter more is left), `resting` of them in rests.

    Each next shift goes where it saves most waiting for its length; then each is moved to where it is better, until
    none moves; then rests are put where they cost least.
    """
    waits, there = costs(expected, handle, patience), np.zeros(SLOTS, dtype=np.int64)
    chosen: list[tuple[int, int]] = []
    left = int(paid_hours * 4 + 1e-9)
    earliest = max(0, int(np.flatnonzero(expected >= 0.5).min(initial=SLOTS - 6)) - 1)
    longest = SLOTS - earliest
    while left >= LENGTHS[0]:
        lengths = [n for n in LENGTHS if n == left or (n < left and left - n >= LENGTHS[0])]
        lengths = [n for n in lengths or [min(left, LENGTHS[-1])] if n <= longest] or [min(left, longest)]
        options = [
            (_saved(waits, there, at, n) / n * (1.0 if n >= SHORT else 0.8), -n, at)
            for n in lengths
            for at in range(earliest, SLOTS - n + 1)
        ]
        _, length, at = max(options)
        there[at : at - length] += 1
        chosen.append((at, -length))
        left += length
    _move(chosen, waits, there, earliest)
    return _rest(sorted(chosen), waits, there, resting)


def _saved(waits: Floats, there: np.ndarray, at: int, length: int) -> float:
    """Seconds of waiting that one more shift saves."""
    slots = np.arange(at, at + length)
    now = np.minimum(there[slots], MOST)
    return float((waits[slots, now] - waits[slots, np.minimum(now + 1, MOST)]).sum())


def _move(chosen: list[tuple[int, int]], waits: Floats, there: np.ndarray, earliest: int) -> None:
    for _ in range(8):
        moved = False
        for which, (at, length) in enumerate(chosen):
            there[at : at + length] -= 1
            _, _, best = max(
                (_saved(waits, there, to, length), -abs(to - at), to)
                for to in range(earliest, SLOTS - length + 1)
            )
            there[best : best + length] += 1
            chosen[which] = (best, length)
            moved |= best != at
        if not moved:
            return


def _rest(chosen: list[tuple[int, int]], waits: Floats, there: np.ndarray, resting: float) -> list[Planned]:
    """Rests in whole quarters, in all no less than `resting` of the time; none in the first or last half hour."""
    found, owed = [], 0.0
    for at, length in chosen:
        owed += resting * length
        number = round(owed)
        rests: list[int] = []
        for _ in range(min(number, max(0, length - 4))):
            slot = min(
                (s for s in range(at + 2, at + length - 2) if s not in rests),
                key=lambda s: waits[s, there[s] - 1] - waits[s, there[s]],
            )
            rests.append(slot)
            there[slot] -= 1
        owed -= len(rests)
        found.append(Planned(at, at + length, tuple(sorted(rests))))
    return found


def agents_of(planned: list[Planned], queues: frozenset[str]) -> tuple[Agent, ...]:
    """Everybody has a second skill, and more: each takes calls of every type. Rests are paid."""
    return tuple(
        Agent(
            f"shift {number + 1:03}",
            queues,
            (
                Shift(
                    one.start * QUARTER,
                    one.end * QUARTER,
                    tuple((slot * QUARTER, (slot + 1) * QUARTER) for slot in one.rests),
                    breaks_paid=True,
                ),
            ),
        )
        for number, one in enumerate(planned)
    )
