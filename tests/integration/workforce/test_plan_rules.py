"""The rules of a queue in What if: simulated as they would route, made real by a yes, taken back, never over others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from civicline.engine.simulation import simulate
from civicline.kernel.errors import Conflict, Forbidden, Invalid
from civicline.kernel.models import AuditEntry
from civicline.people import services as people
from civicline.people.models import AgentSkill
from civicline.routing import services as routing
from civicline.routing.dispatcher import loading
from civicline.routing.models import Queue, QueueMember, Ring, Route
from civicline.workforce.day_replay import past_day, replayed
from civicline.workforce.models import WhatIf
from civicline.workforce.scenarios import Changes, planned_scenario, scenarios
from civicline.workforce.services.approvals import ask_change, decide_change, preview, undo_change
from civicline.workforce.services.forecasts import ask_forecast
from civicline.workforce.services.scenarios import ask_what_if, run_what_if
from civicline.workforce.services.staffing import save_staffing
from tests.integration.workforce.conftest import TODAY, hire, remember, shift, work
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
NEXT = TODAY + timedelta(days=7)
HELP: dict[str, Any] = {"rule_queue": "council-tax", "help_after": 60, "help_from": "benefits"}
Crew = dict[str, UUID]


@pytest.fixture
def pressed(crew: Crew, town: Town) -> Crew:
    """Council tax has too few on the day; benefits has little to do, and people who know council tax."""
    benefits = Queue.objects.get(code="benefits")
    remember(benefits, weeks=10, size=0.1)
    save_staffing(queue_id=benefits.pk, handle_seconds=600, shrinkage=0.0, weekdays=list(range(6)))
    ask_forecast(queue_id=benefits.pk, days=21)
    work()
    for agent in list(crew.values())[:3]:
        shift(agent, NEXT, 480, 1080)
    others = {name: hire(town, name, ["benefits"]) for name in ("Gita", "Hugo")}
    for agent in others.values():
        people.set_skill(agent_id=agent, code="council-tax", level=3)
        shift(agent, NEXT, 480, 1080)
    return crew | others


def simulated(replications: int = 2, **changes: Any) -> WhatIf:
    """A scenario that is done."""
    row = ask_what_if(name="Other rules", day=NEXT, changes=Changes(**changes))
    run_what_if(row.pk, replications=replications)
    return WhatIf.objects.get(pk=row.pk)


def rings(code: str = "council-tax") -> list[tuple[int, int, str | None]]:
    """The rings of a queue as they are kept."""
    return list(
        Ring.objects.filter(queue__code=code).values_list("after_seconds", "level_drop", "overflow__code")
    )


def priority(code: str = "council-tax") -> int:
    """The priority of a service."""
    return Route.objects.get(service__code=code).priority


def staff(name: str) -> UUID:
    """An administrator."""
    found: UUID = people.create_staff(email=f"{name}@saltmere.example", name=name, roles=["administrator"]).pk
    return found


def test_people_of_another_queue_shorten_the_wait_when_they_help(pressed: Crew) -> None:
    result = simulated(replications=5, **HELP).result
    assert result["b"]["mean_wait"][0] < 0.5 * result["a"]["mean_wait"][0]
    assert result["difference"]["mean_wait"][2] < 0
    assert result["rule"] == {"rings": [], "priorities": {"council-tax": 0}}


def test_whoever_has_not_the_skill_is_no_help_in_the_simulation_either(pressed: Crew) -> None:
    AgentSkill.objects.filter(agent_id=pressed["Gita"], skill__code="council-tax").delete()
    base, other = scenarios(NEXT, Changes(**HELP))
    assert base.queues[0].skills == (("council-tax", 1),)
    results = simulate(other, 2, 1)
    AgentSkill.objects.create(
        agent_id=pressed["Gita"], skill=AgentSkill.objects.filter(skill__code="council-tax")[0].skill, level=3
    )
    both = simulate(scenarios(NEXT, Changes(**HELP))[1], 2, 1)
    assert both.total["mean_wait"].mean < results.total["mean_wait"].mean


def test_a_day_is_planned_with_the_priorities_and_rings_that_run_live(pressed: Crew) -> None:
    council_tax = Queue.objects.get(code="council-tax")
    Route.objects.filter(service__code="council-tax").update(priority=3)
    routing.set_rings(
        queue=council_tax, rings=[routing.RingSpec(60, 1), routing.RingSpec(150, 0, "benefits")]
    )
    QueueMember.objects.create(queue=council_tax, agent_id=pressed["Gita"], partner=True)
    day = planned_scenario(NEXT)
    queue = next(one for one in day.queues if one.queue_id == "council-tax")
    live = next(one for one in loading.policies() if one.queue_id == str(council_tax.pk))
    assert (queue.priority, queue.ageing_seconds) == (3, live.ageing_seconds)
    assert [(one.after_seconds, one.level_drop) for one in queue.rings] == [(60, 1), (150, 0)]
    assert queue.rings[1].overflow_queues == ("benefits", "partner:council-tax")
    gita = next(one for one in day.agents if one.agent_id == str(pressed["Gita"]))
    assert gita.queues == {"benefits", "partner:council-tax"}


def test_a_queue_that_goes_ahead_waits_less_where_people_serve_both(pressed: Crew) -> None:
    for agent in list(pressed.values())[:3]:
        QueueMember.objects.create(queue=Queue.objects.get(code="benefits"), agent_id=agent)
        people.set_skill(agent_id=agent, code="benefits", level=3)
    QueueMember.objects.filter(agent_id__in=[pressed["Gita"], pressed["Hugo"]]).delete()
    first, second = (simulate(one, 2, 1) for one in scenarios(NEXT, Changes(rule_queue="benefits", ahead=5)))
    assert second.queue("benefits")["mean_wait"].mean < first.queue("benefits")["mean_wait"].mean
    assert second.queue("council-tax")["mean_wait"].mean > first.queue("council-tax")["mean_wait"].mean


def test_a_yes_writes_the_rule_and_taking_it_back_restores_what_was_there(pressed: Crew) -> None:
    council_tax = Queue.objects.get(code="council-tax")
    routing.set_rings(
        queue=council_tax, rings=[routing.RingSpec(60, 1), routing.RingSpec(150, 2, "benefits")]
    )
    Route.objects.filter(service__code="council-tax").update(priority=1)
    row = simulated(**HELP, ahead=2)
    steps, problem = preview(row)
    assert (problem, {step.kind for step in steps}) == ("", {"rings", "priorities"})
    request = ask_change(what_if_id=row.pk)
    decide_change(request_id=request.pk, approve=True)
    assert (rings(), priority()) == ([(60, 1, "benefits"), (150, 2, None)], 3)
    skills = Route.objects.get(service__code="council-tax").skills
    assert skills == [["council-tax", 1]]
    assert preview(row) == ([], "There is nothing to change: it is so already.")
    undo_change(request_id=request.pk)
    assert (rings(), priority()) == ([(60, 1, None), (150, 2, "benefits")], 1)
    told = (
        AuditEntry.objects.filter(object_kind="plan_change").order_by("id").values_list("action", flat=True)
    )
    assert list(told) == ["plan_change.asked", "plan_change.approved", "plan_change.undone"]
    assert AuditEntry.objects.filter(action="queue.rings_changed", object_id="council-tax").count() == 3


def test_a_rule_that_somebody_changed_since_it_was_simulated_is_not_made_real(pressed: Crew) -> None:
    row = simulated(**HELP)
    request = ask_change(what_if_id=row.pk)
    routing.set_rings(queue=Queue.objects.get(code="council-tax"), rings=[routing.RingSpec(30, 1)])
    with pytest.raises(Conflict, match="Simulate it again"):
        decide_change(request_id=request.pk, approve=True)
    assert rings() == [(30, 1, None)]
    assert preview(row)[1].startswith("The rules of this queue were changed")
    ahead = simulated(rule_queue="council-tax", ahead=1)
    Route.objects.filter(service__code="council-tax").update(priority=4)
    with pytest.raises(Conflict, match="Simulate it again"):
        ask_change(what_if_id=ahead.pk)


def test_nothing_is_taken_back_over_what_somebody_changed_since(pressed: Crew) -> None:
    request = ask_change(what_if_id=simulated(**HELP, ahead=2).pk)
    decide_change(request_id=request.pk, approve=True)
    Route.objects.filter(service__code="council-tax").update(priority=4)
    with pytest.raises(Conflict, match="1 of these"):
        undo_change(request_id=request.pk)
    assert (rings(), priority()) == ([(60, 0, "benefits")], 4)
    Route.objects.filter(service__code="council-tax").update(priority=2)
    undo_change(request_id=request.pk)
    assert (rings(), priority()) == ([], 0)


def test_residents_notice_it_so_somebody_else_says_yes(pressed: Crew) -> None:
    amina, tom = staff("amina"), staff("tom")
    request = ask_change(what_if_id=simulated(**HELP).pk, by=amina)
    with pytest.raises(Forbidden, match="Somebody else"):
        decide_change(request_id=request.pk, approve=True, by=amina)
    assert rings() == []
    decide_change(request_id=request.pk, approve=True, by=tom)
    assert rings() == [(60, 0, "benefits")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"help_after": 60, "help_from": "benefits"}, "rule_queue"),
        ({"rule_queue": "nowhere", "ahead": 1}, "rule_queue"),
        ({"rule_queue": "council-tax"}, "rule_queue"),
        ({"rule_queue": "council-tax", "help_from": "benefits"}, "help_after"),
        ({**HELP, "help_after": -1}, "help_after"),
        ({"rule_queue": "council-tax", "help_after": 60}, "help_from"),
        ({**HELP, "help_from": "council-tax"}, "help_from"),
        ({**HELP, "help_from": "nowhere"}, "help_from"),
        ({"rule_queue": "council-tax", "ahead": 11}, "ahead"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_where_it_is_wrong(
    pressed: Crew, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Changes(**changes).check()
    assert list(refused.value.field_messages()) == [field]


def test_help_by_people_without_the_skill_and_a_priority_of_nothing_are_refused(pressed: Crew) -> None:
    AgentSkill.objects.filter(agent_id__in=[pressed["Gita"], pressed["Hugo"]]).exclude(
        skill__code="benefits"
    ).delete()
    with pytest.raises(Invalid) as refused:
        Changes(**HELP).check()
    assert "Nobody there has the skills" in refused.value.field_messages()["help_from"]
    Queue.objects.filter(code="benefits").update(emergency=True)
    Route.objects.filter(service__code="council-tax").delete()
    for code, words in (("benefits", "Emergencies"), ("council-tax", "No service leads")):
        with pytest.raises(Invalid) as refused:
            Changes(rule_queue=code, ahead=1).check()
        assert words in refused.value.field_messages()["ahead"]


def test_a_day_that_was_is_lived_again_with_the_rule(town: Town) -> None:
    """Nobody serves council tax: its two residents wait in vain, until the people of benefits may help."""
    town.agent("Gita", queues=["benefits"], skills={"benefits": 4, "council-tax": 4}, capacity={"chat": 1})
    for _number in range(2):
        town.chat("council-tax")
        town.settle()
        town.clock.advance(200)
    past = past_day(TODAY)
    base, other = replayed(past, Changes(**HELP, ahead=2))
    first, second = simulate(base, 2, 1), simulate(other, 2, 1)
    assert (first.total["answered"].mean, second.total["answered"].mean) == (0, 2)
    assert {queue.priority for queue in other.queues} == {2}
