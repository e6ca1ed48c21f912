"""Calendars as JSON, and the faults that an administrator is told about."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.hours import Calendar, CalendarError, DayException, from_plain, to_plain, validate

TOWN_HALL: dict[str, Any] = {
    "tz": "Europe/London",
    "weekly": [
        {"day": 0, "start": "09:00", "end": "17:00"},
        {"day": 4, "start": "22:00", "end": "06:00"},
        {"day": 6, "start": "08:00", "end": "32:00"},
    ],
    "holidays": {"2026-12-25": "Christmas Day"},
    "exceptions": {
        "2026-12-24": {"spans": [["09:00", "12:00"]], "reason": "Christmas Eve"},
        "2026-12-31": {"spans": [], "reason": "Stock-taking"},
    },
}


def test_a_calendar_survives_the_way_through_json() -> None:
    cal = from_plain(TOWN_HALL)
    assert cal.weekly == ((0, 540, 1020), (4, 1320, 1800), (6, 480, 1920))
    assert to_plain(cal) == TOWN_HALL
    assert from_plain(json.loads(json.dumps(to_plain(cal)))) == cal


def test_holidays_may_be_a_list() -> None:
    cal = from_plain({"tz": "UTC", "holidays": ["2026-12-25"]})
    assert cal.holiday_name(date(2026, 12, 25)) == ""
    assert to_plain(Calendar("UTC", holidays={date(2026, 12, 25)}))["holidays"] == {"2026-12-25": ""}


MINUTES = st.integers(0, 1439)


@given(
    st.lists(
        st.tuples(st.integers(0, 6), MINUTES, st.integers(0, 1440)).filter(lambda row: row[1] != row[2])
    ),
    st.dictionaries(st.dates(), st.text(max_size=5), max_size=5),
)
def test_every_calendar_survives(rows: list[tuple[int, int, int]], holidays: dict[date, str]) -> None:
    cal = Calendar("Africa/Casablanca", tuple(rows), holidays)
    assert from_plain(to_plain(cal)) == cal


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"tz": "Mars/Olympus"}, "unknown_tz", "tz"),
        ({"tz": None}, "not_text", "tz"),
        ({"weekly": "always"}, "not_a_list", "weekly"),
        ({"weekly": [7]}, "not_a_mapping", "weekly[0]"),
        ({"weekly": [{"day": 7, "start": "09:00", "end": "10:00"}]}, "bad_weekday", "weekly[0].day"),
        ({"weekly": [{"day": True, "start": "09:00", "end": "10:00"}]}, "bad_weekday", "weekly[0].day"),
        ({"weekly": [{"day": "1", "start": "09:00", "end": "10:00"}]}, "bad_weekday", "weekly[0].day"),
        ({"weekly": [{"day": 1, "start": "9 am", "end": "10:00"}]}, "bad_time", "weekly[0].start"),
        ({"weekly": [{"day": 1, "start": "09:00", "end": "49:00"}]}, "bad_time", "weekly[0].end"),
        ({"weekly": [{"day": 1, "start": "09:00"}]}, "bad_time", "weekly[0].end"),
        ({"holidays": ["25 December"]}, "bad_date", "holidays[0]"),
        ({"holidays": [3]}, "bad_date", "holidays[0]"),
        ({"holidays": {"2026-12-25": 1}}, "not_text", "holidays[2026-12-25]"),
        ({"exceptions": []}, "not_a_mapping", "exceptions"),
        ({"exceptions": {"soon": {}}}, "bad_date", "exceptions[soon]"),
        (
            {"exceptions": {"2026-12-24": {"spans": [["09:00"]]}}},
            "not_a_span",
            "exceptions[2026-12-24].spans[0]",
        ),
        (
            {"exceptions": {"2026-12-24": {"spans": [["09:00", "x"]]}}},
            "bad_time",
            "exceptions[2026-12-24].spans[0][1]",
        ),
        ({"zone": "UTC"}, "unknown_field", "zone"),
    ],
)
def test_a_fault_names_its_field(change: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(CalendarError) as caught:
        from_plain({**TOWN_HALL, **change})
    assert (caught.value.code, caught.value.field) == (code, field)
    assert str(caught.value).startswith(f"{field}: ")


def test_a_fault_without_a_field_is_just_its_sentence() -> None:
    assert str(CalendarError("odd", "this is odd")) == "this is odd"


def codes(cal: Calendar) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in validate(cal)]


def test_a_sound_calendar_has_no_problems() -> None:
    assert codes(from_plain(TOWN_HALL)) == []
    touching = Calendar("UTC", ((6, 1320, 1440), (0, 0, 540), (0, 540, 720)))
    assert codes(touching) == []
    assert codes(Calendar("UTC", exceptions={date(2026, 7, 1): DayException(((600, 660),))})) == []


@pytest.mark.parametrize(
    ("cal", "expected"),
    [
        (Calendar("Nowhere", ((0, 540, 600),)), [("unknown_tz", "tz")]),
        (Calendar("UTC"), [("never_open", "weekly")]),
        (Calendar("UTC", ((0, 540, 540),)), [("zero_length", "weekly[0]"), ("never_open", "weekly")]),
        (
            Calendar("UTC", ((7, 540, 600), (0, 0, 60))),
            [("weekday_out_of_range", "weekly[0]")],
        ),
        (Calendar("UTC", ((0, 1500, 1560),)), [("minute_out_of_range", "weekly[0]")]),
        (Calendar("UTC", ((0, -5, 60),)), [("minute_out_of_range", "weekly[0]")]),
        (Calendar("UTC", ((0, 0, 1441),)), [("longer_than_a_day", "weekly[0]")]),
        (Calendar("UTC", ((0, 540, 720), (0, 700, 800))), [("overlap", "weekly[1]")]),
        (
            Calendar("UTC", ((0, 540, 900), (0, 600, 660), (0, 700, 800))),
            [("overlap", "weekly[1]")] * 1 + [("overlap", "weekly[2]")],
        ),
        (Calendar("UTC", ((0, 60, 120), (6, 1320, 1560))), [("overlap", "weekly[0]")]),
        (
            Calendar("UTC", ((0, 0, 60),), exceptions={date(2026, 7, 1): DayException()}),
            [("reason_missing", "exceptions[2026-07-01]")],
        ),
        (
            Calendar("UTC", ((0, 0, 60),), exceptions={date(2026, 7, 1): DayException(((0, 60), (30, 90)))}),
            [("overlap", "exceptions[2026-07-01].spans[1]")],
        ),
        (
            Calendar("UTC", ((0, 0, 60),), exceptions={date(2026, 7, 1): DayException(((60, 60),))}),
            [("zero_length", "exceptions[2026-07-01].spans[0]")],
        ),
    ],
)
def test_every_problem_is_found(cal: Calendar, expected: list[tuple[str, str]]) -> None:
    assert codes(cal) == expected


def test_an_overlap_names_the_other_shift() -> None:
    problem = validate(Calendar("UTC", ((0, 540, 720), (0, 700, 800))))[0]
    assert dict(problem.params) == {"with": "weekly[0]"}
