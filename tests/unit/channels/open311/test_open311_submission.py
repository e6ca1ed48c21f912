"""A report is read whole, or refused with everything that has to be mended."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.channels.open311.catalogue import Choice, OfferedService, Question
from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import Fields
from civicline.channels.open311.submission import Submission, read_submission

SIZE = Question("size", "singlevaluelist", "How big?", choices=(Choice("s", "Small"), Choice("l", "Large")))
POTHOLE = OfferedService(
    code="pothole",
    name="Pothole",
    questions=(
        SIZE,
        Question("kinds", "multivaluelist", "Which?", choices=(Choice("a", "A"), Choice("b", "B"))),
        Question("depth", "number", "How deep?", required=True),
        Question("since", "datetime", "Since when?"),
        Question("more", "text", "More?"),
        Question("note", "string", "We come by night.", variable=False),
    ),
)
GOOD: dict[str, Any] = {"lat": "51.5", "long": "-0.1", "attribute[depth]": "12.5"}


def read(**changed: Any) -> Submission:
    given_fields = {**GOOD, **changed}
    pairs = [
        (name, one)
        for name, value in given_fields.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    return read_submission(Fields(pairs), POTHOLE, zone=ZoneInfo("UTC"))


def refusals(**changed: Any) -> list[str]:
    with pytest.raises(RefusalError) as caught:
        read(**changed)
    return [fault.description for fault in caught.value.faults]


def test_a_report_with_everything_is_read() -> None:
    report = read(
        **{
            "email": "smit333@sfgov.edu",
            "first_name": "john",
            "last_name": "smith",
            "phone": "111111111",
            "account_id": "123456",
            "device_id": "tt222111",
            "description": "A large sinkhole is destroying the street",
            "media_url": ["http://example.org/1.jpg", "http://example.org/2.jpg"],
            "attribute[size]": "l",
            "attribute[kinds][]": ["a", "b"],
            "attribute[since]": "2026-05-01T09:30:00-05:00",
        }
    )
    assert report.place.latitude == 51.5
    assert report.reporter.name == "john smith"
    assert report.answers == {
        "size": "l",
        "kinds": ["a", "b"],
        "depth": "12.5",
        "since": "2026-05-01T09:30:00-05:00",
    }
    assert len(report.media_urls) == 2


@pytest.mark.parametrize("place", [{"address_string": "1 High Street"}, {"address_id": "5454"}])
def test_a_place_in_words_or_by_number_is_enough(place: dict[str, str]) -> None:
    assert read(lat=None, long=None, **place).place.known


def test_no_place_at_all_is_refused() -> None:
    assert "where" in refusals(lat=None, long="")[0]


@pytest.mark.parametrize(
    ("lat", "long"),
    [("91", "0"), ("0", "-180.1"), ("nan", "0"), ("0", "inf"), ("1_0", "0"), ("fifty", "0"), ("1", None)],
)
def test_degrees_are_degrees(lat: str | None, long: str | None) -> None:
    assert refusals(lat=lat, long=long)


@pytest.mark.parametrize(("lat", "long"), [("90", "180"), ("-90", "-180"), ("0", "0"), ("+1.5e1", "2")])
def test_the_poles_and_null_island_are_places(lat: str, long: str) -> None:
    assert read(lat=lat, long=long).place.known


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("attribute[size]", "huge", "Choose from: l, s"),
        ("attribute[size]", ["s", "l"], "one value only"),
        ("attribute[kinds][]", ["a", "z"], "“z”"),
        ("attribute[depth]", "deep", "not a number"),
        ("attribute[depth]", "nan", "not a number"),
        ("attribute[depth]", "", "How deep?"),
        ("attribute[since]", "last week", "not a date"),
        ("attribute[more]", "x" * 4001, "4,000"),
        ("attribute[note]", "yes", "takes no answer"),
        ("attribute[colour]", "red", "not an attribute of this service"),
        ("attribute[a][b]", "red", "cannot be read"),
        ("attribute[size", "s", "cannot be read"),
        ("attribute", "s", "cannot be read"),
        ("description", "x" * 4001, "4,000"),
        ("email", "smith", "email"),
        ("media_url", "javascript:alert(1)", "http"),
        ("media_url", "http://[", "http"),
        ("media_url", [f"http://e.org/{number}" for number in range(11)], "10"),
        ("first_name", ["john", "joan"], "more than once"),
    ],
)
def test_each_fault_is_named(name: str, value: Any, words: str) -> None:
    assert [fault for fault in refusals(**{name: value}) if words in fault]


def test_all_faults_come_in_one_answer() -> None:
    faults = refusals(**{"lat": "95", "email": "smith", "attribute[depth]": None, "attribute[colour]": "red"})
    assert len(faults) == 4


def test_a_description_of_exactly_four_thousand_characters_is_taken() -> None:
    assert len(read(description="ü" * 4000).description) == 4000


def test_the_same_words_have_the_same_fingerprint() -> None:
    assert read(description="a").fingerprint() == read(description="a").fingerprint()
    assert read(description="a").fingerprint() != read(description="b").fingerprint()
    assert read(device_id="1").fingerprint() != read(device_id="2").fingerprint()


@given(
    st.lists(
        st.tuples(st.sampled_from([*GOOD, "attribute[size]", "attribute[x]", "email"]), st.text()), max_size=9
    )
)
def test_no_words_bring_it_down(pairs: list[tuple[str, str]]) -> None:
    try:
        report = read_submission(Fields(pairs), POTHOLE, zone=ZoneInfo("UTC"))
    except RefusalError as refused:
        assert all(fault.code == 400 and fault.description for fault in refused.faults)
    else:
        assert report.place.known
