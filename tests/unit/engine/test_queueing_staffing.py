"""The fewest people that keep a promise: for one interval, for thousands, and for a day that changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.queueing import (
    QueueingError,
    Target,
    delay_probability,
    erlang_a,
    erlang_c,
    erlang_c_performance,
    modified_offered_load,
    positions_a,
    positions_c,
    scheduled,
    square_root_positions,
    staffing_factor,
)


def keeps_c(load: float, positions: int, handle: float, target: Target) -> bool:
    found = erlang_c_performance(load, positions, handle_seconds=handle, within_seconds=target.within_seconds)
    return bool(
        found.answered_within >= target.share - 1e-12
        and (target.max_mean_wait is None or found.mean_wait <= target.max_mean_wait)
        and (target.max_occupancy is None or found.occupancy <= target.max_occupancy + 1e-12)
    )


def keeps_a(load: float, positions: int, handle: float, patience: float, target: Target) -> bool:
    found = erlang_a(
        load,
        positions,
        handle_seconds=handle,
        patience_seconds=patience,
        within_seconds=target.within_seconds,
    )
    answered = found.answered_within_of_patient if target.of_patient else found.answered_within
    limits = (
        (found.mean_wait, target.max_mean_wait),
        (found.abandon_probability, target.max_abandon),
        (found.occupancy, target.max_occupancy),
    )
    return bool(
        answered >= target.share - 1e-12
        and all(limit is None or figure <= limit + 1e-12 for figure, limit in limits)
    )


TARGETS = [
    Target(),
    Target(0.9, 60),
    Target(0.5, 0),
    Target(0.8, 20, max_occupancy=0.7),
    Target(0.1, 20, max_mean_wait=5),
    Target(0.1, 20, max_abandon=0.01),
    Target(0.95, 10, of_patient=True),
]
LOADS = [0.0, 0.02, 0.5, 1.0, 7.3, 20.0, 20.0, 64.9, 150.0]


@pytest.mark.parametrize("target", TARGETS)
def test_one_person_fewer_would_break_the_promise(target: Target) -> None:
    handle, patience = 240.0, 180.0
    plain = positions_c(LOADS, handle_seconds=handle, target=target)
    leaving = positions_a(LOADS, handle_seconds=handle, patience_seconds=patience, target=target)
    assert plain[0] == leaving[0] == 0, "nobody comes, nobody is needed"
    for load, c, a in zip(LOADS[1:], plain.tolist()[1:], leaving.tolist()[1:], strict=True):
        assert keeps_c(load, c, handle, target)
        assert not keeps_c(load, c - 1, handle, target)
        assert keeps_a(load, a, handle, patience, target)
        assert not keeps_a(load, a - 1, handle, patience, target)


def test_a_big_team_that_people_leave_needs_fewer_than_the_load() -> None:
    """300 erlangs of 5 minutes, patience 3 minutes, 80 % within 20 s: the usual package says 300 here."""
    found = positions_a(300, handle_seconds=300, patience_seconds=180)
    assert found.shape == ()
    assert int(found) == 289


def test_every_interval_has_its_own_handling_time_and_patience() -> None:
    loads, handle, patience = [10.0, 10.0, 90.0], [60.0, 600.0, 300.0], [30.0, 300.0, 1e7]
    together = positions_a(loads, handle_seconds=handle, patience_seconds=patience)
    alone = [
        int(positions_a(load, handle_seconds=h, patience_seconds=p))
        for load, h, p in zip(loads, handle, patience, strict=True)
    ]
    assert together.tolist() == alone
    assert positions_c(loads, handle_seconds=handle).tolist() == [
        int(positions_c(load, handle_seconds=h)) for load, h in zip(loads, handle, strict=True)
    ]
    assert together[2] == positions_c(90, handle_seconds=300), "who never gives up waits as Erlang C says"


def test_no_intervals_and_whole_grids() -> None:
    assert positions_c([], handle_seconds=60).shape == (0,)
    assert positions_a([], handle_seconds=60, patience_seconds=60).shape == (0,)
    grid = positions_c(np.full((7, 96), 12.0), handle_seconds=300)
    assert grid.shape == (7, 96)
    assert set(grid.ravel().tolist()) == {16}


@given(st.floats(0.01, 300), st.floats(10, 3600), st.floats(10, 36_000), st.sampled_from(TARGETS))
def test_the_fewest_that_keep_it_for_any_interval(
    load: float, handle: float, patience: float, target: Target
) -> None:
    found = int(positions_a(load, handle_seconds=handle, patience_seconds=patience, target=target))
    assert found > 0
    assert keeps_a(load, found, handle, patience, target)
    assert found == 1 or not keeps_a(load, found - 1, handle, patience, target)


def test_paid_people_are_more_than_filled_positions() -> None:
    assert scheduled([0, 7, 10], shrinkage=0.3).tolist() == [0, 10, 15]
    with pytest.raises(QueueingError, match="leaves nobody"):
        scheduled(3, shrinkage=1)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: Target(share=1), "service level of 1"),
        (lambda: Target(within_seconds=-1), "-1 is no time"),
        (lambda: Target(max_mean_wait=0), "mean wait"),
        (lambda: Target(max_abandon=-0.1), "abandonment"),
        (lambda: Target(max_occupancy=1.2), "occupancy of 1.2"),
        (lambda: positions_c(50, handle_seconds=60, target=Target(max_occupancy=1e-9)), "beyond any team"),
        (lambda: staffing_factor(1), "share of 1 waiting"),
        (lambda: delay_probability(0), "above 0"),
        (lambda: delay_probability(float("nan")), "finite factor"),
        (lambda: modified_offered_load([[1]], handle_seconds=1, interval_seconds=1), "one row"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(ask: object, words: str) -> None:
    assert callable(ask)
    with pytest.raises(QueueingError, match=words):
        ask()


def test_the_square_root_rule_comes_near_the_exact_answer_for_big_teams() -> None:
    factor = staffing_factor(0.2)
    assert factor == pytest.approx(1.06, abs=0.01), "Halfin and Whitt's table"
    assert float(delay_probability(factor)) == pytest.approx(0.2)
    team = int(square_root_positions(2_000, factor))
    assert float(erlang_c(2_000, team)) == pytest.approx(0.2, abs=0.01)
    assert square_root_positions([0, 0.01], [-3, -3]).tolist() == [0, 0]


def test_the_square_root_rule_with_people_who_give_up() -> None:
    even = delay_probability(0.0, handle_seconds=300, patience_seconds=300)
    assert float(even) == pytest.approx(0.5), "as patient as the work is long"
    factor = staffing_factor(0.4, handle_seconds=300, patience_seconds=180)
    team = square_root_positions(2_000, factor)
    found = erlang_a(2_000, team, handle_seconds=300, patience_seconds=180)
    assert float(found.wait_probability) == pytest.approx(0.4, abs=0.01)
    patient = delay_probability([1.0, 40.0], handle_seconds=1, patience_seconds=1e6)
    endless = delay_probability([1.0, 40.0])
    assert patient == pytest.approx(endless, rel=1e-3)


def test_the_load_lags_behind_arrivals_and_keeps_their_sum() -> None:
    contacts = [0, 0, 30, 60, 60, 0, 0, 0, 0, 0]
    load = modified_offered_load(contacts, handle_seconds=900, interval_seconds=900)
    assert load[0] == load[1] == 0
    assert 0 < load[2] < 30, "the first of them are only just being served"
    assert load[5] > 0, "people are still served when nobody comes any more"
    assert load.sum() == pytest.approx(sum(contacts), rel=1e-2), "no work is lost"
    short = modified_offered_load(contacts, handle_seconds=1, interval_seconds=900)
    assert short == pytest.approx(np.array(contacts) / 900, abs=1e-3), "short work does not lag"


def test_the_day_begins_with_what_the_night_left() -> None:
    steady = modified_offered_load([10, 10], handle_seconds=600, interval_seconds=600)
    assert steady == pytest.approx([10, 10])
    full = modified_offered_load([10, 10], handle_seconds=600, interval_seconds=600, before=20)
    assert 20 > full[0] > full[1] > 10
    assert modified_offered_load([], handle_seconds=600, interval_seconds=600).shape == (0,)
