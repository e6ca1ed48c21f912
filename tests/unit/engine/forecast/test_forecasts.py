"""What a forecast must be, whatever the history."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.engine.forecast import Calendar, Event, Rolling, Series, TooShort, forecast, outlook_at
from tests.unit.engine.forecast.histories import MONDAY, WEEK_SHAPE, daily, hourly


def test_the_shape_of_the_week_is_found() -> None:
    told = forecast(daily(), horizon=14).expected[:, 0]
    assert told[:7] == pytest.approx(1000 * WEEK_SHAPE, rel=0.06)
    assert told[7:] == pytest.approx(told[:7], rel=0.05)


def test_the_shape_of_the_day_is_found() -> None:
    series = hourly()
    told = forecast(series).expected
    usual = np.array([series.counts[day::7].mean(axis=0) for day in range(7)])
    assert np.abs(told - usual).sum() < 0.08 * usual.sum()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0.0, 30.0), st.integers(20, 70), st.floats(0, 0.4))
def test_no_count_is_below_zero_and_the_range_is_in_order(
    seed: int, level: float, days: int, unknown: float
) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(level, (days, 3)).astype(float)
    counts[rng.random((days, 3)) < unknown] = np.nan
    counts[:14, 0] = 1.0
    told = forecast(Series(MONDAY, 60, (480, 540, 600), counts), horizon=9)
    for grid in (told.expected, told.median, told.low, told.high):
        assert grid.shape == (9, 3)
        assert np.isfinite(grid).all()
        assert (grid >= 0).all()
    assert (told.low <= told.high).all()


@pytest.mark.parametrize("series", [daily(), hourly()], ids=["daily", "hourly"])
@pytest.mark.parametrize("factor", [4.0, 1000.0])
def test_twice_the_contacts_is_twice_the_forecast(series: Series, factor: float) -> None:
    told = forecast(series)
    more = forecast(replace(series, counts=series.counts * factor))
    assert more.expected == pytest.approx(told.expected * factor, rel=1e-6)


@pytest.mark.parametrize("series", [daily(112), hourly(84)], ids=["daily", "hourly"])
def test_what_comes_later_cannot_be_known(series: Series) -> None:
    origin = series.days - 21
    changed = series.counts.copy()
    changed[origin:] = 7777.0
    calm = outlook_at(Rolling(series, Calendar(), 7), origin)
    wild = outlook_at(Rolling(replace(series, counts=changed), Calendar(), 7), origin)
    for name in ("expected", "median", "low", "high"):
        assert np.array_equal(getattr(calm, name), getattr(wild, name))


def test_the_same_history_gives_the_same_forecast() -> None:
    assert np.array_equal(forecast(hourly()).expected, forecast(hourly()).expected)


def test_a_new_level_is_followed() -> None:
    counts = daily(140).counts
    counts[-28:] *= 1.4
    told = forecast(Series(MONDAY, 1440, (0,), counts)).expected[:, 0]
    assert told.sum() > 1.25 * forecast(daily(140)).expected.sum()


def test_a_holiday_is_learned_by_name_and_foretold_again() -> None:
    series = daily(400)
    days = {MONDAY + timedelta(days=number): "Town day" for number in (30, 107, 184, 261, 338, 402)}
    counts = series.counts.copy()
    counts[[30, 107, 184, 261, 338]] *= 0.5
    told = forecast(replace(series, counts=counts), Calendar(days))
    plain = forecast(series)
    assert told.notes == ("", "", "Town day", "", "", "", "")
    assert told.expected[2, 0] == pytest.approx(0.5 * plain.expected[2, 0], rel=0.2)
    assert told.expected[4, 0] == pytest.approx(plain.expected[4, 0], rel=0.1)


def test_a_holiday_that_was_always_closed_is_closed_again_and_the_day_after_is_like_a_monday() -> None:
    counts = daily(140).counts
    week = np.arange(140) % 7
    counts[week >= 5] = np.nan
    days = {MONDAY + timedelta(days=number): "Rest" for number in (21, 56, 91, 140)}
    counts[[21, 56, 91]] = np.nan  # Mondays
    counts[[22, 57, 92]] *= 1.3 / 1.1
    told = forecast(Series(MONDAY, 1440, (0,), counts), Calendar(days)).expected[:, 0]
    assert told[0] == 0
    assert told[5] == told[6] == 0
    assert told[1] > 1.07 * forecast(Series(MONDAY, 1440, (0,), counts)).expected[1, 0]


def test_an_event_has_the_effect_it_had() -> None:
    series = daily(140)
    counts = series.counts.copy()
    counts[[40, 75, 110]] *= 1.6
    letters = (Event("letters"),)
    events = {MONDAY + timedelta(days=number): letters for number in (40, 75, 110, 141)}
    told = forecast(replace(series, counts=counts), Calendar(events=events))
    plain = forecast(series)
    assert told.expected[1, 0] == pytest.approx(1.6 * plain.expected[1, 0], rel=0.1)
    assert told.expected[0, 0] == pytest.approx(plain.expected[0, 0], rel=0.05)
    assert told.notes[1] == "letters"


def test_an_event_never_seen_has_the_effect_that_people_expect() -> None:
    events = {MONDAY + timedelta(days=142): (Event("election", 1.5),)}
    told, plain = forecast(daily(), Calendar(events=events)), forecast(daily())
    assert told.expected[2, 0] == pytest.approx(1.5 * plain.expected[2, 0], rel=0.1)
    with pytest.raises(ValueError, match="above zero"):
        Event("none", 0)


def test_nothing_is_learned_from_marked_days() -> None:
    series = daily(126)
    counts = series.counts.copy()
    counts[119:126] *= 5
    marked = frozenset(MONDAY + timedelta(days=number) for number in (*range(119, 126), 4000))
    told = forecast(replace(series, counts=counts), Calendar(outliers=marked))
    again = forecast(replace(series, counts=series.counts), Calendar(outliers=marked))
    assert np.array_equal(told.expected, again.expected)
    assert np.array_equal(series.without(frozenset()).counts, series.counts)


def test_a_storm_does_not_become_a_habit() -> None:
    series = hourly()
    counts = series.counts.copy()
    counts[70, 5:8] *= 10
    stormy = forecast(replace(series, counts=counts)).expected
    calm = forecast(series).expected
    assert np.abs(stormy - calm).sum() < 0.03 * calm.sum()


def test_years_show_their_seasons() -> None:
    days = 800
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(days + 7) / 365.25)
    base = daily(days, noise=0.01)
    told = forecast(replace(base, counts=base.counts * wave[:days, None]))
    ahead = np.arange(days, days + 7)
    assert told.expected[:, 0] == pytest.approx(1000 * WEEK_SHAPE[ahead % 7] * wave[ahead], rel=0.1)


def test_a_weekday_that_is_always_closed_stays_closed() -> None:
    counts = hourly().counts
    counts[6::7] = np.nan
    told = forecast(Series(MONDAY, 60, tuple(480 + 60 * n for n in range(12)), counts)).expected
    assert told[6].sum() == 0
    assert (told[:6] > 0).all()


def test_a_service_round_the_clock_is_smoothed_round_midnight() -> None:
    rng = np.random.default_rng(5)
    mean = 6 + 5 * np.sin(np.arange(24) / 24 * 2 * np.pi)
    series = Series(MONDAY, 60, tuple(range(0, 1440, 60)), rng.poisson(mean, (120, 24)).astype(float))
    told = forecast(series).expected
    assert np.abs(told - mean).mean() < 0.6


def test_few_contacts_get_the_plain_mean_of_the_weekday() -> None:
    counts = np.zeros((56, 1))
    counts[::7] = 4.0
    told = forecast(Series(MONDAY, 1440, (0,), counts)).expected[:, 0]
    assert told[0] > 3
    assert (told[1:] < 0.3).all()


def test_a_quiet_start_of_year_does_not_hide_few_contacts() -> None:
    counts = np.full((200, 1), np.nan)
    counts[:100] = 3.0
    assert forecast(Series(MONDAY, 1440, (0,), counts)).expected.sum() == 0


def test_a_service_long_silent_is_forecast_silent() -> None:
    counts = np.zeros((420, 2))
    counts[:14] = 3.0
    assert forecast(Series(MONDAY, 720, (0, 720), counts)).expected.sum() == 0
    counts[14:] = np.nan
    assert forecast(Series(MONDAY, 720, (0, 720), counts)).expected.sum() == 0


def test_nothing_but_zeros_foretells_zeros() -> None:
    told = forecast(Series(MONDAY, 1440, (0,), np.zeros((60, 1))))
    assert told.high.sum() == 0


def test_too_little_history_is_said() -> None:
    with pytest.raises(TooShort, match="only 13 days"):
        forecast(daily(13))
    with pytest.raises(ValueError, match="one day or more"):
        forecast(daily(), horizon=0)


def test_a_short_history_has_ranges_of_theory() -> None:
    told = forecast(daily(30))
    assert (told.low < told.expected).all()
    assert (told.high > told.expected).all()


def test_far_weeks_have_ranges_of_their_own() -> None:
    told = forecast(daily(300, noise=0.1), horizon=70)
    assert len(told.low) == 70
    assert not np.array_equal(told.low[:7] / told.expected[:7], told.low[21:28] / told.expected[21:28])


def test_a_series_refuses_what_is_none() -> None:
    with pytest.raises(ValueError, match="grid"):
        Series(date(2024, 1, 1), 60, (0, 60), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="zero or more"):
        Series(date(2024, 1, 1), 60, (0,), np.array([[-1.0]]))


def test_a_week_is_told_again_on_each_of_its_eves() -> None:
    series = hourly(140, level=2000.0)
    rolling = Rolling(series, Calendar(), 9)
    origin = 126
    plan, eves = rolling.at(origin), rolling.on_eves(origin)
    assert eves.full[0] == pytest.approx(plan.full[0])  # nothing came since
    assert np.array_equal(eves.full[7:], plan.full[7:]) and np.array_equal(eves.plain, plan.plain)
    higher = series.counts.copy()
    higher[origin] *= 1.4
    after = Rolling(replace(series, counts=higher), Calendar(), 9).on_eves(origin)
    assert after.full[0] == pytest.approx(eves.full[0])  # no day knows its own counts
    assert after.full[1].sum() > eves.full[1].sum()
    past = rolling.before(140, eves=True)
    assert np.array_equal(past.full[-1, :7], rolling.on_eves(133).full[:7])


def test_closed_days_and_few_contacts_stay_on_the_eve_what_they_were_in_the_week() -> None:
    series = hourly(140, level=2000.0)
    counts = series.counts.copy()
    counts[(series.first.weekday() + np.arange(140)) % 7 == 6] = np.nan
    eves = Rolling(replace(series, counts=counts), Calendar(), 7).on_eves(126)
    assert not eves.full.all() and (eves.full.sum(axis=1) == 0).sum() == 1
    few = Rolling(replace(series, counts=np.where(counts >= 0, 0.5, np.nan)), Calendar(), 7)
    assert few.on_eves(126) is few.at(126)
