"""`civicline simulate`: one scenario with its intervals, or several side by side over the same contacts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from math import inf
from pathlib import Path
from typing import Any, Final

from civicline.cli.problems import Problem
from civicline.cli.scenario_files import read_scenario
from civicline.cli.tables import give
from civicline.engine.simulation import (
    CONFIDENCE,
    Estimate,
    Figures,
    Replication,
    Results,
    Scenario,
    SimulationError,
    compare,
    replicate,
)

SHOWN: Final = {
    "offered": ("contacts offered", 1.0, "{:,.0f}"),
    "service_level": ("answered in time, %", 100.0, "{:.1f}"),
    "service_level_of_patient": ("  of those not gone by then, %", 100.0, "{:.1f}"),
    "mean_wait": ("mean wait, s", 1.0, "{:.1f}"),
    "asa": ("mean wait of answered, s", 1.0, "{:.1f}"),
    "wait_p90": ("nine of ten wait at most, s", 1.0, "{:.0f}"),
    "abandonment": ("gave up, %", 100.0, "{:.2f}"),
    "called_back": ("called back", 1.0, "{:,.0f}"),
    "occupancy": ("people busy, %", 100.0, "{:.1f}"),
    "paid_hours": ("hours paid", 1.0, "{:,.1f}"),
    "cost": ("cost", 1.0, "{:,.0f}"),
    "queue_gap": ("gap between queues, s", 1.0, "{:.1f}"),
}
"""What the page of figures shows: words, factor, format."""

Progress = Callable[[int, int], None]


def simulate_all(
    scenario: Scenario,
    *,
    replications: int,
    seed: int,
    processes: int,
    live: bool = False,
    progress: Progress,
) -> Results:
    """A scenario with its replications spread over processes; the answer does not depend on how many."""
    if processes == 1 or replications == 1:
        done = []
        for number in range(replications):
            done.append(replicate(scenario, seed, number, live=live))
            progress(number + 1, replications)
        return Results(scenario, seed, tuple(done))
    found: dict[int, Replication] = {}
    with ProcessPoolExecutor(processes) as pool:
        asked = {pool.submit(replicate, scenario, seed, n, live=live): n for n in range(replications)}
        for future in as_completed(asked):
            found[asked[future]] = future.result()
            progress(len(found), replications)
    return Results(scenario, seed, tuple(found[number] for number in range(replications)))


def run(
    files: list[Path],
    *,
    replications: int,
    seed: int,
    processes: int,
    live: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Read every file before anything is simulated, then simulate and print. Raises Problem."""
    if not files:
        raise Problem("Name a scenario file, or a day of the log with --day.")
    scenarios = [read_scenario(file) for file in files]
    results = []
    for scenario in scenarios:
        try:
            results.append(
                simulate_all(
                    scenario,
                    replications=replications,
                    seed=seed,
                    processes=processes or os.cpu_count() or 1,
                    live=live,
                    progress=bar(scenario.title),
                )
            )
        except SimulationError as error:
            raise Problem(f"{scenario.title}: {error}") from error
    text = as_plain_json(results) if as_json else "\n".join(lines(results)) + "\n"
    give(text, out)


def bar(title: str) -> Progress:
    """A bar on the terminal's error stream; silent where nobody looks."""

    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            filled = round(30 * done / of)
            end = "\n" if done == of else ""
            sys.stderr.write(f"\r{title[:30]:30} [{'#' * filled}{'.' * (30 - filled)}] {done}/{of}{end}")
            sys.stderr.flush()

    return show


def lines(results: list[Results]) -> Iterable[str]:
    """The page of figures: all together and by queue; then what each scenario changes beside the first."""
    first = results[0]
    of = len(first.replications)
    yield f"{of} replications, seed {first.seed}; in brackets the interval that holds the true mean in 95 of 100 cases."
    for result in results:
        yield ""
        yield f"{result.scenario.title}"
        yield from _figures("all", result.total)
        for queue in result.scenario.queues if len(result.scenario.queues) > 1 else ():
            yield from _figures(queue.queue_id, result.queue(queue.queue_id), short=True)
        for name, group in result.groups().items():
            yield f"  {name}: {group['staffed_hours'].mean:,.1f} h there, {100 * group['occupancy'].mean:.1f} % busy"
    for other in results[1:]:
        yield ""
        yield f"{other.scenario.title} beside {first.scenario.title}, over the same contacts"
        yield from _figures("difference", compare(first, other), least=-inf, most=inf)


def _figures(
    title: str, figures: Figures, *, short: bool = False, least: float = 0.0, most: float = 1.0
) -> Iterable[str]:
    """`least`, `most`: what a measure, or a share, cannot pass, whatever its interval says."""
    yield f"  {title}"
    for name, (words, factor, form) in SHOWN.items():
        told = figures.get(name)
        if (
            told is None
            or (short and name in ("service_level_of_patient", "asa"))
            or (name == "called_back" and not any(told))
        ):
            continue
        top = most if words.endswith("%") and name != "occupancy" else inf
        yield f"    {words:32} {_told(told, least, top, factor, form)}"


def _told(told: Estimate, least: float, most: float, factor: float, form: str) -> str:
    mean, low, high = (form.format(factor * min(max(number, least), most)) for number in told)
    return mean if low == high else f"{mean}  [{low}, {high}]"


def as_plain_json(results: list[Results]) -> str:
    """Everything for programs; differences to the first scenario under "differences"."""
    first = results[0]
    content: dict[str, Any] = {
        "confidence": CONFIDENCE,
        "scenarios": [result.plain() for result in results],
        "differences": [
            {
                "title": other.scenario.title,
                "to": first.scenario.title,
                "total": {name: list(told) for name, told in compare(first, other).items()},
            }
            for other in results[1:]
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
