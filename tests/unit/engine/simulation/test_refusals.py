"""Scenarios that cannot be are refused in words, and what needs the router goes through it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from civicline.engine.routing import Ring
from civicline.engine.simulation import (
    DAY,
    Callback,
    Rates,
    Scenario,
    Shift,
    SimulationError,
    Surge,
    Trace,
    Traced,
)
from civicline.engine.simulation.line import is_plain
from tests.unit.engine.simulation.centre import line, person


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Rates((1.0, -2.0)), "Interval 2"),
        (lambda: Rates((1.0,), 0.0), "more than 0 seconds"),
        (lambda: Rates((9e6,)), "More than"),
        (lambda: Surge(10, 5, 1), "end after its start"),
        (lambda: Callback(60, accepted=1.5), "between 0 and 1"),
        (lambda: Callback(-1), "0 seconds or more"),
        (lambda: Callback(1, attempts=0), "at least one attempt"),
        (lambda: Callback(1, most=-1), "0 or more"),
        (lambda: line(0, self_service=1.5), "lie between 0 and 1"),
        (lambda: line(0, languages=(("es", 0.7), ("fr", 0.7))), "lie between 0 and 1"),
        (lambda: Shift(5, 5), "end after its start"),
        (lambda: Shift(5, 10, ((4, 6),)), "lies within"),
        (lambda: Scenario((), ()), "needs a queue"),
        (lambda: Scenario((line(), line()), ()), "Two of the queues are named calls"),
        (lambda: Scenario((line(),), (person("A"), person("A"))), "Two of the agents are named A"),
        (lambda: Scenario((line(),), (), absence=1.0), "shares from 0"),
        (lambda: Scenario((line(),), (), answer_seconds=-1), "0 seconds or more"),
    ],
)
def test_what_cannot_be_is_refused(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        wrong()


@pytest.mark.parametrize(
    ("scenario", "plain"),
    [
        (Scenario((line(0),), (person("A"),)), True),
        (Scenario((line(0),), (person("A"),), answer_seconds=1), False),
        (Scenario((line(0, rings=(Ring(5),)),), (person("A"),)), False),
        (Scenario((line(0, channel="chat"),), (person("A"),)), False),
        (Scenario((line(0),), (person("A", "calls", "other"),)), False),
        (Scenario((line(0),), (person("A", "*"),)), False),
        (Scenario((line(0),), (person("A", capacity={"voice": 2}),)), False),
    ],
)
def test_only_plain_queues_take_the_short_way(scenario: Scenario, plain: bool) -> None:
    assert is_plain(scenario) is plain


def test_a_trace_that_asks_for_a_language_needs_the_router() -> None:
    from dataclasses import replace

    asks = replace(line(0), arrivals=Trace((Traced(0, language="es"),)))
    assert not is_plain(Scenario((asks,), (person("A"),)))


def test_breaks_may_be_paid_and_may_fill_the_shift() -> None:
    assert Shift(0, 100, ((0, 50),), breaks_paid=True).paid_seconds == 100
    assert Shift(0, 100, ((0, 50),)).paid_seconds == 50
    from civicline.engine.simulation.duty import working

    idle = person("A", shifts=(Shift(0, 100, ((0, 60), (40, 100))), Shift(200, DAY)))
    assert working(Scenario((line(),), (idle,)), 1, 0) == [[(200, DAY)]]
