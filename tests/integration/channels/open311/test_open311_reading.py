"""What apps read: services, questions, requests; in two formats and in the reader's language."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from lxml import etree

from civicline.intake.models import Service
from civicline.kernel import clock
from tests.integration.channels.open311 import town

BASE = "/open311/v2"
Services = dict[str, Service]

pytestmark = pytest.mark.django_db


def ids(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{BASE}/requests.json?{query}")
    assert response.status_code == 200, response.content
    return [row["service_request_id"] for row in response.json()]


def test_only_services_for_apps_are_offered(client: Client, services: Services) -> None:
    offered = client.get(f"{BASE}/services.json").json()
    assert [row["service_code"] for row in offered] == ["graffiti", "noise", "pothole", "tip-off"]
    pothole = offered[2]
    assert pothole["metadata"] is True
    assert pothole["keywords"] == "road, hole"
    assert {row["type"] for row in offered} == {"realtime", "batch", "blackbox"}


@pytest.mark.parametrize(
    ("wanted", "name", "group"), [("es", "Bache", "Calles"), ("ar", "حفرة في الطريق", "Streets")]
)
def test_services_are_named_in_the_readers_language(
    client: Client, services: Services, wanted: str, name: str, group: str
) -> None:
    response = client.get(f"{BASE}/services.xml", headers={"Accept-Language": f"{wanted}, en;q=0.5"})
    row = etree.fromstring(response.content).find("service[service_code='pothole']")
    assert row is not None
    assert (row.findtext("service_name"), row.findtext("group")) == (name, group)
    assert response["Content-Language"] == wanted
    assert "Accept-Language" in response["Vary"]


def test_a_definition_asks_the_services_questions(client: Client, services: Services) -> None:
    definition = client.get(f"{BASE}/services/pothole.json").json()
    assert [row["code"] for row in definition["attributes"]] == ["size", "lanes", "depth", "more"]
    assert [row["order"] for row in definition["attributes"]] == [1, 2, 3, 4]
    assert definition["attributes"][0]["values"][1] == {"key": "large", "name": "Large"}
    assert client.get(f"{BASE}/services/noise.json").json() == {"service_code": "noise", "attributes": []}


@pytest.mark.parametrize("path", ["services", "services/pothole", "requests", "discovery"])
def test_without_an_extension_accept_decides(client: Client, services: Services, path: str) -> None:
    as_json = client.get(f"{BASE}/{path}", headers={"Accept": "application/json"})
    assert as_json["Content-Type"].startswith("application/json")
    assert client.get(f"{BASE}/{path}")["Content-Type"].startswith("text/xml")
    assert "Accept" in as_json["Vary"]


def test_only_public_cases_are_seen(client: Client, services: Services) -> None:
    seen = town.put_case(services["pothole"], 1)
    hidden = town.put_case(services["noise"], 2, public=False)
    assert ids(client) == [seen.reference]
    assert client.get(f"{BASE}/requests/{hidden.reference}.json").status_code == 404
    assert ids(client, f"service_request_id={seen.reference},{hidden.reference}") == [seen.reference]


def test_nothing_personal_is_published(client: Client, services: Services) -> None:
    case = town.put_case(
        services["pothole"],
        resident=town.put_resident(),
        description="Jane Doe here, call 020 7946 0958 or write to jane.doe@example.org. It is deep.",
        status_note="We rang Ms Doe on 020 7946 0958.",
        answers={"size": "large", "more": "ask my neighbour Tom", "depth": "30"},
    )
    town.put_entry(case, "Doe is angry", public=False)
    town.put_entry(case, "We told Jane that it is planned.", public=True)
    for path in (f"requests/{case.reference}", "requests", "servicerequestupdates"):
        for extension in ("json", "xml"):
            shown = client.get(f"{BASE}/{path}.{extension}?extensions=true").content.decode()
            for private in ("Jane", "Doe", "7946", "jane.doe", "neighbour", "angry"):
                assert private not in shown, (path, extension, private)
            assert "It is deep." in shown or path == "servicerequestupdates"


def test_a_request_shows_where_it_stands(client: Client, services: Services) -> None:
    case = town.put_case(
        services["pothole"], state="resolved", status_note="Filled.", zipcode="SM1", address_id="77"
    )
    (row,) = client.get(f"{BASE}/requests/{case.reference}.json").json()
    assert row["status"] == "closed"
    assert row["status_notes"] == "Filled."
    assert row["service_name"] == "Pothole"
    assert row["service_notice"] == "We look at it within two days."
    assert row["agency_responsible"] == "Saltmere"
    assert (row["lat"], row["long"], row["zipcode"], row["address_id"]) == (51.5, -0.12, "SM1", "77")
    assert row["requested_datetime"][-6] in "+-"


def test_filters_narrow_the_list(client: Client, services: Services) -> None:
    opened = town.put_case(services["pothole"], 1)
    fixed = town.put_case(services["pothole"], 2, state="resolved")
    sprayed = town.put_case(services["graffiti"], 3, state="withdrawn")
    assert ids(client, "status=open") == [opened.reference]
    assert ids(client, "status=closed") == [fixed.reference, sprayed.reference]
    assert ids(client, "status=open,closed") == [opened.reference, fixed.reference, sprayed.reference]
    assert ids(client, "service_code=graffiti") == [sprayed.reference]
    assert ids(client, "service_code=graffiti,pothole&status=open") == [opened.reference]
    assert ids(client, "service_code=nothing") == []


def test_spans_include_both_ends(client: Client, services: Services) -> None:
    case = town.put_case(services["pothole"])
    at = quote(case.opened_at.isoformat())
    assert ids(client, f"start_date={at}&end_date={at}") == [case.reference]
    assert ids(client, f"end_date={quote((case.opened_at - timedelta(seconds=1)).isoformat())}") == []


def test_older_than_ninety_days_is_found_only_when_asked_for(client: Client, services: Services) -> None:
    ago = clock.now() - timedelta(days=120)
    old = town.put_case(services["pothole"], opened_at=ago, updated_at=clock.now() - timedelta(days=1))
    assert ids(client) == []
    assert ids(client, f"service_request_id={old.reference}") == [old.reference]
    assert ids(client, f"start_date={quote((ago - timedelta(days=1)).isoformat())}") == [old.reference]
    assert ids(client, f"updated_after={quote((clock.now() - timedelta(days=2)).isoformat())}") == [
        old.reference
    ]
    assert ids(client, f"updated_after={quote(clock.now().isoformat())}") == []


def test_pages_meet_without_gap_or_overlap(client: Client, services: Services) -> None:
    every = [town.put_case(services["pothole"], number).reference for number in range(1, 8)]
    seen: list[str] = []
    url: str | None = f"{BASE}/requests.json?page_size=3&service_code=pothole"
    while url:
        response = client.get(url)
        seen += [row["service_request_id"] for row in response.json()]
        link = response.headers.get("Link", "")
        url = link.partition("<")[2].partition(">")[0] or None
    assert seen == every
    assert ids(client, "page=2&page_size=5") == every[5:]
    assert ids(client, "page=9&page_size=5") == []


def test_a_thousand_requests_cost_a_handful_of_queries(
    client: Client, services: Services, django_assert_max_num_queries: Any
) -> None:
    resident = town.put_resident()
    for number in range(1, 1003):
        town.put_case(services["pothole"], number, resident=resident, answers={"size": "large"})
    with django_assert_max_num_queries(6):
        response = client.get(f"{BASE}/requests.json?extensions=true")
    assert len(response.json()) == 1000
    assert 'rel="next"' in response["Link"]


def test_extensions_show_answers_history_and_the_finer_status(client: Client, services: Services) -> None:
    case = town.put_case(
        services["pothole"], state="scheduled", answers={"size": "large", "depth": "30", "more": "x"}
    )
    town.put_entry(case, "Planned for May.", public=True, transition="schedule")
    (row,) = client.get(f"{BASE}/requests/{case.reference}.json?extensions=true").json()
    assert row["attributes"] == [
        {"label": "How big?", "name": "size", "value": "Large", "code": "large"},
        {"label": "How deep?", "name": "depth", "value": "30", "code": "30"},
    ]
    assert row["extended_attributes"]["detailed_status"] == "ACTION_SCHEDULED"
    assert [(note["type"], note["description"]) for note in row["notes"]] == [
        ("schedule", "Planned for May.")
    ]
    (plain,) = client.get(f"{BASE}/requests/{case.reference}.json").json()
    assert "notes" not in plain


def test_anybody_may_read_from_any_page(client: Client, services: Services) -> None:
    response = client.get(f"{BASE}/services.json", headers={"Origin": "https://app.example.org"})
    assert response["Access-Control-Allow-Origin"] == "*"
    preflight = client.options(f"{BASE}/services.json", headers={"Origin": "https://app.example.org"})
    assert preflight.status_code == 204
    assert "GET" in preflight["Access-Control-Allow-Methods"]
    assert client.head(f"{BASE}/services.json").status_code == 200


def test_updates_tell_what_became_known(client: Client, services: Services) -> None:
    case = town.put_case(services["pothole"], state="resolved")
    shown = town.put_entry(case, "Filled.", public=True, to_state="resolved")
    town.put_entry(case, "old", public=True, at=clock.now() - timedelta(days=100))
    (row,) = client.get(f"{BASE}/servicerequestupdates.json").json()
    assert (row["update_id"], row["service_request_id"], row["status"]) == (
        str(shown.pk),
        case.reference,
        "FIXED",
    )
    feed = etree.fromstring(client.get(f"{BASE}/servicerequestupdates.xml").content)
    assert feed.findtext("request_update/description") == "Filled."
