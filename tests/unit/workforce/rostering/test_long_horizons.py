"""Horizons too long for one programme: rows of blocks at once, best answers, and a roster whenever the time ends."""

from __future__ import annotations

import random
import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from civicline.workforce.rostering import Instance, Solution, checker, keys, parse, penalty, solve
from civicline.workforce.rostering.answers import answered, mixed
from civicline.workforce.rostering.blocks import laid_out, row_of_blocks
from civicline.workforce.rostering.instance import Roster
from civicline.workforce.rostering.pieces import Pieces
from tests.unit.workforce.rostering.wards import WARD, made


def judged(text: str, instance: Instance, roster: Roster) -> int:
    """The cost by the checker, which must find no rule broken."""
    verdict = checker.judge(text, keys(instance, roster))
    assert verdict.broken == ()
    return verdict.cost


@given(st.integers(0, 10_000), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_rows_of_blocks_keep_every_rule_whatever_the_contracts(seed: int, weeks: int) -> None:
    text = made(6, weeks, seed=seed)
    instance = parse(text)
    roster = laid_out(instance, random.Random(seed))
    if roster is None:  # somebody has none: then it is one person's own rules, and the others have theirs
        zero = np.zeros((instance.days, len(instance.shifts)))
        assert any(row_of_blocks(instance, person, zero) is None for person in instance.staff)
    else:
        assert judged(text, instance, roster) == penalty(instance, roster).total


def test_blocks_serve_what_is_missing_and_spare_who_wished_to_be_free() -> None:
    instance = parse(WARD)
    roster = laid_out(instance, random.Random(1))
    assert roster is not None
    nobody = penalty(instance, np.full_like(roster, -1)).total
    assert judged(WARD, instance, roster) < nobody / 2


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_a_row_in_a_hurry_keeps_every_rule_too(seed: int) -> None:
    text = made(1, 8, seed=seed)
    instance = parse(text)
    (person,) = instance.staff
    prices = np.where(instance.required > 0, -instance.under, instance.over)
    rows = [row_of_blocks(instance, person, prices, hurried=hurried) for hurried in (True, False)]
    assert (rows[0] is None) == (rows[1] is None)
    if rows[0] is not None:
        judged(text, instance, rows[0][None])


def test_impossible_hours_have_no_row() -> None:
    instance = parse(WARD.replace("Dov,E=14|L=14,2400,960,4,1,2,1", "Dov,E=0|L=0,2400,960,4,1,2,1"))
    assert laid_out(instance, random.Random(1)) is None


def test_a_time_that_is_over_gives_no_roster_and_says_so() -> None:
    assert laid_out(parse(WARD), random.Random(1), deadline=time.monotonic() - 1) is None


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_answers_never_cost_more_and_gain_what_they_say(seed: int) -> None:
    text = made(8, 6, seed=3)
    instance = parse(text)
    roster = laid_out(instance, random.Random(seed))
    assert roster is not None
    chance = random.Random(seed)
    for _ in range(6):
        first = 7 * chance.randrange(4)
        who = chance.sample(range(8), 5)
        before = penalty(instance, roster).total
        roster, gain = answered(instance, roster, who, first, first + 14, chance)
        assert gain >= 0
        assert judged(text, instance, roster) == before - gain


def test_two_rosters_mixed_are_no_worse_than_the_first() -> None:
    instance = parse(made(8, 6, seed=3))
    one, other = (laid_out(instance, random.Random(seed)) for seed in (1, 2))
    assert one is not None and other is not None
    assert penalty(instance, mixed(instance, one, other)).total <= penalty(instance, one).total
    assert (mixed(instance, one, one) == one).all()


def test_a_year_is_bettered_by_answers_and_pieces_and_told_when_it_is() -> None:
    text = made(8, 52, seed=4)
    instance = parse(text)
    told: list[int] = []
    pieces = Pieces(instance, time.monotonic() + 600, random.Random(1), lambda _, cost: told.append(cost))
    start = laid_out(instance, random.Random(1))
    assert start is not None
    pieces.take(start)
    for _ in range(40):
        pieces.step()
    pieces.tell()
    assert pieces.roster is not None
    assert judged(text, instance, pieces.roster) == pieces.cost == told[-1] < told[0]
    assert pieces.counts["answers"] > 0


def test_a_longer_horizon_has_a_roster_when_its_time_is_over() -> None:
    text = made(6, 20, seed=4)
    instance = parse(text)
    found = solve(instance, seconds=6, seed=1)
    assert isinstance(found, Solution) or not found.in_time  # a breathless machine may not even have begun
    if isinstance(found, Solution):
        assert judged(text, instance, found.roster) == found.cost
