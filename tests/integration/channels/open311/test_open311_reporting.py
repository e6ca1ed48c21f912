"""A report comes in once, opens its case, and is answered with an id or a token, never both."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from PIL import Image

from civicline.cases.models import Case
from civicline.cases.services import take_step
from civicline.channels.open311 import access, reports
from civicline.channels.open311.access import KeyHolder
from civicline.channels.open311.adapter import Open311Adapter
from civicline.intake.models import Attachment, Contact, Message, Service
from civicline.intake.ports import BadInbound, Outbound, Sent
from civicline.kernel import clock, ids
from civicline.kernel.jobs import JobRegistry, Worker
from civicline.kernel.models import AuditEntry, Event
from tests.integration.channels.open311 import town
from tests.integration.channels.open311.conftest import Post

BASE = "/open311/v2"
Services = dict[str, Service]
REPORT = {
    "service_code": "pothole",
    "lat": "37.76524078",
    "long": "-122.4212043",
    "description": "A large sinkhole",
}

pytestmark = pytest.mark.django_db


def run_jobs() -> None:
    registry = JobRegistry()
    registry.job(reports.OPEN_CASE_JOB, reports.open_case_job)
    Worker(registry).run_due()


def picture() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at 12 Secret Lane"
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_realtime_report_is_answered_with_the_id_of_its_case(post: Post, services: Services) -> None:
    fields = {
        **REPORT,
        "email": "smit333@sfgov.edu",
        "first_name": "john",
        "last_name": "smith",
        "phone": "111111111",
        "account_id": "123456",
        "attribute[size]": "large",
        "attribute[lanes][]": ["small", "large"],
        "attribute[depth]": "30",
        "media_url": ["http://photos.example.org/1.jpg", "http://photos.example.org/2.jpg"],
    }
    response = post(fields)
    assert response.status_code == 200, response.content
    (row,) = response.json()
    assert row == {
        "service_request_id": row["service_request_id"],
        "service_notice": "We look at it within two days.",
        "account_id": "123456",
    }
    case = Case.objects.get(reference=row["service_request_id"])
    assert (case.type, case.public, case.service.code if case.service else "") == (
        "incident",
        True,
        "pothole",
    )
    assert (case.latitude, case.longitude) == (37.76524078, -122.4212043)
    assert case.description == "A large sinkhole"
    assert case.answers == {"size": "large", "lanes": ["small", "large"], "depth": "30"}
    assert case.media_url == "http://photos.example.org/1.jpg"
    assert case.resident is not None
    assert (case.resident.name, case.resident.email) == ("john smith", "smit333@sfgov.edu")
    contact = case.contacts.get()
    assert (contact.channel, contact.state) == ("open311", "received")
    assert contact.data["report"]["media_urls"][1] == "http://photos.example.org/2.jpg"
    assert Message.objects.get(contact=contact).body == "A large sinkhole"
    assert Event.objects.filter(name="contact.received", contact_id=contact.id).count() == 1
    assert AuditEntry.objects.filter(action="contact.received", actor_kind="token").count() == 1


def test_in_xml_the_same(post: Post, services: Services) -> None:
    answer = etree.fromstring(post(REPORT, to="requests.xml").content)
    assert answer.tag == "service_requests"
    assert Case.objects.filter(reference=answer.findtext("request/service_request_id")).exists()
    assert answer.find("request/token") is None


def test_a_batch_report_gets_a_token_that_becomes_an_id(
    client: Client, post: Post, services: Services
) -> None:
    fields = {"service_code": "graffiti", "address_string": "1 High Street", "attribute[text]": "hello"}
    (row,) = post(fields).json()
    assert "service_request_id" not in row
    token = row["token"]
    assert client.get(f"{BASE}/tokens/{token}.json").json() == [{"service_request_id": "", "token": token}]
    with clock.use(clock.FrozenClock(clock.now() + timedelta(minutes=1))):
        run_jobs()
        (resolved,) = client.get(f"{BASE}/tokens/{token}.json").json()
        run_jobs()
    case = Case.objects.get()
    assert resolved == {"service_request_id": case.reference, "token": token}
    assert case.answers == {"text": "hello"}
    found = etree.fromstring(client.get(f"{BASE}/tokens/{token}.xml").content)
    assert found.findtext("request/service_request_id") == case.reference


def test_the_job_of_a_batch_report_may_run_twice(post: Post, services: Services) -> None:
    post({"service_code": "graffiti", "address_string": "1 High Street", "attribute[text]": "hello"})
    payload = {"contact_id": str(Contact.objects.get().id)}
    reports.open_case_job(payload)
    reports.open_case_job(payload)
    assert Case.objects.count() == 1


def test_a_blackbox_token_never_becomes_an_id(client: Client, post: Post, services: Services) -> None:
    (row,) = post({"service_code": "tip-off", "address_string": "1 High Street"}).json()
    reports.open_case_job({"contact_id": str(Contact.objects.get().id)})
    assert Case.objects.count() == 1
    assert client.get(f"{BASE}/tokens/{row['token']}.json").json()[0]["service_request_id"] == ""


def test_only_tokens_resolve(client: Client, post: Post, services: Services) -> None:
    (row,) = post(REPORT).json()
    for nothing in (row["service_request_id"], Contact.objects.get().reference, "SM-000-000", "x" * 300):
        assert client.get(f"{BASE}/tokens/{nothing}.json").status_code == 404


def test_a_complaint_is_taken_but_never_published(client: Client, post: Post, services: Services) -> None:
    (row,) = post({**REPORT, "service_code": "noise"}).json()
    case = Case.objects.get(reference=row["service_request_id"])
    assert (case.type, case.public) == ("complaint", False)
    assert client.get(f"{BASE}/requests/{case.reference}.json").status_code == 404
    assert client.get(f"{BASE}/requests.json").json() == []


def test_the_same_key_finds_the_first_answer(post: Post, services: Services) -> None:
    first = post(REPORT, headers={"Idempotency-Key": "abc"})
    again = post(REPORT, headers={"Idempotency-Key": "abc"})
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (Case.objects.count(), Contact.objects.count()) == (1, 1)
    other = post({**REPORT, "description": "Another hole"}, headers={"Idempotency-Key": "abc"})
    assert other.status_code == 409
    assert other.json()[0]["code"] == 409


def test_the_same_report_from_the_same_device_is_taken_once(post: Post, services: Services) -> None:
    report = {**REPORT, "device_id": "tt222111"}
    first, again = post(report), post(report)
    assert first.json() == again.json()
    assert Case.objects.count() == 1
    post({**report, "description": "Another hole"})
    post({**report, "device_id": "other"})
    assert Case.objects.count() == 3


def test_without_a_device_two_equal_reports_are_two(post: Post, services: Services) -> None:
    assert post(REPORT).json() != post(REPORT).json()


def test_a_repeat_is_known_for_ten_minutes_also_over_a_crash_and_the_turn_of_the_clock(
    post: Post, services: Services
) -> None:
    from django.core.cache import cache

    report = {**REPORT, "device_id": "tt222111"}
    with clock.use(clock.ManualClock(datetime(2026, 3, 2, 9, 59, 58, tzinfo=UTC))) as moment:
        first = post(report)
        cache.clear()  # what a crash does to all that is not in the database
        moment.advance(4)
        assert post(report).json() == first.json()
        moment.advance(594)
        assert post(report).json() == first.json()
        moment.advance(10)
        assert post(report).json() != first.json()


def test_a_day_later_the_same_report_is_news(post: Post, services: Services) -> None:
    report = {**REPORT, "device_id": "tt222111"}
    post(report)
    with clock.use(clock.FrozenClock(clock.now() + timedelta(days=1))):
        post(report)
    assert Case.objects.count() == 2


def test_photos_are_kept_without_what_they_hide(client: Client, services: Services) -> None:
    photo = io.BytesIO(picture())
    photo.name = "hole.jpg"
    fields = {"api_key": town.KEY, **REPORT, "device_id": "cam", "media": photo}
    response = client.post(f"{BASE}/requests.json", fields)
    assert response.status_code == 200, response.content
    attachment = Attachment.objects.get()
    assert attachment.message is not None
    assert (attachment.name, attachment.width) == ("hole.jpg", 40)
    from civicline.intake.selectors import attachment_path

    assert b"Secret Lane" not in attachment_path(attachment).read_bytes()
    photo.seek(0)
    client.post(f"{BASE}/requests.json", fields)
    assert Attachment.objects.count() == 1


def test_a_damaged_photo_costs_the_photo_and_not_the_report(client: Client, services: Services) -> None:
    photo = io.BytesIO(picture()[:200])
    photo.name = "hole.jpg"
    response = client.post(f"{BASE}/requests.json", {"api_key": town.KEY, **REPORT, "media": photo})
    (row,) = response.json()
    assert Case.objects.filter(reference=row["service_request_id"]).exists()
    assert "hole.jpg" in row["service_notice"]
    assert Attachment.objects.count() == 0


def test_a_program_is_no_photo(client: Client, services: Services) -> None:
    program = io.BytesIO(b"MZ\x90\x00 this is a program")
    program.name = "hole.jpg"
    response = client.post(f"{BASE}/requests.json", {"api_key": town.KEY, **REPORT, "media": program})
    assert response.status_code == 400
    assert Contact.objects.count() == 0


def test_the_test_endpoint_checks_everything_and_keeps_nothing(
    client: Client, post: Post, services: Services
) -> None:
    (row,) = post(REPORT, to="test/requests.json").json()
    assert row["service_request_id"].startswith("TEST-")
    assert post({**REPORT, "lat": "95"}, to="test/requests.json").status_code == 400
    assert post(REPORT, to="test/requests.json", key="wrong").status_code == 403
    (token,) = post({"service_code": "tip-off", "address_id": "1"}, to="test/requests.json").json()
    assert token["token"].startswith("TEST-")
    assert Contact.objects.count() == 0
    assert client.get(f"{BASE}/test/services.json").json() == client.get(f"{BASE}/services.json").json()


def test_registered_tokens_open_the_door_with_the_right_scope(post: Post, services: Services) -> None:
    asked: list[tuple[str, str]] = []

    def verifier(key: str, scope: str) -> KeyHolder | None:
        asked.append((key, scope))
        return KeyHolder("42", "FixMyStreet", rate_per_minute=1) if key == "good" else None

    access.register_verifier(verifier)
    assert post(REPORT, key="bad").status_code == 403
    assert post(REPORT, key="good").status_code == 200
    assert asked[-1] == ("good", "open311:write")
    limited = post(REPORT, key="good")
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) > 0


def test_an_update_becomes_a_contact_on_the_case(post: Post, services: Services) -> None:
    (row,) = post(REPORT).json()
    update: dict[str, Any] = {
        "service_request_id": row["service_request_id"],
        "update_id": "99",
        "status": "OPEN",
        "description": "It is bigger now",
        "updated_datetime": "2026-05-01T09:30:00+01:00",
        "first_name": "Bob",
        "last_name": "-",
        "email": "bob@example.org",
    }
    answer = etree.fromstring(post(update, to="servicerequestupdates.xml").content)
    reference = answer.findtext("request_update/update_id")
    again = post(update, to="servicerequestupdates.json").json()
    assert again == [{"update_id": reference}]
    case = Case.objects.get()
    assert sorted(case.contacts.values_list("reference", flat=True)) == sorted(
        Contact.objects.values_list("reference", flat=True)
    )
    assert Contact.objects.count() == 2
    assert Message.objects.filter(body="It is bigger now").count() == 1


def test_an_update_needs_a_public_request_and_words(post: Post, services: Services) -> None:
    hidden = town.put_case(services["noise"], public=False)
    there = town.put_case(services["pothole"], 2)
    to = "servicerequestupdates.json"
    assert post({"service_request_id": hidden.reference, "description": "x"}, to=to).status_code == 404
    assert post({"service_request_id": there.reference}, to=to).status_code == 400
    assert post({"description": "x", "updated_datetime": "now"}, to=to).status_code == 400
    assert (
        post({"service_request_id": there.reference, "description": "x"}, to=to, key="no").status_code == 403
    )


def test_staff_read_the_title_in_their_language_and_know_the_residents(
    post: Post, services: Services
) -> None:
    post({**REPORT, "email": "a@example.org"}, headers={"Accept-Language": "ar"})
    post(REPORT)
    arabic, unknown = Contact.objects.order_by("arrived_at")
    assert arabic.subject == "Pothole: 37.76524, -122.42120"
    assert (arabic.languages, unknown.languages) == (["ar"], [])


def test_the_adapter_keeps_the_port(services: Services) -> None:
    adapter = Open311Adapter()
    inbound = adapter.parse({**REPORT, "attribute[lanes][]": ["small", "large"], "first_name": "Ann"})
    assert (inbound.channel, inbound.service_code, inbound.text) == ("open311", "pothole", "A large sinkhole")
    assert inbound.data["report"]["answers"] == {"lanes": ["small", "large"]}
    assert inbound.resident.name == "Ann"
    for wrong in (
        {},
        {**REPORT, "lat": "95"},
        {**REPORT, "service_code": "nothing"},
        {**REPORT, "description": "\0"},
    ):
        with pytest.raises(BadInbound):
            adapter.parse(wrong)
    outbound = Outbound(
        delivery_id=1,
        message_id=ids.new_id(),
        contact_id=ids.new_id(),
        number=1,
        address="",
        text="Hi",
        language="en",
    )
    outcomes = [adapter.send(outbound), adapter.send(outbound)]
    assert {outcome.state for outcome in outcomes} == {Sent.FAILED}
    assert "public update" in outcomes[0].error
    assert adapter.quality.done
    assert adapter.quality.exempt


def test_an_app_follows_its_report_until_it_is_fixed(client: Client, post: Post, services: Services) -> None:
    (row,) = post(REPORT).json()
    url = f"{BASE}/requests/{row['service_request_id']}.json?extensions=true"
    case = Case.objects.get()

    def stand() -> tuple[str, str]:
        (shown,) = client.get(url).json()
        return shown["status"], shown["extended_attributes"]["detailed_status"]

    seen = [stand()]
    for transition in ("triage", "schedule", "start_work"):
        take_step(case_id=case.id, transition=transition)
        seen.append(stand())
    take_step(case_id=case.id, transition="resolve", note="Filled on Tuesday.")
    seen.append(stand())
    assert seen == [
        ("open", "OPEN"),
        ("open", "OPEN"),
        ("open", "ACTION_SCHEDULED"),
        ("open", "IN_PROGRESS"),
        ("closed", "FIXED"),
    ]
    assert client.get(url).json()[0]["status_notes"] == "Filled on Tuesday."
    updates = client.get(f"{BASE}/servicerequestupdates.json").json()
    assert ("FIXED", "Filled on Tuesday.") in {(one["status"], one["description"]) for one in updates}
