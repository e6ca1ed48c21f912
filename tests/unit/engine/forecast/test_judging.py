"""Accuracy, the limit of chance, ranges that hold, the day under way, and services without a history."""

import numpy as np
import pytest

from civicline.engine.forecast import (
    Accuracy,
    Calendar,
    Rolling,
    Series,
    Update,
    backtest,
    by_analogy,
    forecast,
    learn_update,
    learned_scale,
    poisson_floor,
    rest_of_day,
    simple_forecast,
)  # fmt: skip
from civicline.engine.forecast.course import difference, rests
from civicline.engine.forecast.ranges import calibrate, medians
from tests.unit.engine.forecast.histories import MONDAY, daily, hourly


def test_simple_forecasts_are_what_their_names_say() -> None:
    series = Series(MONDAY, 1440, (0,), np.arange(70.0)[:, None])
    assert simple_forecast(series, 1, 7)[:, 0] == pytest.approx(np.arange(63, 70))
    assert simple_forecast(series, 4, 14)[0, 0] == pytest.approx(np.mean([63, 56, 49, 42]))
    assert simple_forecast(series, 8, 7)[0, 0] == pytest.approx(np.median(np.arange(63, 13, -7)))
    assert np.isnan(simple_forecast(series.until(3), 1, 7)[:4, 0]).all()


def test_the_poisson_floor_is_what_chance_leaves() -> None:
    rng = np.random.default_rng(3)
    for mean in (0.4, 7.0, 90.0):
        drawn = rng.poisson(mean, 200_000)
        seen = np.abs(drawn - np.median(drawn)).mean()
        assert poisson_floor(np.array([mean, 0.0, np.nan])) == pytest.approx(seen, rel=0.02)
    assert poisson_floor(np.array([400.0])) == pytest.approx(poisson_floor(np.array([399.999])), rel=0.001)


def test_a_backtest_stands_beside_the_simple_ways_and_its_ranges_hold() -> None:
    weeks = []
    judged = backtest(hourly(168), Calendar(), 12, lambda done, of: weeks.append((done, of)))
    assert weeks[-1] == (12, 12)
    assert judged.floor_wape * 0.95 < judged.wape("civicline") < judged.wape("median of 8")
    assert judged.wape("median of 8") < judged.wape("seasonal naive")
    assert 0.76 < judged.coverage < 0.86


def test_a_backtest_longer_than_the_history_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 1 weeks"):
        backtest(daily(50), Calendar(), 2)
    with pytest.raises(ValueError, match="1 to 0 weeks"):
        backtest(daily(20), Calendar(), 1)


def test_accuracy_of_nothing_is_no_number() -> None:
    nothing = Accuracy()
    nothing.judge(np.full((1, 1), np.nan), {"x": np.zeros((1, 1))})
    assert all(np.isnan(value) for value in (nothing.wape("x"), nothing.floor_wape, nothing.coverage))


def test_ranges_follow_a_time_of_larger_errors() -> None:
    rng = np.random.default_rng(4)
    expected = np.full((30, 7, 1), 1000.0)
    actual = expected + rng.normal(0, 20, expected.shape)
    calm = calibrate(expected, actual, 1.0)
    actual[20:] = expected[20:] + rng.normal(0, 80, (10, 7, 1))
    wild = calibrate(expected, actual, 1.0)
    low, high = wild.around(np.array([1000.0]))
    assert high - low > 2.5 * np.diff(calm.around(np.array([1000.0])), axis=0)[0]


def test_ranges_told_too_wide_are_drawn_in() -> None:
    rng = np.random.default_rng(9)
    expected = np.full((24, 7, 12), 100.0)
    actual = rng.poisson(expected).astype(float)
    actual[:12] += rng.normal(0, 60, (12, 7, 12)).round().clip(-90)
    low, high = calibrate(expected, actual, 1.0).around(np.full((1, 12), 100.0))
    assert (
        0.74 < np.mean((rng.poisson(100, (5000, 12)) >= low) & (rng.poisson(100, (5000, 12)) <= high)) < 0.92
    )


