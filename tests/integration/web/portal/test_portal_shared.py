"""The front page is drawn once for all its readers, and still tells each of them the truth in their language."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civicline.cases import services as cases
from civicline.cases.models import Case
from civicline.intake import services as intake
from civicline.intake.models import Service
from civicline.people.models import User
from civicline.web.portal import pages
from tests.integration.web.portal.visitor import Visitor, reference, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reported(portal_town: Town) -> Any:
    """A visitor who reported a pothole, and the page that confirms it."""
    visitor = Visitor()
    visitor.begin("pothole")
    for answer in (
        {"a-q-size": "hand"},
        {"a-details": "Deep."},
        {"address": "Quay Street"},
        {"name": "Grace"},
    ):
        visitor.answer(**answer)
    return visitor, visitor.answer()


@pytest.fixture
def nadia(town: Town) -> Client:
    """The browser of an agent."""
    client = Client()
    client.force_login(
        User.objects.get(pk=town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}))
    )
    return client


def test_whoever_comes_within_the_second_costs_the_database_nothing(
    portal_town: Town, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        first = Visitor().get("/en/")
    with django_assert_num_queries(0):
        again = [
            Visitor().get(path)
            for path in ("/en/", "/en/waits/", "/en/services/pothole/", "/en/?from=letter")
        ]

    assert again[0].content == first.content
    assert [one.status_code for one in again] == [200] * 4


def test_a_page_drawn_once_is_kept_by_nobody_else(portal_town: Town) -> None:
    for _ in range(2):
        response = Visitor().get("/en/")
        assert response["Cache-Control"] == "no-store"
        assert {"Accept-Language", "Cookie"} <= {one.strip() for one in response["Vary"].split(",")}
        assert not response.cookies
        assert "csrf" not in response.content.decode()


def test_readers_in_turns_each_get_their_language(portal_town: Town) -> None:
    seen = {code: words(Visitor(language=code).get(f"/{code}/")) for code in ("en", "ar", "es")}
    again = {code: words(Visitor(language=code).get(f"/{code}/")) for code in ("es", "en", "ar")}

    assert again == seen
    assert len(set(seen.values())) == 3
    assert "pothole بالعربية" in seen["ar"]


def test_a_service_that_is_saved_shows_at_once(portal_town: Town) -> None:
    assert "Allotments" not in words(Visitor().get("/en/"))

    intake.save_service(
        code="allotments", calendar=portal_town.calendar, name={"en": "Allotments"}, channels=["webform"]
    )

    assert "Allotments" in words(Visitor().get("/en/"))
    assert "Allotments" in words(Visitor().get("/en/services/allotments/"))


def test_a_service_that_is_retired_is_gone_at_once(portal_town: Town) -> None:
    assert Visitor().get("/en/services/permit/").status_code == 200

    intake.retire_service(code="permit")

    assert Visitor().get("/en/services/permit/").status_code == 404


def test_what_another_process_changed_shows_within_a_second(portal_town: Town) -> None:
    before = words(Visitor().get("/en/"))
    Service.objects.filter(code="pothole").update(name={"en": "Hole in the road"})

    assert words(Visitor().get("/en/")) == before
    portal_town.clock.advance(1)
    assert "Hole in the road" in words(Visitor().get("/en/"))


def test_the_time_of_the_waits_moves_on(portal_town: Town) -> None:
    assert "Waits at 09:00" in words(Visitor().get("/en/"))
    portal_town.clock.advance(60)
    assert "Waits at 09:01" in words(Visitor().get("/en/"))


def test_the_links_to_other_languages_carry_the_query_of_each_reader(portal_town: Town) -> None:
    Visitor().get("/en/")

    letter, poster = (Visitor().get(f"/en/?from={one}").content.decode() for one in ("letter", "poster"))

    assert 'href="/fr/?from=letter"' in letter
    assert "poster" not in letter
    assert 'href="/fr/?from=poster"' in poster


def test_not_more_pages_are_kept_than_planned(portal_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_DRAWN", 2)
    for path in ("/en/", "/fr/", "/tr/", "/en/services/pothole/"):
        Visitor().get(path)
        assert len(pages._drawn) <= 2


def test_a_case_costs_as_many_questions_however_long_its_story_is(reported: Any) -> None:
    visitor, done = reported
    address = f"/en/status/{reference(done)}/"
    with CaptureQueriesContext(connection) as short:
        visitor.get(address)
    case = Case.objects.get()
    for number in range(20):
        cases.add_public_update(case_id=case.pk, text=f"Step {number}")

    with CaptureQueriesContext(connection) as long:
        page = words(visitor.get(address))

    assert "Step 19" in page
    assert len(long) <= len(short) <= 16


def test_a_list_of_twenty_cases_costs_an_agent_as_much_as_one(town: Town, nadia: Client) -> None:
    nadia.get("/desk/")  # the first page of a session also writes when it was last used
    counts = []
    for wanted in (1, 20):
        while Case.objects.count() < wanted:
            cases.open_case(type="incident", title=f"Lamp {Case.objects.count()}")
        with CaptureQueriesContext(connection) as asked:
            page = nadia.get("/desk/cases/?view=open").content.decode()
        assert page.count("Lamp ") >= wanted
        counts.append(len(asked))

    assert counts[1] <= counts[0] <= 9
