"""How fast, and how right, a month of intervals is staffed: Civicline beside pyworkforce, in one run.

6,720 intervals (10 lines x 7 days x 96 quarters of an hour) at 80 % within 20 seconds, by Erlang C and by
Erlang A with a mean patience of 3 minutes. pyworkforce is asked interval by interval in a loop, as its interface
has it: for all of them by Erlang C, and for `--sample` of them by Erlang A, since all would take minutes; its
time is then scaled up, and printed as such. Every answer of both is judged by whether it keeps the promise and
one person fewer would not.

The peer is installed for this comparison only: `pip install --target DIRECTORY pyworkforce`, then `--peer
DIRECTORY`. Its Erlang A needs version 0.5.4 (on Python 3.11 ask pip for it with `--python-version 3.12
--only-binary=:all:`). Without the peer our own figures are printed.

Run: `python -m benchmarks.erlang [--json] [--intervals N] [--sample N] [--peer DIRECTORY]`
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import numpy as np

from benchmarks import machine
from civicline.engine.queueing import erlang_a, erlang_c_performance, positions_a, positions_c

INTERVAL, PATIENCE, SHARE, WITHIN = 900.0, 180.0, 0.8, 20.0
TARGET_C, TARGET_A, TIMES_FASTER = 0.03, 1.0, 10


def day_shape(quarters: np.ndarray) -> np.ndarray:
    """How busy a quarter of an hour is, beside the busiest: two humps, as most towns see it."""
    hours = quarters / 4
    return 0.05 + np.exp(-(((hours - 10.5) / 2.2) ** 2)) + 0.8 * np.exp(-(((hours - 15) / 2.5) ** 2))


def month(intervals: int, seed: int = 311) -> tuple[np.ndarray, np.ndarray]:
    """Contacts and handling seconds per interval, made up but fixed: lines of 1 to 120 erlangs at their peak."""
    rng = np.random.default_rng(seed)
    at = np.arange(intervals)
    line = at // (7 * 96) % 10
    peak = np.geomspace(1, 120, 10)[line] * (1 - 0.5 * (at // 96 % 7 >= 5))
    handle = np.round(rng.uniform(150, 420, 10))[line]
    contacts = rng.poisson(peak * day_shape(at % 96) / 1.1 * INTERVAL / handle)
    return np.maximum(contacts, 1), handle


def best_of(times: int, work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """The least seconds of several runs, since other programs share the machine; and the answer."""
    found, least = np.empty(0), float("inf")
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        least = min(least, time.perf_counter() - began)
    return least, found


def wrong_c(load: np.ndarray, handle: np.ndarray, positions: np.ndarray) -> int:
    """How many answers are not the fewest that keep the promise."""
    kept, fewer = (
        erlang_c_performance(load, c, handle_seconds=handle, within_seconds=WITHIN).answered_within
        >= SHARE - 1e-9
        for c in (positions, positions - 1)
    )
    return int((~kept | fewer).sum())


def wrong_a(load: np.ndarray, handle: np.ndarray, positions: np.ndarray) -> int:
    """The same with people who give up."""
    kept, fewer = (
        erlang_a(
            load, c, handle_seconds=handle, patience_seconds=PATIENCE, within_seconds=WITHIN
        ).answered_within
        >= SHARE - 1e-9
        for c in (positions, np.maximum(positions - 1, 0))
    )
    return int((~kept | fewer).sum())


def peer_c(queuing: Any, contacts: np.ndarray, handle: np.ndarray) -> np.ndarray:
    """pyworkforce, one interval after the other."""
    found = []
    for number, seconds in zip(contacts.tolist(), handle.tolist(), strict=True):
        asked = queuing.ErlangC(
            transactions=number, asa=WITHIN / 60, aht=seconds / 60, interval=INTERVAL / 60, shrinkage=0.0
        )
        found.append(asked.required_positions(service_level=SHARE, max_occupancy=1.0)["raw_positions"])
    return np.array(found)


def peer_a(queuing: Any, contacts: np.ndarray, handle: np.ndarray) -> np.ndarray:
    """pyworkforce with people who give up."""
    found = []
    for number, seconds in zip(contacts.tolist(), handle.tolist(), strict=True):
        asked = queuing.ErlangA(
            transactions=number,
            aht=seconds / 60,
            patience=PATIENCE / 60,
            interval=INTERVAL / 60,
            shrinkage=0.0,
            asa=WITHIN / 60,
        )
        found.append(asked.required_positions(service_level=SHARE)["raw_positions"])
    return np.array(found)


def measure(intervals: int, sample: int, peer: str | None) -> dict[str, Any]:
    """All figures; those of the peer only if it is there."""
    contacts, handle = month(intervals)
    load = contacts * handle / INTERVAL
    seconds_c, by_c = best_of(5, lambda: positions_c(load, handle_seconds=handle))
    seconds_a, by_a = best_of(3, lambda: positions_a(load, handle_seconds=handle, patience_seconds=PATIENCE))
    found: dict[str, Any] = {
        "intervals": intervals,
        "erlang_c_s": seconds_c,
        "erlang_c_wrong": wrong_c(load, handle, by_c),
        "erlang_a_s": seconds_a,
        "erlang_a_wrong": wrong_a(load, handle, by_a),
        "positions_c": int(by_c.sum()),
        "positions_a": int(by_a.sum()),
    }
    if peer:
        sys.path.insert(0, peer)
    try:
        queuing = importlib.import_module("pyworkforce.queuing")
    except ImportError as missing:
        found["peer"] = f"none ({missing})"
        return found
    # A sample spread over all sizes of lines, the same for every run.
    chosen = np.linspace(0, intervals - 1, min(sample, intervals)).astype(int)
    peer_seconds_c, theirs_c = best_of(1, lambda: peer_c(queuing, contacts, handle))
    found |= {
        "peer_erlang_c_s": peer_seconds_c,
        "peer_erlang_c_wrong": wrong_c(load, handle, theirs_c),
        "times_faster_c": peer_seconds_c / seconds_c,
    }
    if hasattr(queuing, "ErlangA"):
        peer_seconds_a, theirs_a = best_of(1, lambda: peer_a(queuing, contacts[chosen], handle[chosen]))
        scaled = peer_seconds_a * intervals / len(chosen)
        found |= {
            "peer_erlang_a_sample": len(chosen),
            "peer_erlang_a_s_scaled": scaled,
            "peer_erlang_a_wrong_of_sample": wrong_a(load[chosen], handle[chosen], theirs_a),
            "times_faster_a": scaled / seconds_a,
        }
    return found


def main() -> None:
    """Print the figures beside their targets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--intervals", type=int, default=6_720)
    parser.add_argument("--sample", type=int, default=120, help="intervals the peer is given by Erlang A")
    parser.add_argument("--peer", help="a folder that holds pyworkforce")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = measure(options.intervals, options.sample, options.peer)
    if options.json:
        print(json.dumps({"machine": machine.described(), **found}))
        return
    print(f"Machine: {machine.described()}")
    for name, value in found.items():
        print(f"{name:>30}: {value:,.4f}" if isinstance(value, float) else f"{name:>30}: {value}")
    print(f"Targets: Erlang C {TARGET_C} s and {TIMES_FASTER}x faster, Erlang A {TARGET_A} s, none wrong")


if __name__ == "__main__":
    main()
