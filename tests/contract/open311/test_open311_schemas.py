"""Every answer fits the published JSON Schemas, and its XML says the same."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft7Validator, FormatChecker
from lxml import etree
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from civicline.intake.models import Service
from tests.integration.channels.open311 import town

Services = dict[str, Service]
Schemas = dict[str, Any]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schemas(cases: Path) -> Schemas:
    """The published schemas by file name."""
    folder = cases / "open311" / "schemas"
    return {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}


def check(schemas: Schemas, name: str, answer: httpx.Response) -> Any:
    """Fail unless the answer fits the schema of this file (or, after a #, its definition); return the answer."""
    assert answer.status_code == 200, answer.text
    file, _hash, definition = name.partition("#")
    registry: Registry[Any] = Registry().with_resources(
        (known, Resource.from_contents(schema, default_specification=DRAFT7))
        for known, schema in schemas.items()
    )
    schema: Any = {"$ref": f"{file}#/definitions/{definition}"} if definition else schemas[file]
    if definition:
        schema = {"type": "array", "minItems": 1, "items": schema}
    elif schema.get("type") == "array":
        schema = {"type": "array", "items": {"$ref": schema["items"]["$ref"]}}
    Draft7Validator(schema, registry=registry, format_checker=FormatChecker()).validate(answer.json())
    return answer.json()


def as_xml(rows: list[dict[str, Any]], root: etree._Element) -> None:
    """Fail unless the XML carries the same plain values as the JSON rows."""
    for row, element in zip(rows, root, strict=True):
        for name, value in row.items():
            if not isinstance(value, list | dict):
                written = {None: "", True: "true", False: "false"}.get(value, str(value))
                assert (element.findtext(name) or "") == written, name


@pytest.mark.parametrize(
    ("path", "schema"),
    [("services", "services.json"), ("requests", "requests.json"), ("requests", "swagger.json#Request")],
)
def test_lists_fit(base: str, services: Services, schemas: Schemas, path: str, schema: str) -> None:
    full = {
        "zipcode": "SM1",
        "address_id": "1",
        "media_url": "https://e.org/1.jpg",
        "status_note": "x",
        "agency": "y",
    }
    town.put_case(services["pothole"], 1, expected_at=town.clock.now(), **full)
    if (
        "swagger" not in schema
    ):  # the draft of 2.1 has no null; the published schema and the printed examples do
        town.put_case(services["pothole"], 2, state="resolved", latitude=None, longitude=None, description="")
    rows = check(schemas, schema, httpx.get(f"{base}/{path}.json"))
    as_xml(rows, etree.fromstring(httpx.get(f"{base}/{path}.xml").content))


def test_one_request_fits(base: str, services: Services, schemas: Schemas) -> None:
    case = town.put_case(services["pothole"])
    rows = check(schemas, "requests.json", httpx.get(f"{base}/requests/{case.reference}.json"))
    as_xml(rows, etree.fromstring(httpx.get(f"{base}/requests/{case.reference}.xml").content))
    check(schemas, "requests.json", httpx.get(f"{base}/requests/{case.reference}.json?extensions=true"))


@pytest.mark.parametrize("code", ["pothole", "graffiti", "tip-off"])
def test_definitions_fit(base: str, services: Services, schemas: Schemas, code: str) -> None:
    check(schemas, "service-definition.json", httpx.get(f"{base}/services/{code}.json"))


@pytest.mark.parametrize("code", ["pothole", "graffiti", "tip-off"])
def test_answers_to_reports_and_tokens_fit(
    base: str, services: Services, schemas: Schemas, code: str
) -> None:
    fields = {"api_key": town.KEY, "service_code": code, "address_string": "1 High Street"}
    fields |= {"attribute[text]": "hello"} if code == "graffiti" else {}
    rows = check(schemas, "swagger.json#RequestResponse", httpx.post(f"{base}/requests.json", data=fields))
    assert ("token" in rows[0]) != ("service_request_id" in rows[0])
    if "token" in rows[0]:
        check(schemas, "swagger.json#TokenResponse", httpx.get(f"{base}/tokens/{rows[0]['token']}.json"))
