"""The year's shape from weekly counts: found where it is sure, even where it is not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from civicline.engine.seasons import EVEN, Seasons, seasons, told

SHAPE = (1.1, 1.0, 1.4, 1.1, 0.9, 0.9, 0.8, 0.7, 1.0, 1.1, 1.1, 0.9)


def weeks(count: int, *, growth: float = 1.0, seed: int = 3, size: float = 900) -> list[tuple[date, float]]:
    """Poisson weeks of a year with a shape."""
    chance = np.random.default_rng(seed)
    first = date(2023, 1, 4)
    found = []
    for number in range(count):
        day = first + timedelta(days=7 * number)
        mean = size * SHAPE[day.month - 1] * growth ** (number / 52.18)
        found.append((day, float(chance.poisson(mean))))
    return found


@pytest.mark.parametrize("growth", [1.0, 1.3])
def test_three_years_show_their_shape_with_or_without_growth(growth: float) -> None:
    found = seasons(weeks(156, growth=growth))
    assert found.known and found.weeks == 156
    assert np.mean(found.factors) == pytest.approx(1.0, abs=1e-3)
    mean = np.mean(SHAPE)
    assert max(abs(one - true / mean) for one, true in zip(found.factors, SHAPE, strict=True)) < 0.05
    assert found.of(date(2026, 3, 9)) == max(found.factors)


def test_less_than_a_year_tells_nothing() -> None:
    assert seasons(weeks(51)) == Seasons(weeks=51)
    assert not EVEN.known
    assert seasons([]) == EVEN


def test_a_year_without_a_shape_stays_even_or_nearly_so() -> None:
    chance = np.random.default_rng(5)
    rows = [(day, float(chance.poisson(40))) for day, _count in weeks(110)]
    assert max(abs(one - 1) for one in seasons(rows).factors) < 0.06


def test_weeks_that_are_all_alike_stay_even() -> None:
    assert seasons([(day, 100.0) for day, _count in weeks(60)]) == Seasons(weeks=60)


def test_a_month_of_which_no_week_can_be_believed_keeps_the_others() -> None:
    rows = [(day, count) for day, count in weeks(66) if day.month != 2]
    wild = [(date(2023, 2, 8), 10.0), (date(2023, 2, 15), 90_000.0)]
    found = seasons(sorted(rows + wild))
    assert found.factors[2] > found.factors[7]


def test_one_broken_week_does_not_make_a_month() -> None:
    rows = weeks(156)
    at = next(number for number, (day, _count) in enumerate(rows) if day.month == 8)
    rows[at] = (rows[at][0], 90_000.0)
    clean = seasons(weeks(156)).factors[7]
    assert seasons(rows).factors[7] == pytest.approx(clean, abs=0.03)


def test_what_people_know_stands_in_place_of_the_history() -> None:
    learned = seasons(weeks(156))
    found = told({3: 200.0}, learned)
    assert found.of(date(2026, 3, 1)) == 2.0
    assert found.factors[7] == learned.factors[7]
    for wrong in ({13: 100.0}, {1: 0.0}):
        with pytest.raises(ValueError, match=r"Months are|Shares are"):
            told(wrong)
