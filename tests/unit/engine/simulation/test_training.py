"""Which training pays most: a second skill where the load is, and none where nothing is gained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.engine.simulation import (
    DAY,
    Queue,
    Rates,
    Scenario,
    SimulationError,
    Terms,
    candidates_of,
    exponential,
    plan_training,
    taught,
)
from tests.unit.engine.simulation.centre import person

FEW = Terms(most=3, replications=6, trials=2, shortlist=2)


def queue(name: str, load: float, **fields: Any) -> Queue:
    """A steady line of so many erlangs; work takes five minutes."""
    return Queue(
        name, Rates((load * 12,) * 24, 3600.0), exponential(300.0), patience=exponential(300.0), **fields
    )


def town(busy: float = 3.2, calm: float = 0.6, people: int = 3) -> Scenario:
    """A busy line and a calm one, with as many people each."""
    names = [(f"{line}{number}", line) for line in ("busy", "calm") for number in range(people)]
    skills = {"busy": (("tax", 2),), "calm": ()}
    queues = tuple(queue(name, load, skills=skills[name]) for name, load in (("busy", busy), ("calm", calm)))
    agents = tuple(person(name, line, skills={"tax": 2} if line == "busy" else {}) for name, line in names)
    return Scenario(queues, agents)


def test_somebody_of_the_calm_line_learns_the_busy_one_and_waits_get_shorter_with_each_step() -> None:
    told: list[tuple[int, int]] = []
    plan = plan_training(town(), {"busy": 10.0, "calm": 10.0}, FEW, lambda done, of: told.append((done, of)))
    first = plan.steps[0]
    assert (first.training.queue_id, first.training.agent_id, first.training.alike) == (
        "busy", "calm0", ("calm1", "calm2"),
    )  # fmt: skip
    assert first.wait.high < 0
    waits = [plan.before["mean_wait"].mean, *(step.figures["mean_wait"].mean for step in plan.steps)]
    assert waits == sorted(waits, reverse=True)
    assert first.wait.mean == pytest.approx(waits[1] - waits[0])
    assert told[0] == (1, 3)
    assert plan.hours == 10.0 * len(plan.steps)
    assert plan.tried >= 2


def test_nothing_is_taken_where_nothing_is_gained_or_nothing_is_left_to_learn() -> None:
    idle = town(busy=0.1, calm=0.1, people=6)
    assert plan_training(idle, {"busy": 10.0, "calm": 10.0}, FEW).ended == "no_gain"
    able = plan_training(town(), {"busy": 10.0}, Terms(most=9, replications=4, trials=2), None)
    assert able.ended in ("nobody", "no_gain")
    alone = Scenario((queue("busy", 1.0),), (person("ada", "busy"),))
    assert plan_training(alone, {"busy": 5.0}, FEW).ended == "nobody"


def test_a_large_town_simulates_only_what_promises_most_and_finds_the_same_training() -> None:
    hours = {"busy": 10.0, "calm": 10.0}
    scenario = replace(town(), agents=tuple(
        replace(one, shifts=tuple(replace(shift, end=shift.end - 600.0 * number) for shift in one.shifts))
        for number, one in enumerate(town().agents)
    ))  # fmt: skip
    free = plan_training(scenario, hours, replace(FEW, most=1, shortlist=1))
    bound = plan_training(scenario, hours, replace(FEW, most=1, shortlist=1, work=1))
    assert (free.tried, bound.tried) == (6, 1)
    assert bound.steps[0].training.queue_id == free.steps[0].training.queue_id == "busy"
    assert Terms().within(500, 100) == Terms()
    town_of_200 = Terms().within(20_000, 1_000)
    assert (town_of_200.trials, town_of_200.replications) == (2, 8)


def test_hours_are_kept_to() -> None:
    plan = plan_training(town(), {"busy": 10.0}, Terms(most=3, budget=12, replications=6, trials=2))
    assert (len(plan.steps), plan.ended) == (1, "hours")
    most = plan_training(town(), {"busy": 10.0}, Terms(most=1, replications=6, trials=2))
    assert (len(most.steps), most.ended) == (1, "most")


def test_only_those_who_are_there_learn_only_what_has_hours() -> None:
    scenario = Scenario(
        (queue("busy", 1.0), queue("calm", 1.0)), (person("ada", "calm"), person("bela", "busy", shifts=()))
    )
    assert [(one.agent_id, one.queue_id) for one in candidates_of(scenario, {"busy": 8.0})] == [
        ("ada", "busy")
    ]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(SimulationError, match="more than 0 hours"):
        plan_training(town(), {"busy": 0.0})
    with pytest.raises(SimulationError, match="two simulations"):
        Terms(trials=1)


@settings(max_examples=20)
@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 5)),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 5)),
)
def test_who_is_taught_never_can_less(known: dict[str, int], needed: dict[str, int]) -> None:
    agent = taught(person("ada", "calls", skills=known), {"mail"}, needed)
    assert agent.queues == {"calls", "mail"}
    assert all(agent.skills[name] >= level for name, level in {**known, **needed}.items() if name in known)
    assert all(agent.skills[name] >= level for name, level in needed.items())
    assert agent.shifts[0].end == DAY
