"""Times and waits as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from civicline.config import words


@pytest.mark.parametrize(
    ("low", "high", "told", "short"),
    [
        (540, 960, "9 to 16 minutes", "9 to 16 min"),
        (0, 20, "less than a minute", "under 1 min"),
        (0, 250, "up to 5 minutes", "up to 5 min"),
        (61, 119, "1 to 2 minutes", "1 to 2 min"),
        (1890, 3290, "30 to 55 minutes", "30 to 55 min"),
        (300, 300, "5 minutes", "5 min"),
        (3000, 4500, "50 minutes to 1 and a half hours", "50 min to 1 and a half hours"),
        (3700, 5300, "1 hour to 1 and a half hours", "1 hour to 1 and a half hours"),
        (3700, 7100, "1 to 2 hours", "1 to 2 hours"),
    ],
)
def test_a_wait_is_a_range_rounded_outwards(low: float, high: float, told: str, short: str) -> None:
    with translation.override("en"):
        assert words.wait_words((low, high)) == told
        assert words.wait_words({"low": low, "high": high}, "short") == short


def test_an_unknown_wait_says_that_we_do_not_know() -> None:
    with translation.override("en"):
        assert words.wait_words(None) == "We do not know yet"


@pytest.mark.parametrize(
    ("low", "high"), [(n * 37.0, n * 37.0 + m * 91.0) for n in range(60) for m in range(12)]
)
def test_what_is_told_always_holds_the_whole_range(low: float, high: float) -> None:
    told_low, told_high = words.rounded_minutes(low, high)

    assert told_low * 60 <= low + 1e-6
    assert told_high * 60 >= high - 1e-6


def test_a_day_has_its_name_and_a_clock_of_24_hours() -> None:
    moment = timezone.now().replace(hour=15, minute=5) - timedelta(days=6)
    with translation.override("en"), timezone.override("UTC"):
        told = words.datetime_local(moment)

    assert told == f"{moment:%A} {moment.day} {moment:%B}, 15:05"


def test_the_year_is_said_when_it_is_far_away() -> None:
    with translation.override("en"):
        assert words.datetime_local(date(2019, 3, 27)) == "Wednesday 27 March 2019"


def test_today_and_yesterday_are_named() -> None:
    with translation.override("en"), timezone.override("UTC"):
        now = timezone.now()
        assert words.datetime_local(now, "day") == f"today, {now:%H:%M}"
        assert words.datetime_local(now - timedelta(days=1), "day").startswith("yesterday, ")
        assert words.datetime_local(now, "short") == f"{now:%H:%M}"


def test_other_languages_have_their_own_words() -> None:
    moment = datetime(2019, 3, 27, 9, 30, tzinfo=UTC)
    with timezone.override("UTC"):
        with translation.override("es"):
            assert words.datetime_local(moment, "date") == "miércoles 27 de marzo 2019"
        with translation.override("tr"):
            assert words.datetime_local(moment, "date") == "27 Mart Çarşamba 2019"
        with translation.override("ar"):
            assert words.datetime_local(moment, "short") == "27 مارس 2019، 09:30"
            assert words.datetime_local(moment).endswith("2019، 09:30")


def test_empty_and_plain_times() -> None:
    assert words.datetime_local(None) == ""
    assert words.datetime_local(time(8, 0)) == "08:00"


@pytest.mark.parametrize(
    ("seconds", "style", "told"),
    [
        (372, "clock", "6:12"),
        (3849, "clock", "1:04:09"),
        (30, "words", "less than a minute"),
        (60, "words", "1 minute"),
        (372, "short", "6 min"),
        (7200, "words", "2 hours"),
        (None, "clock", ""),
    ],
)
def test_a_length_of_time(seconds: float | None, style: str, told: str) -> None:
    with translation.override("en"):
        assert words.duration(seconds, style) == told  # type: ignore[arg-type]  # one of the three styles


@pytest.mark.parametrize(
    ("language", "name", "words"),
    [
        ("en", "SHORT_DATETIME_FORMAT", "24 Nov 2026, 15:07"),
        ("en", "DATETIME_FORMAT", "24 November 2026, 15:07"),
        ("en", "DATE_FORMAT", "24 November 2026"),
        ("ar", "DATETIME_FORMAT", "24 نوفمبر 2026، 15:07"),
        ("fr", "DATETIME_FORMAT", "24 novembre 2026 15:07"),
    ],
)
def test_a_moment_that_django_writes_has_its_day_first_and_24_hours(
    language: str, name: str, words: str
) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 11, 24, 15, 7), name) == words  # noqa: DTZ001 -- a local clock
