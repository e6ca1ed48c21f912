"""Times, lengths of time and waits in plain words, in the language that is active.

Dates follow CLDR (Unicode Locale Data, through Babel), waits follow the house rule of telling: always a range,
rounded outwards, never "0 minutes", hours and halves above an hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from civicline.kernel.texts import comma

MINUTE = 60
HALF_HOUR = 1800
HOUR = 3600

type_of_moment = Literal["datetime", "date", "time", "day", "short"]

# A day with its name, and no year: CLDR has no such pattern without commas, which screen readers stumble over.
_DAY_PATTERNS = {
    "en": "EEEE d MMMM",
    "es": "EEEE d 'de' MMMM",
    "fr": "EEEE d MMMM",
    "ar": "EEEE d MMMM",
    "tr": "d MMMM EEEE",
}
_SHORT_PATTERNS = {"en": "d MMM", "es": "d MMM", "fr": "d MMM", "ar": "d MMM", "tr": "d MMM"}


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


# A list of twenty cases names the same few days and minutes again and again, and Babel takes its time over each.
@lru_cache(maxsize=2_048)
def _date_words(moment: date, pattern: str, language: str) -> str:
    return str(format_date(moment, pattern, locale=_locale(language)))


@lru_cache(maxsize=1_440)
def _clock_words(moment: time, language: str) -> str:
    return str(format_time(moment, "HH:mm", locale=_locale(language)))


def _day(moment: date, today: date, language: str, patterns: Mapping[str, str]) -> str:
    words = _date_words(moment, patterns.get(_locale(language).language, patterns["en"]), language)
    if abs((today - moment).days) > 300:
        words = f"{words} {_date_words(moment, 'y', language)}"
    return words


def datetime_local(value: datetime | date | time | None, style: type_of_moment = "datetime") -> str:
    """A moment in the active time zone and language.

    `style`: "datetime" (Tuesday 10 March, 14:05), "date" (Tuesday 10 March), "time" (14:05), "day" (as "datetime", but
    "today, 14:05" and "yesterday, 14:05"), "short" (10 Mar, 14:05; today only 14:05). None gives an empty text.
    """
    if value is None:
        return ""
    language = get_language() or "en"
    if isinstance(value, time):
        return _clock_words(time(value.hour, value.minute), language)
    if not isinstance(value, datetime):
        return _day(value, timezone.localdate(), language, _DAY_PATTERNS)
    zone = timezone.get_current_timezone()
    local = value.astimezone(zone) if timezone.is_aware(value) else value
    minute = datetime(local.year, local.month, local.day, local.hour, local.minute)  # noqa: DTZ001 -- it is local
    return _moment_words(minute, timezone.localdate(timezone=zone), style, language)


@lru_cache(maxsize=4_096)
def _moment_words(local: datetime, today: date, style: type_of_moment, language: str) -> str:
    """A minute of the local clock, told on the day `today` in the language that is active."""
    clock = _clock_words(time(local.hour, local.minute), language)
    if style == "time":
        return clock
    if style == "date":
        return _day(local.date(), today, language, _DAY_PATTERNS)
    days_ago = (today - local.date()).days
    if style == "short":
        day = _day(local.date(), today, language, _SHORT_PATTERNS)
        return clock if days_ago == 0 else f"{day}{comma(language)}{clock}"
    if style == "day" and days_ago == 0:
        return gettext("today, %(clock)s") % {"clock": clock}
    if style == "day" and days_ago == 1:
        return gettext("yesterday, %(clock)s") % {"clock": clock}
    return f"{_day(local.date(), today, language, _DAY_PATTERNS)}{comma(language)}{clock}"


def duration(seconds: float | None, style: Literal["clock", "words", "short"] = "clock") -> str:
    """A length of time given in seconds: "clock" 6:12 or 1:04:09, "words" 6 minutes, "short" 6 min. None gives ""."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    if style == "clock":
        hours, rest = divmod(whole, HOUR)
        minutes, second = divmod(rest, MINUTE)
        return f"{hours}:{minutes:02d}:{second:02d}" if hours else f"{minutes}:{second:02d}"
    if whole < MINUTE:
        return gettext("less than a minute") if style == "words" else gettext("under 1 min")
    minutes = round(whole / MINUTE)
    if minutes < MINUTE:
        return _minutes(minutes, style)
    hours = round(whole / HOUR)
    if style == "short":
        return gettext("%(count)s h") % {"count": hours}
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def _minutes(count: int, style: str) -> str:
    if style == "short":
        return gettext("%(count)s min") % {"count": count}
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}


def bounds(wait: Any) -> tuple[float, float] | None:
    """The ends, in seconds, of a wait: an object or mapping with `low` and `high`, or a pair. None is unknown."""
    if wait is None:
        return None
    if isinstance(wait, Mapping):
        return float(wait["low"]), float(wait["high"])
    if hasattr(wait, "low") and hasattr(wait, "high"):
        return float(wait.low), float(wait.high)
    low, high = wait
    return float(low), float(high)


def rounded_minutes(low: float, high: float) -> tuple[int, int]:
    """A range in seconds as whole minutes, rounded outwards: to 1 below half an hour, to 5 above it."""

    def outwards(seconds: float, to: Any) -> int:
        minutes = seconds / MINUTE
        step = 1 if minutes <= 30 else 5
        return int(to(round(minutes / step, 6)) * step)

    return outwards(max(0.0, low), math.floor), outwards(max(low, high, 0.0), math.ceil)


def wait_words(wait: Any, style: Literal["words", "short"] = "words") -> str:
    """A wait as it is told: "9 to 16 minutes", "less than a minute"; `short` for staff: "9 to 16 min"."""
    ends = bounds(wait)
    if ends is None:
        return gettext("We do not know yet") if style == "words" else gettext("not known")
    low, high = rounded_minutes(*ends)
    if high <= 1:
        return gettext("less than a minute") if style == "words" else gettext("under 1 min")
    if high > MINUTE:
        return _hours_told(low, high, style)
    unit = gettext("minutes") if style == "words" else gettext("min")
    if low == 0:
        return gettext("up to %(high)s %(unit)s") % {"high": high, "unit": unit}
    if low == high:
        return _minutes(high, style)
    return gettext("%(low)s to %(high)s %(unit)s") % {"low": low, "high": high, "unit": unit}


def _hours_told(low: int, high: int, style: str) -> str:
    high_halves = math.ceil(high * MINUTE / HALF_HOUR)
    low_halves = (low * MINUTE) // HALF_HOUR
    if low == 0:
        return gettext("up to %(time)s") % {"time": _halves(high_halves)}
    if low < MINUTE:
        return gettext("%(low)s to %(high)s") % {"low": _minutes(low, style), "high": _halves(high_halves)}
    if low_halves == high_halves:
        return _halves(high_halves)
    if low_halves % 2 == 0 and high_halves % 2 == 0:
        return gettext("%(low)s to %(high)s hours") % {"low": low_halves // 2, "high": high_halves // 2}
    return gettext("%(low)s to %(high)s") % {"low": _halves(low_halves), "high": _halves(high_halves)}


def _halves(count: int) -> str:
    """A number of half hours in words."""
    hours, half = divmod(count, 2)
    if not half:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    if hours == 0:
        return gettext("half an hour")
    return ngettext("%(count)s and a half hours", "%(count)s and a half hours", hours) % {"count": hours}
