"""Which page comes next."""

from types import SimpleNamespace
from typing import Any

import pytest

from civicline.channels.webform import journey, reports
from civicline.channels.webform.journey import CHECK, Kind


def service(case_type: str = "incident", *attributes: dict[str, Any]) -> Any:
    rows = [
        SimpleNamespace(
            **{"variable": True, "required": False, "hint": {}, "values": [], "datatype": "string"} | one
        )
        for one in attributes
    ]
    return SimpleNamespace(case_type=case_type, attributes=SimpleNamespace(all=lambda: rows))


POTHOLE = service(
    "incident",
    {
        "code": "size",
        "datatype": "singlevaluelist",
        "required": True,
        "label": {"en": "How big?", "ar": "ما حجمها؟"},
        "values": [{"key": "hand", "name": {"en": "Like a hand"}}, {"key": "odd"}],
    },
    {"code": "notice", "variable": False, "label": {"en": "Call 112 first."}},
)


def test_attributes_come_first_and_what_takes_no_answer_is_told_at_the_start() -> None:
    asked = journey.questions(POTHOLE, "ar")
    assert [one.step for one in asked] == ["q-size", "details", "place", "contact"]
    assert asked[0].label == "ما حجمها؟"
    assert asked[0].options == (("hand", "Like a hand"), ("odd", "odd"))
    assert journey.notices(POTHOLE, "en") == ["Call 112 first."]


@pytest.mark.parametrize(
    ("case_type", "required", "placed"),
    [("incident", False, True), ("complaint", True, False), ("application", False, False), ("", True, False)],
)
def test_what_is_asked_follows_the_kind_of_matter(case_type: str, required: bool, placed: bool) -> None:
    asked = {one.step: one for one in journey.questions(service(case_type), "en")}
    assert asked["details"].required is required
    assert ("place" in asked) is placed
    assert not asked["contact"].required
    assert asked["contact"].kind is Kind.CONTACT


def test_the_way_through_and_back() -> None:
    asked = journey.questions(POTHOLE, "en")
    there = ["q-size"]
    while there[-1] != CHECK:
        there.append(journey.step_after(asked, there[-1]))
    assert there == ["q-size", "details", "place", "contact", CHECK]
    back = [CHECK]
    while journey.step_before(asked, back[-1]):
        back.append(journey.step_before(asked, back[-1]))
    assert back == list(reversed(there))
    assert journey.question_at(asked, "gone") is None


def test_somebody_who_comes_back_goes_on_where_it_was_left() -> None:
    asked = journey.questions(POTHOLE, "en")
    assert journey.first_open(asked, {}) == "q-size"
    assert journey.first_open(asked, {"q-size": "hand", "details": ""}) == "place"
    assert journey.first_open(asked, dict.fromkeys(("q-size", "details", "place", "contact"), "x")) == CHECK
    missing = journey.first_missing(asked, {"details": "x"})
    assert missing is not None
    assert missing.step == "q-size"
    assert journey.first_missing(asked, {"q-size": "hand"}) is None
    assert journey.how_long(asked) == "about 2 minutes"


def test_a_code_may_be_typed_as_people_type() -> None:
    code = "0o1ilabcdefghjkmnpqrstvwxy"
    plain = "00111abcdefghjkmnpqrstvwxy"
    assert reports.canonical(f" {code.upper()[:5]}-{code[5:]} ") == plain
    assert reports.canonical(reports.grouped(plain)) == plain
    assert reports.canonical("-_Some_other-Secret") == "-_Some_other-Secret"
    assert reports.grouped("short") == "short"
