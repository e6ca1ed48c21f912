"""One answer: what people type, and what becomes of it."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from civicline.channels.webform.answers import (
    MOST_TEXT,
    Checked,
    as_text,
    check,
    clean_words,
    in_words,
    plain_number,
    typed_again,
)
from civicline.channels.webform.journey import Kind, Question

BINS = (("rubbish", "Rubbish"), ("recycling", "Recycling"))


def ask(kind: Kind, *, required: bool = True) -> Question:
    return Question("q-it", kind, "What is it?", required=required, options=BINS)


def answer(question: Question, **fields: str | list[str]) -> Checked:
    posted = QueryDict(mutable=True)
    for name, value in fields.items():
        key = name.replace("it", "a-q-it", 1).replace("_", "-") if name.startswith("it") else name
        posted.setlist(key, value if isinstance(value, list) else [value])
    return check(question, posted)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("1200", "1200"),
        ("1,200", "1200"),
        ("1.200", "1200"),
        ("1 200", "1200"),
        ("£1,234.50", "1234.50"),
        ("1.234,50 €", "1234.50"),
        ("12,5", "12.5"),
        ("0.125", "0.125"),
        ("1,234,567", "1234567"),
        ("١٢٣٤٫٥", "1234.5"),
        ("-7", "-7"),
        ("\u22127", "-7"),
        ("1'200", "1200"),
        ("a lot", None),
        ("12 apples", None),
        ("", None),
        ("1" * 40, None),
        (".", None),
    ],
)
def test_numbers_are_read_as_people_of_any_country_write_them(typed: str, plain: str | None) -> None:
    assert plain_number(typed) == plain


@given(st.text(max_size=60))
def test_no_text_breaks_a_number(typed: str) -> None:
    found = plain_number(typed)
    assert found is None or float(found) == float(found)


def test_a_required_answer_is_asked_for_in_words_that_help() -> None:
    for kind in (Kind.STRING, Kind.TEXT, Kind.NUMBER, Kind.DATETIME, Kind.ONE_OF, Kind.SOME_OF):
        checked = answer(ask(kind))
        assert not checked.good, kind
        assert set(checked.problems) == {"a-q-it"}
        assert answer(ask(kind, required=False)).good, kind


def test_dates_come_in_three_boxes_and_have_to_exist() -> None:
    when = ask(Kind.DATETIME)
    assert answer(when, it_day="29", it_month="2", it_year="2024").value == "2024-02-29"
    assert answer(when, it_day="٢٧", it_month="٣", it_year="٢٠٢٦").value == "2026-03-27"
    for day, month, year in (("29", "2", "2026"), ("1", "", "2026"), ("x", "1", "2026"), ("1", "1", "99999")):
        assert not answer(when, it_day=day, it_month=month, it_year=year).good
    assert "between 1900 and 2100" in answer(when, it_day="1", it_month="1", it_year="26").problems["a-q-it"]
    assert typed_again(when, "2026-03-07") == {"day": 7, "month": 3, "year": 2026}


def test_only_what_was_offered_can_be_chosen() -> None:
    assert answer(ask(Kind.ONE_OF), it="rubbish").value == "rubbish"
    assert not answer(ask(Kind.ONE_OF), it="gold").good
    assert not answer(ask(Kind.ONE_OF, required=False), it="gold").good
    assert answer(ask(Kind.SOME_OF), it=["recycling", "rubbish"]).value == ["rubbish", "recycling"]
    assert not answer(ask(Kind.SOME_OF), it=["rubbish", "gold"]).good


def test_a_text_too_long_says_by_how_much_and_is_not_lost() -> None:
    checked = answer(ask(Kind.TEXT), it="x" * (MOST_TEXT + 1))
    assert checked.problems["a-q-it"].startswith("This is 1 character too long.")
    assert len(checked.typed) == MOST_TEXT + 1


def test_signs_that_hide_or_turn_text_are_taken_out() -> None:
    assert clean_words("a\x00b\u202ec\r\nd\te") == "abc\nd\te"
    assert answer(ask(Kind.STRING), it="  one\n two ").value == "one two"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_words(text)
    assert clean_words(once) == once
    assert "\x00" not in once


def test_a_place_is_words_or_coordinates_or_nothing() -> None:
    where = ask(Kind.PLACE)
    assert answer(where).value == {}
    assert answer(where, address="12 Quay Street").value == {"address": "12 Quay Street"}
    found = answer(where, latitude="51.5007", longitude="-0.1246").value
    assert (found["latitude"], found["longitude"]) == (51.5007, -0.1246)
    assert in_words(where, found) == "51.50070, -0.12460"
    for north, east in (("91", "0"), ("nan", "0"), ("51", "181"), ("1e3", "1"), ("51", ""), ("<b>", "1")):
        assert answer(where, latitude=north, longitude=east).value == {}
    assert answer(where, latitude="51", longitude="1", forget="on").value == {}
    assert not answer(where, address="x" * 301).good


def test_who_it_is_may_stay_empty_and_is_checked_when_given() -> None:
    who = ask(Kind.CONTACT)
    assert answer(who, name="", email="", phone="").value == {}
    checked = answer(who, name="Grace", email="nobody", phone="12")
    assert set(checked.problems) == {"email", "phone"}
    assert checked.typed["email"] == "nobody"
    good = answer(who, email="Grace@Example.org", phone="020 7946 0018")
    assert good.value == {"email": "grace@example.org", "phone": "+442079460018"}


def test_all_answers_become_one_text_without_the_person() -> None:
    which, who = ask(Kind.SOME_OF), Question("contact", Kind.CONTACT, "Who?")
    told = as_text((which, who), {"q-it": ["rubbish", "recycling"], "contact": {"name": "Grace"}})
    assert told == "What is it?\nRubbish, Recycling"
