"""`civicline report`: a day's measures on the terminal, the same numbers as on the page."""

from __future__ import annotations

import json
import textwrap
from datetime import date, datetime, time
from typing import Any

import typer
from django.utils import timezone

from civicline.cli.problems import Problem
from civicline.config import schema
from civicline.insight.reports import Report, Row, day_report
from civicline.insight.tables import plain_figure, plain_report
from civicline.routing import selectors as routing

NAME_WIDTH = 38
DEFINITION_WIDTH = 84


def print_report(*, day: str, queue: str, as_json: bool) -> None:
    """Print the report of a day (ISO date, "" is today), of one queue or all; problems end in one sentence."""
    trouble = schema.problem_with_connection()
    if trouble:
        raise Problem(trouble)
    if queue and routing.get_kept_queue(queue) is None:
        known = ", ".join(one.code for one in routing.list_queues())
        raise Problem(f"There is no queue {queue!r}. There are: {known or 'none yet'}.")
    report = day_report(_moment(day), queue)
    if as_json:
        typer.echo(json.dumps(plain_report(report), ensure_ascii=False, indent=2))
        return
    _print(report)


def _moment(day: str) -> datetime | None:
    if not day:
        return None
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        raise Problem(f"{day!r} is not a day. Write it like 2026-03-02.") from None
    return datetime.combine(chosen, time(12), timezone.get_current_timezone())


def _print(report: Report) -> None:
    day = timezone.localtime(report.start).date()
    about = f", queue {report.queue.code}" if report.queue else ""
    typer.echo(f"Report of {day:%A %Y-%m-%d}{about}, counted at {timezone.localtime(report.made_at):%H:%M}")
    typer.echo("A contact counts on the day, in the interval and in the queue in which its wait ended.\n")
    for figure in report.figures:
        plain = plain_figure(figure)
        typer.echo(f"{plain['name']:{NAME_WIDTH}} {_value(plain):>9}   {_counts(plain)}")
        typer.echo(textwrap.indent(textwrap.fill(plain["definition"], DEFINITION_WIDTH), "    "))
    for title, rows in (
        ("By queue", [row for _queue, row in report.queues]),
        ("By channel", list(report.channels)),
        ("By quarter of an hour", [row for _moment, row in report.intervals]),
    ):
        typer.echo(f"\n{title}")
        typer.echo(
            f"  {'':18} {'arrived':>8} {'offered':>8} {'answered':>9} {'in time':>8} {'left':>6} {'short':>6}"
        )
        for row in rows:
            typer.echo(_line(row))
    typer.echo(f"\nWaiting still: {report.still_waiting}")


def _value(plain: dict[str, Any]) -> str:
    if plain["value"] is None:
        return "none"
    if plain["unit"] == "share":
        return f"{plain['value'] * 100:.1f} %"
    return (
        f"{plain['value']:.1f} {plain['unit'].split()[0]}"
        if plain["unit"] == "s"
        else f"{plain['value']:.1f}"
    )


def _counts(plain: dict[str, Any]) -> str:
    return f"{plain['numerator']:g} / {plain['denominator']:g}"


def _line(row: Row) -> str:
    counts = row.counts
    return (
        f"  {row.key:18} {row.arrived:8} {counts.offered:8} {counts.answered:9} {counts.answered_within:8}"
        f" {counts.abandoned:6} {counts.short_abandoned:6}"
    )
