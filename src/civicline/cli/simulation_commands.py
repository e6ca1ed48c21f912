"""The commands of the simulator, with help that teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SIMULATE_EXAMPLES = (
    "civicline simulate monday.toml\n\ncivicline simulate monday.toml monday-pooled.toml --replications 50\n\n"
    "civicline simulate monday.toml --json --out monday.json"
)


def simulate(
    scenarios: Annotated[
        list[Path],
        typer.Argument(
            help="One TOML file, or several to be compared; docs/subsystems/simulator.md has the keys."
        ),
    ],
    replications: Annotated[
        int, typer.Option(min=1, max=10_000, help="How many times, each with its own luck.")
    ] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    processes: Annotated[
        int, typer.Option(min=0, max=256, help="Processes at once; 0 is one for each core.")
    ] = 0,
    live: Annotated[
        bool, typer.Option("--live", help="Through the live engine, also where a shorter way gives the same.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write here; whole or not at all.", show_default=False)
    ] = None,
) -> None:
    """Simulate days of a centre through the routing that Civicline itself uses.

    Several files are compared over the same contacts, so that differences are due to what differs.
    """
    from civicline.cli import simulating

    simulating.run(
        scenarios,
        replications=replications,
        seed=seed,
        processes=processes,
        live=live,
        as_json=as_json,
        out=out,
    )


HEADLINE_EXAMPLES = (
    "civicline headline calls.csv\n\ncivicline headline calls.csv --strict --replications 20 --json"
)


def headline(
    log: Annotated[
        Path,
        typer.Argument(
            help="CSV, a row for each call: arrival, priority, type, queue_start, queue_sec, outcome, service_start, "
            "service_sec, server."
        ),
    ],
    replications: Annotated[int, typer.Option(min=2, max=1000, help="How many times each day.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    unpaid_gap: Annotated[
        float, typer.Option(min=0, help="Minutes between two calls above which a server was not paid.")
    ] = 60.0,
    resting: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of the planned paid hours that is rest.")
    ] = 0.1,
    strict: Annotated[
        bool, typer.Option("--strict", help="The same hours on the line instead of the same paid hours.")
    ] = False,
    accepted: Annotated[
        float, typer.Option(min=0, max=1, help="Share that takes a callback; 0: none is offered.")
    ] = 0.6,
    processes: Annotated[int, typer.Option(min=0, max=256, help="Processes; 0 is one for each core.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write here; whole or not at all.", show_default=False)
    ] = None,
) -> None:
    """Replay the days of a log of calls with its staff as it was, and with the same hours planned by Civicline.

    What is assumed stands in docs/headline.md.
    """
    import os

    from civicline.cli.headline import telling
    from civicline.cli.headline.comparing import Terms
    from civicline.engine.simulation import Callback

    back = Callback(30.0, accepted, 0.9, later_seconds=7200.0, attempts=2, again_seconds=1800.0)
    terms = Terms(replications, seed, 60 * unpaid_gap, resting, strict, back if accepted else None)
    telling.run(log, terms, processes=processes or os.cpu_count() or 1, as_json=as_json, out=out)
