"""Common random numbers, intervals, and agreement with exact formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.engine.queueing import erlang_a, erlang_c_performance
from civicline.engine.simulation import (
    DAY,
    Estimate,
    SimulationError,
    Spread,
    compare,
    empirical,
    estimate,
    lognormal,
    replicate,
    simulate,
)
from civicline.engine.simulation.crowd import gather_crowd
from civicline.engine.simulation.student import quantile
from tests.unit.engine.simulation.centre import line, markov, person, with_queue


def test_people_give_up_as_often_as_the_exact_formula_says() -> None:
    load, people = 49.0, 50
    found = simulate(markov(people, load=load, days=30), 4, seed=1).total
    exact = erlang_a(load, people, handle_seconds=300, patience_seconds=180, within_seconds=20)
    assert found["abandonment"].mean == pytest.approx(float(exact.abandon_probability), rel=0.03)
    assert found["mean_wait"].mean == pytest.approx(float(exact.mean_wait), rel=0.03)
    assert found["service_level"].mean == pytest.approx(float(exact.answered_within), rel=0.01)
    assert found["service_level_of_patient"].mean == pytest.approx(
        float(exact.answered_within_of_patient), rel=0.01
    )
    assert found["occupancy"].mean == pytest.approx(float(exact.occupancy), rel=0.01)


def test_without_patience_it_is_erlang_c() -> None:
    found = simulate(markov(12, load=10, patience=None, days=60), 4, seed=3).total
    exact = erlang_c_performance(10, 12, handle_seconds=300, within_seconds=20)
    assert found["mean_wait"].mean == pytest.approx(float(exact.mean_wait), rel=0.06)


@settings(max_examples=12, deadline=None)
@given(
    people=st.integers(1, 12),
    load=st.floats(0.5, 14.0),
    patience=st.one_of(st.none(), st.floats(5.0, 600.0)),
    seed=st.integers(0, 10_000),
)
def test_the_short_way_and_the_live_engine_tell_the_same_contact_by_contact(
    people: int, load: float, patience: float | None, seed: int
) -> None:
    scenario = replace(markov(people, load=load, patience=patience), shrinkage=0.1)
    short, live = replicate(scenario, seed, 0), replicate(scenario, seed, 0, live=True)
    assert np.allclose(short.counts, live.counts)
    assert np.allclose(short.percentiles, live.percentiles)
    assert np.allclose(short.busy, live.busy)


@settings(max_examples=12, deadline=None)
@given(load=st.floats(1.0, 12.0), seed=st.integers(0, 10_000))
def test_nobody_is_lost_and_nobody_is_counted_twice(load: float, seed: int) -> None:
    scenario = with_queue(markov(8, load=load), self_service=0.2, hours=((0.0, DAY / 2),))
    told = simulate(scenario, 1, seed=seed, live=True)
    total = {name: figure.mean for name, figure in told.total.items()}
    ends = ("answered", "abandoned", "unreached")
    assert sum(total[name] for name in ends) == total["offered"]
    apart = ("offered", "closed", "self_served", "diverted")
    assert sum(total[name] for name in apart) == told.replications[0].contacts


def test_two_scenarios_see_the_same_people() -> None:
    few, many = markov(9, load=8), markov(11, load=8)
    one, other = gather_crowd(few, 5, 0), gather_crowd(many, 5, 0)
    assert np.array_equal(one.arrived, other.arrived)
    assert np.array_equal(one.patience, other.patience)
    busier = gather_crowd(markov(9, load=8.4), 5, 0)
    assert np.array_equal(one.service[:500], busier.service[:500])


def test_pairs_tell_a_difference_that_single_intervals_would_hide() -> None:
    base, other = simulate(markov(9, load=8), 10, seed=2), simulate(markov(10, load=8), 10, seed=2)
    gain = compare(base, other)["mean_wait"]
    assert gain.high < 0
    alone = base.total["mean_wait"]
    assert gain.high - gain.low < alone.high - alone.low


def test_only_like_is_compared_with_like() -> None:
    base = simulate(markov(2, load=1), 2, seed=2)
    with pytest.raises(SimulationError, match="same seed"):
        compare(base, simulate(markov(2, load=1), 2, seed=3))


def test_the_same_seed_gives_the_same_answer_and_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    first = simulate(markov(3, load=2), 3, seed=7, progress=lambda done, of: seen.append((done, of)))
    again = simulate(markov(3, load=2), 3, seed=7)
    assert first.plain() == again.plain()
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(SimulationError, match="at least one"):
        simulate(markov(3, load=2), 0)


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [
        (1, 12.7062047),
        (2, 4.3026527),
        (3, 3.1824463),
        (4, 2.7764451),
        (5, 2.5705818),
        (29, 2.0452296),
        (30, 2.0422725),
    ],
)
def test_the_quantiles_of_student_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert quantile(0.95, freedom) == pytest.approx(expected, abs=1e-7)


def test_an_interval_needs_two_replications() -> None:
    assert estimate([3.0]) == Estimate(3.0, 3.0, 3.0)
    told = estimate([1.0, 2.0, 3.0])
    assert told.mean == 2
    assert told.high - 2 == pytest.approx(4.3026527 / 3**0.5)


def test_spreads_have_the_mean_they_are_told() -> None:
    rng = np.random.default_rng(1)
    talk = lognormal(240, 1.2)
    assert talk.draw(rng, 200_000).mean() == pytest.approx(240, rel=0.02)
    assert talk.average == 240
    assert lognormal(0).draw(rng, 3).tolist() == [0, 0, 0]
    measured = empirical((1.0, 5.0, 9.0))
    assert set(measured.draw(rng, 100)) == {1.0, 5.0, 9.0}
    assert measured.average == 5


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Spread("samples"),
        lambda: empirical((1.0, -1.0)),
        lambda: Spread("exponential", -1.0),
        lambda: lognormal(10, 0.0),
    ],
)
def test_times_that_cannot_be_are_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(SimulationError):
        wrong()


def test_a_traced_contact_takes_with_it_what_is_known_of_it() -> None:
    from civicline.engine.simulation import Queue, Scenario, Trace, Traced, constant

    known = Traced(5.0, service=7.0, patience=8.0, wrap_up=9.0, priority=2, contact_id="c1")
    queue = Queue("calls", Trace((known, Traced(6.0))), constant(60.0))
    crowd = gather_crowd(Scenario((queue,), (person("Ada"),)), 1, 0)
    assert crowd.service.tolist() == [7.0, 60.0]
    assert crowd.priority.tolist() == [2, 0]
    assert crowd.patience[0] == 8.0
    assert crowd.names == ["c1", ""]
    assert gather_crowd(Scenario((line(),), (person("Ada"),)), 1, 0).arrived.tolist() == []
