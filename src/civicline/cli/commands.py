"""All commands, with help that teaches. What each does is in a module of its own, loaded when asked for."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from civicline.cli import roster_command, simulation_commands, telephone
from civicline.cli.problems import Problem, explained

EXIT_CODES = (
    "Exit codes: 0 good, 1 a problem was found (one sentence says which), 2 wrong use, 130 interrupted."
)

app = typer.Typer(
    name="civicline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Civicline, the open contact centre for public bodies. Every way in ends in one queue.",
    epilog=f"Start with:  civicline serve\n\nSettings: environment CIVICLINE_... or civicline.toml; "
    f"docs/operate/settings.md has all of them.\n\n{EXIT_CODES}",
)

app.add_typer(telephone.app, name="voice")


def run() -> int:
    """Run the command line. Expected problems end in one sentence, never in a traceback."""
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return 130
    except Problem as problem:
        for sentence in problem.sentences:
            print(sentence, file=sys.stderr)  # noqa: T201 -- this is the command line
        return 1
    return 0


def set_up(*, host: str | None = None, port: int | None = None) -> None:
    """Load configuration and Django, with what the command line overrides."""
    if host is not None:
        os.environ["CIVICLINE_HOST"] = host
    if port is not None:
        os.environ["CIVICLINE_PORT"] = str(port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civicline.config.settings")
    with explained():
        import django

        django.setup()


Host = Annotated[str | None, typer.Option(help="Address to listen on (setting: host).", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on (setting: port).", show_default=False)]


@app.command(
    epilog="civicline serve\n\ncivicline serve --host 0.0.0.0 --port 8080\n\n"
    "civicline serve --role web      (scaled out: any number of each role, over PostgreSQL and Redis)\n\n"
    "civicline serve --role dispatch --port 9001      (answers /health and /metrics there)"
)
def serve(
    role: Annotated[
        str,
        typer.Option(
            help="all, or one part: web (pages and live edge), dispatch (relay and dispatcher), work, voice."
        ),
    ] = "all",
    host: Host = None,
    port: Port = None,
) -> None:
    """Start Civicline and keep it running until Ctrl-C.

    The first start lays out the database and, on your own machine, seeds the demo town Saltmere.
    """
    set_up(host=host, port=port)
    from civicline.cli.serving import start

    with explained():
        start(role, listen_anyway=port is not None)


Teams = Annotated[
    list[str] | None,
    typer.Option(
        "--team",
        help="So many robots with these skills by type of call (PS, NW, NE, IN, TT, PE, or a service's code) and "
        "level 1 to 5: 6:PS=5,NW=3. May be repeated.",
        show_default=False,
    ),
]
RobotsFile = Annotated[
    Path | None,
    typer.Option(
        help=r"The same as a TOML file with tables [\[team]]; see docs/replay.md.",
        show_default=False,
    ),
]


@app.command(
    epilog="civicline demo\n\ncivicline demo --sign-ins\n\ncivicline demo --robots 40      (before a replay)\n\n"
    "civicline demo --team 6:PS=5,NW=3 --team 2:IN=5"
)
def demo(
    sign_ins: Annotated[bool, typer.Option("--sign-ins", help="Only show who can sign in.")] = False,
    robots: Annotated[
        int, typer.Option("--robots", min=0, max=500, help="Make accounts for so many robot agents too.")
    ] = 0,
    team: Teams = None,
    robots_file: RobotsFile = None,
    telephones: Annotated[
        bool, typer.Option("--telephones", help="Give its agents telephones in their browsers.")
    ] = False,
) -> None:
    """Put the demo town Saltmere into the database (again: harmless), and show who can sign in."""
    set_up()
    from civicline.cli.replaying import chosen_teams
    from civicline.cli.town import seed

    with explained():
        teams = chosen_teams(team or [], robots_file)
        seed(only_show=sign_ins, robots=robots, teams=teams, telephones=telephones)


@app.command(
    epilog="civicline demo --robots 40\n\ncivicline replay --source demo --minutes 2\n\n"
    "civicline replay --source bank --day 1999-08-16 --speed 60 --agents 40\n\n"
    "civicline replay --team 6:PS=5,NW=3 --team 2:IN=5      (after: civicline demo with the same teams)"
)
def replay(
    server: Annotated[str, typer.Option(help="Address of the running server.")] = "http://127.0.0.1:8000",
    source: Annotated[
        str, typer.Option(help="bank (calls of August 1999), or demo (a generated day).")
    ] = "demo",
    day: Annotated[str, typer.Option(help="Which day of the bank.")] = "1999-08-16",
    speed: Annotated[float, typer.Option(min=1.0, max=600.0, help="How many times faster than life.")] = 60.0,
    agents: Annotated[
        int, typer.Option(min=1, max=500, help="Robot agents at their desks, where no team is chosen.")
    ] = 40,
    team: Teams = None,
    robots_file: RobotsFile = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Only so many minutes on the wall, the busiest of the day.")
    ] = None,
    stop_after: Annotated[
        float | None,
        typer.Option(min=0.1, help="End after so many minutes on the wall, as Ctrl-C does, with the report."),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="For what is drawn: patience of those who were served, words.")
    ] = 1,
    cases: Annotated[Path | None, typer.Option(help="Folder of cases (or CIVICLINE_CASES).")] = None,
    json: Annotated[bool, typer.Option("--json", help="The report for machines.")] = False,
) -> None:
    """Send a day of contacts through a running server, with robot residents and agents, and report what happened."""
    set_up()
    from civicline.cli.replaying import chosen_teams
    from civicline.cli.replaying import run as replay_day

    with explained():
        report = replay_day(
            server=server, source=source, day=day, speed=speed, agents=agents, minutes=minutes,
            stop_after=stop_after, seed=seed, cases=cases, as_json=json,
            teams=chosen_teams(team or [], robots_file),
        )  # fmt: skip
    if report.missing or report.twice or report.unfinished:
        raise typer.Exit(1)


@app.command(epilog="civicline check\n\ncivicline check --deploy      (before you open the doors)")
def check(
    deploy: Annotated[bool, typer.Option("--deploy", help="Also what only matters in real service.")] = False,
) -> None:
    """Check configuration, folders, database, Redis and the sealed audit log; name what is wrong and its remedy."""
    set_up()
    from civicline.cli.checks import check_all

    if not check_all(deploy=deploy):
        raise typer.Exit(1)


@app.command(epilog="civicline migrate      (before the processes of a scaled installation start)")
def migrate() -> None:
    """Lay out the database for this version. Safe to repeat, and from several machines at once."""
    set_up()
    from civicline.cli.data import migrate as apply

    with explained():
        apply()


@app.command(epilog="civicline backup /backups/civicline-$(date +%F).tar")
def backup(
    file: Annotated[Path, typer.Argument(help="The archive to write; its folder must exist.")],
) -> None:
    """Save everything (database, uploads, key) in one archive, while Civicline goes on running."""
    set_up()
    from civicline.cli.data import backup as save

    with explained():
        save(file)


@app.command(epilog="civicline restore /backups/civicline-2026-03-01.tar")
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `civicline backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is there now.")] = False,
) -> None:
    """Bring an archive back. Refuses while Civicline runs, and to overwrite data unless told to."""
    os.environ.setdefault("CIVICLINE_DEMO", "no")
    from civicline.cli.data import restore as bring_back

    with explained():
        bring_back(file, force=force)


@app.command(epilog="civicline reindex")
def reindex() -> None:
    """Build the search of the desk anew from all there is, while Civicline goes on."""
    set_up()
    from civicline.cli.data import reindex as build

    with explained():
        build()


@app.command(epilog="civicline report\n\ncivicline report --day 2026-03-02 --queue benefits --json")
def report(
    day: Annotated[str, typer.Option(help="The day, like 2026-03-02; today without it.")] = "",
    queue: Annotated[str, typer.Option(help="Only this queue, by its code.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
) -> None:
    """Print a day's report: every measure with its definition, in total and by queue, channel and interval."""
    set_up()
    from civicline.cli.reporting import print_report

    with explained():
        print_report(day=day, queue=queue, as_json=as_json)


