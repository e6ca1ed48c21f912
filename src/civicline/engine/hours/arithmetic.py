"""Is it open, until when, and how much open time lies between two instants.

Local hours are unrolled into disjoint intervals of UTC microseconds, in blocks of 28 days that the calendar
memoises: the first question about a month costs about 0.1 ms, the next ones a bisection.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from civicline.engine.hours.calendar import Calendar, day_hours
from civicline.engine.hours.wall import Interval, Unroller

HORIZON_DAYS = 732
"""How far ahead we look for an opening or a closing: two years; beyond it the answer is None."""

_BLOCK_DAYS = 28
_MEMO_BLOCKS = 512
_SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAY = 86_400 * _SECOND
_HORIZON = HORIZON_DAYS * _DAY
_LAST_BLOCK = (date.max.toordinal() - 4) // _BLOCK_DAYS - 1
_MICROSECOND = timedelta(microseconds=1)

HoursReason = Literal["open", "always_open", "outside_hours", "holiday", "exception", "never_opens"]


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """Open or closed at one instant.

    closes_at  when open: the next closing in UTC; None when it does not close within HORIZON_DAYS.
    opens_at   when closed: the next opening in UTC; None when it does not open within HORIZON_DAYS.
    reason     why: open, always_open (no closing in sight), outside_hours, holiday, exception, never_opens.
    detail     the holiday's name or the exception's reason text, else "".
    """

    open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    reason: HoursReason
    detail: str = ""


def _micros(at: datetime) -> int:
    if at.utcoffset() is None:
        raise ValueError("an aware datetime is needed: this one has no time zone")
    return (at - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def _block(cal: Calendar, number: int) -> tuple[Interval, ...]:
    """The disjoint open intervals that begin on the block's dates, in order, touching ones joined."""
    known = cal.blocks.get(number)
    if known is None:
        if len(cal.blocks) >= _MEMO_BLOCKS:
            cal.blocks.clear()
        first = number * _BLOCK_DAYS
        known = cal.blocks[number] = Unroller(cal).intervals(first, first + _BLOCK_DAYS)
    return known


def _from(cal: Calendar, micros: int) -> Iterator[Interval]:
    """Open intervals that end after this instant, in order, until nothing opens for HORIZON_DAYS.

    An interval may begin up to two days before the date it is found on, so the walk starts there.
    """
    number = max(1, (micros // _DAY + _EPOCH_ORDINAL - 3) // _BLOCK_DAYS)
    seen_until = micros
    while number <= _LAST_BLOCK:
        block = _block(cal, number)
        for at in range(bisect_right(block, micros, key=lambda interval: interval[1]), len(block)):
            yield block[at]
        if block:
            seen_until = max(seen_until, block[-1][1])
        number += 1
        if (number * _BLOCK_DAYS - _EPOCH_ORDINAL) * _DAY - seen_until > _HORIZON:
            return


def _opening(cal: Calendar, micros: int) -> int | None:
    """The start of the first opening that is at or after this instant or that holds it."""
    return next((start for start, _ in _from(cal, micros)), None)


def _closing(cal: Calendar, micros: int) -> int | None:
    """The end of the open stretch that holds this instant, or of the next one; None without an end."""
    reached: int | None = None
    for start, end in _from(cal, micros):
        if reached is not None and start > reached:
            break
        reached = end
        if reached - micros > _HORIZON:
            return None
    return reached


def is_open(cal: Calendar, at: datetime) -> bool:
    """True from the opening instant up to, and without, the closing instant."""
    micros = _micros(at)
    start = _opening(cal, micros)
    return start is not None and start <= micros


def status(cal: Calendar, at: datetime) -> HoursStatus:
    """Open or closed, until when, and why: all that a door sign or a recorded message has to say."""
    micros = _micros(at)
    start = _opening(cal, micros)
    if start is not None and start <= micros:
        end = _closing(cal, micros)
        if end is None:
            return HoursStatus(True, None, None, "always_open")
        hours = day_hours(cal, at.astimezone(cal.zone).date())
        detail = hours.detail if hours.reason == "exception" else ""
        return HoursStatus(True, _instant(end), None, "open", detail)
    opens = None if start is None else _instant(start)
    hours = day_hours(cal, at.astimezone(cal.zone).date())
    if hours.reason != "weekly":
        return HoursStatus(False, None, opens, hours.reason, hours.detail)
    return HoursStatus(False, None, opens, "outside_hours" if opens else "never_opens")


def next_opening(cal: Calendar, at: datetime) -> datetime | None:
    """The first instant after `at` when we go from closed to open; None when there is none in sight."""
    micros = _micros(at)
    reached: int | None = None
    for start, end in _from(cal, micros):
        if start > micros and (reached is None or start > reached):
            return _instant(start)
        reached = end
        if reached - micros > _HORIZON:
            return None
    return None


def next_closing(cal: Calendar, at: datetime) -> datetime | None:
    """The end of the present opening, or when closed of the next one; None when there is none in sight."""
    end = _closing(cal, _micros(at))
    return None if end is None else _instant(end)


def open_seconds(cal: Calendar, a: datetime, b: datetime) -> float:
    """Real seconds of open time in [a, b); 0.0 when b is not after a. Exact to the microsecond."""
    first, last = _micros(a), _micros(b)
    total = 0
    while first < last:
        # The walk stops at a gap of HORIZON_DAYS; a longer interval is taken up again behind the gap.
        reached = first
        for start, end in _from(cal, first):
            if start >= last:
                return total / _SECOND
            total += min(end, last) - max(start, first)
            reached = end
        first = max(first, reached) + _HORIZON
    return total / _SECOND


def add_open_seconds(cal: Calendar, at: datetime, seconds: float) -> datetime | None:
    """The earliest instant by which `seconds` of open time have passed since `at`, in UTC.

    Zero seconds give `at` itself, open or not; a sum used up exactly at closing time gives the closing
    time, not the next morning. None when it is not reached before an absence of openings of HORIZON_DAYS.
    """
    micros, left = _micros(at), round(seconds * _SECOND)
    if left < 0:
        raise ValueError("seconds to add must be zero or more")
    if left == 0:
        return _instant(micros)
    for start, end in _from(cal, micros):
        begin = max(start, micros)
        if end - begin >= left:
            return _instant(begin + left)
        left -= end - begin
    return None
