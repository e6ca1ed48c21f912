"""Calendars to and from values that JSON can hold, with errors that name the field."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NoReturn

from civicline.engine.hours.calendar import DAY_MINUTES, Calendar, CalendarError, DayException, Span

_TIME = re.compile(r"(\d{1,2}):([0-5]\d)")
_KEYS = {"tz", "weekly", "holidays", "exceptions"}


def _refuse(code: str, field: str, sentence: str, value: object) -> NoReturn:
    raise CalendarError(code, sentence, field=field, value=value)


def _mapping(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _refuse("not_a_mapping", field, "this must be an object with named values", value)
    return value


def _listed(value: object, field: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        _refuse("not_a_list", field, "this must be a list", value)
    return list(value)


def _minute(value: object, field: str) -> int:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 48:
        _refuse("bad_time", field, f"{value!r} is not a time such as 09:00 or 24:00", value)
    return int(match[1]) * 60 + int(match[2])


def _day(value: object, field: str) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as fault:
        raise CalendarError(
            "bad_date", f"{value!r} is not a date such as 2026-12-25", field=field, value=value
        ) from fault


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        _refuse("not_text", field, "this must be text", value)
    return value


def _spans(value: object, field: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for index, pair in enumerate(_listed(value, field)):
        where = f"{field}[{index}]"
        times = _listed(pair, where)
        if len(times) != 2:
            _refuse("not_a_span", where, "a span is a start and an end", pair)
        spans.append((_minute(times[0], f"{where}[0]"), _minute(times[1], f"{where}[1]")))
    return tuple(spans)


def _weekly(value: object) -> tuple[tuple[int, int, int], ...]:
    rows: list[tuple[int, int, int]] = []
    for index, item in enumerate(_listed(value, "weekly")):
        where = f"weekly[{index}]"
        row = _mapping(item, where)
        weekday = row.get("day")
        if isinstance(weekday, bool) or not isinstance(weekday, int) or not 0 <= weekday <= 6:
            _refuse("bad_weekday", f"{where}.day", "a weekday is 0 (Monday) to 6 (Sunday)", weekday)
        start = _minute(row.get("start"), f"{where}.start")
        rows.append((weekday, start, _minute(row.get("end"), f"{where}.end")))
    return tuple(rows)


def _holidays(value: object) -> dict[date, str]:
    if isinstance(value, Mapping):
        return {_day(key, f"holidays[{key}]"): _text(name, f"holidays[{key}]") for key, name in value.items()}
    return {_day(item, f"holidays[{index}]"): "" for index, item in enumerate(_listed(value, "holidays"))}


def _exceptions(value: object) -> dict[date, DayException]:
    found: dict[date, DayException] = {}
    for key, item in _mapping(value, "exceptions").items():
        where = f"exceptions[{key}]"
        row = _mapping(item, where)
        spans = _spans(row.get("spans", []), f"{where}.spans")
        found[_day(key, where)] = DayException(spans, _text(row.get("reason", ""), f"{where}.reason"))
    return found


def from_plain(plain: Mapping[str, Any]) -> Calendar:
    """A calendar from {"tz", "weekly", "holidays", "exceptions"}; CalendarError names the field at fault.

    weekly      [{"day": 0, "start": "09:00", "end": "17:00"}, ...]; end before start runs overnight.
    holidays    {"2026-12-25": "Christmas Day"} or ["2026-12-25"].
    exceptions  {"2026-12-24": {"spans": [["09:00", "12:00"]], "reason": "Christmas Eve"}}; no spans = closed.
    Use `validate` afterwards for overlaps and the like.
    """
    row = _mapping(plain, "calendar")
    unknown = sorted(str(key) for key in row if key not in _KEYS)
    if unknown:
        _refuse(
            "unknown_field", unknown[0], f"there is no field of this name; known: {sorted(_KEYS)}", unknown
        )
    cal = Calendar(
        tz=_text(row.get("tz"), "tz"),
        weekly=_weekly(row.get("weekly", [])),
        holidays=_holidays(row.get("holidays", {})),
        exceptions=_exceptions(row.get("exceptions", {})),
    )
    _ = cal.zone
    return cal


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _span_times(start: int, end: int) -> list[str]:
    """06:00 the next morning reads 06:00, unless it would read as zero length or not at all."""
    overnight = end > DAY_MINUTES and end - start < DAY_MINUTES
    return [_clock(start), _clock(end - DAY_MINUTES if overnight else end)]


def to_plain(cal: Calendar) -> dict[str, Any]:
    """The calendar as JSON-able values.

    `from_plain(to_plain(cal)) == cal` for every sound calendar whose holidays are a mapping.
    """
    weekly = [
        {"day": day, **dict(zip(("start", "end"), _span_times(start, end), strict=True))}
        for day, start, end in cal.weekly
    ]
    holidays = sorted(cal.holidays)
    return {
        "tz": cal.tz,
        "weekly": weekly,
        "holidays": {day.isoformat(): cal.holiday_name(day) for day in holidays},
        "exceptions": {
            day.isoformat(): {
                "spans": [_span_times(*span) for span in exception.spans],
                "reason": exception.reason,
            }
            for day, exception in sorted(cal.exceptions.items())
        },
    }
