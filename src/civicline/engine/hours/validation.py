"""What is wrong with a calendar, in codes that a form can turn into sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from civicline.engine.hours.calendar import DAY_MINUTES, Calendar, CalendarError, Span

ProblemCode = Literal[
    "unknown_tz",
    "weekday_out_of_range",
    "minute_out_of_range",
    "zero_length",
    "longer_than_a_day",
    "overlap",
    "reason_missing",
    "never_open",
]

_WEEK_MINUTES = 7 * DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: its code, the field it is in ("weekly[2]", "exceptions[2026-12-24]"), and its values."""

    code: ProblemCode
    field: str
    params: tuple[tuple[str, str | int], ...] = ()


def _span_problems(where: str, span: Span) -> Iterator[Problem]:
    start, end = span
    values = (("start", start), ("end", end))
    if not 0 <= start < DAY_MINUTES or end < 0:
        yield Problem("minute_out_of_range", where, values)
    elif start == end:
        yield Problem("zero_length", where, values)
    elif end - start > DAY_MINUTES:
        yield Problem("longer_than_a_day", where, values)


def _overlaps(spans: Sequence[tuple[int, int, str]], wrap: int | None) -> Iterator[Problem]:
    """Spans that share time, each named with the one before it; `wrap` closes the ring of the week."""
    ordered = sorted(spans)
    reached, owner = -1, ""
    if wrap is not None and ordered:
        last_end, last_owner = max((end, where) for _, end, where in ordered)
        reached, owner = last_end - wrap, last_owner
    for start, end, where in ordered:
        if start < reached and where != owner:
            yield Problem("overlap", where, (("with", owner),))
        if end > reached:
            reached, owner = end, where


def _weekly_problems(cal: Calendar) -> Iterator[Problem]:
    sound: list[tuple[int, int, str]] = []
    for index, (weekday, start, end) in enumerate(cal.weekly):
        where = f"weekly[{index}]"
        faults = list(_span_problems(where, (start, end)))
        if not 0 <= weekday <= 6:
            faults.append(Problem("weekday_out_of_range", where, (("weekday", weekday),)))
        yield from faults
        if not faults:
            sound.append((weekday * DAY_MINUTES + start, weekday * DAY_MINUTES + end, where))
    yield from _overlaps(sound, _WEEK_MINUTES)


def _exception_problems(cal: Calendar) -> Iterator[Problem]:
    for day, exception in sorted(cal.exceptions.items()):
        place = f"exceptions[{day.isoformat()}]"
        if not exception.spans and not exception.reason.strip():
            yield Problem("reason_missing", place)
        sound: list[tuple[int, int, str]] = []
        for index, span in enumerate(exception.spans):
            where = f"{place}.spans[{index}]"
            faults = list(_span_problems(where, span))
            yield from faults
            if not faults:
                sound.append((*span, where))
        yield from _overlaps(sound, None)


def _opens(cal: Calendar) -> bool:
    if any(cal.by_weekday):
        return True
    days: set[date] = {day for day, one in cal.exceptions.items() if any(end > at for at, end in one.spans)}
    return bool(days)


def validate(cal: Calendar) -> list[Problem]:
    """Every fault of the calendar, [] when it is sound.

    unknown_tz; weekday_out_of_range; minute_out_of_range (a start outside 00:00-23:59); zero_length (write
    00:00-24:00 for a whole day); longer_than_a_day; overlap (also from Sunday night into Monday);
    reason_missing (a closed day with nothing to tell residents); never_open (no hours in any week).
    """
    found: list[Problem] = []
    try:
        _ = cal.zone
    except CalendarError:
        found.append(Problem("unknown_tz", "tz", (("tz", cal.tz),)))
    found.extend(_weekly_problems(cal))
    found.extend(_exception_problems(cal))
    if not _opens(cal):
        found.append(Problem("never_open", "weekly"))
    return found
