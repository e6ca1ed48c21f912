"""The planner's pages: what they show, what their forms do, and how few queries they take."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from civicline.routing.models import Queue
from civicline.workforce.models import (
    Contract,
    DayMark,
    Forecast,
    HistoryDay,
    Leave,
    Pattern,
    Schedule,
    Shift,
    Staffing,
)
from civicline.workforce.services.leaves import ask_leave
from civicline.workforce.services.rosters import publish_week
from civicline.workforce.services.shift_trades import SHIFTS
from tests.integration.web.planner.conftest import signed_in
from tests.integration.workforce.conftest import TODAY, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]


def html(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:2000]
    return answer.content.decode()


def test_the_forecast_is_asked_for_on_the_page_and_drawn_with_its_range_and_a_table(
    queue: Queue, planner: Client
) -> None:
    address = f"/plan/?queue=council-tax&day={NEXT.isoformat()}"
    assert "There is no forecast of this day" in html(planner, address)
    form = {"queue": "council-tax", "interval": "30", "days": "14", "scale": "1"}
    told = planner.post("/plan/forecast/run", form, follow=True).content.decode()
    assert "The forecast is being made" in told
    assert 'hx-get="/plan/forecast/state?' in told
    work()
    state = planner.get(f"/plan/forecast/state?queue_id={queue.pk}", headers={"HX-Request": "true"})
    assert state.headers["HX-Refresh"] == "true"
    page = html(planner, address)
    assert 'class="chart-band"' in page
    assert "Show as a table" in page
    assert "Chance alone" in page
    week = html(planner, f"{address}&span=week")
    assert week.count('<th scope="row">Monday 9 March') == 1
    assert "style=" not in page


def test_a_wrong_form_says_what_to_change(queue: Queue, planner: Client) -> None:
    told = planner.post(
        "/plan/forecast/run", {"queue": "council-tax", "interval": "7", "days": "900"}, follow=True
    )
    assert "Choose one of these" in told.content.decode()
    assert not Forecast.objects.exists()
    assert (
        "Make a forecast first"
        in planner.post("/plan/forecast/today", {"queue": "benefits"}, follow=True).content.decode()
    )


def test_a_table_comes_as_a_file_or_pasted_and_a_bad_row_is_named(town: Town, planner: Client) -> None:
    table = "start,queue,count\n2026-02-02 08:00,benefits,4\n2026-02-02 08:30,benefits,-1\n"
    bad = planner.post("/plan/history/", {"text": table})
    assert bad.status_code == 422
    assert "Row 3: a count cannot be -1" in bad.content.decode()
    assert not HistoryDay.objects.exists()
    good = SimpleUploadedFile("counts.csv", table.replace("-1", "6").encode(), content_type="text/csv")
    told = planner.post("/plan/history/", {"table": good}, follow=True).content.decode()
    assert "1 day of benefits is kept" in told
    assert HistoryDay.objects.get().counts[16:18] == [4, 6]
    assert (
        "no text in UTF-8"
        in planner.post(
            "/plan/history/", {"table": SimpleUploadedFile("x.csv", b"\xff\xfe")}
        ).content.decode()
    )
    assert (
        "no such time zone"
        in planner.post("/plan/history/", {"text": table, "zone": "Mars"}).content.decode()
    )


def test_special_days_are_added_and_removed(town: Town, planner: Client) -> None:
    form = {"kind": "event", "name": "Bills go out", "first": NEXT.isoformat(), "factor": "1.4"}
    assert "Bills go out" in planner.post("/plan/days/", form, follow=True).content.decode()
    assert "+40%" in html(planner, "/plan/days/")
    assert planner.post("/plan/days/", {**form, "first": "soon"}).status_code == 422
    planner.post(f"/plan/days/{DayMark.objects.get().pk}/remove")
    assert not DayMark.objects.exists()


def test_the_need_of_a_day_stands_beside_the_plan_and_its_rule_is_changed(
    crew: Crew, queue: Queue, planner: Client
) -> None:
    shift(crew["Asha"], NEXT)
    page = html(planner, f"/plan/people/?day={NEXT.isoformat()}")
    assert "Most people are needed at" in page
    assert 'class="gap-box"' in page
    assert "On a busy day" in page
    assert html(planner, f"/plan/people/?queue=council-tax&day={NEXT.isoformat()}").count("gap-box")
    form = {
        "share": "90", "within_seconds": "120", "handle_seconds": "300", "max_occupancy": "80", "shrinkage": "10",
        "opens": "09:00", "closes": "00:00", "weekdays": ["0", "1"],
    }  # fmt: skip
    planner.post("/plan/people/council-tax/", form)
    row = Staffing.objects.get(queue=queue)
    assert (row.share, row.opens, row.closes, row.weekdays) == (0.9, 540, 1440, [0, 1])
    assert planner.post("/plan/people/council-tax/", {**form, "share": "120"}).status_code == 422


def test_a_week_is_planned_changed_by_hand_and_published(crew: Crew, planner: Client) -> None:
    address = f"/plan/week/?week={NEXT.isoformat()}"
    planner.post(f"/plan/week/{NEXT.isoformat()}/plan")
    assert "The week is being planned" in html(planner, address)
    Schedule.objects.update(planning="")
    form = {"agent_id": str(crew["Asha"]), "pattern": "early", "day": NEXT.isoformat(), "kind": "work"}
    seen = planner.post(
        "/plan/shifts/new/", {**form, "preview": "1"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Hours with too few people" in seen
    assert not Shift.objects.exists()
    planner.post("/plan/shifts/new/", form)
    row = Shift.objects.get()
    assert (row.agent_id, row.breaks) == (crew["Asha"], [[240, 30, False]])
    edit = f"/plan/shifts/{row.pk}/"
    assert "12:00 30" in html(planner, edit)
    long = {**form, "pattern": "", "start": "06:00", "end": "20:00", "breaks": "12:00 30", "version": "0"}
    assert (
        "13.5 hours on Mon 9 Mar; the contract allows 10"
        in planner.post(edit, {**long, "preview": "1"}).content.decode()
    )
    planner.post(edit, long)
    assert "the contract allows 10" in html(planner, address)
    stale = planner.post(edit, long)
    assert (stale.status_code, "Somebody else has changed this shift" in stale.content.decode()) == (
        422,
        True,
    )
    assert planner.post(edit, {**long, "breaks": "noon"}).status_code == 422
    assert (
        "Everybody sees their shifts"
        in planner.post(f"/plan/week/{NEXT}/publish", follow=True).content.decode()
    )
    assert "published already" in planner.post(f"/plan/week/{NEXT}/publish", follow=True).content.decode()
    planner.post(f"/plan/shifts/{row.pk}/remove")
    assert not Shift.objects.exists()
    assert "removed a shift" in html(planner, address)


def test_contracts_wishes_and_kinds_of_shifts_are_kept_by_forms(crew: Crew, planner: Client) -> None:
    address = f"/plan/team/{crew['Asha']}/"
    form = {"week_min": "20", "week_max": "30", "day_max": "8", "rest": "11", "row_max": "5", "hour_cost": "22.50",
            "patterns": ["early"], "wish_2": "cannot"}  # fmt: skip
    assert planner.post(address, form).status_code == 302
    row = Contract.objects.get(pk=crew["Asha"])
    assert (row.week_max, row.weekends, [one.code for one in row.patterns.all()]) == (1800, False, ["early"])
    assert planner.post(address, {**form, "week_min": "40"}).status_code == 422
    assert "Early" in html(planner, "/plan/team/")
    kind = {
        "code": "noon",
        "name": "Noon",
        "start": "12:00",
        "end": "20:00",
        "breaks": "15:00 30",
        "active": "on",
    }
    planner.post("/plan/patterns/new/", kind)
    assert Pattern.objects.get(code="noon").minutes == 480
    planner.post("/plan/patterns/noon/", {**kind, "end": "18:00"})
    assert Pattern.objects.get(code="noon").minutes == 360
    assert planner.post("/plan/patterns/noon/", {**kind, "breaks": "19:50 30"}).status_code == 422


def test_what_the_rule_left_open_is_decided_with_a_reason(crew: Crew, planner: Client) -> None:
    one = shift(crew["Asha"], NEXT)
    open_one = shift(None, NEXT, 360, 1260, breaks=[])
    publish_week(week=NEXT)
    ask_leave(agent_id=crew["Asha"], kind="holiday", first=NEXT, note="A wedding")
    trade = SHIFTS.bid(thing_id=open_one.pk, agent_id=crew["Bela"])
    page = html(planner, "/plan/requests/")
    assert "A wedding" in page
    assert "the contract allows 10" in page
    assert (
        "reads it"
        in planner.post(f"/plan/requests/trades/{trade.pk}", {"answer": "no"}, follow=True).content.decode()
    )
    planner.post(f"/plan/requests/trades/{trade.pk}", {"answer": "no", "reason": "Too long"})
    planner.post(f"/plan/requests/leave/{Leave.objects.get().pk}", {"answer": "yes"})
    assert Shift.objects.get(pk=one.pk).agent_id is None
    form = {"kind": "overtime", "day": NEXT.isoformat(), "start": "16:00", "end": "18:00", "places": "2"}
    planner.post("/plan/requests/", form)
    page = html(planner, "/plan/requests/")
    assert "0 / 2" in page
    closing = re.search(r"/plan/requests/offers/\d+/close", page)
    assert closing is not None
    planner.post(closing[0])
    assert "0 / 2" not in html(planner, "/plan/requests/")
    assert planner.post("/plan/requests/", {**form, "places": "0"}).status_code == 422


def test_pages_of_a_week_take_as_many_queries_for_few_shifts_as_for_many(crew: Crew, planner: Client) -> None:
    def asked(address: str) -> int:
        html(planner, address)
        with CaptureQueriesContext(connection) as watched:
            html(planner, address)
        return len(watched)

    addresses = (
        f"/plan/week/?week={NEXT}",
        f"/plan/people/?day={NEXT}",
        f"/plan/kept/?day={NEXT}",
        "/plan/team/",
    )
    shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    few = [asked(address) for address in addresses]
    for agent in crew.values():
        for day in range(1, 5):
            shift(agent, NEXT + timedelta(days=day))
    for agent in list(crew.values())[1:]:
        shift(agent, NEXT)
    assert [asked(address) for address in addresses] == few
    assert max(few) <= 26


def test_the_kept_page_lists_people_by_name_and_renews_itself(crew: Crew, planner: Client) -> None:
    shift(crew["Bela"], TODAY, 480, 960)
    shift(crew["Asha"], TODAY, 480, 960)
    publish_week(week=TODAY)
    page = html(planner, "/plan/kept/")
    assert page.index("Asha") < page.index("Bela")
    assert 'hx-trigger="every 30s"' in page
    part = planner.get("/plan/kept/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="kept"')


def test_nobody_was_missing_on_a_day_of_which_nothing_is_recorded(
    crew: Crew, planner: Client, town: Town
) -> None:
    shift(crew["Asha"], NEXT, 480, 960)
    publish_week(week=NEXT)
    town.clock.advance(10 * 24 * 3600)
    for page in (
        html(planner, f"/plan/kept/?day={NEXT}"),
        html(signed_in(crew["Asha"]), f"/my/kept/?day={NEXT}"),
    ):
        assert "Nothing was recorded on this day" in page
        assert "0%" not in page


def test_a_supervisor_looks_at_the_plan_and_changes_nothing(crew: Crew, town: Town) -> None:
    from civicline.people import services as people

    user = people.create_staff(email="o@saltmere.example", name="Oskar", roles=["supervisor"])
    oskar = signed_in(user.pk)
    for address in ("/plan/", "/plan/week/", "/plan/requests/", f"/plan/team/{crew['Asha']}/", "/plan/days/"):
        html(oskar, address)
    for address in (
        "/plan/days/",
        "/plan/history/",
        f"/plan/team/{crew['Asha']}/",
        "/plan/shifts/new/",
        "/plan/requests/",
    ):
        assert oskar.post(address, {}).status_code == 403
    agent = signed_in(crew["Asha"])
    assert agent.get("/plan/week/").status_code == 403


def test_trades_of_people_are_not_in_the_way_of_what_is_not_there(crew: Crew, planner: Client) -> None:
    assert planner.get("/plan/week/yesterday/state").status_code == 404
    assert planner.get("/plan/shifts/00000000-0000-0000-0000-000000000007/").status_code == 404
    one = shift(crew["Asha"], NEXT)
    publish_week(week=NEXT)
    trade = SHIFTS.give(thing_id=one.pk, agent_id=crew["Asha"])
    told = planner.post(f"/plan/requests/trades/{trade.pk}", {"answer": "yes"}, follow=True).content.decode()
    assert "has not agreed yet" in told


def test_fair_shares_are_told_to_the_planner_and_to_each_agent_their_own(crew: Crew, planner: Client) -> None:
    shift(crew["Asha"], TODAY, 390, 840)
    shift(crew["Bela"], TODAY)
    publish_week(week=TODAY)
    page = html(planner, "/plan/fairness/")
    assert "Early, late and weekend together: 1." in page
    assert page.index("Asha") < page.index("Bela")
    assert "/plan/fairness/?week=" in html(planner, "/plan/week/")
    own = html(signed_in(crew["Asha"]), "/my/")
    assert "Your fair share" in own and "<dd>0.5</dd>" in own
    assert "Your fair share" not in html(signed_in(crew["Cora"]), "/my/")
