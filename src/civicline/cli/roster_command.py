"""`civicline roster` as the command line knows it; the work is in `rostering`, imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = (
    "civicline roster Instance1.txt\n\ncivicline roster Instance8.txt --seconds 600 --output solution.txt\n\n"
    "civicline roster ward.txt --seconds 30 --json"
)


def roster(
    instance: Annotated[
        Path,
        typer.Argument(help="A text file in the format of schedulingbenchmarks.org (Curtois and Qu 2014)."),
    ],
    seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="How long to search, by the clock on the wall.")
    ] = 60.0,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Write the solution here as it is published: a row for each employee.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="The chance of the search.")] = 1,
) -> None:
    """Find the cheapest roster in the time given, or say which rules cannot go together.

    The table has a row for each employee and a column for each day: the shift's name, or a dot. Exit code 1 when
    there is no roster, and when the file cannot be read as an instance.
    """
    from civicline.cli import rostering

    rostering.run(instance, seconds=seconds, seed=seed, as_json=as_json, out=output)
