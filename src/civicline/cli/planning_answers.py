"""`civicline training` and `civicline hiring`: what the planner's pages answer, on the terminal."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import typer

from civicline.cli.day_replaying import day_of
from civicline.cli.problems import Problem, explained
from civicline.cli.simulating import bar

COLUMNS = (
    "month", "contacts", "season", "need", "present_low", "present", "present_high", "planned_low", "planned",
    "planned_high", "chance_present", "chance_planned", "starts", "decide", "agreed",
)  # fmt: skip


@contextmanager
def _asked() -> Iterator[None]:
    """Django and the database are there; refusals end in their sentence."""
    from civicline.cli.commands import set_up

    set_up()
    with explained():
        from civicline.config import schema
        from civicline.engine.hiring import HiringError
        from civicline.engine.simulation import SimulationError
        from civicline.kernel.errors import Invalid, Refused

        trouble = schema.problem_with_connection()
        if trouble:
            raise Problem(trouble)
        try:
            yield
        except Invalid as invalid:
            told = [f"{name}: {words}" for name, words in invalid.field_messages().items()]
            raise Problem(*(told or [invalid.message()])) from invalid
        except Refused as refused:
            raise Problem(refused.message()) from refused
        except (HiringError, SimulationError) as error:
            raise Problem(str(error)) from error


def training(
    day: str, *, most: int, hours: int, budget: int, replications: int, seed: int, as_json: bool
) -> None:
    """Print the trainings that pay most on a planned day. Raises Problem."""
    chosen = day_of(day) if day else None
    with _asked():
        from civicline.people.selectors import agent_names
        from civicline.workforce.scenarios import next_planned_day
        from civicline.workforce.selectors.history import today
        from civicline.workforce.training import TrainingAsked, training_answer

        chosen = chosen or next_planned_day(today())
        asked = TrainingAsked(most, hours, budget)
        asked.check()
        answer = training_answer(
            chosen, asked, replications=replications, seed=seed, tell=bar(f"trainings of {chosen}")
        )
        names = {str(agent_id): name for agent_id, name in agent_names()}
    if as_json:
        typer.echo(json.dumps({"day": chosen.isoformat(), **answer}, ensure_ascii=False, indent=2))
        return
    for line in _training_lines(chosen, answer, names):
        typer.echo(line)


ENDED = {
    "most": "As many as asked for.",
    "hours": "No further training fits into the hours.",
    "no_gain": "No further training surely makes waits shorter.",
    "nobody": "Everybody who works on this day takes every queue.",
}


def _training_lines(day: date, answer: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[str]:
    yield f"{day}: mean wait {_three(answer['before']['mean_wait'])} s; in brackets the 95 % interval."
    for number, step in enumerate(answer["steps"], 1):
        less = [-step["wait"][at] for at in (0, 2, 1)]
        yield (
            f"  {number}. {names.get(step['agent'], step['agent'])} learns {step['queue']}, {step['hours']:.0f} h: "
            f"{_three(less)} s less, then {step['after']['mean_wait'][0]:.1f} s"
        )
    yield f"  {ENDED[answer['ended']]} {answer['tried']} trainings were tried; {answer['hours']:.0f} hours in all."


def _three(told: Iterable[float]) -> str:
    mean, low, high = told
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def pairs(given: Iterable[str], example: str) -> dict[str, int]:
    """Options like 3=130 as {"3": 130}. Raises Problem."""
    found: dict[str, int] = {}
    for text in given:
        name, _sign, number = text.partition("=")
        if not (number.isascii() and number.isdigit()) or name in found:
            raise Problem(f"{text!r} cannot be read. Write it like {example}, and each month once.")
        found[name.strip()] = int(number)
    return found


def hiring(asked: Mapping[str, Any], *, as_json: bool, as_csv: bool) -> None:
    """Print how many people to hire when. Raises Problem."""
    with _asked():
        from civicline.workforce.hiring import HiringAsked, hiring_answer
        from civicline.workforce.selectors.history import today

        terms = HiringAsked(**asked)
        terms.check()
        answer = hiring_answer(today(), terms)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(COLUMNS)
        writer.writerows(_row(one) for one in answer["months"])
    else:
        for line in _hiring_lines(answer):
            typer.echo(line)


def _row(one: Mapping[str, Any]) -> list[Any]:
    chances = (round(one["chance_present"], 4), round(one["chance_planned"], 4))
    return [
        one["month"],
        one["contacts"],
        one["season"],
        one["need"],
        *one["present"],
        *one["planned"],
        *chances,
        one["starts"],
        one["decide"],
        one["agreed"],
    ]


_SEASON = {
    "history": "Seasons are those of the history",
    "told": "Seasons are as given, else those of the history",
    "none": "Every month of the year is alike, as far as the history surely tells",
}


def _starts(one: Mapping[str, Any]) -> str:
    """New people of the plan, and after a plus those agreed already."""
    return f"{one['starts'] or '-'}{'+' + str(one['agreed']) if one['agreed'] else ''}"


def _hiring_lines(answer: Mapping[str, Any]) -> Iterable[str]:
    low, middle, high = (100 * one for one in answer["yearly"])
    yield f"{answer['team']} people; {middle:.0f} % leave in a year [{low:.0f}, {high:.0f}]; {answer['hires']} to hire."
    heads = (
        f"{'without anybody new':>24} {'enough':>7} {'decide':>7} {'start':>6} {'planned':>24} {'enough':>7}"
    )
    yield f"  {_SEASON[answer['season_from']]} ({answer['season_weeks']} weeks of history)."
    yield f"  {'month':8} {'contacts':>9} {'season':>7} {'need, h':>9} {heads}"
    for one in answer["months"]:
        sides = [
            f"{mean:,.0f} [{low:,.0f}, {high:,.0f}]" for low, mean, high in (one["present"], one["planned"])
        ]
        yield (
            f"  {one['month'][:7]:8} {one['contacts']:9,} {100 * one['season']:6.0f}% {one['need']:9,.0f} "
            f"{sides[0]:>24} {100 * one['chance_present']:6.0f}% "
            f"{one['decide'] or '-':>7} {_starts(one):>6} {sides[1]:>24} {100 * one['chance_planned']:6.0f}%"
        )
    if answer["late"]:
        months = ", ".join(answer["months"][number]["month"][:7] for number in answer["late"])
        yield f"  Nobody new can be there in time for {months}."
