"""Parameters as apps send them, good and hostile, become typed values or named faults."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from civicline.channels.open311.errors import RefusalError
from civicline.channels.open311.fields import MAX_FIELDS, Fields, decode_pairs
from civicline.channels.open311.formats import Format, wanted_format
from civicline.channels.open311.moments import read_moment
from civicline.channels.open311.query import RequestQuery, read_request_query

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")


def ask(query: str) -> RequestQuery:
    return read_request_query(Fields(decode_pairs(query.encode())), now=NOW, zone=ZONE)


def refusals(query: str) -> list[str]:
    with pytest.raises(RefusalError) as caught:
        ask(query)
    assert caught.value.status == 400
    return [fault.description for fault in caught.value.faults]


def test_without_parameters_the_last_ninety_days_are_searched() -> None:
    assert ask("") == RequestQuery(opened_from=NOW - timedelta(days=90))


def test_an_empty_parameter_is_an_absent_one() -> None:
    assert ask("service_request_id=&service_code=&status=&start_date=&end_date=&page=") == ask("")


def test_ids_override_all_else_even_nonsense() -> None:
    query = ask("service_request_id=SM-1, SM-2,,SM-1&status=lost&start_date=yesterday")
    assert query == RequestQuery(references=("SM-1", "SM-2"))


def test_lists_may_be_comma_separated_or_repeated() -> None:
    query = ask("service_code=001,002&service_code=003&status=open,closed")
    assert query.service_codes == ("001", "002", "003")
    assert query.statuses == ("open", "closed")


def test_one_date_alone_spans_ninety_days() -> None:
    begun = ask("start_date=2026-01-01T00:00:00Z")
    assert begun.opened_to == datetime(2026, 4, 1, tzinfo=UTC)
    ended = ask("end_date=2026-04-01T00:00:00Z")
    assert ended.opened_from == datetime(2026, 1, 1, tzinfo=UTC)


def test_more_than_ninety_days_are_refused() -> None:
    assert ask("start_date=2026-01-01T00:00:00Z&end_date=2026-04-01T00:00:00Z").opened_to
    assert "90 days" in refusals("start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:00Z")[0]


def test_ninety_days_of_a_calendar_with_a_clock_change_in_them_are_ninety_days() -> None:
    query = ask("start_date=2026-09-01T00:00:00-04:00&end_date=2026-11-30T00:00:00-05:00")
    assert query.opened_from


def test_every_fault_is_named_at_once() -> None:
    faults = refusals("status=lost&start_date=yesterday&page=0&page_size=1001")
    assert len(faults) == 4
    assert [fault for fault in faults if "lost" in fault]
    assert [fault for fault in faults if "start_date" in fault]


def test_an_end_before_its_start_is_refused() -> None:
    assert "before" in refusals("start_date=2026-02-01&end_date=2026-01-01")[0]


def test_updated_after_alone_lifts_the_ninety_days() -> None:
    query = ask("updated_after=2020-01-01T00:00:00Z&extensions=true")
    assert query.opened_from is None
    assert query.updated_after == datetime(2020, 1, 1, tzinfo=UTC)
    assert query.extensions


@pytest.mark.parametrize("page", ["-1", "0", "1.5", "x", "٣", "1000000000000000000000"])
def test_a_page_is_a_small_whole_number(page: str) -> None:
    assert refusals(f"page={page}")


def test_the_same_value_twice_is_one_and_two_values_are_a_fault() -> None:
    assert ask("page=2&page=2").page == 2
    assert "more than once" in refusals("page=2&page=3")[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T09:30:00-05:00", datetime(2026, 5, 1, 14, 30, tzinfo=UTC)),
        ("2026-05-01T09:30:00 02:00", datetime(2026, 5, 1, 7, 30, tzinfo=UTC)),  # a plus that was not encoded
        ("2026-05-01T09:30:00.123456-05:00", datetime(2026, 5, 1, 14, 30, 0, 123456, tzinfo=UTC)),
        ("2026-05-01T09:30:00Z", datetime(2026, 5, 1, 9, 30, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, 4, tzinfo=UTC)),  # in the town's own zone
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("soon", None),
        ("", None),
    ],
)
def test_moments_are_read_as_apps_write_them(text: str, moment: datetime | None) -> None:
    assert read_moment(text, ZONE) == moment


@pytest.mark.parametrize("query", ["start_date=0001-01-01T00:00:00Z", "end_date=9999-12-31T23:59:59Z"])
def test_the_edges_of_the_calendar_are_no_accident(query: str) -> None:
    try:
        ask(query)
    except RefusalError as refused:
        assert refused.status == 400


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"description=a%00b", "NUL"),
        (b"descri%00ption=ab", "NUL"),
        (b"description=%ff%fe", "utf-8"),
        (b"x" * 201 + b"=1", "longer"),
        (b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS + 1)), "501 parameters"),
    ],
)
def test_what_cannot_be_honest_is_refused_with_words(raw: bytes, words: str) -> None:
    with pytest.raises(RefusalError) as caught:
        decode_pairs(raw)
    assert caught.value.status == 400
    assert words in caught.value.faults[0].description


def test_an_old_charset_is_read_when_it_is_named() -> None:
    assert decode_pairs(b"description=Stra%DFe", "iso-8859-1") == [("description", "Straße")]
    with pytest.raises(RefusalError, match="klingon"):
        decode_pairs(b"a=b", "klingon")


@pytest.mark.parametrize(
    ("extension", "accept", "fmt"),
    [
        ("json", "text/xml", Format.JSON),
        ("XML", "application/json", Format.XML),
        ("", "application/json", Format.JSON),
        ("", "text/html, application/json;q=0.8, text/xml;q=0.9", Format.XML),
        ("", "*/*", Format.XML),
        ("", "image/png", Format.XML),
        ("", "application/json;q=zero", Format.XML),
        ("", "", Format.XML),
    ],
)
def test_the_format_is_the_extension_else_what_is_accepted(extension: str, accept: str, fmt: Format) -> None:
    assert wanted_format(extension, accept) is fmt


def test_another_format_is_refused() -> None:
    with pytest.raises(RefusalError, match="csv"):
        wanted_format("csv", "")