@app.command(
    epilog="civicline forecast history.csv --interval 30 --weeks 4 --holidays GB-ENG\n\n"
    "civicline forecast calls.csv.gz --by queue --events letters.csv --json\n\n"
    "civicline forecast history.csv --backtest 8      (how good would it have been?)\n\n"
    "civicline forecast history.csv --today      (the history ends within today: its rest, forecast anew)"
)
def forecast(
    history: Annotated[
        Path,
        typer.Argument(
            help="CSV with a heading: a time or date and a count, or one row a contact; .gz, or - (standard input)."
        ),
    ],
    interval: Annotated[
        int | None, typer.Option(help="Minutes of a slot: 15, 30, 60 or 1440 (days).", show_default=False)
    ] = None,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="How many weeks to forecast.")] = 1,
    horizon: Annotated[
        int | None, typer.Option(min=1, max=731, help="How many days instead.", show_default=False)
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Column that names the series; may be repeated.")
    ] = None,
    time_column: Annotated[str, typer.Option(help="Column of the time, where its name does not tell.")] = "",
    count_column: Annotated[
        str, typer.Option(help="Column of the count, where its name does not tell.")
    ] = "",
    date_format: Annotated[str, typer.Option(help="How times are written, as in '%d/%m/%Y %H:%M'.")] = "",
    timezone: Annotated[str, typer.Option(help="Zone of the times, as in Europe/London.")] = "",
    holidays: Annotated[str, typer.Option(help="Country of the public holidays: GB, GB-ENG, US-NY.")] = "",
    events: Annotated[
        Path | None, typer.Option(help="CSV of events: date, name, and perhaps until, factor.")
    ] = None,
    outliers: Annotated[
        str, typer.Option(help="Days to learn nothing from: 2026-03-02,..., or a file.")
    ] = "",
    new: Annotated[
        list[str] | None, typer.Option(help="A new service by analogy: 'garden waste=bins*0.3'.")
    ] = None,
    today: Annotated[
        bool, typer.Option("--today", help="The last day is under way: forecast its rest.")
    ] = False,
    backtest: Annotated[
        int | None, typer.Option(min=1, help="Judge that many past weeks instead.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write here; whole or not at all.", show_default=False)
    ] = None,
) -> None:
    """Forecast how many contacts will come, by slot of the day, with ranges that hold four counts in five.

    Columns of the answer: series, start, minutes, forecast (the median), expected (the mean), low, high, note.
    """
    from civicline.cli import forecasting
    from civicline.engine.forecast import Columns

    order = forecasting.Order(
        history, interval, horizon or 7 * weeks,
        Columns(time_column, count_column, tuple(by or ()), date_format, timezone),
        holidays, events, outliers, tuple(new or ()), today,
    )  # fmt: skip
    forecasting.run(order, weeks_back=backtest, as_json=as_json, out=out)


