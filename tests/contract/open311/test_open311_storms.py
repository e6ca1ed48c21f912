"""Many at once: a nervous app that sends the same report again and again, and a crowd that sends its own."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from civicline.cases.models import Case
from civicline.intake.models import Contact, Service
from tests.integration.channels.open311 import town

REPORT = {
    "api_key": town.KEY,
    "service_code": "pothole",
    "lat": "51.5",
    "long": "-0.12",
    "description": "A hole",
}
SENDERS = 12

pytestmark = pytest.mark.django_db(transaction=True)


def send_all(
    base: str, reports: list[dict[str, str]], headers: dict[str, str] | None = None
) -> list[httpx.Response]:
    with ThreadPoolExecutor(SENDERS) as crowd, httpx.Client(timeout=60) as client:
        return list(
            crowd.map(
                lambda fields: client.post(f"{base}/requests.json", data=fields, headers=headers), reports
            )
        )


def test_the_same_report_sent_at_once_by_one_device_is_one(base: str, services: dict[str, Service]) -> None:
    answers = send_all(base, [{**REPORT, "device_id": "tt222111"}] * SENDERS)
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.json()[0]["service_request_id"] for answer in answers}) == 1
    assert (Case.objects.count(), Contact.objects.count()) == (1, 1)


def test_the_same_key_sent_at_once_is_one(base: str, services: dict[str, Service]) -> None:
    answers = send_all(base, [REPORT] * SENDERS, {"Idempotency-Key": "one"})
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert Case.objects.count() == 1


def test_a_crowd_gets_an_id_each(base: str, services: dict[str, Service]) -> None:
    answers = send_all(base, [{**REPORT, "description": f"Hole {number}"} for number in range(3 * SENDERS)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()[0]["service_request_id"] for answer in answers}) == 3 * SENDERS
    assert Case.objects.count() == 3 * SENDERS
