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
