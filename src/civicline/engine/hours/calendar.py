"""What a calendar is, and which hours it gives one day."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

DAY_MINUTES = 1440

Span = tuple[int, int]
"""Start and end in minutes after local midnight of the day the span begins on; the end may pass 1440."""

DayReason = Literal["weekly", "holiday", "exception"]


class CalendarError(ValueError):
    """A calendar that cannot be used: `code` names the fault, `field` the place, `params` the values."""

    def __init__(self, code: str, sentence: str, *, field: str = "", **params: object) -> None:
        super().__init__(f"{field}: {sentence}" if field else sentence)
        self.code = code
        self.field = field
        self.params = params


@dataclass(frozen=True, slots=True)
class DayException:
    """The hours of one date that differ from the week: `spans` empty means closed all day.

    `reason` is shown to residents ("Staff training"), in the body's own words.
    """

    spans: tuple[Span, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DayHours:
    """The spans that begin on one date, why, and the holiday's name or the exception's reason text."""

    day: date
    spans: tuple[Span, ...]
    reason: DayReason
    detail: str


def _normal(start: int, end: int) -> Span:
    """A span whose end is before its start runs past midnight. An equal end stays (zero length)."""
    return (start, end + DAY_MINUTES) if end < start else (start, end)


ALWAYS_OPEN_WEEK: tuple[tuple[int, int, int], ...] = tuple((day, 0, DAY_MINUTES) for day in range(7))
"""Open round the clock: `Calendar(tz=..., weekly=ALWAYS_OPEN_WEEK)`."""


@dataclass(frozen=True)
class Calendar:
    """Opening hours in one time zone.

    tz          an IANA name, for example "Europe/London".
    weekly      (weekday 0 = Monday to 6 = Sunday, start minute, end minute); several per day are a split
                shift. An end before the start, or past 1440, runs into the next day.
    holidays    dates without the weekly hours, as a set or as date -> name.
    exceptions  date -> DayException; it wins over the week and over a holiday of that date.

    A day's spans belong to the date on which they begin: the night shift of 24 December ends on the morning
    of the 25th even when the 25th is a holiday.

    Daylight saving: a start or end inside the skipped hour moves to the moment of the change; in the hour
    that occurs twice, we open at the first occurrence and close at the last, so nobody who reads the hours
    on the door finds it shut. Lengths are always real elapsed seconds.
    """

    tz: str
    weekly: tuple[tuple[int, int, int], ...] = ()
    holidays: Mapping[date, str] | AbstractSet[date] = frozenset()
    exceptions: Mapping[date, DayException] = field(default_factory=dict)
    by_weekday: tuple[tuple[Span, ...], ...] = field(init=False, repr=False, compare=False)
    blocks: dict[int, tuple[tuple[int, int], ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """Memo of the arithmetic module; never part of the value."""

    def __post_init__(self) -> None:
        weekly = tuple((day, *_normal(start, end)) for day, start, end in self.weekly)
        exceptions = {
            day: DayException(tuple(_normal(*span) for span in exception.spans), exception.reason)
            for day, exception in self.exceptions.items()
        }
        by_weekday = tuple(
            tuple(sorted((start, end) for day, start, end in weekly if day == weekday and end > start))
            for weekday in range(7)
        )
        holidays = dict(self.holidays) if isinstance(self.holidays, Mapping) else frozenset(self.holidays)
        own = {"weekly": weekly, "holidays": holidays, "exceptions": exceptions, "by_weekday": by_weekday}
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return hash((self.tz, self.weekly))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone; CalendarError `unknown_tz` when no zone has that name."""
        try:
            return ZoneInfo(self.tz)
        except (KeyError, ValueError, OSError) as fault:
            raise CalendarError(
                "unknown_tz", f"there is no time zone named {self.tz!r}", field="tz", tz=self.tz
            ) from fault

    def holiday_name(self, day: date) -> str | None:
        """The name of the holiday on this date ("" when unnamed), or None when it is no holiday."""
        if isinstance(self.holidays, Mapping):
            return self.holidays.get(day)
        return "" if day in self.holidays else None


def day_hours(cal: Calendar, day: date) -> DayHours:
    """The spans that begin on this date, for printing a week of opening hours."""
    exception = cal.exceptions.get(day)
    if exception is not None:
        spans = tuple(sorted(span for span in exception.spans if span[1] > span[0]))
        return DayHours(day, spans, "exception", exception.reason)
    holiday = cal.holiday_name(day)
    if holiday is not None:
        return DayHours(day, (), "holiday", holiday)
    return DayHours(day, cal.by_weekday[day.weekday()], "weekly", "")


def local(cal: Calendar, at: datetime) -> datetime:
    """The same instant on the calendar's own wall clock, to be shown, not calculated with."""
    return at.astimezone(cal.zone)
