"""Erlang's formulas against what was published, against 60 digits of decimal arithmetic, and by their nature."""

from __future__ import annotations

import csv
import os
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicline.engine.queueing import (
    Performance,
    QueueingError,
    erlang_a,
    erlang_b,
    erlang_c,
    erlang_c_performance,
)

CASES = Path(os.environ.get("CIVICLINE_CASES", Path(__file__).parents[4] / "shared" / "cases")) / "wfm"
with_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the published cases are not here")


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(newline="", encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row.get("check") != "DISAGREES"]


def agrees(found: float, published: str, exact: str, *, digits: int) -> None:
    """To the printed digits (half a unit of the last one, or a unit where it was cut off), and to the exact value."""
    assert found == pytest.approx(float(exact), abs=1e-9, rel=1e-9)
    if published:
        assert abs(found - float(published)) < 10.0**-digits


# --- against what was published


@with_cases
def test_erlang_b_as_published() -> None:
    for row in rows("erlang_b.csv"):
        found = float(erlang_b(float(row["offered_erlangs"]), int(row["servers"])))
        agrees(
            found, row["published_blocking"], row["mpmath30"], digits=min(int(row["published_decimals"]), 12)
        )


@with_cases
def test_erlang_c_as_published() -> None:
    for row in rows("erlang_c_wait_probability.csv"):
        found = float(erlang_c(float(row["offered_erlangs"]), int(row["servers"])))
        agrees(found, row["published_P_wait"], row["mpmath30"], digits=int(row["published_decimals"]))


@with_cases
def test_service_levels_as_published() -> None:
    for row in rows("erlang_c_performance.csv"):
        handle, interval = float(row["aht_s"]), float(row["interval_s"])
        found = erlang_c_performance(
            float(row["calls"]) * handle / interval,
            int(row["agents"]),
            handle_seconds=handle,
            within_seconds=float(row["target_s"]),
        )
        assert float(found.answered_within) == pytest.approx(float(row["mpmath_SL"]), abs=1e-8)
        assert float(found.mean_wait) == pytest.approx(float(row["mpmath_ASA_s"]), abs=1e-6)
        assert float(found.occupancy) == pytest.approx(float(row["mpmath_occupancy"]), abs=1e-8)
        for name, figure in (
            ("published_SL", found.answered_within),
            ("published_ASA_s", found.mean_wait),
            ("published_occupancy", found.occupancy),
        ):
            if row[name]:
                digits = len(row[name].partition(".")[2])
                assert abs(float(figure) - float(row[name])) <= 0.5 * 10.0**-digits + 1e-12


@with_cases
def test_erlang_a_as_published() -> None:
    for row in rows("erlang_a.csv"):
        arrivals, service, leaving = (float(row[name]) for name in ("lambda_per_min", "mu", "theta"))
        load, servers, handle = arrivals / service, int(row["servers"]), 60 / service
        found = (
            erlang_a(
                load,
                servers,
                handle_seconds=handle,
                patience_seconds=60 / leaving,
                within_seconds=60 * float(row["T_min"] or 0),
            )
            if leaving
            else erlang_c_performance(load, servers, handle_seconds=handle)
        )
        figure = {
            "P_wait": found.wait_probability,
            "P_ab": found.abandon_probability,
            "EW": found.mean_wait / 60,
            "EW_min": found.mean_wait / 60,
            "util": found.occupancy,
            "EQ": found.queue,
            "SL": found.answered_within,
        }[row["measure"]]
        # The table's 3.7 s and 20.8 s stand in the file as minutes cut to three decimals.
        agrees(float(figure), row["published"], row["mpmath30"], digits=int(row["decimals"] or 0))


# --- against exact arithmetic


