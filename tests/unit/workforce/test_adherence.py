"""Kept to plan is fair: late contacts excuse, short absences are nobody's business, breaks count neither way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from civicline.workforce.adherence import Kept, kept_to_plan
from civicline.workforce.models import Shift

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIFT = Shift(start=NINE, end=NINE + timedelta(hours=8), breaks=[[180, 30, False]])


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def judged(*states: tuple[float, str], busy: tuple[tuple[float, float], ...] = (), now: float = 480) -> Kept:
    return kept_to_plan(
        [SHIFT], [(at(minute), state) for minute, state in states], [(at(a), at(b)) for a, b in busy], at(now)
    )


def test_a_day_as_planned_is_kept_whole() -> None:
    kept = judged((0, "available"), (180, "break"), (210, "available"), (480, "signed_out"), now=600)
    assert (kept.share, kept.planned, kept.extra) == (1.0, 450 * 60, 0.0)
    assert kept.seconds("break") == 30 * 60


def test_coming_late_and_a_break_of_ones_own_are_missing() -> None:
    kept = judged((20, "available"), (100, "break"), (115, "available"))
    assert kept.seconds("missing") == 35 * 60
    assert kept.share == pytest.approx(1 - 35 / 450)


def test_a_contact_that_runs_into_the_break_gives_the_break_back_later() -> None:
    kept = judged((0, "available"), (195, "break"), (225, "available"), busy=((170, 195),))
    assert kept.extra == 15 * 60
    assert kept.seconds("excused") == 15 * 60
    assert kept.share == 1.0


def test_a_contact_that_runs_over_the_end_is_counted_apart_and_never_missing() -> None:
    kept = judged((0, "available"), (500, "signed_out"), busy=((470, 500),), now=600)
    assert (kept.share, kept.extra) == (1.0, 20 * 60)


def test_a_contact_in_hand_is_work_whatever_the_presence_says() -> None:
    assert judged((0, "available"), (60, "away"), busy=((60, 120),), now=120).share == 1.0


def test_stretches_under_three_minutes_are_nobodys_business() -> None:
    assert judged((2, "available"), (90, "away"), (92.5, "available"), now=150).share == 1.0
    assert judged((4, "available"), now=150).seconds("missing") == 4 * 60


def test_before_the_shift_there_is_nothing_to_judge_and_later_time_does_not_count_yet() -> None:
    assert judged(now=-30).share is None
    kept = judged((0, "available"), now=60)
    assert (kept.planned, kept.share) == (3600, 1.0)


def test_who_is_missing_is_told_with_the_time_since_when() -> None:
    assert judged((0, "available"), (60, "signed_out"), now=100).missing_since == at(60)
    assert judged((0, "available"), (60, "signed_out"), (90, "available"), now=100).missing_since is None
    assert (
        judged((0, "available"), (170, "signed_out"), now=200).missing_since is None
    )  # has a break just now
    assert judged(now=-30).missing_since is None
    assert judged((0, "available"), (120, "signed_out"), now=215).missing_since == at(
        120
    )  # a break brings nobody back
    assert judged((0, "available"), (180, "break"), now=215).missing_since == at(210)


def test_nobody_there_is_missing_all_day() -> None:
    kept = judged()
    assert (kept.share, kept.seconds("missing")) == (0.0, 450 * 60)
