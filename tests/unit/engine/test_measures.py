"""The measures by the book: counted, added, and never an average of percentages."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine import measures as m

HOUR = datetime(2026, 6, 8, 9, tzinfo=UTC)


def day() -> m.QueueCounts:
    return m.QueueCounts(
        offered=100, answered=90, answered_within=72, abandoned=10, short_abandoned=4, waited_seconds=1800.0
    )


def test_service_level_names_its_variant() -> None:
    counted = m.service_level(day())
    assert (counted.value, counted.numerator, counted.denominator) == (0.72, 72, 100)
    assert counted.definition == "service_level_counted"
    left_out = m.service_level(day(), short_abandons="left_out")
    assert (left_out.value, left_out.denominator, left_out.definition) == (0.75, 96, "service_level_left_out")
    assert dict(left_out.params) == {"seconds": 20.0, "short": 5.0}


def test_speed_of_answer_and_abandonment() -> None:
    assert m.average_speed_of_answer(day()).value == 20.0
    assert m.abandonment(day()).value == 0.10
    assert m.abandonment(day(), short_abandons="left_out").value == 6 / 96
    assert m.short_abandonment(day()).value == 0.04


def test_nothing_measured_is_none_and_not_zero() -> None:
    assert m.service_level(m.QueueCounts()).value is None
    assert m.occupancy(m.WorkTime()).value is None
    assert m.avoidable_contact(m.AvoidableCounts()).low is None
    assert m.wilson(0, 0) is None


def test_days_are_added_by_counts_and_not_by_percentages() -> None:
    busy = m.QueueCounts(offered=1000, answered=500, answered_within=100, abandoned=500)
    quiet = m.QueueCounts(offered=10, answered=10, answered_within=10)
    both = m.service_level(busy + quiet)
    assert both.value == 110 / 1010
    assert m.service_level(sum([quiet, busy], start=m.QueueCounts())) == both


def test_counts_of_different_thresholds_are_not_added() -> None:
    with pytest.raises(ValueError, match="target_seconds"):
        m.QueueCounts(target_seconds=20) + m.QueueCounts(target_seconds=30)
    with pytest.raises(TypeError):
        m.QueueCounts() + m.WorkTime()  # type: ignore[operator] # the fault under test


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: m.QueueCounts(offered=-1), "offered must not be negative"),
        (lambda: m.QueueCounts(offered=1, answered=2), "answered must not be more than offered"),
        (
            lambda: m.QueueCounts(offered=1, abandoned=1, short_abandoned=2),
            "short_abandoned must not be more",
        ),
        (lambda: m.WaitCounts(told=1, held=2), "held must not be more than told"),
        (lambda: m.EmergencyCounts(answered=1, within=(0, 1)), "one count for each threshold"),
        (lambda: m.EmergencyCounts(answered=1, within=(0, 1, 2)), "within must not be more than answered"),
        (lambda: m.EmergencyCounts(answered=1, within=(0, -1, 1)), "within must not be negative"),
        (lambda: m.DiallerCounts(1, 2), "not_connected must not be more"),
        (lambda: m.PaidTime(1, 2), "unavailable must not be more"),
        (lambda: m.ScheduleTime(1, 2), "in_scheduled_state must not be more"),
        (lambda: m.EffortCounts((1, 2)), "seven levels"),
        (lambda: m.A11Counts({"joy": (0, 0, 0, 0, 0)}), "joy is no question"),
        (lambda: m.A11Counts({"easy": (0, 0)}), "easy needs five counts"),
        (lambda: m.A11Counts(respondents=2, offered=1), "respondents must not be more"),
        (lambda: m.ResolutionCounts(1, 2), "resolved must not be more"),
        (lambda: m.AvoidableCounts(1, {"chasing": 2}), "avoidable must not be more"),
        (lambda: m.AvoidableCounts(1, {"chasing": -2}), "by_reason must not be negative"),
        (lambda: m.CompletionCounts(1, 1, 2), "assisted must not be more"),
        (lambda: m.RecommendationCounts.of([11]), "0 to 10, not 11"),
        (lambda: m.scheduled_for(10, 1.0), "below 1"),
    ],
)
def test_counts_that_cannot_be_are_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=words):
        make()


def test_how_work_time_is_spent() -> None:
    assert m.occupancy(m.WorkTime(talk=50, hold=10, wrap_up=20, available=20)).value == 0.8
    assert m.shrinkage(m.PaidTime(paid=40, unavailable=12)).value == 0.3
    assert m.scheduled_for(7, 0.3) == pytest.approx(10)
    shift = m.ScheduleTime(scheduled=480, in_scheduled_state=432, worked=504)
    assert m.adherence(shift).value == 0.9
    assert m.conformance(shift).value == 1.05


def test_first_contact_resolution_says_its_days_and_its_basis() -> None:
    claimed = m.first_contact_resolution(m.ResolutionCounts(10, 8, days=14, basis="claimed"))
    assert claimed.value == 0.8
    assert dict(claimed.params) == {"days": 14, "basis": "claimed"}
    with pytest.raises(ValueError, match="basis"):
        m.ResolutionCounts(basis="claimed") + m.ResolutionCounts(basis="observed")


def handled(resident: str, matter: str, arrived_day: float) -> m.Handled:
    arrived = HOUR + timedelta(days=arrived_day)
    return m.Handled(resident, matter, arrived, arrived + timedelta(minutes=10))


def test_resolution_is_observed_by_who_comes_back_on_the_same_matter() -> None:
    contacts = [
        handled("Ada", "bins", 3),  # the repeat of the first; not assessed itself
        handled("Ada", "bins", 0),  # not resolved
        handled("Ada", "tax", 1),  # another matter: resolved
        handled("Ben", "bins", 0),  # resolved
        handled("Ben", "bins", 15),  # a new first contact: resolved
        handled("Cem", "bins", 29),  # too young to be judged
    ]
    seen = m.observe_resolution(contacts, days=7, until=HOUR + timedelta(days=30))
    assert seen == m.ResolutionCounts(4, 3, days=7, basis="observed")


def test_avoidable_contact_comes_with_its_interval_and_its_reasons() -> None:
    sample = m.AvoidableCounts(60, {"chasing": 10, "unclear_letter": 5}, population=2000)
    sample += m.AvoidableCounts(40, {"chasing": 5, "wrong_department": 0}, population=1000)
    share = m.avoidable_contact(sample)
    assert (share.value, share.denominator) == (0.2, 100)
    assert share.low == pytest.approx(0.1334, abs=1e-4)
    assert share.high == pytest.approx(0.2888, abs=1e-4)
    assert dict(share.params)["population"] == 3000
    assert m.avoidable_contact(sample, reason="chasing").value == 0.15
    assert m.avoidable_contact(sample, reason="weather").value == 0.0


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_wilson_interval_holds_the_share(trials: int, part: float, confidence: float) -> None:
    successes = round(trials * part)
    bounds = m.wilson(successes, trials, confidence=confidence)
    assert bounds is not None
    assert 0 <= bounds[0] <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= bounds[1] <= 1


def test_digital_take_up_and_cost() -> None:
    take_up = m.digital_take_up(m.CompletionCounts(completed=200, digital=150, assisted=30))
    assert (take_up.value, dict(take_up.params)["assisted"]) == (0.75, 30)
    cost = m.cost_per(m.CostCounts(123_450, 500, currency="GBP", model="staff and telephony 2026"))
    assert cost.value == 246.9
    assert dict(cost.params) == {"currency": "GBP", "model": "staff and telephony 2026", "unit": "contact"}
    with pytest.raises(ValueError, match="unit"):
        m.CostCounts(unit="contact") + m.CostCounts(unit="transaction")


def test_told_waits_are_held_to_their_word() -> None:
    counts = m.WaitCounts(told=200, held=160, absolute_error_seconds=6000.0)
    assert m.ewt_calibration(counts).value == 0.8
    assert m.ewt_mean_absolute_error(counts).value == 30.0


def test_emergencies_are_judged_by_the_hour_with_the_busiest_named() -> None:
    hours = {
        HOUR: m.EmergencyCounts(answered=20, abandoned=1, within=(17, 18, 18)),
        HOUR + timedelta(hours=1): m.EmergencyCounts(answered=40, abandoned=2, within=(30, 36, 39)),
        HOUR + timedelta(hours=2): m.EmergencyCounts(answered=42, within=(42, 42, 42)),
    }
    busiest = m.busiest_hour(hours)
    assert busiest == HOUR + timedelta(hours=1), "the earlier of two equals"
    ten, fifteen, twenty = m.emergency_answer_times(hours[busiest])
    assert (ten.share.value, ten.target, ten.reached) == (0.75, None, None)
    assert (fifteen.share.value, fifteen.reached) == (0.9, True)
    assert (twenty.share.value, twenty.share.denominator, twenty.reached) == (0.975, 40, True)
    assert m.emergency_answer_times(hours[HOUR])[2].reached is False
    assert m.emergency_answer_times(m.EmergencyCounts())[1].reached is None
    assert m.emergency_abandonment(hours[HOUR]).value == 1 / 21
    assert m.busiest_hour({}) is None


def test_silent_calls_of_a_campaign() -> None:
    rate = m.dialler_abandon_rate(m.DiallerCounts(1000, 29) + m.DiallerCounts(1000, 31))
    assert (rate.value, dict(rate.params)) == (0.03, {"seconds": 2.0})


def test_every_definition_can_be_printed_with_its_values() -> None:
    shown = [
        m.service_level(day()),
        m.service_level(day(), short_abandons="left_out"),
        m.average_speed_of_answer(day()),
        m.abandonment(day()),
        m.abandonment(day(), short_abandons="left_out"),
        m.short_abandonment(day()),
        m.occupancy(m.WorkTime()),
        m.shrinkage(m.PaidTime()),
        m.adherence(m.ScheduleTime()),
        m.conformance(m.ScheduleTime()),
        m.first_contact_resolution(m.ResolutionCounts()),
        m.avoidable_contact(m.AvoidableCounts()),
        m.csat(m.SatisfactionCounts()),
        m.top_two_box(m.SatisfactionCounts()),
        m.nps(m.RecommendationCounts()),
        m.ces(m.EffortCounts()),
        m.a11_rows(m.A11Counts())[0].agree,
        m.a11_rows(m.A11Counts())[0].mean,
        m.a11_response_rate(m.A11Counts()),
        m.digital_take_up(m.CompletionCounts()),
        m.cost_per(m.CostCounts()),
        m.emergency_answer_times(m.EmergencyCounts())[0].share,
        m.emergency_abandonment(m.EmergencyCounts()),
        m.ewt_calibration(m.WaitCounts()),
        m.ewt_mean_absolute_error(m.WaitCounts()),
        m.dialler_abandon_rate(m.DiallerCounts()),
    ]
    assert {one.definition for one in shown} == set(m.DEFINITIONS), "each definition has its measure"
    for one in shown:
        text = m.DEFINITIONS[one.definition]
        named = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert named <= dict(one.params).keys()
        assert "{" not in text.format(**dict(one.params))


@dataclass(frozen=True)
class _Pairs(m.Counts):
    rows: tuple[int, ...] = ()


def test_rows_of_unequal_length_are_not_added() -> None:
    assert _Pairs((1, 2)) + _Pairs((3, 4)) == _Pairs((4, 6))
    assert _Pairs((1, 2)) + _Pairs() == _Pairs((1, 2))
    with pytest.raises(ValueError, match="zip"):
        _Pairs((1, 2)) + _Pairs((1,))


QUEUES = st.tuples(*[st.integers(0, 500)] * 5).map(
    lambda n: m.QueueCounts(
        offered=n[0] + n[1] + n[2] + n[3] + n[4],
        answered=n[0] + n[1],
        answered_within=n[0],
        abandoned=n[2] + n[3],
        short_abandoned=n[3],
    )
)


@given(QUEUES, QUEUES, QUEUES)
def test_adding_is_associative_and_shares_stay_shares(
    a: m.QueueCounts, b: m.QueueCounts, c: m.QueueCounts
) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + m.QueueCounts() == a
    level = m.service_level(a + b + c).value
    assert level is None or 0 <= level <= 1
