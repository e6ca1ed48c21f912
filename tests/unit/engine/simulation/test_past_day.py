"""A real day lived again: alone with what the log tells, it comes out as it was."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.routing import Ring
from civicline.engine.simulation import (
    DAY,
    Agent,
    Came,
    PastDay,
    Promise,
    Queue,
    Scenario,
    Shift,
    SimulationError,
    Trace,
    Traced,
    compare,
    constant,
    empirical,
    exponential,
    line_of,
    lognormal,
    measured,
    past_scenario,
    simulate,
    waits_by_interval,
)
from civicline.engine.simulation.crowd import gather_crowd


def came(
    at: float, waited: float = 0.0, fate: Any = "answered", handled: float | None = 300.0, **fields: Any
) -> Came:
    """One contact of the line `calls`."""
    return Came(f"c{at:g}", fields.pop("line", "calls"), at, waited, fate, handled, **fields)


def clerk(name: str = "ada", *lines: str, **fields: Any) -> Agent:
    """Somebody who was there from nine to five."""
    told = {"shifts": (Shift(32_400, 61_200),), "skills": {"tax": 3}, "languages": frozenset({"en"})}
    return Agent(name, frozenset(lines or {"calls"}), **{**told, **fields})


def day(*contacts: Came, people: tuple[Agent, ...] = (), **fields: Any) -> PastDay:
    """A day with one line."""
    return PastDay(contacts, people or (clerk(),), {"calls": Promise(60.0), "mail": Promise(600.0)}, **fields)


def fifo_day(count: int = 40, gap: float = 200.0, work: float = 240.0) -> PastDay:
    """One person, served in order: waits grow, as they really would have."""
    free, contacts = 32_400.0, []
    for number in range(count):
        at = 32_400.0 + gap * number
        start = max(free, at)
        contacts.append(came(at, start - at, handled=work))
        free = start + work
    return day(*contacts)


def test_a_day_in_which_everything_is_known_comes_out_as_it_was() -> None:
    past = fifo_day()
    real, again = measured(past), simulate(past_scenario(past), replications=3).total
    assert again["mean_wait"].low == again["mean_wait"].high == pytest.approx(real.mean_wait)
    assert again["service_level"].mean == pytest.approx(real.service_level)
    assert again["answered"].mean == real.answered == real.offered
    assert again["mean_handle"].mean == pytest.approx(real.mean_handle) == 240.0
    assert waits_by_interval(past)[1][18:24] == pytest.approx(
        simulate(past_scenario(past), replications=1).by_interval()["mean_wait"][18:24]
    )


def test_what_really_was_is_counted_as_the_simulator_counts() -> None:
    past = day(
        came(33_000, 30), came(33_100, 90, handled=None), came(33_200, 50, "left", None),
        came(86_000, 400, "waiting", None), came(34_000, 500, line="mail", channel="webform"),
    )  # fmt: skip
    assert measured(past) == (5, 3, 2, 0.4, 0.4, 214.0, 300.0)
    assert measured(past, ["mail"]) == (1, 1, 0, 1.0, 0.0, 500.0, 300.0)
    assert measured(past, ()) == (0, 0, 0, 0.0, 0.0, 0.0, 0.0)
    counts, waits = waits_by_interval(past)
    assert (counts[18], counts[47], sum(counts)) == (4, 1, 5)
    assert waits[18] == pytest.approx(167.5)
    assert waits_by_interval(past, ["calls"])[1][18] == pytest.approx(170 / 3)


def test_the_end_of_the_log_is_the_end_of_every_wait() -> None:
    past = day(
        came(33_000, 1000, "waiting", None),
        came(33_500, 500, "waiting", None),
        people=(clerk(shifts=()),),
        until=34_000,
    )
    real, again = measured(past), simulate(past_scenario(past), replications=2).total
    assert again["mean_wait"].mean == real.mean_wait == 750.0
    assert again["abandoned"].mean == real.abandoned == 2


def test_who_gave_up_is_answered_when_somebody_more_is_there() -> None:
    talk = came(33_000, handled=3000)
    past = day(talk, came(33_010, 60, "left", None), came(33_020, 80, "left", None), came(40_000, 0))
    alone = simulate(past_scenario(past), replications=2).total
    assert alone["abandoned"].mean == 2
    both = replace(past, people=(*past.people, clerk("bela")))
    assert simulate(past_scenario(both), replications=2).total["abandoned"].mean < 2


def test_contacts_with_other_needs_are_queues_of_their_own_and_their_line_is_told() -> None:
    promises = {
        "calls": Promise(60.0, rings=(Ring(30, overflow_queues=("mail", "partner")),)), "mail": Promise(600.0),
        "quiet": Promise(),
    }  # fmt: skip
    past = PastDay(
        (
            came(33_000, skills=(("tax", 2),)), came(33_001, emergency=True), came(33_002, language="en"),
            came(33_003, line="mail", channel="webform"),
        ),
        (clerk("ada", "calls", "quiet"), clerk("bela", "mail")),
        promises,
    )  # fmt: skip
    scenario = past_scenario(past, "yesterday")
    assert [queue.queue_id for queue in scenario.queues] == ["calls/1", "calls/2", "calls/3", "mail/1"]
    assert {line_of(queue.queue_id) for queue in scenario.queues} == {"calls", "mail"}
    assert [queue.emergency for queue in scenario.queues] == [False, True, False, False]
    assert scenario.queues[0].rings[0].overflow_queues == ("mail/1", "partner")
    assert scenario.agents[0].queues == {"calls/1", "calls/2", "calls/3", "quiet"}
    assert scenario.queues[2].skills == (("tax", 2),)
    assert line_of("calls") == "calls"
    results, calls = simulate(scenario, replications=2), ["calls/1", "calls/2", "calls/3"]
    assert results.of_queues(calls)["offered"].mean == 3
    assert sum(results.by_interval(among=calls)["offered"]) == 3
    assert compare(results, results, calls)["mean_wait"] == (0, 0, 0)


def test_the_work_of_the_lost_is_drawn_from_their_line_then_from_the_day() -> None:
    lost = came(33_000, 5, "left", None, channel="voice")
    own = past_scenario(day(lost, came(33_001, handled=77)))
    assert own.queues[1].service == empirical((77.0,))
    other = past_scenario(day(lost, came(33_002, line="mail", handled=55)))
    assert other.queues[0].service == empirical((55.0,))
    none = past_scenario(day(lost, came(33_002, 5, "left", None)))
    assert none.queues[0].service == exponential(300.0)


def test_a_day_without_anybody_or_a_promise_is_refused() -> None:
    with pytest.raises(SimulationError, match="Nobody came"):
        past_scenario(PastDay((), (), {}))
    with pytest.raises(SimulationError, match="no promise for letters"):
        past_scenario(day(came(33_000, line="letters")))


def crowd_of(patience: Any, *contacts: Traced, seed: int = 1) -> Any:
    queue = Queue("q", Trace(contacts), constant(60.0), patience=patience)
    return gather_crowd(Scenario((queue,), (clerk(),)), seed, 0)


@pytest.mark.parametrize(
    "patience", [exponential(60.0), lognormal(60.0), constant(60.0), empirical((10.0, 50.0, 100.0))]
)
def test_who_has_stayed_so_long_has_more_patience_than_that(patience: Any) -> None:
    stayed = [0.0, 20.0, 80.0, 500.0]
    drawn = crowd_of(patience, *(Traced(100.0 + at, stayed=one) for at, one in enumerate(stayed))).patience
    assert all(got > told for got, told in zip(drawn, stayed, strict=True))


def test_beyond_the_longest_sample_patience_has_no_end_and_what_is_told_is_kept() -> None:
    told = Traced(1.0, patience=7.0), Traced(2.0, stayed=100.0), Traced(3.0)
    drawn = crowd_of(empirical((10.0, 50.0)), *told).patience
    assert (drawn[0], drawn[1]) == (7.0, math.inf)
    assert drawn[2] in (10.0, 50.0)
    assert np.isinf(crowd_of(None, *told).patience[1])


@given(
    st.lists(st.floats(0, 400), min_size=1, max_size=20),
    st.sampled_from([exponential(90.0), lognormal(90.0), constant(90.0), empirical((5.0, 90.0, 300.0))]),
    st.integers(0, 99),
)
def test_what_lies_beyond_is_always_longer(beyond: list[float], spread: Any, seed: int) -> None:
    drawn = spread.draw_beyond(np.random.default_rng(seed), np.array(beyond))
    assert (drawn > np.array(beyond)).all()
    again = spread.draw_beyond(np.random.default_rng(seed), np.array(beyond[:1]))
    assert again[0] == drawn[0]


@given(
    st.lists(
        st.tuples(st.floats(0, DAY - 1), st.floats(0, 3000), st.sampled_from(["answered", "left"])),
        min_size=1,
    )
)
def test_everybody_who_came_is_in_the_scenario_once_and_the_figures_add_up(
    rows: list[tuple[float, float, Any]],
) -> None:
    contacts = [
        replace(came(at, waited, fate, 60.0 if fate == "answered" else None), contact_id=str(number))
        for number, (at, waited, fate) in enumerate(rows)
    ]
    past = day(*contacts)
    scenario = past_scenario(past)
    names = [one.contact_id for queue in scenario.queues for one in queue.arrivals.contacts]  # type: ignore[union-attr]
    assert sorted(names) == sorted(one.contact_id for one in contacts)
    real = measured(past)
    assert real.answered + real.abandoned == real.offered == sum(waits_by_interval(past)[0])
    assert simulate(scenario, replications=1).total["offered"].mean == len(contacts)


def test_an_offer_rings_as_long_as_its_queue_lets_it() -> None:
    rings = {"calls": Promise(60.0, offer_seconds=12.0)}
    lived = past_scenario(PastDay((came(32_500),), (clerk(),), rings, answer_seconds=30.0))
    assert lived.queues[0].offer_seconds == 12
    assert lived.answer_seconds == 12
