"""A line learns from its own past how long those who join it will wait."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from civicline.engine.experience import FEWEST, Experience, Sight, Turn, learn, look
from tests.busy_line import busy_line

MORNING = 36_000.0


def test_who_joins_sees_who_waits_who_is_served_and_how_long_others_took() -> None:
    turns = [
        Turn(MORNING - 1000, MORNING - 950, MORNING - 10, "chat", 0),  # answered too long ago to count
        Turn(MORNING - 400, MORNING - 320, MORNING - 5, "voice", 0),
        Turn(MORNING - 300, MORNING - 300, None, "chat", 0),  # answered at once, still served
        Turn(MORNING - 200, None, MORNING - 100, "chat", 0),  # gave up
        Turn(MORNING - 120, MORNING - 20, None, "chat", 1),  # served
        Turn(MORNING - 60, None, None, "chat", 1),  # waits, more urgent
        Turn(MORNING - 50, MORNING + 5, MORNING + 9, "voice", 0),  # waits still, whatever comes later
        Turn(MORNING - 40, None, MORNING + 8, "chat", 0),  # waits still
        Turn(MORNING + 1, None, None, "chat", 1),  # nobody sees what is to come
    ]
    assert look(MORNING, turns, "chat", 0) == Sight(
        "chat", 0, urgent=1, level=2, waiting=3, waiting_group=2, oldest=60, oldest_level=50, oldest_group=60,
        last=100, last_level=80, last_group=100, usual=pytest.approx((50 + 80 + 100) / 3), serving=2,
        serving_group=2, answered=3, answered_lately=1, answered_level=2, answered_group=2, at_once=1, left=1,
        joined=7, joined_urgent=2,
    )  # fmt: skip


def test_an_empty_line_is_seen_as_empty() -> None:
    seen = look(MORNING, [], "chat", 0)
    assert (seen.waiting, seen.oldest, seen.last, seen.usual, seen.answered, seen.serving) == (
        0,
        0,
        0,
        0,
        0,
        0,
    )


def seen_and_waited(seed: int, contacts: int) -> tuple[list[Sight], list[float]]:
    """What each who waited in a simulated line saw, and how long they waited."""
    turns, sights, waits = busy_line(seed, contacts), [], []
    for number, turn in enumerate(turns):
        if turn.answered is not None and turn.answered > turn.joined:
            sights.append(look(turn.joined, turns[max(0, number - 150) : number], turn.group, turn.priority))
            waits.append(turn.answered - turn.joined)
    return sights, waits


@pytest.fixture(scope="module")
def past() -> tuple[list[Sight], list[float]]:
    return seen_and_waited(3, 2500)


def test_the_middle_is_nearer_than_a_constant_and_four_waits_in_five_lie_in_the_range(
    past: tuple[list[Sight], list[float]],
) -> None:
    experience = learn(*past)
    assert experience is not None
    sights, waits = seen_and_waited(4, 1500)
    told = [experience.foretell(sight) for sight in sights]
    off = np.mean([abs(one.middle - wait) for one, wait in zip(told, waits, strict=True)])
    constant = np.mean(np.abs(np.median(past[1]) - np.array(waits)))
    assert off < 0.75 * constant
    held = np.mean([one.low <= wait <= one.high for one, wait in zip(told, waits, strict=True)])
    assert 0.74 < held < 0.86
    assert all(0 <= one.low <= one.middle <= one.high for one in told)


def test_the_urgent_are_told_a_shorter_wait(past: tuple[list[Sight], list[float]]) -> None:
    experience = learn(*past)
    assert experience is not None
    turns = [Turn(MORNING - 10 * n, None, None, "chat", 0) for n in range(1, 7)]
    turns += [
        Turn(MORNING - 90 * n, MORNING - 90 * n + 60, MORNING - 90 * n + 130, "chat", 0) for n in range(2, 9)
    ]
    urgent, patient = (experience.foretell(look(MORNING, turns, "chat", level)) for level in (1, 0))
    assert urgent.middle < patient.middle


def test_a_kind_never_seen_is_foretold_all_the_same(past: tuple[list[Sight], list[float]]) -> None:
    experience = learn(*past)
    assert experience is not None
    assert experience.groups == ("chat",)
    assert experience.foretell(replace(past[0][0], group="fax", priority=9)).high > 0


def test_experience_is_kept_as_plain_data(past: tuple[list[Sight], list[float]]) -> None:
    experience = learn(*past)
    assert experience is not None
    again = Experience.of_data(json.loads(json.dumps(experience.as_data())))
    assert again == experience
    assert again.foretell(past[0][5]) == experience.foretell(past[0][5])


def test_few_waits_teach_nothing(past: tuple[list[Sight], list[float]]) -> None:
    sights, waits = past
    assert learn(sights[: FEWEST - 1], waits[: FEWEST - 1]) is None


def test_waits_of_long_ago_weigh_less(past: tuple[list[Sight], list[float]]) -> None:
    sights, waits = past
    slower = [wait * 4 for wait in waits]
    both = sights + sights, slower + waits
    fresh = learn(*both, [120.0] * len(sights) + [0.0] * len(sights))
    even = learn(*both)
    assert fresh is not None
    assert even is not None
    told = [np.median([one.foretell(sight).middle for sight in sights[:200]]) for one in (fresh, even)]
    assert told[0] < told[1] / 1.3
