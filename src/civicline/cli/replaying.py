"""`civicline replay`: a day of real demand against a running server."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import typer

from civicline.cli.problems import Problem
from civicline.demo.replay import day as days
from civicline.demo.replay.browser import Lost, NotAsExpected
from civicline.demo.replay.desk import CannotSignIn
from civicline.demo.replay.report import Report, as_dict, as_text
from civicline.demo.replay.run import Plan, replay
from civicline.demo.robots import email_of
from civicline.demo.teams import NoSuchTeam, Team, gather, parse, read
from civicline.demo.town import PASSWORD
from civicline.demo.words import STORIES


def run(
    *, server: str, source: str, day: str, speed: float, agents: int, minutes: float | None,
    stop_after: float | None, seed: int, cases: Path | None, as_json: bool, teams: list[Team] | None = None,
) -> Report:  # fmt: skip
    """Replay and print the report. Raises `Problem`; an unreconciled contact is one."""
    folder = cases or Path(os.environ.get("CIVICLINE_CASES", "../shared/cases"))
    if source not in ("bank", "demo"):
        raise Problem("--source is bank or demo.")
    try:
        calls = days.bank_day(folder, day, seed) if source == "bank" else days.demo_day()
    except days.NoSuchDay as none:
        raise Problem(str(none)) from none
    begin = calls[0].at
    if minutes is not None:
        begin = days.busiest_start(calls, minutes * 60 * speed)
        calls = [call for call in calls if begin <= call.at < begin + minutes * 60 * speed]
    texts = days.words(folder) or [story.text for story in STORIES if story.language == "en"]
    emails = [email for team in teams or () for email in team.emails]
    plan = Plan(
        server,
        source,
        day if source == "bank" else "the demo's day",
        calls,
        texts,
        emails or [email_of(number) for number in range(1, agents + 1)],
        PASSWORD,
        speed,
        begin,
        seed,
        stop_after * 60 if stop_after else None,
        tuple(team.words for team in teams or ()),
    )
    try:
        report = replay(plan, _progress)
    except (NotAsExpected, *Lost) as problem:
        if teams and isinstance(problem, CannotSignIn):
            written = " ".join(f"--team {team.words}" for team in teams)
            raise Problem(
                f"Not all of these robots can sign in; make them with: civicline demo {written}"
            ) from problem
        raise Problem(
            f"The replay could not go on: {problem or type(problem).__name__}. Is {server} running?"
        ) from problem
    sys.stderr.write("\n")
    typer.echo(json.dumps(as_dict(report), indent=2) if as_json else as_text(report))
    return report


def chosen_teams(written: list[str], file: Path | None) -> list[Team]:
    """The teams of the command line and of the file, equal ones put together. Raises `Problem`."""
    try:
        return gather([*(parse(one) for one in written), *(read(file) if file else ())])
    except NoSuchTeam as wrong:
        raise Problem(str(wrong)) from wrong


def _progress(line: str) -> None:
    """One line that is written over and over on a terminal, and line by line elsewhere."""
    sys.stderr.write(f"\r\033[K{line}" if sys.stderr.isatty() else f"{line}\n")
    sys.stderr.flush()