@app.command(
    epilog="civicline staff volumes.csv --handle 300 --patience 180\n\n"
    "civicline staff volumes.csv --share 0.9 --within 60 --max-occupancy 0.85 --shrinkage 0.3 --json\n\n"
    "civicline forecast history.csv | civicline staff - --handle 240 --patience 120 --out plan.csv"
)
def staff(
    volumes: Annotated[
        Path,
        typer.Argument(
            help="CSV with a heading: contacts (or expected, forecast, count), and if wanted series, start, "
            "minutes, handle_seconds, patience_seconds. .gz and - (standard input) too."
        ),
    ],
    handle: Annotated[
        float, typer.Option(help="Mean handling time in seconds, wrap-up included, where a row has none.")
    ] = 300.0,
    patience: Annotated[
        float | None, typer.Option(help="Mean seconds until people give up; without it nobody does.")
    ] = None,
    share: Annotated[float, typer.Option(help="Share of the contacts to be answered in time.")] = 0.8,
    within: Annotated[float, typer.Option(help="Seconds to answer within.")] = 20.0,
    max_wait: Annotated[float | None, typer.Option(help="Mean wait in seconds, at most.")] = None,
    max_abandon: Annotated[float | None, typer.Option(help="Share that gives up, at most.")] = None,
    max_occupancy: Annotated[
        float | None, typer.Option(help="Share of time people are busy, at most.")
    ] = None,
    of_patient: Annotated[
        bool, typer.Option("--of-patient", help="Leave who gives up within that time out of the count.")
    ] = False,
    shrinkage: Annotated[float, typer.Option(help="Share of paid time spent elsewhere.")] = 0.0,
    interval: Annotated[float, typer.Option(help="Minutes of an interval, where a row has none.")] = 15.0,
    carry_over: Annotated[
        bool, typer.Option("--carry-over", help="Count work that lasts into the next interval.")
    ] = False,
    count_column: Annotated[
        str, typer.Option(help="Column of the count, where its name does not tell.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: everything as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write here; whole or not at all.", show_default=False)
    ] = None,
) -> None:
    """Say how many people each interval takes to keep a promise (Erlang C, or A with a patience).

    Columns of the answer: series, start, minutes, contacts, load (erlangs), positions, scheduled (with
    shrinkage), answered_within, mean_wait (seconds), abandoned, occupancy.
    """
    from civicline.cli import staffing

    order = staffing.order(
        volumes, handle=handle, patience=patience, shrinkage=shrinkage, interval=interval,
        count_column=count_column, carry_over=carry_over, share=share, within=within, max_wait=max_wait,
        max_abandon=max_abandon, max_occupancy=max_occupancy, of_patient=of_patient,
    )  # fmt: skip
    staffing.run(order, as_json=as_json, out=out)


@app.command(epilog="civicline administrator ada@town.example --name 'Ada Byron'")
def administrator(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="Their name.", prompt="Name")],
) -> None:
    """Make the first administrator of a real installation; asks for a password."""
    set_up()
    from civicline.cli.staff import make_administrator

    with explained():
        make_administrator(email, name)


app.command(epilog=simulation_commands.SIMULATE_EXAMPLES)(simulation_commands.simulate)
app.command(epilog=simulation_commands.HEADLINE_EXAMPLES)(simulation_commands.headline)
app.command(epilog=simulation_commands.TRAINING_EXAMPLES)(simulation_commands.training)
app.command(epilog=simulation_commands.HIRING_EXAMPLES)(simulation_commands.hiring)
app.command(epilog=roster_command.EXAMPLES)(roster_command.roster)
