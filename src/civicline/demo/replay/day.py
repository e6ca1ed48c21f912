"""The days that can be replayed: real calls of a bank (August 1999), or the demo's own generated day."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path

BANK_FILE = Path("volumes") / "anonymous_bank_1999_08_calls.csv"
SERVICES = {
    "PS": "council-tax",
    "NW": "general",
    "NE": "benefits",
    "IN": "repair",
    "TT": "missed-bin",
    "PE": "health",
}
"""Which of the town's services stands for which type of call: the shares of the bank's work are kept."""
DEMO_SEED = 1999
DEMO_CONTACTS = 1_600
DEMO_SHARES = {
    "council-tax": 0.55,
    "general": 0.2,
    "benefits": 0.1,
    "repair": 0.08,
    "health": 0.05,
    "missed-bin": 0.02,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One contact of a day: seconds after midnight, about what, seconds to serve it, seconds it waits at most."""

    at: float
    service: str
    serve: float
    patience: float


class NoSuchDay(ValueError):
    """There is nothing to replay; the text says what to do."""


def bank_day(cases: Path, day: str, seed: int) -> list[Call]:
    """The calls of one day that reached the queue, or an agent at once. Raises `NoSuchDay`.

    A caller who hung up tells their patience; one who was served tells only that it was longer. For those it is the
    wait plus an exponential time with the day's mean patience (total wait / hang-ups, the maximum likelihood estimate
    under censoring; Brown et al., "Statistical analysis of a telephone call center", JASA 2005, section 5).
    """
    path = cases / BANK_FILE
    if not path.is_file():
        raise NoSuchDay(f"{path} is not here. Name the folder of cases with --cases, or use --source demo.")
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["arrival"].startswith(day)]
    # Who hung up without a queue_start did so in the voice menu; who was served without one did not have to wait.
    rows = [
        row for row in rows if row["outcome"] == "AGENT" or (row["outcome"] == "HANG" and row["queue_start"])
    ]
    if not rows:
        raise NoSuchDay(f"There are no calls on {day}; choose a day from 1999-08-01 to 1999-08-31.")
    return sorted(_calls(rows, random.Random(seed)), key=lambda call: call.at)  # noqa: S311 -- a story told again


def _calls(rows: list[dict[str, str]], dice: random.Random) -> Iterator[Call]:
    waited = sum(float(row["queue_sec"]) for row in rows)
    left = sum(row["outcome"] == "HANG" for row in rows)
    served = [float(row["service_sec"]) for row in rows if float(row["service_sec"]) > 0] or [180.0]
    for row in rows:
        patience = max(1.0, float(row["queue_sec"]))
        if row["outcome"] == "AGENT":
            patience += dice.expovariate(max(1, left) / max(1.0, waited))
        serve = float(row["service_sec"]) or dice.choice(served)
        moment = datetime.fromisoformat(row["arrival"])
        at = moment.hour * 3600 + moment.minute * 60 + moment.second
        yield Call(at, SERVICES.get(row["type"], "general"), serve, patience)


def generate(seed: int = DEMO_SEED) -> list[Call]:
    """The demo's day: peaks at 10:30 and 14:30, lognormal service (median 150 s) and patience (median 240 s).

    Arrivals are drawn from the mixture of a flat day 08:00-20:00 (30 %) and two normal peaks (40 % and 30 %); the
    lognormal is what Brown et al. (above) found for service.
    """
    dice = random.Random(seed)  # noqa: S311 -- the same day each time
    day: list[Call] = []
    while len(day) < DEMO_CONTACTS:
        kind = dice.random()
        hour = (
            dice.uniform(8, 20)
            if kind < 0.3
            else dice.gauss(10.5, 0.9)
            if kind < 0.7
            else dice.gauss(14.5, 1.1)
        )
        if not 8 <= hour < 20:
            continue
        service = dice.choices(list(DEMO_SHARES), weights=list(DEMO_SHARES.values()))[0]
        serve, patience = dice.lognormvariate(math.log(150), 0.8), dice.lognormvariate(math.log(240), 0.7)
        day.append(Call(round(hour * 3600), service, float(round(serve + 5)), float(round(patience + 5))))
    return sorted(day, key=lambda call: (call.at, call.service, call.serve))


def demo_day() -> list[Call]:
    """The generated day as it is shipped."""
    text = (resources.files("civicline.demo") / "data" / "day.csv").read_text("utf-8")
    return [read(row) for row in csv.DictReader(text.splitlines())]


def read(row: Mapping[str, str]) -> Call:
    """One row of data/day.csv."""
    return Call(float(row["at_s"]), row["service"], float(row["service_s"]), float(row["patience_s"]))


def as_csv(day: Iterable[Call]) -> str:
    """A day in the form of data/day.csv."""
    lines = [f"{one.at:.0f},{one.service},{one.serve:.0f},{one.patience:.0f}" for one in day]
    return "\n".join(["at_s,service,service_s,patience_s", *lines]) + "\n"


def busiest_start(day: list[Call], seconds: float) -> float:
    """When to begin so that `seconds` of the day hold the most arrivals."""
    best, most, end = day[0].at, 0, 0
    for begin, call in enumerate(day):
        while end < len(day) and day[end].at < call.at + seconds:
            end += 1
        if end - begin > most:
            best, most = call.at, end - begin
    return best


def words(cases: Path) -> list[str]:
    """What residents write: real reports of two cities where they are at hand, else none."""
    found = []
    for name, columns in (
        (Path("language") / "seeclickfix_atlanta.csv", ("summary", "description")),
        (Path("volumes") / "sf_311_cases_10000.csv", ("request_type", "details")),
    ):
        if (cases / name).is_file():
            with (cases / name).open(newline="", encoding="utf-8", errors="replace") as file:
                for row in csv.DictReader(file):
                    text = ". ".join(row[column].strip() for column in columns if row.get(column, "").strip())
                    found.append(text[:2000])
    return [text for text in found if text]
