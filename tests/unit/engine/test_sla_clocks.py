"""A promise in open time: it pauses while the resident is asked, and never loses or gains a second."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine import sla
from civicline.engine.hours import ALWAYS_OPEN_WEEK, Calendar, open_seconds

OFFICE = Calendar("Europe/London", tuple((day, 9 * 60, 17 * 60) for day in range(5)))
ALWAYS = Calendar("UTC", ALWAYS_OPEN_WEEK)
DAY = 8 * 3600.0


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


MONDAY = london("2026-06-08T09:00")


def two_days() -> sla.Clock:
    return sla.start(target=2 * DAY, calendar=OFFICE, at=MONDAY)


def test_two_working_days_are_due_on_tuesday_evening() -> None:
    clock = two_days()
    assert sla.due_at(clock) == london("2026-06-09T17:00")
    assert sla.warn_at(clock) == london("2026-06-09T13:48")
    assert sla.used_seconds(clock, london("2026-06-08T20:00")) == DAY
    assert sla.remaining_seconds(clock, london("2026-06-10T10:00")) == -3600


def test_the_states_of_a_clock_that_nobody_answers() -> None:
    clock = two_days()
    assert sla.state(clock, london("2026-06-09T13:47")) == "running"
    assert sla.state(clock, london("2026-06-09T13:48")) == "due_soon"
    assert sla.state(clock, london("2026-06-09T17:00")) == "due_soon", "due exactly now still keeps it"
    assert sla.state(clock, london("2026-06-09T17:01")) == "breached", "also in the night after"
    assert sla.state(clock, london("2026-06-10T09:00")) == "breached"


def test_asking_the_resident_moves_the_due_time_by_the_paused_open_time() -> None:
    clock = sla.pause(two_days(), at=london("2026-06-08T12:00"), reason="waiting_for_resident")
    assert sla.is_paused(clock)
    assert sla.due_at(clock) is None
    assert sla.state(clock, london("2026-07-01T12:00")) == "paused"
    clock = sla.resume(clock, at=london("2026-06-10T12:00"))
    assert not sla.is_paused(clock)
    assert sla.due_at(clock) == london("2026-06-11T17:00")
    assert clock.pauses == (
        sla.Pause(london("2026-06-08T12:00"), london("2026-06-10T12:00"), "waiting_for_resident"),
    )


def test_a_pause_after_the_due_time_does_not_undo_the_breach() -> None:
    clock = sla.pause(two_days(), at=london("2026-06-10T10:00"))
    assert sla.due_at(clock) == london("2026-06-09T17:00")
    assert sla.state(clock, london("2026-06-11T10:00")) == "breached"
    clock = sla.pause(sla.resume(clock, at=london("2026-06-10T11:00")), at=london("2026-06-10T12:00"))
    assert len(clock.pauses) == 2
    clock = sla.resume(clock, at=london("2026-06-10T13:00"))
    assert [one.until for one in clock.pauses] == [london("2026-06-10T11:00"), london("2026-06-10T13:00")]


def test_answered_in_time_is_met_and_too_late_is_breached_for_ever() -> None:
    met = sla.stop(two_days(), at=london("2026-06-09T16:59"))
    assert sla.state(met, london("2027-01-01T00:00")) == "met"
    assert sla.remaining_seconds(met, london("2027-01-01T00:00")) == 60
    late = sla.stop(two_days(), at=london("2026-06-10T09:01"))
    assert sla.state(late, london("2027-01-01T00:00")) == "breached"


def test_a_withdrawn_case_stops_the_clock_unfulfilled_and_ends_the_pause() -> None:
    clock = sla.pause(two_days(), at=london("2026-06-08T12:00"))
    clock = sla.stop(clock, at=london("2026-06-08T13:00"), fulfilled=False)
    assert sla.state(clock, london("2026-06-08T14:00")) == "stopped"
    assert not sla.is_paused(clock)
    assert sla.used_seconds(clock, london("2027-01-01T00:00")) == 3 * 3600


def test_a_reopened_case_runs_on_without_the_time_between() -> None:
    assert sla.restart(two_days()) == two_days()
    clock = sla.restart(sla.stop(two_days(), at=london("2026-06-08T17:00")))
    assert sla.state(clock, london("2026-06-15T09:00")) == "paused"
    clock = sla.resume(clock, at=london("2026-06-15T09:00"))
    assert sla.due_at(clock) == london("2026-06-15T17:00")


def test_a_calendar_that_never_opens_is_never_due() -> None:
    clock = sla.start(target=60, calendar=Calendar("UTC"), at=MONDAY)
    assert sla.due_at(clock) is None
    assert sla.state(clock, MONDAY + timedelta(days=400)) == "running"


def test_pauses_entered_afterwards_that_overlap_are_counted_once() -> None:
    clock = sla.add_pause(two_days(), since=MONDAY, until=MONDAY + timedelta(hours=2))
    clock = sla.add_pause(clock, since=MONDAY + timedelta(hours=1), until=MONDAY + timedelta(hours=3))
    assert sla.used_seconds(clock, london("2026-06-08T12:00")) == 0
    assert sla.used_seconds(clock, london("2026-06-08T17:00")) == 5 * 3600
    assert sla.due_at(clock) == london("2026-06-10T12:00")


def test_a_pause_that_is_yet_to_come_does_not_count_yet() -> None:
    wednesday = MONDAY + timedelta(days=2)
    clock = sla.add_pause(two_days(), since=wednesday, until=wednesday + timedelta(hours=4))
    assert sla.used_seconds(clock, london("2026-06-08T17:00")) == DAY
    assert sla.due_at(clock) == london("2026-06-09T17:00"), "it begins after the promise is used up"


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("bad_target", lambda: sla.start(target=0, calendar=OFFICE, at=MONDAY)),
        ("bad_share", lambda: sla.start(target=1, calendar=OFFICE, at=MONDAY, due_soon_share=1.5)),
        ("naive_time", lambda: sla.start(target=1, calendar=OFFICE, at=MONDAY.replace(tzinfo=None))),
        ("not_paused", lambda: sla.resume(two_days(), at=MONDAY)),
        ("before_start", lambda: sla.pause(two_days(), at=MONDAY - timedelta(seconds=1))),
        ("already_paused", lambda: sla.pause(sla.pause(two_days(), at=MONDAY), at=MONDAY)),
        ("already_stopped", lambda: sla.pause(sla.stop(two_days(), at=MONDAY), at=MONDAY)),
        (
            "before_pause",
            lambda: sla.resume(sla.pause(two_days(), at=MONDAY + timedelta(hours=1)), at=MONDAY),
        ),
        (
            "before_pause",
            lambda: sla.add_pause(two_days(), since=MONDAY, until=MONDAY - timedelta(hours=1)),
        ),
    ],
)
def test_what_a_clock_cannot_do(code: str, step: object) -> None:
    assert callable(step)
    with pytest.raises(sla.ClockRefused) as caught:
        step()
    assert caught.value.code == code


START = datetime(2026, 3, 2, 10, tzinfo=UTC)
OFFSETS = st.integers(0, 60 * 86_400)
TARGETS = st.integers(1, 40 * 8 * 3600)
CALENDARS = st.sampled_from([OFFICE, ALWAYS, Calendar("Africa/Casablanca", ((4, 1200, 300), (6, 60, 200)))])


@given(CALENDARS, TARGETS, OFFSETS, OFFSETS)
def test_a_pause_shifts_due_by_exactly_its_open_time(cal: Calendar, target: int, a: int, b: int) -> None:
    since, until = (START + timedelta(seconds=seconds) for seconds in sorted((a, b)))
    plain = sla.start(target=target, calendar=cal, at=START)
    due, paused_due = sla.due_at(plain), sla.due_at(sla.add_pause(plain, since=since, until=until))
    assert due is not None
    assert paused_due is not None
    before = due <= since
    expected = 0.0 if before else open_seconds(cal, since, until)
    assert open_seconds(cal, due, paused_due) == expected


PAUSES = st.lists(st.tuples(OFFSETS, OFFSETS).map(sorted), max_size=6)


def paused(clock: sla.Clock, pauses: list[list[int]]) -> sla.Clock:
    for a, b in pauses:
        clock = sla.add_pause(clock, since=START + timedelta(seconds=a), until=START + timedelta(seconds=b))
    return clock


@given(CALENDARS, TARGETS, PAUSES, OFFSETS, st.randoms())
def test_the_order_of_pauses_is_irrelevant(
    cal: Calendar, target: int, pauses: list[list[int]], at: int, random: Random
) -> None:
    plain = sla.start(target=target, calendar=cal, at=START)
    shuffled = list(pauses)
    random.shuffle(shuffled)
    one, other = paused(plain, pauses), paused(plain, shuffled)
    now = START + timedelta(seconds=at)
    assert sla.due_at(one) == sla.due_at(other)
    assert sla.state(one, now) == sla.state(other, now)
    assert sla.used_seconds(one, now) == sla.used_seconds(other, now)


@given(CALENDARS, TARGETS, PAUSES)
def test_at_the_due_time_exactly_the_target_is_used(
    cal: Calendar, target: int, pauses: list[list[int]]
) -> None:
    clock = paused(sla.start(target=target, calendar=cal, at=START), pauses)
    due = sla.due_at(clock)
    assert due is not None
    assert sla.used_seconds(clock, due) == target
    assert sla.state(clock, due) == "due_soon"
    assert sla.state(clock, due + timedelta(microseconds=1)) == "breached"


@given(TARGETS, PAUSES, st.lists(OFFSETS, min_size=2, max_size=6).map(sorted))
def test_used_time_never_runs_backwards(target: int, pauses: list[list[int]], moments: list[int]) -> None:
    clock = paused(sla.start(target=target, calendar=OFFICE, at=START), pauses)
    used = [sla.used_seconds(clock, START + timedelta(seconds=moment)) for moment in moments]
    assert all(a <= b for a, b in pairwise(used))