def test_hours_that_were_wilder_have_wider_ranges_and_each_hour_holds() -> None:
    rng = np.random.default_rng(10)
    expected = np.full((17, 7, 24), 100.0)
    wild = np.where(np.arange(24) < 8, 30.0, 5.0)
    actual = (expected + rng.normal(0, 1, expected.shape) * wild).clip(0)
    low, high = calibrate(expected[:16], actual[:16], 1.0).around(expected[16])
    assert (high - low)[0, 2] > 3 * (high - low)[0, 20]
    held = (actual[16] >= low) & (actual[16] <= high)
    assert held[:, :6].mean() > 0.6 and 0.6 < held[:, 10:].mean() < 0.95
    alike = calibrate(expected[:16], expected[:16], 1.0)
    assert np.array_equal(alike.wildness, np.ones(24))


def test_the_median_of_few_contacts_lies_below_their_mean() -> None:
    rng = np.random.default_rng(6)
    for mean in (0.3, 2.6, 40.0):
        assert abs(medians(np.array([mean]), 1.0)[0] - np.median(rng.poisson(mean, 50_000))) <= 1


def _days(share_of_common: float, level: float = 4000.0) -> tuple[np.ndarray, np.ndarray]:
    """Plans and counts of 60 days of 20 slots; in some, a whole day is higher or lower."""
    rng = np.random.default_rng(7)
    told = np.full((60, 20), level / 20)
    common = np.exp(rng.normal(0, share_of_common, (60, 1)))
    return told, rng.poisson(told * common).astype(float)


def _off(foretold: np.ndarray, came: np.ndarray) -> float:
    return float(np.abs(foretold - came).sum())


def test_a_day_that_starts_high_is_forecast_higher() -> None:
    told, came = _days(0.15)
    update = learn_update(told[:40], came[:40], 10, 30)
    assert update.weights is not None
    again = update.rest(told, came)
    assert _off(again[40:], came[40:, 10:]) < 0.75 * _off(told[40:, 10:], came[40:, 10:])


def test_a_shape_that_has_changed_is_followed() -> None:
    told, came = _days(0.02)
    bent = np.where(np.arange(20) < 5, 0.8, 1.0)
    came = np.round(came * bent)
    update = learn_update(told[:40], came[:40], 8, 30)
    low_mornings = update.rest(told, came)[40:]  # low mornings as every day: no sign of a low afternoon
    assert _off(low_mornings, came[40:, 8:]) < 1.03 * _off(told[40:, 8:], came[40:, 8:])


def test_no_day_knows_what_came_later() -> None:
    told, came = _days(0.15)
    update = learn_update(told, came, 10, 30)
    known = came.copy()
    known[50, 10:] = np.nan
    known[51:] = np.nan
    assert update.rest(told, known)[:51] == pytest.approx(update.rest(told, came)[:51])


def test_a_day_that_opens_oddly_says_less_of_its_rest_than_a_later_hour() -> None:
    told = np.full((2, 20), 500.0)
    ahead = {}
    for slot in (0, 7):
        came = told.copy()
        came[1, slot] *= 1.3
        ahead[slot] = float((rests(told, came, 8, 30, 0.05)[:, 1] / told[1, 8:]).mean())
    assert 1 < ahead[0] < ahead[7]


def test_days_without_anything_in_common_are_left_alone() -> None:
    told, came = _days(0.0)
    assert learn_update(told, came, 10, 30) == Update(10, 30)
    assert learn_update(told[:5], came[:5], 10, 30) == Update(10, 30)
    assert np.array_equal(Update(10, 30).rest(told, came), told[:, 10:])


def test_an_update_has_to_better_the_plan_that_stands() -> None:
    told, came = _days(0.15)
    assert learn_update(told, came, 10, 30, told * 1.3).weights is not None
    assert learn_update(told, came, 10, 30, came).weights is None