def exact(load: float, servers: int, handle: float, patience: float, within: float) -> list[Decimal]:
    """[P(wait), P(abandon), answered within], by the states of the line and an alternating series."""
    with localcontext() as digits:
        digits.prec = 60 + int(load * patience / handle)  # the series below cancels about so many digits
        service, leaving = 1 / Decimal(handle), 1 / Decimal(patience)
        arrivals = Decimal(load) * service
        inverse = Decimal(1)
        for n in range(1, servers + 1):
            inverse = 1 + inverse * n / Decimal(load)
        terms, term, waiting = [Decimal(1)], Decimal(1), 0
        while term > Decimal("1e-60") or arrivals > servers * service + waiting * leaving:
            waiting += 1
            term *= arrivals / (servers * service + waiting * leaving)
            terms.append(term)
        whole = sum(terms)
        waits = whole / (inverse - 1 + whole)
        line = sum(n * term for n, term in enumerate(terms)) / (inverse - 1 + whole)
        ratio = arrivals / leaving

        def integral(rate: Decimal) -> Decimal:
            """Of exp(-rate u + ratio (1 - exp(-leaving u))) from 0 to `within`."""
            total, term, n = Decimal(0), ratio.exp(), 0
            while n < ratio or abs(term) > Decimal("1e-60"):
                slope = rate + n * leaving
                total += term * (1 - (-slope * Decimal(within)).exp()) / slope
                n += 1
                term *= -ratio / n
            return total

        capacity = servers * service
        answered = 1 - waits + waits * integral(capacity + leaving) / (whole / capacity)
        return [waits, line * leaving / arrivals, answered]


@pytest.mark.parametrize(
    ("load", "servers", "handle", "patience", "within"),
    [
        (8.0, 10, 180.0, 300.0, 20.0),
        (20.0, 12, 240.0, 60.0, 90.0),
        (60.0, 70, 600.0, 3600.0, 7200.0),
        (100.0, 95, 300.0, 180.0, 20.0),
        (100.0, 100, 300.0, 600.0, 1.0),
        (300.0, 289, 300.0, 180.0, 20.0),
        (0.01, 1, 300.0, 10.0, 20.0),
        (5.0, 60, 300.0, 60.0, 0.0),
        (9.0, 1, 1.0, 4.0, 1.0),
        (3.0, 1, 60.0, 60.0, 60.0),
    ],
)
def test_erlang_a_to_ten_digits(
    load: float, servers: int, handle: float, patience: float, within: float
) -> None:
    found = erlang_a(load, servers, handle_seconds=handle, patience_seconds=patience, within_seconds=within)
    waits, gone, answered = (float(value) for value in exact(load, servers, handle, patience, within))
    assert float(found.wait_probability) == pytest.approx(waits, rel=1e-10, abs=1e-14)
    assert float(found.abandon_probability) == pytest.approx(gone, rel=1e-10, abs=1e-14)
    assert float(found.mean_wait) == pytest.approx(gone * patience, rel=1e-10, abs=1e-12)
    assert float(found.answered_within) == pytest.approx(answered, rel=1e-10)


def test_a_long_time_to_answer_within_leaves_only_those_who_gave_up() -> None:
    """100 contacts in 15 minutes of 10 minutes each, patience of an hour: the usual package says 0.514 here."""
    found = erlang_a(100 * 600 / 900, 70, handle_seconds=600, patience_seconds=3600, within_seconds=7200)
    assert float(found.answered_within) == pytest.approx(0.98742, abs=5e-6)
    assert float(found.answered_within) == pytest.approx(1 - float(found.abandon_probability))
    assert float(found.answered_within_of_patient) == pytest.approx(1)


def test_a_very_large_team_is_no_trouble() -> None:
    assert float(erlang_c(12_345, 12_421)) == pytest.approx(0.3812250151, abs=1e-9)
    found = erlang_a([50_000, 60_000], 50_000, handle_seconds=300, patience_seconds=180)
    assert found.occupancy[1] == pytest.approx(1, abs=1e-9)
    assert found.abandon_probability[1] == pytest.approx(1 / 6, rel=1e-6), "one in six cannot be served"
    assert found.wait_probability[0] == pytest.approx(1 / (1 + (300 / 180) ** 0.5), rel=0.01), "its limit"


# --- by their nature


def test_the_three_ways_to_count_differ_by_who_gave_up() -> None:
    found = erlang_a(100, 95, handle_seconds=300, patience_seconds=60, within_seconds=20)
    by_all, of_patient, of_answered = (
        float(found.answered_within),
        float(found.answered_within_of_patient),
        float(found.answered_within_of_answered),
    )
    gone = float(found.abandon_probability)
    assert of_answered == pytest.approx(by_all / (1 - gone))
    assert by_all < of_patient < of_answered
    at_once = erlang_a(100, 95, handle_seconds=300, patience_seconds=60, within_seconds=0)
    assert float(at_once.answered_within) == pytest.approx(1 - float(at_once.wait_probability))
    assert float(at_once.answered_within_of_patient) == pytest.approx(float(at_once.answered_within))


