"""One form for many: whom to ask for more hours or time off, and requests decided together; today renews its parts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civicline.kernel import bus
from civicline.workforce.models import DayOffer, DayOfferTaken, Leave, Shift
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.contracts import save_contract
from civicline.workforce.services.day_offers import make_offer, take_offer
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.rosters import publish_week
from civicline.workforce.services.sites import save_place_wishes, save_site
from tests.integration.web.planner.conftest import signed_in
from tests.integration.web.planner.test_my_pages import html, press
from tests.integration.workforce.conftest import TODAY, hire, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
Crew = dict[str, UUID]
MONDAY = TODAY - timedelta(days=TODAY.weekday())
NEXT = MONDAY + timedelta(days=7)


def hours(day: date, start: int, end: int, kind: str = "overtime", places: int = 2) -> dict[str, str]:
    begin, finish = slot_start(day, start).isoformat(), slot_start(day, end).isoformat()
    return {"kind": kind, "start": begin, "end": finish, "places": str(places)}


def listed(page: str) -> list[str]:
    return re.findall(r'name="agent" value="[^"]+".*?<label[^>]*>([^<]+)</label>', page, re.S)


@pytest.fixture
def next_week(crew: Crew) -> Crew:
    """Asha to Dana work next Monday from 9 to 14, Edna and Finn have it free."""
    for name in ("Asha", "Bela", "Cora", "Dana"):
        shift(crew[name], NEXT, 540, 840, breaks=[])
    publish_week(week=NEXT)
    return crew


def test_all_who_could_are_named_in_fair_order_and_asked_together(next_week: Crew, planner: Client) -> None:
    save_contract(agent_id=next_week["Dana"], day_max=5 * 60)
    earlier = make_offer(kind="overtime", start=slot_start(NEXT, 840), end=slot_start(NEXT, 900))
    take_offer(offer_id=earlier.pk, agent_id=next_week["Asha"])
    form = {"kind": "overtime", "day": NEXT.isoformat(), "start": "15:00", "end": "17:00", "places": "2"}
    page = press(planner, "/plan/requests/", **form, whom="some")
    assert listed(page) == [
        "Asha",
        "Bela",
        "Cora",
        "Edna",
        "Finn",
    ]  # who works until then, that day, has it free
    assert len(re.findall(r'name="agent"[^>]* checked', page)) == 3  # half as many again as there are places
    assert "Dana: " in page and "the contract allows" in page
    assert 'data-tick-all="agent"' in page
    told = press(planner, "/plan/today/ask", **hours(NEXT, 900, 1020), who="all", back="/plan/requests/")
    assert "5 people are asked." in told
    offer = DayOffer.objects.latest("pk")
    assert set(offer.invites.values_list("agent_id", flat=True)) == {
        agent for name, agent in next_week.items() if name != "Dana"
    }
    for name in ("Finn", "Bela"):
        assert "It is yours." in press(signed_in(next_week[name]), f"/my/offers/{offer.pk}/take")
    assert "All places are taken." in press(signed_in(next_week["Cora"]), f"/my/offers/{offer.pk}/take")
    assert DayOfferTaken.objects.filter(offer=offer).count() == 2


def test_time_off_is_offered_to_several_who_had_least_first(crew: Crew, planner: Client) -> None:
    saturday = NEXT + timedelta(days=5)  # a Saturday: few are needed
    for agent in crew.values():
        shift(agent, NEXT, 480, 960)
        shift(agent, saturday, 480, 960)
    publish_week(week=NEXT)
    earlier = make_offer(kind="time_off", start=slot_start(NEXT, 840), end=slot_start(NEXT, 960))
    take_offer(offer_id=earlier.pk, agent_id=crew["Asha"])
    page = html(planner, f"/plan/requests/people/?{urlencode(hours(saturday, 840, 960, 'time_off'))}")
    assert listed(page) == ["Bela", "Cora", "Dana", "Edna", "Finn", "Asha"]
    form = hours(saturday, 840, 960, "time_off") | {"agent": [str(crew["Bela"]), str(crew["Cora"])]}
    assert "2 people are asked." in press(planner, "/plan/today/ask", **form)  # type: ignore[arg-type]  # a list
    assert "It is yours." in press(
        signed_in(crew["Cora"]), f"/my/offers/{DayOffer.objects.latest('pk').pk}/take"
    )
    assert Shift.objects.get(agent=crew["Cora"], start=slot_start(saturday, 480)).end == slot_start(
        saturday, 840
    )


def test_wrong_hours_are_told_and_a_strange_way_back_is_not_taken(next_week: Crew, planner: Client) -> None:
    for wrong in ({"kind": "rest"}, {"start": "soon"}, {"places": "-1"}):
        address = f"/plan/requests/people/?{urlencode(hours(NEXT, 900, 1020) | wrong)}"
        assert planner.get(address, follow=True).status_code == 200
    form = hours(NEXT, 900, 1020) | {"agent": str(next_week["Edna"]), "back": "//elsewhere.example/plan/"}
    assert planner.post("/plan/today/ask", form)["Location"] == "/plan/today/"
    over = planner.get(f"/plan/requests/people/?{urlencode(hours(MONDAY - timedelta(days=7), 900, 1020))}")
    assert "Nobody may work then" in over.content.decode()


def test_more_people_and_offices_take_no_more_queries(next_week: Crew, planner: Client, town: Town) -> None:
    address = f"/plan/requests/people/?{urlencode(hours(NEXT, 900, 1020))}"

    def asked(page: str) -> int:
        html(planner, page)
        with CaptureQueriesContext(connection) as watched:
            html(planner, page)
        return len(watched)

    office = save_site(code="hall", name="Town hall", seats=4)
    for name, agent in next_week.items():
        save_contract(agent_id=agent, site_id=office.pk, place="either" if name == "Finn" else "office")
    save_place_wishes(agent_id=next_week["Finn"], places={NEXT.weekday(): "home"})
    few = [asked(address), asked("/plan/today/")]
    for number in range(8):
        agent = hire(town, f"Guest{number}", ["council-tax"], site_id=office.pk, place="office")
        shift(agent, NEXT, 540, 840, breaks=[])
    assert [asked(address), asked("/plan/today/")] == few
    assert few[0] <= 30 and few[1] <= 60
    page = html(planner, address)
    assert {"Edna", "Finn"} <= set(listed(page))


def test_several_requests_are_decided_in_one_form(crew: Crew, planner: Client) -> None:
    for name in ("Asha", "Bela", "Cora"):
        shift(crew[name], NEXT)
    publish_week(week=NEXT)
    rows = [ask_leave(agent_id=crew[name], kind="holiday", first=NEXT) for name in ("Asha", "Bela", "Cora")]
    page = html(planner, "/plan/requests/")
    assert page.count('form="several"') == 3 and "Several at once" in page
    assert "Choose at least one request." in press(planner, "/plan/requests/several", answer="yes")
    ticked = {"one": [f"leave:{row.pk}" for row in rows], "answer": "yes"}
    told = press(planner, "/plan/requests/several", **ticked)  # type: ignore[arg-type]  # a list
    assert "2 requests are decided." in told
    assert "Still open: Cora. Too many are away" in told
    assert "Several at once" not in told  # one is no case for it
    assert sorted(Leave.objects.values_list("state", flat=True)) == ["approved", "approved", "asked"]
    assert signed_in(crew["Asha"]).post("/plan/requests/several", {}).status_code == 403


def test_today_renews_its_parts_and_a_change_of_the_plan_is_told_to_the_page(
    crew: Crew, planner: Client
) -> None:
    for name in ("Asha", "Bela"):
        shift(crew[name], TODAY, 540, 840, breaks=[])
    publish_week(week=MONDAY)
    page = html(planner, "/plan/today/")
    assert 'data-topic="board" data-kinds="plan"' in page and 'href="/plan/today/">Renew now' in page
    heard: list[str] = []
    with bus.subscribe(["board"], lambda hint: heard.append(str(hint.get("kind")))):
        shift(crew["Cora"], TODAY, 900, 1080, breaks=[])
        assert heard == ["plan"]
        offer = make_offer(kind="overtime", start=slot_start(TODAY, 1080), end=slot_start(TODAY, 1140))
        take_offer(offer_id=offer.pk, agent_id=crew["Cora"])
    assert heard.count("plan") >= 4
    answer = planner.get("/plan/today/", headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "<html" not in part and part.count('hx-swap-oob="true"') == 4
    assert re.search(r"Renewed at \d\d:\d\d:\d\d", part) and "1 of 1 taken" in part
