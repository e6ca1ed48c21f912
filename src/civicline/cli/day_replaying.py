"""`civicline simulate --day`: a day of the log as it really was, as the simulator replays it, and with other rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from civicline.cli.problems import Problem, explained
from civicline.cli.scenario_tables import toml_of
from civicline.cli.simulating import bar
from civicline.cli.tables import give

SHOWN: Final = {
    "offered": ("contacts", 1.0, "{:,.0f}"),
    "service_level": ("answered in time, %", 100.0, "{:.1f}"),
    "mean_wait": ("mean wait, s", 1.0, "{:.1f}"),
    "abandonment": ("gave up or waited to the end, %", 100.0, "{:.1f}"),
    "mean_handle": ("a contact takes, s", 1.0, "{:.0f}"),
    "occupancy": ("people busy, %", 100.0, "{:.1f}"),
    "cost": ("cost", 1.0, "{:,.0f}"),
}
CLOCKS: Final = ("extra_from", "extra_until", "opens", "closes")
SECONDS: Final = ("help_after",)


def run(
    day: str, rules: str, files: bool, *, replications: int, seed: int, as_json: bool, out: Path | None
) -> None:
    """Replay and print. Raises Problem for a day without a log, rules that cannot be read, or files beside them."""
    if files:
        raise Problem("Give scenario files, or a day of the log with --day, not both.")
    if not day:
        raise Problem("--rules says what would have been otherwise on a day. Name it with --day.")
    from civicline.cli.commands import set_up

    set_up()
    with explained():
        answer = _answer(day_of(day), rules, replications, seed)
    content = json.dumps(answer, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(answer))
    give(content + "\n", out)


def day_of(text: str) -> date:
    """A day as it is written. Raises Problem."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"{text!r} is not a day. Write it like 2026-03-02.") from None


def _answer(day: date, rules: str, replications: int, seed: int) -> dict[str, Any]:
    from civicline.config import schema
    from civicline.engine.simulation import SimulationError
    from civicline.kernel.errors import Refused
    from civicline.workforce.day_replay import past_day
    from civicline.workforce.services.scenarios import past_answer

    trouble = schema.problem_with_connection()
    if trouble:
        raise Problem(trouble)
    try:
        changes = _changes(rules)
        told = past_answer(past_day(day), changes, replications=replications, seed=seed, tell=bar(f"{day}"))
    except Refused as refused:
        sentences = refused.field_messages() if hasattr(refused, "field_messages") else {}
        raise Problem(*(sentences.values() or [refused.message()])) from refused
    except SimulationError as error:
        raise Problem(f"{day}: {error}") from error
    return {"day": day.isoformat(), "rules": rules, "replications": replications, "seed": seed, **told}


def _changes(rules: str) -> Any:
    """The changes of a TOML file or of a saved scenario; none without rules."""
    from civicline.workforce.scenarios import Changes
    from civicline.workforce.selectors.scenarios import find_what_if

    if not rules:
        return Changes()
    file = Path(rules)
    if file.suffix == ".toml" or file.is_file():
        changes = Changes(**_table(file))
        changes.check()
        return changes
    row = find_what_if(rules)
    if row is None:
        raise Problem(f"There is no file and no saved scenario {rules!r}.")
    return Changes(**row.changes)


def _table(file: Path) -> dict[str, Any]:
    from civicline.workforce.scenarios import Changes

    content = toml_of(file)[1]
    kinds = {one.name: type(one.default) for one in fields(Changes)} | dict.fromkeys((*CLOCKS, *SECONDS), int)
    for key, value in content.items():
        if key not in kinds:
            raise Problem(f"{file}: there is no change {key!r}. There are: {', '.join(sorted(kinds))}.")
        content[key] = _value(file, key, value, kinds[key])
    return content


def _value(file: Path, key: str, value: Any, kind: type) -> Any:
    """A number, a word, yes or no; a time of the day as "08:30"."""
    if key in CLOCKS and isinstance(value, str):
        hours, _, minutes = value.partition(":")
        if hours.isdigit() and minutes.isdigit() and int(hours) <= 24 and int(minutes) < 60:
            return int(hours) * 60 + int(minutes)
        raise Problem(f"{file}: {key} is no time. Write it like 08:30.")
    if type(value) is not kind:
        words = {int: "a whole number", str: "a text", bool: "true or false"}
        raise Problem(f"{file}: {key} has to be {words[kind]}.")
    return value


def _lines(answer: Mapping[str, Any]) -> Iterable[str]:
    yield f"{answer['day']}, {answer['replications']} replays, seed {answer['seed']}; in brackets the 95 % interval."
    yield f"  {'':32} {'really':>12}  {'replayed as it was':24}  {'with the change':24}  the change beside it"
    for name, (words, factor, form) in SHOWN.items():
        if name not in answer["a"]:
            continue
        real = answer["real"].get(name)
        sides = [_told(answer[side][name], factor, form) for side in ("a", "b", "difference")]
        shown = form.format(factor * real) if real is not None else "-"
        yield f"  {words:32} {shown:>12}  {sides[0]:24}  {sides[1]:24}  {sides[2]}"


def _told(told: list[float], factor: float, form: str) -> str:
    mean, low, high = (form.format(factor * one) for one in told)
    return mean if low == high else f"{mean} [{low}, {high}]"
