"""The comparison in words and figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import typer

from civicline.cli.headline.calls import read_days
from civicline.cli.headline.comparing import Day, Terms, compare_days, shorter, together
from civicline.cli.simulating import bar, write
from civicline.engine.simulation import Estimate, estimate

FIGURES = ("lost", "on_line", "until_served")


def run(log: Path, terms: Terms, *, processes: int, as_json: bool, out: Path | None) -> None:
    """Read, compare, print. Raises Problem."""
    days = compare_days(read_days(log), terms, processes=processes, progress=bar(log.stem))
    text = json.dumps(plain(days), indent=2) + "\n" if as_json else "\n".join(lines(days, terms)) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        write(out, text)


def lines(days: list[Day], terms: Terms) -> Iterable[str]:
    """One line for each day, the total, and what may be claimed."""
    paid = "the same hours on the line" if terms.strict else "the same paid hours"
    yield f"Each day with {paid}; {terms.replications} replications of the same callers on both sides."
    yield ""
    yield ("                     |  log as it was |  simulated as it was     |  planned by Civicline")
    yield (
        "day         calls exp | lost %  wait s | lost %  wait s paid line | lost %  line s  until s  back paid line"
        " | lost  line"
    )
    for day in days:
        yield _line(day.name, [day])
    yield _line("all", days)
    yield ""
    yield from _claims(days)


def _line(name: str, days: list[Day]) -> str:
    number = sum(day.calls for day in days)
    weights = [day.calls / number for day in days]
    real = [sum(w * day.real[at] for w, day in zip(weights, days, strict=True)) for at in (0, 1)]
    old = [together(days, "before", figure).mean() for figure in FIGURES]
    new = [together(days, "planned", figure).mean() for figure in FIGURES]
    paid = [sum(getattr(day, side).paid_hours for day in days) for side in ("before", "planned")]
    there = [sum(getattr(day, side).line_hours for day in days) for side in ("before", "planned")]
    back = sum(float(day.planned.called_back.mean()) for day in days)
    expected = sum(day.expected for day in days)
    gains = [100 * shorter(days, figure).mean for figure in ("lost", "on_line")]
    was = f"{100 * old[0]:5.1f} {old[1]:7.1f} {paid[0]:6.0f} {there[0]:5.0f}"
    now = f"{100 * new[0]:5.1f} {new[1]:7.1f} {new[2]:8.0f} {back:5.0f} {paid[1]:5.0f} {there[1]:5.0f}"
    gain = f"{-gains[0]:+4.0f} % {-gains[1]:+4.0f} %"
    return (
        f"{name:10} {number:6} {expected:5.0f} | {100 * real[0]:5.1f} {real[1]:7.1f} | {was} | {now} | {gain}"
    )


def _claims(days: list[Day]) -> Iterable[str]:
    for figure, words in (
        ("lost", "callers lost (gave up, or could not be called back)"),
        ("on_line", "mean wait on the telephone"),
        ("until_served", "mean time until served, those called back included"),
    ):
        gain = shorter(days, figure)
        better = sum(shorter([day], figure).mean >= 0.5 for day in days)
        yield (
            f"{words}: {-100 * gain.mean:+.1f} % [{-100 * gain.high:+.1f}, {-100 * gain.low:+.1f}]; "
            f"halved on {better} of {len(days)} days"
        )

    beyond = [day.name for day in days if 2 * day.least > together([day], "before", "lost").mean()]
    if beyond:
        yield (
            "more than half of those lost before must be lost whatever the plan, since the calls bring more work than "
            f"its hours on the line hold: {', '.join(beyond)}"
        )


def plain(days: list[Day]) -> dict[str, Any]:
    """Everything for programs: means with intervals."""
    return {
        "days": [
            {
                "day": day.name,
                "calls": day.calls,
                "expected": round(day.expected, 1),
                "least_lost": round(day.least, 4),
            }
            | _told([day])
            for day in days
        ],
        "all": {"calls": sum(day.calls for day in days)} | _told(days),
    }


def _told(days: list[Day]) -> dict[str, Any]:
    weights = np.array([day.calls for day in days]) / sum(day.calls for day in days)
    sides = {
        side: {figure: _rounded(estimate(together(days, side, figure))) for figure in FIGURES}
        | {
            "paid_hours": round(sum(getattr(day, side).paid_hours for day in days), 2),
            "line_hours": round(sum(getattr(day, side).line_hours for day in days), 2),
            "called_back": round(sum(float(getattr(day, side).called_back.mean()) for day in days), 1),
        }
        for side in ("before", "planned")
    }
    return {
        "log": {
            "lost": round(float(sum(weights * [day.real[0] for day in days])), 4),
            "wait": round(float(sum(weights * [day.real[1] for day in days])), 2),
        },
        **sides,
        "less": {figure: _rounded(shorter(days, figure)) for figure in FIGURES},
    }


def _rounded(told: Estimate) -> list[float]:
    return [round(float(number), 4) for number in told]
