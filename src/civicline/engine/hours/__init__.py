"""Opening hours: calendars with split and overnight shifts, holidays, exceptions and daylight saving.

    cal = Calendar("Europe/London", ((0, 540, 1020),), holidays={date(2026, 12, 25): "Christmas Day"})
    status(cal, at)                     # HoursStatus(open=True, closes_at=..., reason="open")
    add_open_seconds(cal, at, 7200)     # two open hours later, or None when it never opens that long

All instants that go in must be aware; all that come out are in UTC, so that subtracting two of them gives
real elapsed time (Python subtracts two datetimes of one zone by the wall clock). Use `local` to show one.
"""

from civicline.engine.hours.arithmetic import (
    HORIZON_DAYS,
    HoursStatus,
    add_open_seconds,
    is_open,
    next_closing,
    next_opening,
    open_seconds,
    status,
)
from civicline.engine.hours.calendar import (
    ALWAYS_OPEN_WEEK,
    Calendar,
    CalendarError,
    DayException,
    DayHours,
    day_hours,
    local,
)
from civicline.engine.hours.plain import from_plain, to_plain
from civicline.engine.hours.validation import Problem, validate

__all__ = [
    "ALWAYS_OPEN_WEEK",
    "HORIZON_DAYS",
    "Calendar",
    "CalendarError",
    "DayException",
    "DayHours",
    "HoursStatus",
    "Problem",
    "add_open_seconds",
    "day_hours",
    "from_plain",
    "is_open",
    "local",
    "next_closing",
    "next_opening",
    "open_seconds",
    "status",
    "to_plain",
    "validate",
]
