"""Public holidays as an administrator picks them: a country, perhaps a part of it, and years."""

from datetime import date, datetime

import pytest

from civicline.engine.hours import Calendar, from_plain, next_opening, to_plain, validate
from civicline.intake.public_holidays import HolidaysUnknown, public_holidays, supported


def test_england_and_scotland_begin_the_year_differently() -> None:
    england = public_holidays("GB", 2026, 2026, subdivision="ENG")
    scotland = public_holidays(" gb ", 2026, 2026, subdivision="sct")
    assert england[date(2026, 1, 1)] == "New Year's Day"
    assert date(2026, 1, 2) not in england
    assert date(2026, 1, 2) in scotland
    assert date(2026, 12, 28) in england, "Boxing Day falls on a Saturday and moves to Monday"


def test_years_are_a_range_and_the_dates_are_in_order() -> None:
    found = list(public_holidays("US", 2026, 2028))
    assert found == sorted(found)
    assert {day.year for day in found} >= {2026, 2027, 2028}


def test_names_come_in_another_language_where_there_is_one() -> None:
    assert public_holidays("DE", 2026, 2026, language="en_US")[date(2026, 12, 25)] == "Christmas Day"
    assert public_holidays("DE", 2026, 2026, language="en")[date(2026, 12, 25)] == "Christmas Day"
    for unknown in ("", "tlh"):
        assert (
            public_holidays("DE", 2026, 2026, language=unknown)[date(2026, 12, 25)] == "Erster Weihnachtstag"
        )


def test_the_same_question_is_answered_from_memory_and_cannot_be_written_over() -> None:
    found = public_holidays("FR", 2026, 2026)
    assert public_holidays("fr", 2026, 2026) is found
    with pytest.raises(TypeError):
        found[date(2026, 1, 2)] = "Mine"  # type: ignore[index] # the fault under test


def test_they_close_a_calendar() -> None:
    week = tuple((day, 540, 1020) for day in range(5))
    cal = Calendar("Europe/London", week, public_holidays("GB", 2026, 2026, subdivision="ENG"))
    assert validate(cal) == []
    assert from_plain(to_plain(cal)) == cal
    opening = next_opening(cal, public_day("2026-12-24T18:00:00+00:00"))
    assert opening == public_day("2026-12-29T09:00:00+00:00")


def public_day(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("country", "years", "subdivision", "code", "words"),
    [
        ("XX", (2026, 2026), "", "unknown_country", "No holidays are known for 'XX'"),
        ("GB", (2026, 2026), "Kent", "unknown_subdivision", "GB has no part 'Kent'; known are ENG"),
        ("GB", (2027, 2026), "", "bad_years", "from 1970 to 2100"),
        ("GB", (1, 9999), "", "bad_years", "1 to 9999 is not within that"),
    ],
)
def test_a_fault_is_told_in_words(
    country: str, years: tuple[int, int], subdivision: str, code: str, words: str
) -> None:
    with pytest.raises(HolidaysUnknown, match=words) as caught:
        public_holidays(country, *years, subdivision=subdivision)
    assert caught.value.code == code


def test_what_is_supported_can_be_listed_for_a_form() -> None:
    assert "ENG" in supported()["GB"]
    assert list(supported()) == sorted(supported())
