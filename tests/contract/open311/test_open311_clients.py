"""Clients from PyPI, as published: georeport, three, chicagorequests."""

import io
from datetime import timedelta
from typing import Any

import pytest
from georeport import GeoReport
from PIL import Image

from civicline.cases.models import Case
from civicline.intake.models import Attachment, Service
from civicline.kernel import clock
from tests.integration.channels.open311 import town

Services = dict[str, Service]
JURISDICTION = "saltmere.example"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("output_format", ["json", "xml"])
def test_georeport_reads_everything(base: str, services: Services, output_format: str) -> None:
    cases = [town.put_case(services["pothole"], number) for number in (1, 2)]
    client = GeoReport(base, jurisdiction=JURISDICTION, output_format=output_format)
    assert [row["service_code"] for row in client.get_service_list()] == [
        "graffiti",
        "noise",
        "pothole",
        "tip-off",
    ]
    definition: Any = client.get_service_definition("pothole")
    attributes = definition["attributes"]
    first = attributes[0] if output_format == "json" else attributes["attribute"][0]
    assert (first["code"], first["datatype"]) == ("size", "singlevaluelist")
    found = client.get_service_requests(
        service_code="pothole", status="open", start_date=(clock.now() - timedelta(days=30)).isoformat()
    )
    assert [row["service_request_id"] for row in found] == [case.reference for case in cases]
    assert client.get_service_request(cases[0].reference)["status"] == "open"
    both = client.get_service_requests(service_request_id=",".join(case.reference for case in cases))
    assert len(both) == 2


@pytest.fixture
def three(base: str) -> Any:
    """The client, imported once its missing name of Python 2 is there."""
    from three import Three

    return Three(base, api_key=town.KEY, jurisdiction=JURISDICTION)


def test_three_reads_everything(three: Any, base: str, services: Services) -> None:
    case = town.put_case(services["pothole"])
    assert three.discovery()["endpoints"][0]["url"] == base
    assert three.discovery(f"{base}/discovery.json")
    assert len(three.services()) == 4
    assert three.services("pothole")["attributes"][0]["code"] == "size"
    assert three.requests("pothole")[0]["service_request_id"] == case.reference
    today, before = clock.now() + timedelta(days=1), clock.now() - timedelta(days=60)
    assert three.requests(between=[before.strftime("%m-%d-%Y"), today.strftime("%m-%d-%Y")], count=5)
    assert three.request(case.reference)[0]["service_name"] == "Pothole"
    refused = three.requests(between=["01-01-2011", "01-01-2012"])
    assert refused[0]["code"] == 400


def test_three_reports_with_and_without_a_photo(three: Any, services: Services) -> None:
    (plain,) = three.post(
        "pothole",
        address="123 Any St",
        name="Zach Williams",
        phone="555-5555",
        description="My issue description.",
        email="zach@example.org",
        **{"attribute[size]": "large"},
    )
    case = Case.objects.get(reference=plain["service_request_id"])
    assert case.address == "123 Any St"
    assert case.resident is not None
    assert case.resident.name == "Zach Williams"
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "blue").save(picture, "PNG")
    picture.seek(0)
    picture.name = "photo.png"
    (with_photo,) = three.post("pothole", address="124 Any St", media=picture)
    assert with_photo["service_request_id"]
    assert Attachment.objects.get().name == "photo.png"
    (batch,) = three.post("graffiti", address="1 Wall St", **{"attribute[text]": "hello"})
    assert three.token(batch["token"])[0]["token"] == batch["token"]


def test_three_understands_a_refusal(three: Any, services: Services) -> None:
    assert three.post("pothole", address="1 Any St", api_key="wrong")[0]["code"] == 403
    assert three.post_response.status_code == 403
    assert three.post("nothing", address="1 Any St")[0]["code"] == 404


def test_chicagorequests_fetches_page_by_page(
    base: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chicagorequests import Downloader

    for number in range(1, 404):
        town.put_case(services["pothole"], number, answers={"size": "small"})
    monkeypatch.setattr(Downloader, "BASE_URL", f"{base}/requests.json")
    rows = Downloader(["pothole", "graffiti"])((clock.now() - timedelta(days=10), clock.now()))
    assert len({row["service_request_id"] for row in rows}) == 403
    assert rows[0]["attributes"][0]["code"] == "small"


def test_chicagorequests_follows_changes(
    base: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chicagorequests import Downloader

    since, until = clock.now() - timedelta(hours=2), clock.now()
    town.put_case(services["pothole"], 1)
    fresh = town.put_case(services["pothole"], 2, updated_at=clock.now() - timedelta(hours=1))
    monkeypatch.setattr(Downloader, "BASE_URL", f"{base}/requests.json")
    download = Downloader(None, since.isoformat(), until.isoformat())
    rows = download((clock.now() - timedelta(days=10), clock.now()))
    assert [row["service_request_id"] for row in rows] == [fresh.reference]
