"""An agent's own pages: shifts, calendar feed, swaps, leave, and their own day."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from civicline.workforce.models import Leave, Shift
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.day_offers import make_offer
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.rosters import publish_week, remove_shift
from tests.integration.web.planner.conftest import signed_in
from tests.integration.workforce.conftest import TODAY, shift
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]


def html(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:2000]
    return answer.content.decode()


def press(client: Client, address: str, **form: str) -> str:
    return client.post(address, form, follow=True).content.decode()


def test_shifts_appear_when_the_week_is_published_by_day_week_and_month(crew: Crew) -> None:
    asha = signed_in(crew["Asha"])
    shift(crew["Asha"], NEXT)
    week = f"/my/?day={NEXT.isoformat()}"
    assert "You have no shifts in this time" in html(asha, week)
    publish_week(week=NEXT)
    page = html(asha, week)
    assert "08:00" in page
    assert "7.5 hours" in page
    assert "Break 12:00, 30 min" in page
    month = html(asha, f"{week}&span=month")
    assert month.count("has-shift") == 1
    assert "You have no shifts" in html(asha, "/my/?span=day&day=never")
    assert "08:00" not in html(signed_in(crew["Bela"]), week)


def test_the_calendar_feed_opens_without_signing_in_until_it_is_ended(crew: Crew) -> None:
    asha = signed_in(crew["Asha"])
    shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    ask_leave(agent_id=crew["Asha"], kind="holiday", first=NEXT + timedelta(days=14))
    page = press(asha, "/my/calendar")
    address = re.search(r"http://testserver(/my/calendar/[\w-]+\.ics)", page)
    assert address is not None
    assert "/my/calendar/" not in html(asha, "/my/").replace('action="/my/calendar"', "")
    answer = Client().get(address[1])
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Work", "Holiday"]
    assert events[0].decoded("DTSTART") == slot_start(NEXT, 480)
    assert "Break 12:00, 30 min" in str(events[0]["DESCRIPTION"])
    press(asha, "/my/calendar", deed="end")
    assert Client().get(address[1]).status_code == 404


def test_a_shift_is_given_away_and_taken_on_two_telephones(crew: Crew) -> None:
    one = shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    asha, bela = signed_in(crew["Asha"]), signed_in(crew["Bela"])
    html(asha, f"/my/shifts/{one.pk}/")
    assert "It is offered" in press(asha, f"/my/shifts/{one.pk}/", deed="give")
    assert "a change is asked" in html(asha, f"/my/?day={NEXT.isoformat()}")
    page = html(bela, "/my/swaps/")
    assert "Asha gives away" in page
    take = re.search(r"/my/swaps/[0-9a-f-]+/take", page)
    assert take is not None
    assert "Approved at once" in press(bela, take[0])
    assert Shift.objects.get(pk=one.pk).agent_id == crew["Bela"]
    assert "approved" in html(asha, "/my/swaps/")


def test_a_swap_is_asked_refused_and_asked_again(crew: Crew) -> None:
    one, other = shift(crew["Asha"], NEXT), shift(crew["Bela"], NEXT + timedelta(days=1), 570, 1080)
    publish_week(week=NEXT)
    asha, bela = signed_in(crew["Asha"]), signed_in(crew["Bela"])
    assert "\u206609:30–18:00\u2069" in html(asha, f"/my/shifts/{one.pk}/")
    assert "Choose a colleague" in press(asha, f"/my/shifts/{one.pk}/", deed="swap")
    assert "Your colleague is asked" in press(asha, f"/my/shifts/{one.pk}/", deed="swap", other=str(other.pk))
    assert "A colleague asks you about a shift." in html(bela, "/my/")
    assert "A colleague asks you" not in html(asha, "/my/")
    page = html(bela, "/my/swaps/")
    assert page.index("You get:") < page.index("08:00") < page.index("You give:") < page.index("09:30")
    drop = re.search(r"/my/swaps/[0-9a-f-]+/drop", page)
    assert drop is not None
    assert "off the list" in press(bela, drop[0])
    assert "refused" in html(asha, "/my/swaps/")
    assert bela.get(f"/my/shifts/{one.pk}/").status_code == 404


def test_open_shifts_and_offers_are_taken_or_the_rule_is_told(crew: Crew) -> None:
    one = shift(None, NEXT)
    publish_week(week=NEXT)
    offer = make_offer(kind="time_off", start=slot_start(NEXT, 840), end=slot_start(NEXT, 960))
    asha = signed_in(crew["Asha"])
    assert "You do not work then" in press(asha, f"/my/offers/{offer.pk}/take")
    assert "Approved at once" in press(asha, f"/my/shifts/{one.pk}/bid")
    assert "Your shifts are changed" in press(asha, f"/my/offers/{offer.pk}/take")
    assert Shift.objects.get(pk=one.pk).end == slot_start(NEXT, 840)


def test_leave_is_asked_for_taken_back_and_wrong_days_are_told_at_their_field(crew: Crew) -> None:
    asha = signed_in(crew["Asha"])
    wrong = asha.post("/my/leave/", {"kind": "holiday", "first": "soon"})
    assert wrong.status_code == 422
    assert 'id="first-error"' in wrong.content.decode()
    assert "Approved at once" in press(asha, "/my/leave/", kind="holiday", first=NEXT.isoformat())
    assert "off the list" in press(asha, f"/my/leave/{Leave.objects.get().pk}/drop")
    assert "withdrawn" in html(asha, "/my/leave/")


def test_my_own_day_is_mine_to_see(crew: Crew, town: Town) -> None:
    asha = signed_in(crew["Asha"])
    assert "You had no shift on this day" in html(asha, "/my/kept/")
    shift(crew["Asha"], TODAY, 540, 900)
    publish_week(week=TODAY)
    town.clock.advance(3600)
    page = html(asha, "/my/kept/")
    assert "100% of the planned time up to now was kept" in page
    assert "day-strip" in page


def test_who_takes_no_contacts_has_no_shifts(planner: Client, administrator: Client) -> None:
    assert planner.get("/my/").status_code == 403
    assert administrator.get("/my/leave/").status_code == 403


def test_the_calendar_tells_the_town_s_time_in_summer_and_drops_what_is_cancelled(crew: Crew) -> None:
    summer = NEXT + timedelta(weeks=4)  # the clocks go forward in between
    winter_shift, next_shift = (
        shift(crew["Asha"], NEXT, 480, 960),
        shift(crew["Asha"], NEXT + timedelta(days=1), 480, 960),
    )
    publish_week(week=NEXT)
    asha = signed_in(crew["Asha"])
    address = re.search(r"http://testserver(/my/calendar/[\w-]+\.ics)", press(asha, "/my/calendar"))
    assert address is not None

    def told() -> dict[str, tuple[datetime, datetime]]:
        body = Client().get(address[1]).content
        assert body.endswith(b"END:VCALENDAR\r\n")
        calendar = Calendar.from_ical(body)
        assert calendar.errors == [] and calendar["VERSION"] == "2.0" and calendar["REFRESH-INTERVAL"]
        events = [part for part in calendar.walk("VEVENT") if str(part["UID"]).startswith("shift-")]
        assert all({"UID", "DTSTAMP", "SEQUENCE"} <= set(part) for part in events)
        return {str(part["UID"]): (part.decoded("DTSTART"), part.decoded("DTEND")) for part in events}

    before = told()
    uid = f"shift-{winter_shift.pk}@civicline"
    assert before[uid] == (winter_shift.start, winter_shift.end) and len(before) == 2
    assert all(
        at.utcoffset() == timedelta(0) for at in before[uid]
    )  # in UTC: every calendar shows its own time
    remove_shift(shift_id=next_shift.pk)
    assert set(told()) == {uid}
    late = shift(crew["Asha"], summer, 480, 960)
    publish_week(week=summer)
    start, _end = told()[f"shift-{late.pk}@civicline"]
    assert timezone.localtime(start).hour == timezone.localtime(before[uid][0]).hour == 8
    assert start.hour == before[uid][0].hour - 1
