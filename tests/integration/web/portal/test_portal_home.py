"""The front page, the search, the page of a service, and what is shown when something is wrong."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from civicline.intake import services as intake
from civicline.intake.models import Calendar, Service
from civicline.routing.lines import forget_lines
from civicline.routing.models import Queue
from tests.integration.web.portal.visitor import Visitor, words
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
OFFICE = [{"day": day, "start": "08:00", "end": "18:00"} for day in range(5)]


def test_the_front_door_leads_to_ones_language(portal_town: Town) -> None:
    for asked, led in (("ar", "/ar/"), ("fr-CA,en;q=0.5", "/fr/"), ("ja", "/en/"), ("", "/en/")):
        response = Visitor(language=asked).once("get", "/")
        assert response["Location"] == led
        assert "Accept-Language" in response["Vary"]


def test_a_chosen_language_is_remembered_and_otherwise_nothing_is(portal_town: Town) -> None:
    visitor = Visitor()
    visitor.get("/en/")
    assert visitor.cookies == {}
    visitor.get("/tr/")
    assert visitor.once("get", "/")["Location"] == "/tr/"


def test_the_front_page_says_what_we_do_and_how_long_it_takes(portal_town: Town) -> None:
    portal_town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4})
    intake.save_service_message(
        kind="disruption",
        title={"en": "Bins are late."},
        body={"en": "Wait."},
        starts_at=portal_town.clock.now(),
    )
    page = words(Visitor().get("/en/"))
    for told in (
        "How can we help?",
        "Talk to us today",
        "Waits at 09:00",
        "Web chat",
        "Pothole",
        "Bins are late.",
    ):
        assert told in page, told
    assert "In danger now?" in page
    assert "Already told us?" in page


def test_waits_come_alone_for_the_script_of_the_page(portal_town: Town) -> None:
    page = Visitor().get("/en/waits/")
    body = page.content.decode()
    assert 'data-renew="/en/waits/"' in body
    assert "<html" not in body
    assert page["Cache-Control"] == "no-store"


def test_closed_says_when_it_opens_and_offers_to_write(portal_town: Town) -> None:
    Calendar.objects.update(weekly=OFFICE)
    forget_lines()
    portal_town.clock.advance(10 * 3600)
    page = words(Visitor().get("/en/"))
    assert "Closed now. We open" in page
    page = words(Visitor().get("/en/services/pothole/"))
    assert "We are closed. We open" in page
    assert "Today, Monday 2 March" in page
    assert "8:00 to 18:00" in page
    assert "Start now" in page


def test_full_leads_to_writing_with_the_wait_told(portal_town: Town) -> None:
    Queue.objects.filter(code="benefits").update(max_waiting=0)
    forget_lines()
    page = words(Visitor().get("/en/services/benefits/"))
    assert "Very many people are waiting." in page
    assert "Write to us instead" in page


def test_a_holiday_ahead_is_told(portal_town: Town) -> None:
    day = (portal_town.clock.now() + timedelta(days=20)).date()
    Calendar.objects.update(
        weekly=OFFICE, exceptions={day.isoformat(): {"spans": [], "reason": "Staff training"}}
    )
    assert "Closed, Staff training" in words(Visitor().get("/en/services/pothole/"))


def test_own_words_find_a_service_or_a_person(portal_town: Town) -> None:
    page = words(Visitor().get("/en/search/?q=pothole+in+my+street"))
    assert "1 service fits" in page
    page = words(Visitor().get("/en/search/?q=zzxq"))
    assert "We found nothing that fits" in page
    assert "A person can help: talk to us" in page
    assert Visitor().get("/en/search/").status_code == 200


@pytest.mark.parametrize("asked", ["<script>alert(1)</script>", "%00", "%E2%80%AEabc", "x" * 5000, "%FF%FE"])
def test_hostile_questions_are_only_words(portal_town: Town, asked: str) -> None:
    page = Visitor().get(f"/en/search/?q={asked}")
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_the_front_page_takes_few_questions_however_many_services(
    portal_town: Town, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        portal_town.queue(f"more-{number}")
    Visitor().get("/en/")
    with django_assert_max_num_queries(6):
        page = Visitor().get("/en/")
    assert words(page).count("more-") == 20
    with django_assert_max_num_queries(7):
        Visitor().get("/en/services/pothole/")
    assert Service.objects.count() == 25


@pytest.mark.parametrize("path", ["/en/nowhere/", "/nowhere", "/en/services/nothing/", "/en/status/%2F/"])
def test_what_is_not_there_is_told_in_the_towns_look(portal_town: Town, path: str) -> None:
    page = Visitor().get(path)
    assert page.status_code in (200, 404)
    assert "Saltmere" in words(page)


def test_a_form_without_its_token_is_refused_in_words(portal_town: Town) -> None:
    page = Client(enforce_csrf_checks=True).post("/en/services/pothole/form/")
    assert page.status_code == 403
    assert "Your form did not reach us" in words(page)
    assert "Nothing was sent." in words(page)
    assert "give you access" not in words(page)  # that is for staff who lack a right


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        ("http://testserver/en/form/1/place/?back=check", "/en/form/1/place/?back=check"),
        ("https://elsewhere.example/en/", "/en/"),
        ("javascript:alert(1)", "/en/"),
        ("http://testserver//elsewhere.example/", "/en/"),
        ("", "/en/"),
    ],
)
def test_a_refused_form_leads_back_to_our_own_page_and_to_no_other(
    portal_town: Town, came_from: str, leads_to: str
) -> None:
    visitor = Client(enforce_csrf_checks=True, headers={"referer": came_from})
    page = visitor.post("/en/services/pothole/form/").content.decode()
    assert f'class="btn btn-primary btn-big" href="{leads_to}"' in page


def test_our_own_fault_is_told_without_its_inside(portal_town: Town) -> None:
    calm = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF="tests.integration.web.portal.faulty_urls"):
        page = calm.get("/en/fault/")
    assert page.status_code == 500
    assert "Something went wrong on our side" in words(page)
    assert "secret inside" not in page.content.decode()


def test_pages_about_the_site_are_there_in_every_language(portal_town: Town) -> None:
    for language in ("en", "es", "fr", "ar", "tr"):
        for page in ("accessibility", "privacy", "status"):
            assert Visitor().get(f"/{language}/{page}/").status_code == 200
