"""Pages of what the simulator is asked: a day that was, trainings, hiring; from the question to the change and back."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from civicline.routing import services as routing
from civicline.routing.selectors import offers_of
from civicline.workforce.models import ChangeRequest, Forecast, Shift, WhatIf
from civicline.workforce.scenarios import Changes
from civicline.workforce.services.scenarios import ask_what_if
from tests.integration.workforce.conftest import TODAY, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]
NUMBERS = {"more": "0", "handle": "0", "absent": "0", "extra": "0", "callback": "0", "self_service": "0"}
PAST = {
    "name": "One team",
    "day": TODAY.isoformat(),
    **NUMBERS,
    "extra_from": "09:00",
    "extra_until": "17:00",
}
HIRING = {
    "name": "Next year", "months": "8", "leavers": "2", "person_years": "12", "lead": "2", "training": "1",
    "week_hours": "38", "away": "18", "chance": "80",
}  # fmt: skip


def simulated(client: Client, address: str, form: dict[str, str]) -> tuple[WhatIf, str]:
    """What was asked, answered; and its page."""
    answer = client.post(address, form)
    assert answer.status_code == 302, re.findall(r'class="err[^>]*>([^<]*)', answer.content.decode())
    work()
    row = WhatIf.objects.get(pk=answer.headers["Location"].split("/")[-2])
    assert row.state == "done", row.problem
    return row, client.get(answer.headers["Location"]).content.decode()


@pytest.fixture
def lived(town: Town) -> UUID:
    """Nadia took one chat today; another resident gave up."""
    nadia = town.agent("Nadia", queues=["council-tax"], skills={"council-tax": 4}, capacity={"chat": 1})
    first, second = town.chat("council-tax"), town.chat("benefits")
    town.settle()
    routing.accept_offer(offer_id=offers_of(nadia)[0].id, agent_id=nadia)
    town.clock.advance(120)
    routing.leave_queue(contact_id=second.id)
    town.clock.advance(60)
    routing.complete(contact_id=first.id, agent_id=nadia, disposition="solved")
    town.clock.advance(60)
    town.settle()
    return nadia


def test_a_day_that_was_stands_beside_its_replay_and_the_change(
    lived: UUID, planner: Client, administrator: Client
) -> None:
    asked = planner.get("/plan/past/").content.decode()
    assert f'value="{TODAY.isoformat()}"' in asked
    _row, page = simulated(planner, "/plan/past/", {**PAST, "pool": "on", "more": "50"})
    for words in (
        "Replayed as it was",
        "Everybody takes every queue",
        "50% more contacts",
        "the same",
        "By queue",
    ):
        assert words in page
    assert page.count('class="dot-real"') == 5
    assert "Who serves benefits" in page
    assert "style=" not in page
    planner.post(f"/plan/what-if/{WhatIf.objects.get().pk}/apply")
    waiting = administrator.get("/plan/changes/").content.decode()
    assert "Nadia too" in waiting
    request = ChangeRequest.objects.get()
    administrator.post(f"/plan/changes/{request.pk}/decide", {"answer": "yes"})
    history = administrator.get("/plan/changes/").content.decode()
    assert "What was changed" in history
    assert "Take it back" in history
    told = administrator.post(f"/plan/changes/{request.pk}/undo", follow=True).content.decode()
    assert "everything stands as before" in told
    assert "taken back" in told
    again = administrator.post(f"/plan/changes/{request.pk}/undo", follow=True).content.decode()
    assert "nothing to take back" in again


def test_an_administrator_finds_the_way_back_from_changes(administrator: Client, planner: Client) -> None:
    page = administrator.get("/plan/changes/").content.decode()
    assert 'href="/admin/"' in page
    assert 'href="/admin/"' not in planner.get("/plan/").content.decode()


def test_a_saved_scenario_is_tried_on_a_day_that_was(lived: UUID, planner: Client) -> None:
    saved = ask_what_if(name="Calls back", day=NEXT, changes=Changes(callback=1))
    row, page = simulated(planner, "/plan/past/", {**PAST, "saved": str(saved.pk)})
    assert row.changes["callback"] == 1
    assert "A call back is offered from 1 minute of wait" in page
    assert planner.post("/plan/past/", PAST).status_code == 422


def test_without_a_log_the_page_says_so(crew: Crew, planner: Client) -> None:
    page = planner.get("/plan/past/").content.decode()
    assert "The log has no day yet." in page
    assert 'name="saved"' not in page


def test_a_training_is_found_asked_for_and_booked(
    crew: Crew, planner: Client, administrator: Client, town: Town
) -> None:
    from civicline.routing.models import Queue
    from civicline.workforce.services.forecasts import ask_forecast
    from civicline.workforce.services.staffing import save_staffing
    from tests.integration.workforce.conftest import remember

    benefits = Queue.objects.get(code="benefits")
    remember(benefits, weeks=10, size=0.8, seed=8)
    save_staffing(queue_id=Queue.objects.get(code="council-tax").pk, handle_seconds=150)
    save_staffing(queue_id=benefits.pk, handle_seconds=400, patience_seconds=600, shrinkage=0.0)
    ask_forecast(queue_id=benefits.pk, days=21)
    work()
    gita = town.agent("Gita", queues=["benefits"], skills={"benefits": 4})
    for agent in (*crew.values(), gita):
        for day in (1, 2, 7, 8):
            shift(agent, TODAY + timedelta(days=day), 480, 1080)
    form = {"name": "Spring", "day": NEXT.isoformat(), "most": "1", "usual": "6", "budget": "0"}
    row, page = simulated(planner, "/plan/training/", form)
    assert "learns benefits (6 hours): residents wait" in page
    assert "or 5 others with the same shifts" in page
    assert "is trained for benefits" in page
    planner.post(f"/plan/what-if/{row.pk}/apply")
    administrator.post(f"/plan/changes/{ChangeRequest.objects.get().pk}/decide", {"answer": "yes"})
    assert Shift.objects.filter(kind="training").count() == 2
    assert planner.post("/plan/training/", {**form, "most": "0"}).status_code == 422


def test_hiring_is_told_as_a_table_a_picture_and_a_file(crew: Crew, planner: Client) -> None:
    row, page = simulated(planner, "/plan/hiring/", HIRING)
    assert "In a year" in page
    assert "April 2026" in page
    assert 'class="need-line"' in page
    answer = planner.get(f"/plan/hiring/{row.pk}.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 8
    assert float(rows[0]["needed_hours"]) == row.result["months"][0]["need"]
    assert planner.post("/plan/hiring/", {**HIRING, "leavers": "20"}).status_code == 422
    assert "Every month of the year is alike" in page


def test_months_of_the_year_and_starts_that_are_agreed_are_counted_with(crew: Crew, planner: Client) -> None:
    assert "Months of the year" in planner.get("/plan/hiring/").content.decode()
    form = {**HIRING, "month_6": "150", "agreed": "2026-05 2, 2026-07 1"}
    row, page = simulated(planner, "/plan/hiring/", form)
    months = {one["month"][:7]: one for one in row.result["months"]}
    assert (months["2026-06"]["season"], months["2026-05"]["agreed"], months["2026-07"]["agreed"]) == (
        1.5,
        2,
        1,
    )
    assert months["2026-06"]["need"] > 1.2 * months["2026-07"]["need"]
    assert months["2026-06"]["present"][1] > months["2026-05"]["present"][1]  # the two of May are trained
    assert "Seasons are as you said: most in June 2026 (150%)" in page
    assert ">2 agreed<" in page
    for wrong in ({"agreed": "soon"}, {"agreed": "2026-13 1"}, {"month_2": "900"}):
        assert planner.post("/plan/hiring/", {**HIRING, **wrong}).status_code == 422

    other = ask_what_if(name="Other", day=NEXT, changes=Changes(pool=True))
    assert planner.get(f"/plan/hiring/{other.pk}.csv").status_code == 404


def test_the_forecast_opens_on_the_next_day_on_which_something_is_expected(
    crew: Crew, planner: Client, town: Town
) -> None:
    town.clock.set(town.clock.now() + timedelta(days=6))  # a Sunday
    page = planner.get("/plan/").content.decode()
    assert f'value="{NEXT.isoformat()}"' in page
    sunday = planner.get(f"/plan/?day={(NEXT - timedelta(days=1)).isoformat()}").content.decode()
    assert "Nothing is expected on this day." in sunday
    for run in Forecast.objects.all():  # somebody wrote on a Sunday once
        row = (NEXT - timedelta(days=1) - run.first).days if run.first else 0
        run.rows["expected"][row][0] = 0.02
        run.save()
    assert f'value="{NEXT.isoformat()}"' in planner.get("/plan/").content.decode()


def test_what_is_planned_by_can_be_set_back_by_hand(crew: Crew, planner: Client) -> None:
    from civicline.workforce.models import Staffing
    from civicline.workforce.services.staffing import save_staffing

    rule = Staffing.objects.get(queue__code="council-tax")
    save_staffing(queue_id=rule.pk, self_service=0.2, callback_minutes=5)
    form = {
        "share": "80", "within_seconds": "180", "handle_seconds": "600", "max_occupancy": "90", "shrinkage": "0",
        "opens": "08:00", "closes": "18:00", "weekdays": ["0", "1"],
    }  # fmt: skip
    assert 'value="20.0"' in planner.get("/plan/people/council-tax/").content.decode()
    planner.post("/plan/people/council-tax/", form)
    rule.refresh_from_db()
    assert (rule.self_service, rule.callback_minutes) == (0.2, 5)
    planner.post("/plan/people/council-tax/", {**form, "self_service": "0", "callback_minutes": "0"})
    rule.refresh_from_db()
    assert (rule.self_service, rule.callback_minutes) == (0.0, 0)
