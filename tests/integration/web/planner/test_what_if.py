"""What if: two scenarios with the same luck, told with ranges; an administrator makes one real."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from civicline.kernel.errors import Conflict, Invalid
from civicline.people.models import User
from civicline.routing.models import Queue, QueueMember
from civicline.workforce.models import ChangeRequest, Shift, WhatIf
from civicline.workforce.scenarios import Changes, scenarios
from civicline.workforce.services.approvals import ask_change
from civicline.workforce.services.planning import ask_plan, plan_given_up
from civicline.workforce.services.rosters import publish_week
from civicline.workforce.services.scenarios import ask_what_if, run_what_if
from tests.integration.workforce.conftest import TODAY, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
Crew = dict[str, UUID]
FORM = {
    "name": "Two more", "day": NEXT.isoformat(), "more": "0", "handle": "0", "absent": "0", "extra": "2",
    "extra_queue": "council-tax", "extra_from": "08:00", "extra_until": "18:00", "callback": "0", "self_service": "0",
}  # fmt: skip


@pytest.fixture
def planned(crew: Crew) -> Crew:
    """Five people on the day that is asked about."""
    for agent in list(crew.values())[:5]:
        shift(agent, NEXT, 480, 1080)
    publish_week(week=NEXT)
    return crew


def test_the_scenarios_say_what_was_asked(planned: Crew) -> None:
    base, other = scenarios(
        NEXT,
        Changes(more=50, extra=2, extra_queue="council-tax", learner=str(planned["Asha"]), learner_queue="benefits",
                callback=8, self_service=10, closes=960),
    )  # fmt: skip
    assert len(other.agents) == len(base.agents) + 2
    assert next(one for one in other.agents if one.agent_id == str(planned["Asha"])).queues == {
        "council-tax",
        "benefits",
    }
    queue = other.queues[0]
    assert (queue.self_service, queue.hours[0][1], queue.callback.above_seconds) == (0.1, 960 * 60, 480)  # type: ignore[union-attr]
    plain, _same = scenarios(NEXT, Changes(pool=True))
    assert sum(base.queues[0].arrivals.counts) == pytest.approx(1.5 * sum(plain.queues[0].arrivals.counts))  # type: ignore[union-attr]
    assert base.agents[0].shifts[0].breaks == ((480 * 60 + 240 * 60, 480 * 60 + 270 * 60),)


def test_more_people_shorten_waits_and_cost_more_and_the_page_says_so(
    planned: Crew, planner: Client, administrator: Client
) -> None:
    answer = planner.post("/plan/what-if/", FORM)
    row = WhatIf.objects.get()
    assert answer.headers["Location"] == f"/plan/what-if/{row.pk}/"
    assert "It is being simulated" in planner.get(f"/plan/what-if/{row.pk}/").content.decode()
    work()
    row.refresh_from_db()
    assert (row.state, row.progress) == ("done", 100)
    assert row.result["b"]["mean_wait"][0] < row.result["a"]["mean_wait"][0]
    assert row.result["difference"]["cost"][0] == pytest.approx(2 * 10 * 20)
    done = planner.get(f"/plan/what-if/{row.pk}/state", headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    page = planner.get(f"/plan/what-if/{row.pk}/").content.decode()
    assert "400 more" in page
    assert "People more: 2, 08:00 to 18:00" in page
    assert 'class="dot-b"' in page
    assert "style=" not in page
    assert (
        "An administrator decides"
        in planner.post(f"/plan/what-if/{row.pk}/apply", follow=True).content.decode()
    )
    assert "asked already" in planner.post(f"/plan/what-if/{row.pk}/apply", follow=True).content.decode()
    waiting = administrator.get("/plan/changes/").content.decode()
    decide = re.search(r"/plan/changes/[0-9a-f-]+/decide", waiting)
    assert decide is not None
    assert "reads it" in administrator.post(decide[0], {"answer": "no"}, follow=True).content.decode()
    administrator.post(decide[0], {"answer": "yes"})
    assert Shift.objects.filter(agent__isnull=True).count() == 2
    assert ChangeRequest.objects.get().state == "approved"
    assert "decided already" in administrator.post(decide[0], {"answer": "yes"}, follow=True).content.decode()


def test_a_learner_gets_the_queue_when_the_administrator_says_yes(
    planned: Crew, administrator: Client
) -> None:
    changes = Changes(learner=str(planned["Asha"]), learner_queue="benefits")
    row = ask_what_if(name="Asha learns", day=NEXT, changes=changes)
    with pytest.raises(Conflict):
        ask_change(what_if_id=row.pk)
    run_what_if(row.pk, replications=2)
    request = ask_change(what_if_id=row.pk)
    administrator.post(f"/plan/changes/{request.pk}/decide", {"answer": "yes"})
    members = QueueMember.objects.filter(queue=Queue.objects.get(code="benefits"))
    assert [one.agent_id for one in members] == [planned["Asha"]]


def test_what_cannot_be_simulated_is_said(crew: Crew, planner: Client) -> None:
    with pytest.raises(Invalid):
        ask_what_if(name="Nothing", day=NEXT, changes=Changes())
    assert planner.post("/plan/what-if/", {**FORM, "extra": "0"}).status_code == 422
    row = ask_what_if(name="Nobody", day=NEXT, changes=Changes(extra=1))
    work()
    row.refresh_from_db()
    assert (row.state, row.problem) == ("failed", "Nobody has a shift on this day.")
    told = planner.get(f"/plan/what-if/{row.pk}/").content.decode()
    assert "could not be simulated" in told
    assert "Nobody has a shift on this day." in told
    User.objects.filter(email="paula@saltmere.example").update(language="fr")
    assert "Personne n’a de période ce jour-là." in planner.get(f"/plan/what-if/{row.pk}/").content.decode()


def test_a_week_whose_planning_never_ended_does_not_say_that_no_plan_keeps_the_rules(
    crew: Crew, planner: Client
) -> None:
    monday = TODAY + timedelta(days=14 - TODAY.weekday())
    ask_plan(week=monday)
    plan_given_up({"week": monday.isoformat()})
    told = planner.get(f"/plan/week/?week={monday.isoformat()}").content.decode()
    assert "This week could not be planned." in told
    assert "never came to its end" in told
    assert "no plan that keeps all rules" not in told


def test_the_rules_of_a_queue_are_asked_for_seen_by_queue_and_decided(
    planned: Crew, planner: Client, administrator: Client, town: Town
) -> None:
    gita = town.agent("Gita", queues=["benefits"], skills={"benefits": 4, "council-tax": 4})
    shift(gita, NEXT, 480, 1080)
    rules = {"rule_queue": "council-tax", "help_from": "benefits", "help_after": "60", "ahead": "-1"}
    answer = planner.post("/plan/what-if/", {**FORM, "extra": "0", **rules})
    work()
    page = planner.get(answer.headers["Location"]).content.decode()
    assert "After 60 s people of benefits help with council-tax" in page
    assert "council-tax goes 1 step of priority further back" in page
    assert "after 60 s: the people of benefits help" in page
    assert re.search(r"By queue.*council-tax.*% · \d+%", page, re.DOTALL)
    planner.post(f"{answer.headers['Location']}apply")
    waiting = administrator.get("/plan/changes/").content.decode()
    decide = re.search(r"/plan/changes/[0-9a-f-]+/decide", waiting)
    assert decide is not None
    assert planner.post(decide[0], {"answer": "yes"}).status_code == 403
    administrator.post(decide[0], {"answer": "yes"})
    council_tax = Queue.objects.get(code="council-tax")
    assert [ring.after_seconds for ring in council_tax.rings.all()] == [60]
    assert council_tax.routes.get().priority == -1
    assert "after 60 s: the people of benefits help" in administrator.get("/plan/changes/").content.decode()


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (
            {"rule_queue": "council-tax", "help_from": "council-tax", "help_after": "60"},
            "Choose another queue",
        ),
        (
            {"rule_queue": "council-tax", "help_from": "benefits", "help_after": "60"},
            "Nobody there has the skills",
        ),
        ({"rule_queue": "council-tax", "help_from": "benefits", "help_after": "soon"}, "Give a whole number"),
        ({"rule_queue": "nowhere", "ahead": "1"}, "Choose one of these"),
        ({"ahead": "1"}, "Choose the queue whose rules change"),
        ({"rule_queue": "council-tax"}, "Say which people help this queue"),
        ({"rule_queue": "council-tax", "ahead": "11"}, "from -10 to 10"),
    ],
)
def test_a_rule_that_cannot_be_is_said_at_its_field(
    crew: Crew, planner: Client, rules: dict[str, str], words: str
) -> None:
    answer = planner.post("/plan/what-if/", {**FORM, **rules})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not WhatIf.objects.exists()
