"""One tree, two formats: what the specification's own examples look like is what we write."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft7Validator
from lxml import etree
from referencing import Registry, Resource

from civicline.channels.open311.catalogue import (
    Choice,
    OfferedService,
    Question,
    definition_document,
    services_document,
)
from civicline.channels.open311.documents import Listing, Single, errors_document, moment, render
from civicline.channels.open311.errors import Fault
from civicline.channels.open311.formats import Format

CANS = OfferedService(
    code="001",
    name="Cans left out 24x7",
    description="Garbage or recycling cans that have been left out for more than 24 hours.",
    group="sanitation",
    keywords=("lorem", "ipsum", "dolor"),
    questions=(
        Question("WHISHETN", "singlevaluelist", "What?", required=True, choices=(Choice("123", "Ford"),)),
    ),
)


def schema_of(cases: Path, name: str) -> Draft7Validator:
    folder = cases / "open311" / "schemas"
    read = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    registry: Registry[Any] = Registry().with_resources(
        (known, Resource.from_contents(content, default_specification=_draft7()))
        for known, content in read.items()
    )
    return Draft7Validator(read[name], registry=registry)


def _draft7() -> Any:
    from referencing.jsonschema import DRAFT7

    return DRAFT7


def json_of(document: Listing | Single) -> Any:
    return json.loads(render(document, Format.JSON))


def xml_of(document: Listing | Single) -> etree._Element:
    return etree.fromstring(render(document, Format.XML))


def test_services_read_as_in_the_specification(cases: Path) -> None:
    document = services_document([CANS])
    assert json_of(document) == [
        {
            "service_code": "001",
            "service_name": "Cans left out 24x7",
            "description": CANS.description,
            "metadata": True,
            "type": "realtime",
            "keywords": "lorem, ipsum, dolor",
            "group": "sanitation",
        }
    ]
    schema_of(cases, "services.json").validate(json_of(document))
    printed = etree.parse(cases / "open311" / "samples" / "spec_00.xml").getroot()
    ours = xml_of(document)
    assert ours.tag == printed.tag
    assert {child.tag for child in ours[0]} == {child.tag for child in printed[0]}
    assert ours[0].findtext("metadata") == "true"


def test_a_definition_nests_its_lists_as_in_the_specification(cases: Path) -> None:
    document = definition_document(CANS)
    schema_of(cases, "service-definition.json").validate(json_of(document))
    printed = etree.parse(cases / "open311" / "samples" / "spec_02.xml").getroot()
    ours = xml_of(document)
    for path in ("attributes/attribute/variable", "attributes/attribute/values/value/key"):
        assert printed.find(path) is not None
        assert ours.find(path) is not None
    assert ours.findtext("attributes/attribute/values/value/name") == "Ford"
    assert json_of(document)["attributes"][0]["values"] == [{"key": "123", "name": "Ford"}]


def test_a_text_question_has_no_values() -> None:
    document = definition_document(OfferedService("w", "Waste", questions=(Question("why", "text", "Why?"),)))
    assert "values" not in json_of(document)["attributes"][0]


def test_one_row_is_still_an_array_in_json() -> None:
    assert json_of(Listing("service_requests", "request", [{"token": "12"}])) == [{"token": "12"}]


def test_no_rows_are_an_empty_container() -> None:
    empty = Listing("services", "service", [])
    assert json_of(empty) == []
    assert xml_of(empty).tag == "services"
    assert len(xml_of(empty)) == 0


def test_errors_read_as_in_the_specification() -> None:
    document = errors_document([Fault(403, "Invalid api_key"), Fault(400, "lat is missing")])
    assert json_of(document)[0] == {"code": 403, "description": "Invalid api_key"}
    assert xml_of(document).findtext("error/code") == "403"
    assert len(xml_of(document)) == 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<b>&amp; "quotes" ]]>', '<b>&amp; "quotes" ]]>'),
        ("tab\tline\r\nend", "tab\tline\r\nend"),
        ("nul\x00bell\x07", "nul\N{REPLACEMENT CHARACTER}bell\N{REPLACEMENT CHARACTER}"),
        ("\ufffe\uffff", "\N{REPLACEMENT CHARACTER}" * 2),
        ("كسر في الطريق 🚧 \u202eabc", "كسر في الطريق 🚧 \u202eabc"),
    ],
)
def test_any_text_makes_well_formed_xml(text: str, kept: str) -> None:
    assert xml_of(Single("row", {"description": text})).findtext("description") == kept


def test_a_lone_surrogate_breaks_neither_format() -> None:
    document = Single("row", {"description": "half \ud83d"})
    assert xml_of(document).findtext("description")
    assert json_of(document)["description"].startswith("half")


@pytest.mark.parametrize(
    ("number", "text"), [(0.00001, "0.00001"), (-122.4212043, "-122.4212043"), (51.0, "51.0")]
)
def test_coordinates_are_never_written_with_exponents(number: float, text: str) -> None:
    assert xml_of(Single("row", {"lat": number})).findtext("lat") == text


def test_moments_carry_the_offset_of_the_town() -> None:
    at = datetime(2026, 7, 1, 12, 0, 0, 999, tzinfo=UTC)
    assert moment(at, ZoneInfo("America/Chicago")) == "2026-07-01T07:00:00-05:00"
    assert moment(None, ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    "sample", ["chicago_requests.json", "sanfrancisco_extensions.json", "spec_01_quoted.json"]
)
def test_what_real_cities_send_survives_a_round_through_both_formats(cases: Path, sample: str) -> None:
    rows = json.loads((cases / "open311" / "samples" / sample).read_text())
    document = Listing("service_requests", "request", rows)
    assert json_of(document) == rows
    written = xml_of(document)
    for row, element in zip(rows, written, strict=True):
        for name, value in row.items():
            if isinstance(value, str):
                assert element.findtext(name) == value