def test_with_nobody_there_everybody_gives_up_after_their_patience() -> None:
    found = erlang_a(10, 0, handle_seconds=300, patience_seconds=60, within_seconds=20)
    assert [float(figure) for figure in found] == pytest.approx([1, 60, 1, 1, 2, 0, 0, 0])
    assert float(erlang_b(10, 0)) == 1
    assert float(erlang_c(10, 0)) == 1


def test_without_load_nobody_waits() -> None:
    found = erlang_a(0, [1, 30], handle_seconds=300, patience_seconds=60)
    assert found.wait_probability.tolist() == [0, 0]
    assert found.answered_within.tolist() == [1, 1]
    assert found.occupancy.tolist() == [0, 0]
    assert float(erlang_b(0, 3)) == 0
    plain = erlang_c_performance(0, 2, handle_seconds=300)
    assert (float(plain.wait_probability), float(plain.mean_wait), float(plain.answered_within)) == (0, 0, 1)


def test_more_load_than_people_and_nobody_gives_up_grows_for_ever() -> None:
    found = erlang_c_performance([10, 11], 10, handle_seconds=300)
    assert found.mean_wait.tolist() == [np.inf, np.inf]
    assert found.queue.tolist() == [np.inf, np.inf]
    assert found.answered_within.tolist() == [0, 0]
    assert found.occupancy.tolist() == [1, 1]


def test_arguments_broadcast_and_none_are_no_trouble() -> None:
    found = erlang_a(np.array([[5.0], [6.0]]), [5, 6, 7], handle_seconds=300, patience_seconds=60)
    assert found.mean_wait.shape == (2, 3)
    one = erlang_a(6, 7, handle_seconds=300, patience_seconds=60)
    assert float(found.mean_wait[1, 2]) == pytest.approx(float(one.mean_wait), rel=1e-12)
    assert erlang_b([], []).shape == (0,)
    assert erlang_a([], [], handle_seconds=300, patience_seconds=60).queue.shape == (0,)


def test_many_rows_are_the_same_as_one_by_one() -> None:
    loads = np.linspace(1, 40, 2_500)
    together = erlang_a(loads, 20, handle_seconds=240, patience_seconds=90)
    for at in (0, 1023, 1024, 2_499):
        alone = erlang_a(loads[at], 20, handle_seconds=240, patience_seconds=90)
        assert [float(part[at]) for part in together] == pytest.approx([float(part) for part in alone])


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: erlang_b("many", 3), "load must be numbers"),
        (lambda: erlang_b(-1, 3), "load of -1 cannot be"),
        (lambda: erlang_b(float("nan"), 3), "load of nan cannot be"),
        (lambda: erlang_c(1, 2.5), "positions must be whole"),
        (lambda: erlang_c(1, 2e6), "number of positions of 2e.06 is beyond any team"),
        (lambda: erlang_b(1e9, 3), "load of 1e.09 is beyond any team"),
        (lambda: erlang_a(1, 1, handle_seconds=0, patience_seconds=1), "handling time of 0.*above 0"),
        (lambda: erlang_a(1, 1, handle_seconds=1, patience_seconds=float("inf")), "patience of inf"),
    ],
)
def test_what_cannot_be_is_refused_in_words(ask: object, words: str) -> None:
    assert callable(ask)
    with pytest.raises(QueueingError, match=words):
        ask()


TIMES = st.floats(1, 7200)


@given(st.floats(0.01, 400), st.integers(1, 400), TIMES, st.floats(1, 1e6), st.floats(0, 1e5))
def test_any_line_keeps_the_laws_of_queues(
    load: float, servers: int, handle: float, patience: float, within: float
) -> None:
    found = erlang_a(load, servers, handle_seconds=handle, patience_seconds=patience, within_seconds=within)
    value = Performance(*(np.float64(figure) for figure in found))
    shares = [value[0], value[2], value[3], *value[5:]]
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in shares)
    assert value.queue == pytest.approx(load / handle * value.mean_wait), "Little's law"
    assert value.occupancy * servers == pytest.approx(load * (1 - value.abandon_probability), abs=1e-9)
    assert value.answered_within <= 1 - value.abandon_probability + 1e-9
    more = erlang_a(
        load, servers + 1, handle_seconds=handle, patience_seconds=patience, within_seconds=within
    )
    assert float(more.answered_within) >= value.answered_within - 1e-9
    assert float(more.mean_wait) <= value.mean_wait + 1e-9
