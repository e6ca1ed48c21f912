"""One scenario, many replications."""

from __future__ import annotations

from collections.abc import Callable

from civicline.engine.simulation.crowd import gather_crowd
from civicline.engine.simulation.duty import working
from civicline.engine.simulation.floor import run_floor
from civicline.engine.simulation.line import is_plain, run_lines
from civicline.engine.simulation.results import Results
from civicline.engine.simulation.spreads import SimulationError
from civicline.engine.simulation.tally import Replication, tally
from civicline.engine.simulation.values import Scenario

Progress = Callable[[int, int], None]
"""Called with (replications done, replications in all)."""


def simulate(
    scenario: Scenario,
    replications: int = 10,
    seed: int = 1,
    progress: Progress | None = None,
    *,
    live: bool = False,
) -> Results:
    """Run a scenario so many times, each with its own luck; the same seed gives the same answer.

    `live`: through the live engine even where the short way (`line.py`) would do. Raises SimulationError for less
    than one replication.
    """
    if replications < 1:
        raise SimulationError("A simulation needs at least one replication.")
    done = []
    for number in range(replications):
        done.append(replicate(scenario, seed, number, live=live))
        if progress is not None:
            progress(number + 1, replications)
    return Results(scenario, seed, tuple(done))


def replicate(scenario: Scenario, seed: int, number: int, *, live: bool = False) -> Replication:
    """One replication: `number` and `seed` decide its luck, and nothing else does.

    To spread replications over processes: call this in each, and put them in order into `Results`.
    """
    crowd = gather_crowd(scenario, seed, number)
    there = working(scenario, seed, number)
    run = run_lines if is_plain(scenario) and not live else run_floor
    return tally(scenario, crowd, run(scenario, crowd, there), there)
