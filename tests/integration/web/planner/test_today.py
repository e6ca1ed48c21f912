"""The day under way on the planner's page, and what is asked on the agent's telephone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from civicline.people import services as people
from civicline.workforce.models import DayOffer, DayOfferTaken, Forecast, Shift
from civicline.workforce.selectors.day_balance import balance
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.day_offers import make_offer
from civicline.workforce.services.rosters import publish_week
from tests.integration.web.planner.conftest import signed_in
from tests.integration.web.planner.test_my_pages import html, press
from tests.integration.workforce.conftest import TODAY, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
Crew = dict[str, UUID]
MONDAY = TODAY - timedelta(days=TODAY.weekday())


@pytest.fixture
def morning(crew: Crew, town: Town) -> Crew:
    """A quarter past nine: Asha to Dana work until 14:00, nobody after."""
    for name in ("Asha", "Bela", "Cora", "Dana"):
        shift(crew[name], TODAY, 540, 840, breaks=[])
    publish_week(week=MONDAY)
    town.clock.set(slot_start(TODAY, 555))
    return crew


def test_one_press_asks_and_the_answer_changes_plan_and_feed(morning: Crew, planner: Client) -> None:
    page = html(planner, "/plan/today/")
    assert "people too few from 14:00 to" in page
    assert 'class="need-line"' in page
    found = next(one for one in balance().proposals if one.start == slot_start(TODAY, 840))
    form = {
        "kind": found.kind, "start": found.start.isoformat(), "end": found.end.isoformat(),
        "places": str(found.places), "agent": [str(one.agent_id) for one in found.asked],
    }  # fmt: skip
    assert all(f'value="{one.agent_id}" checked' in page for one in found.asked)
    told = press(planner, "/plan/today/ask", **form)  # type: ignore[arg-type]  # a list
    assert f"{len(found.asked)} people are asked." in told
    assert "no answer yet" in told and "People are asked already" in told
    bela, offer = signed_in(morning["Bela"]), DayOffer.objects.get()
    assert "Your planner asks you about today." in html(bela, "/my/")
    assert f'action="/my/offers/{offer.pk}/take"' in html(bela, "/my/swaps/")
    feed = re.search(r"http://testserver(/my/calendar/[\w-]+\.ics)", press(bela, "/my/calendar"))
    assert feed is not None
    assert b"SUMMARY:Overtime" not in Client().get(feed[1]).content
    assert "It is yours. Your shifts are changed." in press(bela, f"/my/offers/{offer.pk}/take")
    assert b"SUMMARY:Overtime" in Client().get(feed[1]).content
    assert "Your planner asks you" not in html(bela, "/my/")
    cora = signed_in(morning["Cora"])
    assert "Your planner knows" in press(cora, f"/my/offers/{offer.pk}/decline")
    assert f"/my/offers/{offer.pk}/take" not in html(cora, "/my/swaps/")
    taken = DayOfferTaken.objects.get()
    assert f'action="/plan/today/taken/{taken.pk}/undo"' in html(planner, "/plan/today/")
    assert "the shift stands as before" in press(planner, f"/plan/today/taken/{taken.pk}/undo")
    assert not Shift.objects.filter(kind="overtime").exists()
    assert "The offer is closed." in press(planner, f"/plan/today/offers/{offer.pk}/close")
    assert "closed already" in press(planner, f"/plan/today/offers/{offer.pk}/close")


def test_who_was_not_asked_sees_and_takes_nothing(morning: Crew) -> None:
    offer = make_offer(
        kind="overtime", start=slot_start(TODAY, 840), end=slot_start(TODAY, 960), ask=[morning["Bela"]]
    )
    cora = signed_in(morning["Cora"])
    assert f"/my/offers/{offer.pk}/take" not in html(cora, "/my/swaps/")
    assert "You were not asked for this." in press(cora, f"/my/offers/{offer.pk}/take")


def test_nobody_ticked_and_broken_times_are_told_in_words(morning: Crew, planner: Client) -> None:
    form = {"kind": "overtime", "start": slot_start(TODAY, 840).isoformat(), "end": "late", "places": "1"}
    assert "Enter a time like 08:30." in press(planner, "/plan/today/ask", **form)
    form["end"] = slot_start(TODAY, 960).isoformat()
    assert "Choose whom to ask." in press(planner, "/plan/today/ask", **form)
    assert not DayOffer.objects.exists()


def test_who_is_missing_is_named_and_the_day_is_forecast_anew(
    morning: Crew, planner: Client, town: Town
) -> None:
    people.set_presence(agent_id=morning["Dana"], state="signed_out", reason="end_of_shift")
    town.clock.advance(1800)
    page = html(planner, "/plan/today/")
    assert "Should be at work and are not" in page and "Dana, since 09:15" in page
    assert "as it was forecast before the day began" in page
    assert "being forecast anew" in press(planner, "/plan/today/forecast")
    work()
    assert "today" in Forecast.objects.get().rows
    assert "was forecast anew at 09:45" in html(planner, "/plan/today/")


def test_a_supervisor_looks_and_asks_nobody(morning: Crew, town: Town) -> None:
    ruth = people.create_staff(email="ruth@saltmere.example", name="Ruth", roles=["supervisor"])
    browser = signed_in(ruth.pk)
    page = html(browser, "/plan/today/")
    assert "people too few" in page and "Ask them" not in page
    assert browser.post("/plan/today/ask", {}).status_code == 403


def test_a_closed_day_asks_for_no_forecast_and_a_day_without_one_for_nothing_else(
    crew: Crew, town: Town, planner: Client
) -> None:
    sunday = MONDAY + timedelta(days=6)
    closed, before = html(planner, f"/plan/people/?day={sunday}"), MONDAY - timedelta(days=7)
    assert "Nobody is needed on this day, and nobody is planned." in closed
    assert "Make one for the queues first" not in closed
    assert "Make one for the queues first" in html(planner, f"/plan/people/?day={before}")
    assert html(planner, f"/plan/week/?week={before}").count("no forecast") == 7
    assert "0 h needed" in html(planner, f"/plan/week/?week={MONDAY}")
    who = UUID(planner.session["_auth_user_id"])
    town.clock.set(slot_start(sunday, 600))
    assert "Nobody is needed on this day, and nobody is planned." in html(signed_in(who), "/plan/today/")
