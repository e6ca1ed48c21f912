"""When to hire how many: enough in every month that can still be reached, and nobody too many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.engine.hiring import FLAT, HiringError, HiringPlan, HiringTerms, Leaving, plan_hiring, trend

TEAM = [150.0] * 20
TERMS = HiringTerms(150.0, lead=2, training=1, replications=400)
NOBODY_LEAVES = Leaving(0, 1e9)


def plan(need: list[float], leaving: Leaving = NOBODY_LEAVES, terms: HiringTerms = TERMS) -> HiringPlan:
    """The plan for a team of twenty."""
    return plan_hiring(need, TEAM, leaving, terms)


def test_a_team_that_suffices_and_stays_hires_nobody() -> None:
    found = plan([3000.0] * 12)
    assert found.hires == 0
    assert found.late == ()
    assert {month.chance_present for month in found.months} == {1.0}
    assert found.months[11].people == (20, 20, 20)


def test_growth_is_met_in_time_the_decision_comes_before_the_start_and_the_start_before_the_work() -> None:
    found = plan([3000.0] * 6 + [3300.0] * 6)
    assert [(month.number, month.starts) for month in found.months if month.starts] == [(5, 2)]
    assert [(month.number, month.decide) for month in found.months if month.decide] == [(3, 2)]
    assert (found.months[5].planned.middle, found.months[6].planned.middle) == (3000.0, 3300.0)
    assert (found.months[6].chance_present, found.months[6].chance_planned) == (0.0, 1.0)


def test_whoever_starts_already_is_counted_after_their_training_and_nobody_is_hired_twice() -> None:
    need = [3000.0] * 5 + [3300.0] * 7
    alone = plan(need)
    agreed = plan_hiring(need, TEAM, NOBODY_LEAVES, TERMS, agreed={4: 2})
    assert alone.hires == 2
    assert agreed.hires == 0
    ready = 4 + TERMS.training
    assert agreed.months[ready - 1].present == alone.months[ready - 1].present
    assert agreed.months[ready].present.middle == alone.months[ready].present.middle + 2 * TERMS.hours


def test_what_no_hire_can_reach_any_more_is_said() -> None:
    found = plan([3100.0] * 4)
    assert found.late == (0, 1, 2)
    assert found.months[3].chance_planned == 1.0


def test_who_leaves_is_replaced_and_the_uncertainty_of_few_leavers_is_told() -> None:
    sure, unsure = plan([2900.0] * 12, Leaving(200, 1000)), plan([2900.0] * 12, Leaving(4, 20))
    assert sure.hires > 0
    assert sure.yearly.middle == pytest.approx(0.2, abs=0.01)
    assert unsure.yearly.high - unsure.yearly.low > 3 * (sure.yearly.high - sure.yearly.low)
    assert sure.months[11].people.middle == pytest.approx(20 * 0.8 ** (11 / 12), abs=1)
    assert all(month.chance_planned >= 0.8 for month in sure.months[3:])


def test_without_anybody_who_ever_left_little_is_lost() -> None:
    assert plan([1.0], Leaving(0, 0)).yearly.high <= 1
    assert plan([1.0], Leaving(0, 40)).yearly.middle < 0.02


def test_nobody_is_needed_where_nothing_is_planned() -> None:
    assert plan_hiring([], [], Leaving(1, 2), TERMS).months == ()
    found = plan_hiring([300.0] * 5, [], Leaving(1, 20), TERMS)
    assert found.hires >= 2
    assert found.months[0].present == (0, 0, 0)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda: Leaving(3, 2), "no more than the years"),
        (lambda: HiringTerms(0.0), "more than 0 hours"),
        (lambda: HiringTerms(1.0, lead=-1), "0 or more"),
        (lambda: plan([-1.0]), "0 or more"),
        (lambda: plan_hiring([0.0, 0.0, 0.0, 1e9], TEAM, NOBODY_LEAVES, TERMS), "More than 2,000"),
    ],
)
def test_what_cannot_be_is_refused(deed: object, words: str) -> None:
    with pytest.raises(HiringError, match=words):
        deed()  # type: ignore[operator]


def test_growth_is_read_from_weeks_and_not_from_their_noise() -> None:
    weeks = np.arange(104) / 52.18
    steady = trend((1000 * 1.1**weeks).tolist())
    assert steady.yearly == pytest.approx(1.1)
    noise = np.random.default_rng(3).poisson(100, 20)
    assert trend(noise.tolist()).yearly == 1.0
    assert trend([5.0] * 7) == FLAT
    assert trend([0.0] * 50) == FLAT
    assert trend((1000 * 9.0**weeks).tolist()).yearly == 1.5


@settings(max_examples=30)
@given(
    st.lists(st.floats(0, 4000), min_size=1, max_size=8),
    st.integers(0, 6),
    st.integers(0, 3),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_every_month_that_can_be_reached_has_enough_with_the_chance_asked_for(
    need: list[float], leavers: int, lead: int, chance: float
) -> None:
    terms = HiringTerms(150.0, lead=lead, training=1, chance=chance, replications=100)
    found = plan(need, Leaving(leavers, 20), terms)
    for month in found.months:
        assert month.chance_planned >= month.chance_present
        if month.number >= lead + 1:
            assert month.chance_planned >= chance
    assert sum(month.decide for month in found.months) == found.hires
    more = plan(
        need, Leaving(leavers, 20), HiringTerms(150.0, lead=lead, training=1, chance=0.99, replications=100)
    )
    assert more.hires >= found.hires