def test_how_much_days_differ_is_drawn_to_the_usual_while_few_are_known() -> None:
    told, came = _days(0.15)
    few, many = difference(told[:5], came[:5]), difference(told, came)
    assert abs(few - 0.05) < abs(many - 0.05) and 0.1 < many < 0.2


def test_a_plan_is_not_moved_for_a_trifle() -> None:
    told, came = _days(0.08, level=100.0)
    assert learn_update(told, came, 10, 30).weights is None


def test_the_fewer_contacts_come_the_less_a_day_like_others_is_changed() -> None:
    changes = []
    for level in (20.0, 400.0, 8000.0):
        told = np.full((2, 20), level / 20)
        high = np.vstack([told[:1], told[1:] * 1.2])
        changes.append(float((rests(told, high, 10, 30, 0.05)[:, 1] / told[1, 10:]).mean()))
    assert 1 < changes[0] < changes[1] < changes[2] < 1.2


def test_slots_that_are_unknown_or_closed_say_nothing() -> None:
    told, came = _days(0.15)
    told[:, 2], came[:, 2] = 0.0, 5.0
    came[:, 4] = np.nan
    came[20], told[20] = np.nan, 0.0
    update = learn_update(told, came, 10, 30)
    assert np.isfinite(update.rest(told, came)).all()
    assert not update.rest(told, came)[20].any()


def test_the_rest_of_today_is_forecast_anew_with_a_narrower_range() -> None:
    series = hourly(168, level=6000.0, days_differ=0.15)
    eve, today = series.until(167), series.counts[167].copy()
    today[6:] = np.nan
    today[:6] = series.counts[160, :6] * 1.4
    plan, told = forecast(eve, horizon=8), rest_of_day(Rolling(eve, Calendar(), 8), today)
    assert told.expected.shape == plan.expected.shape
    assert told.expected[0, 6:].sum() > 1.1 * plan.expected[0, 6:].sum()
    width = (told.high - told.low)[0, 6:8] / told.expected[0, 6:8]
    assert (width < ((plan.high - plan.low)[0, 6:8] / plan.expected[0, 6:8])).all()
    soon = rest_of_day(Rolling(eve, Calendar(), 2), today)
    assert soon.expected == pytest.approx(told.expected[:2], rel=0.01) and len(soon.notes) == 2


def test_the_day_under_way_keeps_what_came_and_forecasts_the_rest() -> None:
    series = hourly()
    rolling = Rolling(series, Calendar(), 7)
    today = np.full(12, np.nan)
    today[:5] = 3.0
    today[1] = np.nan
    told = rest_of_day(rolling, today)
    usual = forecast(series)
    assert told.expected[0, 0] == told.low[0, 0] == 3.0
    assert told.expected[0, 1] == usual.expected[0, 1]
    assert np.array_equal(told.expected[1:], usual.expected[1:])
    untouched = rest_of_day(rolling, np.full(12, np.nan))
    assert np.array_equal(untouched.expected, usual.expected)
    with pytest.raises(ValueError, match="12 slots"):
        rest_of_day(rolling, np.zeros(3))


def test_a_new_service_borrows_the_shape_of_another() -> None:
    other = forecast(hourly())
    small = by_analogy(other, 0.25)
    assert small.expected == pytest.approx(other.expected / 4)
    assert (small.high - small.low).sum() > (other.high - other.low).sum() / 4
    known = by_analogy(other, 0.25, days_seen=30)
    assert (known.high - known.low).sum() < (small.high - small.low).sum()
    with pytest.raises(ValueError, match="above zero"):
        by_analogy(other, 0)


def test_the_first_days_of_a_service_correct_its_size() -> None:
    like = np.full((20, 3), 10.0)
    first = np.full((20, 3), np.nan)
    assert learned_scale(first, like, 0.5) == (0.5, 0)
    first[:5] = 10.0
    scale, days = learned_scale(first, like, 0.5)
    assert (scale, days) == (pytest.approx(0.75), 5)
