"""The commands of the simulator, with help that teaches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SIMULATE_EXAMPLES = (
    "civicline simulate monday.toml\n\ncivicline simulate monday.toml monday-pooled.toml --replications 50\n\n"
    "civicline simulate monday.toml --json --out monday.json\n\n"
    "civicline simulate --day 2026-03-02 --rules pooled.toml --json      (a day of the log, with other rules)"
)


def simulate(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(
            help="One TOML file, or several to be compared; docs/subsystems/simulator.md has the keys.",
            show_default=False,
        ),
    ] = None,
    day: Annotated[
        str,
        typer.Option(
            help="Instead of files: a day of the log (2026-03-02), as it really was, replayed, and with other rules."
        ),
    ] = "",
    rules: Annotated[
        str,
        typer.Option(help="With --day: a TOML file of changes, or the name of a scenario that was saved."),
    ] = "",
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
    if day or rules:
        from civicline.cli import day_replaying

        day_replaying.run(
            day, rules, bool(scenarios), replications=replications, seed=seed, as_json=as_json, out=out
        )
        return
    from civicline.cli import simulating

    simulating.run(
        scenarios or [],
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


Later = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Minutes that a callback stands behind its own place in the line, 0 keeps it exactly; without this "
        "option it is made when nobody waits on the telephone.",
        show_default=False,
    ),
]
Owed = Annotated[
    float,
    typer.Option(min=0, help="No callback is offered while so many are owed: a share of a mean day's calls."),
]
Promise = Annotated[
    int, typer.Option(min=0, max=14, help="Who is not called back by the end of so many days later is lost.")
]


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
    later: Later = None,
    owed: Owed = 0.5,
    promise: Promise = 2,
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
    from civicline.cli.headline.comparing import LINE_FIRST, Terms, offered

    back = offered(accepted, LINE_FIRST if later is None else 60 * later)
    terms = Terms(
        replications, seed, 60 * unpaid_gap, resting, strict, back if accepted else None, promise, owed
    )
    telling.run(log, terms, processes=processes or os.cpu_count() or 1, as_json=as_json, out=out)


TRAINING_EXAMPLES = "civicline training --day 2026-03-02\n\ncivicline training --most 5 --hours 24 --json"


def training(
    day: Annotated[
        str, typer.Option(help="A planned day, like 2026-03-02; the next one with shifts without it.")
    ] = "",
    most: Annotated[int, typer.Option(min=1, max=8, help="How many trainings at most.")] = 3,
    hours: Annotated[int, typer.Option(min=1, max=400, help="What one training takes.")] = 16,
    budget: Annotated[int, typer.Option(min=0, help="Hours in all; 0 is no limit.")] = 0,
    replications: Annotated[int, typer.Option(min=2, max=1000, help="How often each day is simulated.")] = 30,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
) -> None:
    """Say who should learn which queue first, by the waiting that the simulator says it saves.

    Reads plan, forecasts and queues of this installation. Times in seconds; each gain with its range.
    """
    from civicline.cli import planning_answers

    planning_answers.training(
        day, most=most, hours=hours, budget=budget, replications=replications, seed=seed, as_json=as_json
    )


HIRING_EXAMPLES = (
    "civicline hiring --leavers 3 --person-years 24\n\n"
    "civicline hiring --leavers 3 --person-years 24 --csv > hiring.csv\n\n"
    "civicline hiring --leavers 3 --person-years 24 --month 3=130 --month 8=80 --agreed 2026-09=2"
)


def hiring(
    leavers: Annotated[int, typer.Option(min=0, help="People who left.")],
    person_years: Annotated[
        float,
        typer.Option(min=0.5, help="Years of people they left from: a team of 20 over two years is 40."),
    ],
    months: Annotated[int, typer.Option(min=2, max=36, help="Months ahead.")] = 12,
    lead: Annotated[int, typer.Option(min=0, max=24, help="Months from the decision to the first day.")] = 3,
    training_months: Annotated[
        int, typer.Option("--training", min=0, max=12, help="Months until somebody new can work alone.")
    ] = 1,
    week_hours: Annotated[float, typer.Option(min=5, max=60, help="Hours a week of somebody new.")] = 38.0,
    away: Annotated[int, typer.Option(min=0, max=60, help="Leave, sickness, training: % of paid time.")] = 18,
    chance: Annotated[int, typer.Option(min=50, max=99, help="How sure a month shall be, %.")] = 80,
    month: Annotated[
        list[str] | None,
        typer.Option(help="A month of the year and its per cent of a mean month, 3=130; else from history."),
    ] = None,
    agreed: Annotated[
        list[str] | None, typer.Option(help="A month and how many start then already: 2026-09=2.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The months as a table.")] = False,
) -> None:
    """Say how many people to decide on in which month, from the forecast, contracts and who is likely to leave.

    Columns: month, contacts, season (1 is a mean month), need (hours at work), present and planned hours with 8-in-10
    ranges, chances, starts, decide, agreed.
    """
    from civicline.cli import planning_answers

    planning_answers.hiring(
        {
            "months": months, "leavers": leavers, "person_years": person_years, "lead": lead,
            "training": training_months, "away": away, "week_hours": week_hours, "chance": chance,
            "season": planning_answers.pairs(month or [], "--month 3=130"),
            "agreed": planning_answers.pairs(agreed or [], "--agreed 2026-09=2"),
        },
        as_json=as_json, as_csv=as_csv,
    )  # fmt: skip
