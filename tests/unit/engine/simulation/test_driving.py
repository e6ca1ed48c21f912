"""Patience from a log, mixes of skills, and a log told again to the router."""

from __future__ import annotations

import pytest

from civicline.engine.queueing import Target
from civicline.engine.routing import AgentState, QueuePolicy, Requirement, Waiting
from civicline.engine.simulation import Happening, SimulationError, kaplan_meier, patience, replay, simulate
from civicline.engine.simulation.duty import _pauses, working
from civicline.engine.simulation.staffing import Work, mixed, staff_skills
from civicline.engine.simulation.values import Scenario
from tests.unit.engine.simulation.centre import line, person


def test_who_was_answered_counts_as_still_there() -> None:
    moments, there = kaplan_meier([10, 20, 20, 30, 40], [True, True, False, False, True])
    assert moments.tolist() == [10, 20, 40]
    assert there.tolist() == pytest.approx([0.8, 0.6, 0.0])
    told = patience([10, 20], [True, False], points=4)
    assert told.samples == (10, 10, float("inf"), float("inf"))
    with pytest.raises(SimulationError, match="at least one wait"):
        patience([], [])


def test_flexible_people_are_not_counted_twice() -> None:
    work = {"a": Work(10.0), "b": Work(10.0)}
    level = {
        (each, flexible): simulate(mixed(work, {"a": each, "b": each}, flexible, days=2), 2, seed=1)
        .total["service_level"]
        .mean
        for each, flexible in ((0, 14), (10, 4))
    }
    assert level[(0, 14)] < 0.3  # what counting them for both skills would plan
    assert level[(10, 4)] > 0.8  # 24 people


def test_the_mix_found_keeps_the_promise_for_every_skill() -> None:
    work = {"a": Work(3.0), "b": Work(3.0, patience_seconds=None)}
    mix = staff_skills(work, days=1, replications=3)
    assert 6 <= mix.people <= 12
    assert all(low >= 0.8 for _, low, _ in mix.shares.values())
    of_patient = staff_skills(
        {"a": Work(2.0)}, target=Target(of_patient=True), days=1, replications=2, people=9
    )
    assert of_patient.people <= 9
    with pytest.raises(SimulationError, match="do not keep the promise"):
        staff_skills(work, people=2, days=1, replications=2)


def test_pauses_are_the_share_of_time_that_was_told_and_may_begin_the_shift() -> None:
    import numpy as np

    assert working(Scenario((line(),), (person("Ada"),), absence=0.01), 1, 0) == [[(0.0, 86_400.0)]]
    scenario = Scenario((line(),), (person("Ada"),), shrinkage=0.3)
    rng = np.random.default_rng(5)
    found = [_pauses(scenario, 20_000.0, rng) for _ in range(300)]
    away = sum(until - since for one in found for since, until in one) / (300 * 20_000)
    assert away == pytest.approx(0.3, abs=0.02)
    starts_away = sum(bool(one) and one[0][0] == 0 for one in found) / 300
    assert starts_away == pytest.approx(0.3, abs=0.08)


def test_happenings_are_told_to_the_router_in_their_order() -> None:
    agent = AgentState("Ada", queues=frozenset({"q"}), capacity={"voice": 1})
    need = Requirement(channel="voice")
    told = [
        Happening(0, "policy", policy=QueuePolicy("q")),
        Happening(0, "staff", "Ada", agent=agent),
        Happening(1, "line", "c1", waiting=Waiting("c1", "q", need, 1)),
        Happening(1, "decide"),
        Happening(2, "accepted", "c1"),
        Happening(3, "line", "c2", waiting=Waiting("c2", "q", need, 3)),
        Happening(3, "line", "c3", waiting=Waiting("c3", "q", need, 3)),
        Happening(4, "left", "c2"),
        Happening(5, "finished", "c1"),
        Happening(5, "decide"),
    ]
    assert [(one.contact_id, one.at) for one in replay(told)] == [("c1", 1), ("c3", 5)]
