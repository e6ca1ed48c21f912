"""Pages of offices, of turns on call, and what agents see and tell of theirs."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from icalendar import Calendar

from civicline.kernel import clock
from civicline.workforce.models import CallOut, Contract, OnCallDuty, OnCallRule, Shift, Site
from civicline.workforce.selectors.rosters import wishes_of
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.contracts import save_contract
from civicline.workforce.services.rosters import publish_week
from tests.integration.web.planner.conftest import signed_in
from tests.integration.web.planner.test_my_pages import html, press
from tests.integration.workforce.conftest import TODAY, shift

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]
CONTRACT = {
    "week_min": "20", "week_max": "40", "day_max": "10", "rest": "11", "row_max": "5", "hour_cost": "20",
}  # fmt: skip
NIGHTS = {
    "name": "Nights", "start": "18:00", "end": "08:00", "people": "1", "weekdays": ["0", "1"], "active": "on",
}  # fmt: skip


def test_an_office_is_made_and_the_week_shows_its_seats(crew: Crew, planner: Client) -> None:
    assert "Without offices there are seats for everybody" in html(planner, "/plan/team/")
    wrong = planner.post("/plan/offices/new/", {"code": "hall", "name": "Town hall", "seats": "-1"})
    assert wrong.status_code == 422
    press(planner, "/plan/offices/new/", code="hall", name="Town hall", seats="1", active="on")
    assert "Town hall" in html(planner, "/plan/team/")
    hall = Site.objects.get()
    for name in ("Asha", "Bela"):
        form = {**CONTRACT, "place": "either", "site_id": str(hall.pk), "on_call": "on"}
        assert planner.post(f"/plan/team/{crew[name]}/", form).status_code == 302
        shift(crew[name], NEXT, place="office")
    row = Contract.objects.get(pk=crew["Asha"])
    assert (row.place, row.site_id, row.on_call) == ("either", hall.pk, True)
    page = html(planner, f"/plan/week/?week={NEXT}")
    assert "2 / 1" in page
    assert "too few from 08:00" in page
    assert "On Mon 9 Mar from 08:00 more people work there than there are seats." in page
    one = Shift.objects.filter(agent_id=crew["Asha"]).get()
    form = {
        "agent_id": str(crew["Asha"]), "pattern": "", "day": NEXT.isoformat(), "start": "08:00", "end": "16:00",
        "breaks": "12:00 30", "kind": "work", "place": "home", "version": str(one.version),
    }  # fmt: skip
    assert planner.post(f"/plan/shifts/{one.pk}/", form).status_code == 302
    page = html(planner, f"/plan/week/?week={NEXT}")
    assert "1 / 1" in page and "At home" in page and "too few from" not in page
    press(planner, "/plan/offices/hall/", name="Town hall", seats="12", active="on")
    assert Site.objects.get().seats == 12


def test_duties_are_made_shared_out_given_and_told_of(crew: Crew, planner: Client) -> None:
    assert "Say first which duties there are" in html(planner, "/plan/on-call/")
    assert planner.post("/plan/on-call/duties/new/", {**NIGHTS, "name": ""}).status_code == 422
    assert planner.post("/plan/on-call/duties/new/", NIGHTS).status_code == 302
    rule = OnCallRule.objects.get()
    assert (rule.minutes, rule.weekdays) == (840, [0, 1])
    week = f"/plan/on-call/{NEXT}/share"
    assert "2 duties stay open" in press(planner, week)
    save_contract(agent_id=crew["Asha"], on_call=True)
    assert "Every duty is given out" in press(planner, week)
    page = html(planner, f"/plan/on-call/?week={NEXT}")
    assert page.count("selected") == 2
    duty = OnCallDuty.objects.order_by("start")[0]
    give = f"/plan/on-call/{duty.pk}/give?week={NEXT}"
    press(planner, give, agent=str(crew["Bela"]), version="0")
    assert "Somebody else has changed this duty" in press(planner, give, agent="", version="0")
    assert OnCallDuty.objects.get(pk=duty.pk).agent_id == crew["Bela"]
    assert "On call" in html(planner, f"/plan/week/?week={NEXT}")
    press(planner, f"/plan/on-call/duties/{rule.pk}/", **{**NIGHTS, "people": "2"})  # type: ignore[arg-type]  # a list
    assert OnCallRule.objects.get().people == 2


def test_shifts_and_turns_stand_in_the_order_in_which_they_come(crew: Crew, planner: Client) -> None:
    asha = crew["Asha"]
    rule = OnCallRule.objects.create(name="Nights", start=1080, minutes=840, weekdays=[0])
    for day in (0, 2):
        row = shift(asha, NEXT + timedelta(days=day))
    night = slot_start(NEXT, 1080)
    duty = {"rule": rule, "schedule": row.schedule, "agent_id": asha}
    OnCallDuty.objects.create(start=night, end=night + timedelta(hours=14), **duty)
    publish_week(week=NEXT)
    page = html(signed_in(asha), f"/my/?day={NEXT}")
    monday, turn, wednesday = (page.index(words) for words in ("9 March", "Nights", "11 March"))
    assert monday < turn < wednesday
    month = html(signed_in(asha), f"/my/?span=month&day={NEXT}")
    assert month.count("<br>On call") == 1


def test_an_agent_sees_turns_tells_a_call_out_and_has_them_in_the_calendar(
    crew: Crew, planner: Client
) -> None:
    save_contract(agent_id=crew["Asha"], on_call=True)
    planner.post("/plan/on-call/duties/new/", {**NIGHTS, "weekdays": ["0"]})
    press(planner, f"/plan/on-call/{NEXT}/share")
    asha, tuesday = signed_in(crew["Asha"]), NEXT + timedelta(days=1)
    shift(crew["Asha"], tuesday, 720, 1200, breaks=[])
    assert "You are not on call" in html(asha, "/my/on-call/")
    publish_week(week=NEXT)
    assert "Nights" in html(asha, "/my/on-call/")
    assert "Nights" in html(asha, f"/my/?day={NEXT}")
    duty = OnCallDuty.objects.get()
    address = f"/my/on-call/{duty.pk}/"
    assert signed_in(crew["Bela"]).get(address).status_code == 404
    with clock.use(clock.ManualClock(slot_start(tuesday, 240))):
        assert "I was called out" in html(signed_in(crew["Asha"]), "/my/on-call/")
        wrong = signed_in(crew["Asha"]).post(address, {"start": "soon", "end": "03:00"})
        assert wrong.status_code == 422
        assert 'id="start-error"' in wrong.content.decode()
        told = press(signed_in(crew["Asha"]), address, start="01:30", end="02:30", note="Flood")
        assert "You are rested from 13:30" in told
        assert "Rested from" in told and "Flood" in told
    assert CallOut.objects.get().start == slot_start(tuesday, 90)
    assert Shift.objects.get().start == slot_start(tuesday, 810)
    assert "Flood" in html(planner, f"/plan/on-call/?week={NEXT}")
    page = press(asha, "/my/calendar")
    feed = re.search(r"http://testserver(/my/calendar/[\w-]+\.ics)", page)
    assert feed is not None
    events = Calendar.from_ical(Client().get(feed[1]).content).walk("VEVENT")
    (call,) = [event for event in events if str(event["SUMMARY"]) == "On call: Nights"]
    assert (call.decoded("DTSTART"), str(call["TRANSP"])) == (slot_start(NEXT, 1080), "TRANSPARENT")


def test_a_turn_changes_hands_on_the_telephone_and_both_calendars_follow(crew: Crew, planner: Client) -> None:
    for name in ("Asha", "Bela"):
        save_contract(agent_id=crew[name], on_call=True)
    planner.post("/plan/on-call/duties/new/", {**NIGHTS, "weekdays": ["0"]})
    press(planner, f"/plan/on-call/{NEXT}/share")
    shift(crew["Finn"], NEXT)
    publish_week(week=NEXT)
    asha, bela = signed_in(crew["Asha"]), signed_in(crew["Bela"])
    duty = OnCallDuty.objects.get()
    feeds = {}
    for browser in (asha, bela):
        found = re.search(r"http://testserver(/my/calendar/[\w-]+\.ics)", press(browser, "/my/calendar"))
        assert found is not None
        feeds[browser] = found[1]
    assert bela.get(f"/my/on-call/{duty.pk}/trade/").status_code == 404
    assert "Bela" in html(asha, f"/my/on-call/{duty.pk}/trade/")
    assert "yours until somebody takes it" in press(asha, f"/my/on-call/{duty.pk}/trade/", deed="give")
    assert "a change is asked" in html(asha, "/my/on-call/")
    assert "a change is asked" in html(planner, f"/plan/on-call/?week={NEXT}")
    page = html(bela, "/my/on-call/")
    assert "Asha offers" in page
    take = re.search(r'action="(/my/on-call/trades/[\w-]+/take)"', page)
    assert take is not None
    assert "Approved at once. It is in your duties." in press(bela, take[1])
    assert "decided already" in press(bela, take[1])
    assert b"On call: Nights" in Client().get(feeds[bela]).content
    assert b"On call: Nights" not in Client().get(feeds[asha]).content


def test_the_planner_decides_about_a_turn_that_the_rule_left_open(crew: Crew, planner: Client) -> None:
    save_contract(agent_id=crew["Asha"], on_call=True)
    planner.post("/plan/on-call/duties/new/", {**NIGHTS, "weekdays": ["0"]})
    press(planner, f"/plan/on-call/{NEXT}/share")
    shift(crew["Finn"], NEXT)
    publish_week(week=NEXT)
    asha, edna, duty = signed_in(crew["Asha"]), signed_in(crew["Edna"]), OnCallDuty.objects.get()
    press(asha, f"/my/on-call/{duty.pk}/trade/", deed="give", taker=str(crew["Edna"]))
    take = re.search(r'action="(/my/on-call/trades/[\w-]+/take)"', html(edna, "/my/on-call/"))
    assert take is not None
    assert "The planner looks at it" in press(edna, take[1])
    page = html(planner, "/plan/requests/")
    assert "The contract has no turns on call." in page
    decide = re.search(r'action="(/plan/requests/turns/[\w-]+)"', page)
    assert decide is not None
    assert "Decided." in press(planner, decide[1], answer="yes")
    assert OnCallDuty.objects.get().agent_id == crew["Edna"]
    assert "approved" in html(asha, "/my/on-call/")


def test_whoever_has_the_choice_says_where_they_would_rather_work(crew: Crew) -> None:
    asha = signed_in(crew["Asha"])
    assert "Where I would rather work" not in html(asha, "/my/")
    assert "Your contract says where you work" in press(asha, "/my/places", place_0="home")
    save_contract(agent_id=crew["Asha"], place="either")
    assert "Where I would rather work" in html(asha, "/my/")
    assert "The next plan counts with it" in press(asha, "/my/places", place_0="home", place_4="office")
    assert [(one.weekday, one.kind) for one in wishes_of(crew["Asha"])] == [(0, "home"), (4, "office")]
