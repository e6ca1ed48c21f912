"""`civicline roster`: an instance of the published format in; its roster, cost and cost by rule out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from civicline.cli.language import in_own_language
from civicline.cli.problems import Problem
from civicline.cli.tables import give
from civicline.workforce.rostering import Instance, InstanceError, NoRoster, Solution, keys, read, solve

if TYPE_CHECKING:
    from civicline.workforce.rostering.problems import Told

RULES = {
    "on_requests": "Wishes to work not met",
    "off_requests": "Wishes not to work broken",
    "under": "Too few at work",
    "over": "Too many at work",
}


def run(instance: Path, *, seconds: float, seed: int, as_json: bool, out: Path | None) -> None:
    """Solve and print; the solution `out` is written whole or not at all. Raises Problem."""
    began = time.monotonic()
    try:
        problem = read(instance)
    except InstanceError as error:
        raise Problem(*(f"{instance}: {one}" for one in _worded(error.sentences))) from error
    left = max(1.0, seconds - (time.monotonic() - began))  # reading is part of the time given
    found = solve(problem, seconds=left, seed=seed, progress=None if as_json else _progress)
    if not as_json:
        _end_progress()
    if isinstance(found, NoRoster):
        raise Problem(*_worded(found.reasons))
    if out is not None:
        give(published(problem, found), out)
    typer.echo(_as_json(problem, found) if as_json else _as_table(problem, found), nl=False)


def _worded(told: Sequence[Told]) -> list[str]:
    """In the language of the terminal, where there are words in it."""

    def words() -> list[str]:
        from civicline.workforce.refusals import instance_words

        return [instance_words(one) for one in told]

    return in_own_language(words, [str(one) for one in told])


def _labels() -> list[str]:
    """The words of RULES in the language of the terminal."""

    def words() -> list[str]:
        from civicline.workforce.refusals import INSTANCE_COSTS

        return [str(INSTANCE_COSTS[rule]) for rule in RULES]

    return in_own_language(words, list(RULES.values()))


def published(instance: Instance, found: Solution) -> str:
    """The solution as the benchmark's site shows it: a row for each employee, a tab between days, empty for none."""
    return "".join("\t".join(row) + "\n" for row in keys(instance, found.roster).values())


def _progress(passed: float, cost: int, bound: int | None) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        least = f", at least {bound}" if bound is not None else ""
        sys.stderr.write(f"\r{passed:6.1f} s: cost {cost}{least}    ")
        sys.stderr.flush()


def _end_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _as_table(instance: Instance, found: Solution) -> str:
    width = max(len(person.key) for person in instance.staff)
    cell = max(2, *(len(shift.key) + 1 for shift in instance.shifts))
    lines = [
        f"{'':{width}}  " + "".join(f"{'MTWTFSS'[day % 7]:{cell}}" for day in range(instance.days)).rstrip()
    ]
    for name, days in keys(instance, found.roster).items():
        lines.append(f"{name:{width}}  " + "".join(f"{shift or '.':{cell}}" for shift in days).rstrip())
    lines.append("")
    lines += [
        f"{words}: {getattr(found.penalty, rule)}" for rule, words in zip(RULES, _labels(), strict=True)
    ]
    known = "; no roster costs less" if found.proved else ""
    if found.bound is not None and not found.proved:
        known = f"; none can cost less than {found.bound}"
    lines.append(f"Cost: {found.cost}{known} ({found.seconds:.1f} s)")
    return "\n".join(lines) + "\n"


def _as_json(instance: Instance, found: Solution) -> str:
    content: dict[str, Any] = {
        "cost": found.cost,
        "by_rule": {rule: getattr(found.penalty, rule) for rule in RULES},
        "bound": found.bound,
        "proved": found.proved,
        "seconds": round(found.seconds, 3),
        "work": dict(found.work),
        "roster": keys(instance, found.roster),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
