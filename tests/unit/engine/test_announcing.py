"""What callers in line are told: news when it is good or due, comfort in between, an offer once, music between them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.announcing import FIRST_S, QUIET_S, Rule, Standing, Told, Words, is_better, next_words

RULE = Rule(comfort_s=45, news_s=120, offer_s=90)
HERE = Standing(4, 5, 9)

places = st.one_of(st.none(), st.integers(1, 40))
standings = st.builds(
    lambda place, low, more: Standing(place, low, None if low is None else low + more),
    places, st.one_of(st.none(), st.integers(0, 60)), st.integers(1, 30),
)  # fmt: skip
rules = st.builds(Rule, *(st.integers(0, 300) for _ in range(3)))
lines = st.lists(st.tuples(st.floats(0.5, 90), standings, st.booleans()), max_size=60)


def told_in(
    rule: Rule, line: list[tuple[float, Standing, bool]]
) -> list[tuple[float, Words, Standing, Told]]:
    """What somebody hears whose standing changes like this: when, what, how they stood, what they knew before."""
    told, at, heard = Told(), 0.0, []
    for seconds, standing, possible in line:
        at += seconds
        words = next_words(rule, told, standing, at, can_call_back=possible)
        if words is not None:
            heard.append((at, words, standing, told))
            told = told.after(words, standing, at)
    return heard


@given(rules, lines)
def test_there_is_music_between_any_two_announcements(
    rule: Rule, line: list[tuple[float, Standing, bool]]
) -> None:
    moments = [at for at, *_ in told_in(rule, line)]
    assert all(later - earlier >= QUIET_S for earlier, later in pairwise(moments))
    assert all(at >= FIRST_S for at in moments)


@given(rules, lines)
def test_bad_news_waits_until_news_is_due(rule: Rule, line: list[tuple[float, Standing, bool]]) -> None:
    for at, words, standing, before in told_in(rule, line):
        if words == "news" and before.news_at is not None:
            assert at - before.news_at >= rule.news_s
        if words == "good_news":
            assert is_better(before.standing, standing)


@given(rules, lines)
def test_a_call_back_is_offered_once_and_only_where_there_is_one(
    rule: Rule, line: list[tuple[float, Standing, bool]]
) -> None:
    heard = told_in(rule, line)
    offers = [at for at, words, *_ in heard if words == "offer"]
    assert len(offers) <= (1 if rule.offer_s else 0)
    assert all(at >= rule.offer_s for at in offers)
    never = told_in(rule, [(seconds, standing, False) for seconds, standing, _ in line])
    assert all(words != "offer" for _, words, *_ in never)


@given(lines)
def test_what_is_never_is_never(line: list[tuple[float, Standing, bool]]) -> None:
    assert told_in(Rule(0, 0, 0), line) == []


@given(st.lists(st.floats(0.5, 5), min_size=200, max_size=300))
def test_nobody_waits_for_long_without_a_word(pauses: list[float]) -> None:
    heard = [0.0, *(at for at, *_ in told_in(RULE, [(pause, HERE, False) for pause in pauses]))]
    assert all(later - earlier <= RULE.comfort_s + 5 for earlier, later in pairwise(heard))


@given(standings, standings)
def test_news_is_not_good_both_ways(one: Standing, other: Standing) -> None:
    assert not (is_better(one, other) and is_better(other, one))
    assert not is_better(one, one)


@pytest.mark.parametrize(
    ("now", "good"),
    [
        (Standing(3, 5, 9), True), (Standing(4, 4, 7), True), (Standing(3, 3, 7), True), (Standing(3, 8, 14), False),
        (Standing(5, 3, 7), False), (Standing(5, 6, 10), False), (Standing(3), True), (Standing(), False),
    ],
)  # fmt: skip
def test_what_is_good_news(now: Standing, good: bool) -> None:
    assert is_better(HERE, now) is good


def test_a_waiting_in_order() -> None:
    line = [(5.0, HERE, True)] * 17 + [
        (5.0, HERE, True),
        (25.0, Standing(2, 2, 4), True),
        (130.0, HERE, True),
    ]
    assert [words for _, words, *_ in told_in(RULE, line)] == [
        "news",
        "comfort",
        "offer",
        "good_news",
        "news",
    ]


def test_a_rule_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Rule(comfort_s=-1)
