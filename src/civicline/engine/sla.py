"""The promise on a case, counted in open time: a clock that pauses, stops, and says when it is due.

    clock = start(target=16 * 3600, calendar=cal, at=opened)      # two working days of eight hours
    clock = pause(clock, at=asked_the_resident, reason="waiting_for_resident")
    clock = resume(clock, at=they_answered)
    due_at(clock), state(clock, now)                              # moved by exactly the paused open time

Every value is frozen, every instant is passed in (aware) and comes out in UTC. Events may be recorded late
and out of order: pauses are intervals, and any number of overlapping ones count once.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from civicline.engine.hours import Calendar, add_open_seconds, open_seconds

ClockState = Literal["running", "paused", "met", "due_soon", "breached", "stopped"]

DUE_SOON_SHARE = 0.2
"""A clock is due soon in the last fifth of its target, unless it was started with another share."""


class ClockRefused(ValueError):
    """A step that the clock cannot take. `code`: already_paused, not_paused, already_stopped, before_start,
    before_pause, naive_time, bad_target, bad_share."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"the clock cannot do that: {code}")
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that does not count, from `since` to `until` (None: still paused), and why."""

    since: datetime
    until: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise. `target` is in open seconds of `calendar`; `ended` is when it was fulfilled or called off.

    `fulfilled` is False when it was called off (withdrawn, duplicate). Whether it was fulfilled in time is
    computed, never stored.
    """

    target: float
    calendar: Calendar
    started: datetime
    pauses: tuple[Pause, ...] = ()
    ended: datetime | None = None
    fulfilled: bool = False
    due_soon_share: float = DUE_SOON_SHARE


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ClockRefused("naive_time", at=at)
    return at.astimezone(UTC)


def start(
    *, target: float, calendar: Calendar, at: datetime, due_soon_share: float = DUE_SOON_SHARE
) -> Clock:
    """A running clock with `target` open seconds (more than zero) from the instant `at`."""
    if target <= 0:
        raise ClockRefused("bad_target", target=target)
    if not 0 <= due_soon_share <= 1:
        raise ClockRefused("bad_share", share=due_soon_share)
    return Clock(target, calendar, _utc(at), due_soon_share=due_soon_share)


def is_paused(clock: Clock) -> bool:
    """Whether a pause is still open."""
    return any(one.until is None for one in clock.pauses)


def pause(clock: Clock, *, at: datetime, reason: str = "") -> Clock:
    """The clock, paused since `at`. Refused when it is paused, has ended, or `at` is before its start."""
    at = _utc(at)
    _must_run(clock, at)
    if is_paused(clock):
        raise ClockRefused("already_paused", at=at)
    return replace(clock, pauses=(*clock.pauses, Pause(at, None, reason)))


def resume(clock: Clock, *, at: datetime) -> Clock:
    """The clock, running again since `at`. Refused when it is not paused or `at` is before the pause."""
    at = _utc(at)
    _must_run(clock, at)
    if not is_paused(clock):
        raise ClockRefused("not_paused", at=at)
    return replace(clock, pauses=tuple(_until(one, at) for one in clock.pauses))


def add_pause(clock: Clock, *, since: datetime, until: datetime, reason: str = "") -> Clock:
    """The clock with a finished pause, entered afterwards; it may overlap others and is then counted once."""
    since, until = _utc(since), _utc(until)
    if until < since:
        raise ClockRefused("before_pause", at=until)
    return replace(clock, pauses=(*clock.pauses, Pause(since, until, reason)))


def stop(clock: Clock, *, at: datetime, fulfilled: bool = True) -> Clock:
    """The clock, ended at `at`: fulfilled (answered, resolved), or else called off; a pause ends too."""
    at = _utc(at)
    _must_run(clock, at)
    pauses = tuple(_until(one, at) for one in clock.pauses)
    return replace(clock, pauses=pauses, ended=at, fulfilled=fulfilled)


def restart(clock: Clock) -> Clock:
    """The clock of a reopened case: as if not ended. The time between is a pause named `closed`."""
    if clock.ended is None:
        return clock
    pauses = (*clock.pauses, Pause(clock.ended, None, "closed"))
    return replace(clock, pauses=pauses, ended=None, fulfilled=False)


def _must_run(clock: Clock, at: datetime) -> None:
    if clock.ended is not None:
        raise ClockRefused("already_stopped", ended=clock.ended)
    if at < clock.started:
        raise ClockRefused("before_start", started=clock.started, at=at)


def _until(one: Pause, at: datetime) -> Pause:
    if one.until is not None:
        return one
    if at < one.since:
        raise ClockRefused("before_pause", since=one.since, at=at)
    return replace(one, until=at)


def _stretches(clock: Clock, now: datetime) -> list[tuple[datetime, datetime]]:
    """The running stretches from the start to `now`, that is the time without the union of the pauses."""
    found: list[tuple[datetime, datetime]] = []
    reached = clock.started
    for one in sorted(clock.pauses, key=lambda one: one.since):
        if one.since >= now:
            break
        if one.since > reached:
            found.append((reached, one.since))
        reached = max(reached, now if one.until is None else one.until)
    if reached < now:
        found.append((reached, now))
    return found


def used_seconds(clock: Clock, now: datetime) -> float:
    """Open seconds that have counted by `now`, or by the end of an ended clock."""
    now = _utc(now)
    until = now if clock.ended is None else min(now, clock.ended)
    return sum(open_seconds(clock.calendar, a, b) for a, b in _stretches(clock, until))


def remaining_seconds(clock: Clock, now: datetime) -> float:
    """Open seconds left; negative by how much it is over."""
    return clock.target - used_seconds(clock, now)


def due_at(clock: Clock) -> datetime | None:
    """When the target is used up, in UTC; None while paused, or when it never opens for long enough.

    For an ended clock: when it would have been due, by the pauses up to its end.
    """
    return reaches(clock, clock.target)


def warn_at(clock: Clock) -> datetime | None:
    """When the clock becomes due soon; None as for `due_at`. A scheduler sleeps until then."""
    return reaches(clock, clock.target * (1 - clock.due_soon_share))


def reaches(clock: Clock, seconds: float) -> datetime | None:
    """The earliest instant by which `seconds` of open, unpaused time have counted; None if there is none."""
    at: datetime = clock.started
    left = seconds
    for one in sorted(clock.pauses, key=lambda one: one.since):
        if one.since > at:
            counted = open_seconds(clock.calendar, at, one.since)
            if counted >= left:
                break
            left -= counted
        if one.until is None:
            return None
        at = max(at, one.until)
    return add_open_seconds(clock.calendar, at, left)


def state(clock: Clock, now: datetime) -> ClockState:
    """Where the promise stands at `now`.

    running; paused; due_soon; breached (after `due_at`, also while paused, and when fulfilled too late); and
    after the end met (in time), or stopped (called off). The instant `due_at` itself still keeps the promise.
    """
    due = due_at(clock)
    if clock.ended is not None and not clock.fulfilled:
        return "stopped"
    if due is not None and (clock.ended or _utc(now)) > due:
        return "breached"
    if clock.ended is not None:
        return "met"
    if is_paused(clock):
        return "paused"
    soon = remaining_seconds(clock, now) <= clock.target * clock.due_soon_share
    return "due_soon" if soon else "running"
