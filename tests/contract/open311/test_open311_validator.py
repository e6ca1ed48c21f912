"""The 22 rules that open311-validator checks, in our own words, against a real server, for both endpoint types."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from lxml import etree

pytestmark = pytest.mark.django_db(transaction=True)


class Discovered:
    """Both discovery documents, fetched as the validator does: address plus `.xml` and `.json`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.xml_answer = httpx.get(f"{address}.xml")
        self.json_answer = httpx.get(f"{address}.json")
        self.xml = etree.fromstring(self.xml_answer.content)
        self.json: dict[str, Any] = self.json_answer.json()
        self.xml_endpoints = self.xml.findall("endpoints/endpoint")
        self.json_endpoints: list[dict[str, Any]] = self.json["endpoints"]

    def facts(self, name: str) -> Iterator[str]:
        """Every endpoint's value of `name`, from both documents."""
        yield from (endpoint.findtext(name) or "" for endpoint in self.xml_endpoints)
        yield from (endpoint[name] for endpoint in self.json_endpoints)

    def addresses(self, *, test_only: bool) -> set[tuple[str, str]]:
        """Each endpoint's address with each of its formats."""
        return {
            (endpoint["url"], media_type.split("/")[1])
            for endpoint in self.json_endpoints
            for media_type in endpoint["formats"]
            if endpoint["type"] == "test" or not test_only
        }


@pytest.fixture
def discovered(base: str) -> Discovered:
    """The discovery documents of the town."""
    return Discovered(f"{base}/discovery")


def test_rules_1_to_3_media_types_and_address(discovered: Discovered) -> None:
    assert discovered.xml_answer.headers["content-type"] == "text/xml"
    assert discovered.json_answer.headers["content-type"] == "application/json"
    assert discovered.address.endswith("discovery")


def test_rules_4_to_8_contact_and_dates(discovered: Discovered) -> None:
    assert discovered.xml_answer.text.strip()
    assert discovered.json_answer.text.strip()
    for name in ("contact", "key_service", "changeset"):
        assert discovered.xml.findtext(name)
        assert discovered.xml.findtext(name) == discovered.json[name]
    assert datetime.fromisoformat(discovered.json["changeset"]).tzinfo


def test_rules_9_to_16_each_endpoint_is_described(discovered: Discovered) -> None:
    assert len(discovered.xml_endpoints) > 1  # a single element would not read as a list
    assert len(discovered.json_endpoints) == len(discovered.xml_endpoints)
    for name in ("specification", "url", "changeset", "type"):
        assert all(discovered.facts(name))
    for changeset in discovered.facts("changeset"):
        assert datetime.fromisoformat(changeset) < datetime.now(UTC)


def test_rules_17_to_19_formats(discovered: Discovered) -> None:
    for endpoint in discovered.xml_endpoints:
        formats = [element.text for element in endpoint.findall("formats/format")]
        assert len(formats) > 1
        assert "text/xml" in formats
        assert (endpoint.findtext("specification") or "").lower().endswith("_v2")
    for described in discovered.json_endpoints:
        assert isinstance(described["formats"], list)
        assert described["formats"]


@pytest.mark.parametrize("test_only", [True, False])
def test_rules_20_to_22_services_and_definitions_of_every_endpoint(
    discovered: Discovered, test_only: bool
) -> None:
    addresses = discovered.addresses(test_only=test_only)
    assert len(addresses) == (2 if test_only else 4)
    for url, extension in addresses:
        answer = httpx.get(f"{url}/services.{extension}", params={"jurisdiction_id": "saltmere.example"})
        codes = codes_with_metadata(answer, extension)
        assert "pothole" in codes
        for code, metadata in codes.items():
            assert code
            if metadata:
                assert httpx.get(f"{url}/services/{code}.{extension}").status_code == 200


def codes_with_metadata(answer: httpx.Response, extension: str) -> dict[str, bool]:
    if extension == "json":
        return {row["service_code"]: row["metadata"] for row in answer.json()}
    services = etree.fromstring(answer.content).findall("service")
    return {row.findtext("service_code") or "": row.findtext("metadata") == "true" for row in services}
