"""What FixMyStreet's client sends and expects (perllib/Open311.pm), played with our own code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from civicline.cases.models import Case
from civicline.channels.open311 import reports
from civicline.intake.models import Contact, Message, Service
from tests.integration.channels.open311 import town

Services = dict[str, Service]
REPORT: dict[str, Any] = {
    "attribute[size]": "large",
    "description": "title: a hole\n\ndetail: Ein Loch \u2014 tief \U0001f6a7\n\nurl: https://fms.example/report/7\n",
    "email": "test@example.org",
    "first_name": "Test",
    "last_name": "User",
    "lat": "51.500000",
    "long": "-0.120000",
    "deviceid": "iphone",
    "service_code": "pothole",
    "media_url": ["https://fms.example/p.jpg", "https://fms.example/q.jpg"],
}

pytestmark = pytest.mark.django_db(transaction=True)


def send(base: str, path: str, fields: dict[str, Any]) -> etree._Element:
    fields = {**fields, "api_key": town.KEY, "jurisdiction_id": "saltmere.example"}
    answer = httpx.post(f"{base}/{path}", data=fields)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.content)


def test_a_report_with_several_photos_and_wide_signs(base: str, services: Services) -> None:
    answer = send(base, "requests.xml", REPORT)
    case = Case.objects.get(reference=answer.findtext("request/service_request_id"))
    assert case.description == REPORT["description"].strip()
    assert case.media_url == "https://fms.example/p.jpg"
    assert Contact.objects.get().data["report"]["media_urls"][1] == "https://fms.example/q.jpg"
    assert Contact.objects.get().data["device_id"] == "iphone"


def test_a_report_not_pinpointed_has_an_address_id_only(base: str, services: Services) -> None:
    fields = {name: value for name, value in REPORT.items() if name not in ("lat", "long")}
    answer = send(base, "requests.xml", {**fields, "address_id": "#NOTPINPOINTED#"})
    assert answer.findtext("request/service_request_id")


def test_it_polls_a_token_until_the_id_is_there(base: str, services: Services) -> None:
    fields = {"service_code": "graffiti", "lat": "51.5", "long": "-0.12", "attribute[text]": "hello"}
    token = send(base, "requests.xml", fields).findtext("request/token")
    first = etree.fromstring(httpx.get(f"{base}/tokens/{token}.xml").content)
    assert not first.findtext("request/service_request_id")  # empty: it asks again
    reports.open_case_job({"contact_id": str(Contact.objects.get().id)})
    then = etree.fromstring(httpx.get(f"{base}/tokens/{token}.xml").content)
    assert then.findtext("request/service_request_id") == Case.objects.get().reference


def test_photos_come_as_files_when_a_report_is_private(base: str, services: Services) -> None:
    fields = {name: value for name, value in REPORT.items() if name != "media_url"}
    fields |= {"api_key": town.KEY, "jurisdiction_id": "saltmere.example"}
    gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00"
    gif += b"\x01\x00\x01\x00\x00\x02\x01D\x00;"
    answer = httpx.post(
        f"{base}/requests.xml", data=fields, files={"photo1": ("7.0.full.gif", gif, "image/gif")}
    )
    assert answer.status_code == 200, answer.text
    assert Message.objects.get().attachments.count() == 1


def test_it_reads_why_it_was_refused(base: str, services: Services) -> None:
    answer = httpx.post(
        f"{base}/requests.xml", data={**REPORT, "attribute[nothere]": "1", "api_key": town.KEY}
    )
    error = etree.fromstring(answer.content).find("error")
    assert error is not None
    assert error.findtext("code") == "400"
    assert "nothere" in (error.findtext("description") or "")


def test_it_asks_for_many_requests_by_id(base: str, services: Services) -> None:
    known = [town.put_case(services["pothole"], number) for number in range(1, 4)]
    answer = httpx.get(
        f"{base}/requests.xml", params={"service_request_id": ",".join(row.reference for row in known)}
    )
    for row in etree.fromstring(answer.content).findall("request"):
        assert row.findtext("lat")
        assert row.findtext("long")
        assert datetime.fromisoformat(row.findtext("updated_datetime") or "").tzinfo


def test_updates_of_the_last_two_hours_with_states_it_can_map(base: str, services: Services) -> None:
    planned = town.put_case(services["pothole"], 1, state="scheduled")
    town.put_entry(planned, "Planned for May.", public=True, to_state="scheduled")
    now = datetime.now(UTC)
    span = {"start_date": (now - timedelta(hours=2)).isoformat(timespec="seconds").replace("+00:00", "Z")}
    span |= {"end_date": now.isoformat(timespec="seconds").replace("+00:00", "Z"), "api_key": town.KEY}
    answer = httpx.get(f"{base}/servicerequestupdates.xml", params=span)
    (update,) = etree.fromstring(answer.content).findall("request_update")
    assert update.findtext("update_id")
    assert update.findtext("service_request_id") == planned.reference
    assert update.findtext("status") == "ACTION_SCHEDULED"
    at = datetime.fromisoformat(update.findtext("updated_datetime") or "")
    assert now - timedelta(hours=2) <= at <= now


@pytest.mark.parametrize("status", ["OPEN", "CLOSED", "FIXED", "IN_PROGRESS", "ACTION_SCHEDULED", "REOPEN"])
def test_it_sends_an_update_in_any_of_its_states(base: str, services: Services, status: str) -> None:
    case = town.put_case(services["pothole"])
    fields = {
        "service_request_id": case.reference,
        "update_id": "99",
        "status": status,
        "description": "It is bigger now",
        "updated_datetime": "2026-05-01T09:30:00Z",
        "first_name": "Bob",
        "last_name": "-",
        "email": "bob@example.org",
        "media_url": "https://fms.example/c.jpg",
    }
    answer = send(base, "servicerequestupdates.xml", fields)
    assert answer.findtext("request_update/update_id")
    case.refresh_from_db()
    assert case.state == "reported"
