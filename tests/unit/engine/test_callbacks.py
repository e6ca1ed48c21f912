"""Calls that are owed: tried by rule within calling hours, given up in the end, and never left open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine import hours
from civicline.engine.callbacks import (
    CALLBACK,
    NEVER,
    OPEN,
    Again,
    GivenUp,
    Rule,
    after_try,
    allowed_from,
    outcome_of,
)
from civicline.engine.lifecycle import can

OFFICE = hours.from_plain(
    {"tz": "UTC", "weekly": [{"day": day, "start": "09:00", "end": "17:00"} for day in range(5)]}
)
SHUT = hours.from_plain({"tz": "UTC", "weekly": []})
MONDAY_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
outcomes = st.sampled_from(
    ["busy", "no_answer", "refused", "no_such_number", "not_reached", "agent_left", "lost"]
)
rules = st.builds(
    Rule, tries=st.integers(1, 9), pause_s=st.integers(0, 100_000), busy_s=st.integers(0, 100_000),
    ring_s=st.integers(1, 99),
)  # fmt: skip
moments = st.integers(0, 365 * 86_400).map(lambda seconds: MONDAY_NOON + timedelta(seconds=seconds))


@given(rules, outcomes, moments)
def test_every_call_comes_to_an_end_and_rings_only_in_calling_hours(
    rule: Rule, outcome: str, now: datetime
) -> None:
    tries = 0
    while True:
        tries += 1
        follows = after_try(rule, tries=tries, outcome=outcome, now=now, calendar=OFFICE)
        if isinstance(follows, GivenUp):
            break
        assert hours.is_open(OFFICE, follows.at)
        assert follows.at >= now + timedelta(seconds=min(rule.pause_s, rule.busy_s))
        now = follows.at
    assert tries == (1 if outcome in NEVER else rule.tries)
    assert follows.reason == outcome


def test_a_busy_line_is_tried_sooner_than_one_that_nobody_answers() -> None:
    rule = Rule(tries=3, pause_s=900, busy_s=180)
    busy = after_try(rule, tries=1, outcome="busy", now=MONDAY_NOON)
    silent = after_try(rule, tries=1, outcome="no_answer", now=MONDAY_NOON)
    assert busy == Again(MONDAY_NOON + timedelta(minutes=3))
    assert silent == Again(MONDAY_NOON + timedelta(minutes=15))


def test_a_number_that_does_not_exist_is_not_tried_again_nor_one_tried_often_enough() -> None:
    rule = Rule()
    assert after_try(rule, tries=1, outcome="no_such_number", now=MONDAY_NOON) == GivenUp("no_such_number")
    assert after_try(rule, tries=rule.tries, outcome="busy", now=MONDAY_NOON) == GivenUp("busy")


def test_in_the_evening_it_waits_for_the_morning() -> None:
    late = MONDAY_NOON.replace(hour=16, minute=55)
    assert after_try(Rule(), tries=1, outcome="no_answer", now=late, calendar=OFFICE) == Again(
        datetime(2026, 3, 3, 9, tzinfo=UTC)
    )


def test_hours_that_never_come_end_it() -> None:
    assert after_try(Rule(), tries=1, outcome="busy", now=MONDAY_NOON, calendar=SHUT) == GivenUp("no_hours")
    assert allowed_from(MONDAY_NOON, SHUT) is None
    assert allowed_from(MONDAY_NOON, None) == MONDAY_NOON


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (17, "busy"),
        (19, "no_answer"),
        (1, "no_such_number"),
        (21, "refused"),
        (38, "not_reached"),
        (0, "no_answer"),
    ],
)
def test_what_the_network_says_in_our_words(cause: int, outcome: str) -> None:
    assert outcome_of(cause) == outcome


@pytest.mark.parametrize("state", OPEN)
def test_whatever_is_owed_can_be_called_off(state: str) -> None:
    assert can(CALLBACK, state, "cancelled")


def test_nothing_is_dialled_but_what_waits_and_what_is_over_stays_over() -> None:
    assert [one for one in CALLBACK.states if can(CALLBACK, one, "dialling")] == ["waiting"]
    assert CALLBACK.finals == {"reached", "given_up", "cancelled"}


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"ring_s": 0}, {"pause_s": -1}, {"busy_s": -1}])
def test_a_rule_that_never_calls_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="below its least"):
        Rule(**wrong)
