"""`civicline staff`: how many people each interval of a table of volumes takes; as CSV or as JSON."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from civicline.cli import tables
from civicline.cli.problems import Problem
from civicline.cli.tables import lines_of
from civicline.engine.queueing import (
    Performance,
    QueueingError,
    Target,
    erlang_a,
    erlang_c_performance,
    modified_offered_load,
    positions_a,
    positions_c,
    scheduled,
)

COLUMNS: Final = {
    "series": "the line, as in the volumes; empty when there is one only",
    "start": "when the interval begins, as in the volumes (there named start or time)",
    "minutes": "how long the interval is",
    "contacts": "how many are expected in it",
    "load": "erlangs: people kept busy if nobody had to wait",
    "positions": "the fewest people answering at the same time who keep the promise",
    "scheduled": "the same with shrinkage: people to be paid",
    "answered_within": "share of the contacts answered in the time promised, with these positions",
    "mean_wait": "mean wait of all contacts in seconds",
    "abandoned": "share of the contacts that give up (0 without a patience)",
    "occupancy": "share of their time that the people are busy",
}
"""The columns of the answer, and what they say."""

COUNTS: Final = ("contacts", "expected", "forecast", "count", "volume", "calls")
"""Headings of the count, the first that is there; those of `civicline forecast` among them."""

SHOWN_PROBLEMS: Final = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for; seconds, and minutes for `interval`. `patience` None: nobody gives up."""

    file: Path
    handle: float
    patience: float | None
    target: Target
    shrinkage: float = 0.0
    interval: float = 15.0
    count_column: str = ""
    carry_over: bool = False


class Volume(NamedTuple):
    """One interval of the table. `row` counts the lines of the file, the heading is 1."""

    row: int
    series: str
    start: str
    minutes: float
    contacts: float
    handle: float
    patience: float


def order(  # the promise is checked here, so that a wrong one is told before any file is read
    file: Path,
    *,
    share: float,
    within: float,
    max_wait: float | None,
    max_abandon: float | None,
    max_occupancy: float | None,
    of_patient: bool,
    handle: float,
    patience: float | None,
    shrinkage: float = 0.0,
    interval: float = 15.0,
    count_column: str = "",
    carry_over: bool = False,
) -> Order:
    """An order from what the command line says. Raises Problem for what cannot be."""
    try:
        target = Target(share, within, max_wait, max_abandon, max_occupancy, of_patient)
    except QueueingError as error:
        raise Problem(str(error)) from error
    for name, number in (("--handle", handle), ("--patience", patience), ("--interval", interval)):
        if number is not None and not 0 < number < math.inf:
            raise Problem(f"{name} is {number:g}. Give a number above 0.")
    if not 0 <= shrinkage < 1:
        raise Problem(f"A shrinkage of {shrinkage:g} leaves nobody. Give a share from 0 to below 1.")
    return Order(file, handle, patience, target, shrinkage, interval, count_column, carry_over)


def run(order: Order, *, as_json: bool, out: Path | None) -> None:
    """Plan and print; the file `out` is written whole or not at all. Raises Problem."""
    volumes = _read(order)
    try:
        planned = plan(volumes, order)
    except QueueingError as error:
        raise Problem(str(error)) from error
    text = _as_json(planned, order) if as_json else _as_csv(planned)
    tables.give(text, out)


def plan(volumes: list[Volume], order: Order) -> list[dict[str, Any]]:
    """The rows of the answer, by the names in COLUMNS. Raises QueueingError for numbers that cannot be."""
    minutes, contacts, handle, patience = (
        np.array([getattr(volume, name) for volume in volumes])
        for name in ("minutes", "contacts", "handle", "patience")
    )
    load = _carried_over(volumes, order.file) if order.carry_over else contacts * handle / (60 * minutes)
    leaving = np.isfinite(patience)
    positions = np.zeros(len(volumes), dtype=np.int64)
    positions[leaving] = positions_a(
        load[leaving],
        handle_seconds=handle[leaving],
        patience_seconds=patience[leaving],
        target=order.target,
    )
    positions[~leaving] = positions_c(load[~leaving], handle_seconds=handle[~leaving], target=order.target)
    found = _performance(load, positions, handle, patience, order.target.within_seconds)
    paid = scheduled(positions, shrinkage=order.shrinkage)
    return [
        {
            "series": volume.series,
            "start": volume.start,
            "minutes": volume.minutes,
            "contacts": volume.contacts,
            "load": round(float(load[at]), 4),
            "positions": int(positions[at]),
            "scheduled": int(paid[at]),
            "answered_within": round(float(found.answered_within[at]), 6),
            "mean_wait": round(float(found.mean_wait[at]), 3),
            "abandoned": round(float(found.abandon_probability[at]), 6),
            "occupancy": round(float(found.occupancy[at]), 6),
        }
        for at, volume in enumerate(volumes)
    ]


def _performance(
    load: np.ndarray, positions: np.ndarray, handle: np.ndarray, patience: np.ndarray, within: float
) -> Performance:
    """By Erlang A where people give up, by Erlang C elsewhere; an interval that nobody needs is kept at 0 waits."""
    leaving = np.isfinite(patience)
    people = np.maximum(positions, 1)
    figures = np.empty((len(Performance._fields), len(load)))
    figures[:, leaving] = erlang_a(
        load[leaving],
        people[leaving],
        handle_seconds=handle[leaving],
        patience_seconds=patience[leaving],
        within_seconds=within,
    )
    figures[:, ~leaving] = erlang_c_performance(
        load[~leaving], people[~leaving], handle_seconds=handle[~leaving], within_seconds=within
    )
    return Performance(*figures)


def _carried_over(volumes: list[Volume], file: Path) -> np.ndarray:
    """Modified offered load, each series in the order of the file. Problem where its intervals differ."""
    load = np.zeros(len(volumes))
    for series in dict.fromkeys(volume.series for volume in volumes):
        own = [at for at, volume in enumerate(volumes) if volume.series == series]
        first = volumes[own[0]]
        for at in own:
            volume = volumes[at]
            if (volume.minutes, volume.handle) != (first.minutes, first.handle):
                raise Problem(
                    f"{file}, row {volume.row}: work can be carried over only between intervals of equal minutes and"
                    " handling time. Leave --carry-over out, or make them equal."
                )
        load[own] = modified_offered_load(
            [volumes[at].contacts for at in own],
            handle_seconds=first.handle,
            interval_seconds=60 * first.minutes,
        )
    return load


# --- the table of volumes


def _read(order: Order) -> list[Volume]:
    """The intervals of the file. Problem with the numbers of all rows (the first ten) that cannot be used."""
    volumes: list[Volume] = []
    wrong: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    with lines_of(order.file) as lines:
        first = next(lines, "")
        if not first.strip():
            raise Problem(f"{order.file}: The table is empty: its first row must name the columns.")
        table = csv.DictReader(chain([first], lines), delimiter=max(",;\t", key=first.count))
        count = _count_column(table.fieldnames or [], order)
        for cells in table:
            try:
                volume = _volume(table.line_num, cells, count, order)
                before = seen.setdefault((volume.series, volume.start), volume.row)
                if volume.start and before != volume.row:
                    raise ValueError(f"{volume.start} stands in row {before} already")
                volumes.append(volume)
            except ValueError as error:
                wrong.append(f"{order.file}, row {table.line_num}: {error}.")
    if wrong:
        more = len(wrong) - SHOWN_PROBLEMS
        raise Problem(
            *wrong[:SHOWN_PROBLEMS], *([f"{order.file}: and {more} rows more."] if more > 0 else [])
        )
    if not volumes:
        raise Problem(f"{order.file} has no rows. Give a heading, and one row for each interval.")
    return volumes


def _count_column(heading: list[str] | Any, order: Order) -> str:
    """The heading of the count: the one asked for, else the first known one."""
    wanted = (order.count_column,) if order.count_column else COUNTS
    for name in wanted:
        if name in heading:
            return name
    there = ", ".join(name for name in heading if name) or "nothing"
    raise Problem(
        f"{order.file} has no column {' or '.join(wanted)}; its heading has {there}. Name it with --count-column."
    )


def _volume(row: int, cells: Mapping[str, str | None], count: str, order: Order) -> Volume:
    """One row; ValueError with words that follow "Row 7: ". Empty cells take what the command line says."""
    patience = _number(cells, "patience_seconds", order.patience, above=True)
    return Volume(
        row,
        (cells.get("series") or "").strip(),
        (cells.get("start") or cells.get("time") or "").strip(),
        _number(cells, "minutes", order.interval, above=True),
        _number(cells, count, None, above=False),
        _number(cells, "handle_seconds", order.handle, above=True),
        patience,
    )


def _number(cells: Mapping[str, str | None], name: str, otherwise: float | None, *, above: bool) -> float:
    text = (cells.get(name) or "").strip()
    if not text:
        if otherwise is None and name != "patience_seconds":
            raise ValueError(f"{name} is empty")
        return math.inf if otherwise is None else otherwise
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, which is no number") from None
    if not math.isfinite(number) or number < 0 or (above and number == 0):
        raise ValueError(f"{name} is {text}; give a number {'above 0' if above else 'from 0 upwards'}")
    return number


# --- the answer


def _as_csv(planned: list[dict[str, Any]]) -> str:
    plain = ("minutes", "contacts")
    rows = ([f"{row[name]:g}" if name in plain else row[name] for name in COLUMNS] for row in planned)
    return tables.as_csv(tuple(COLUMNS), rows)


def _as_json(planned: list[dict[str, Any]], order: Order) -> str:
    target = {name: getattr(order.target, name) for name in Target.__slots__}
    content = {
        "columns": COLUMNS,
        "target": target,
        "shrinkage": order.shrinkage,
        "carry_over": order.carry_over,
        "person_hours": round(sum(row["positions"] * row["minutes"] for row in planned) / 60, 4),
        "paid_hours": round(sum(row["scheduled"] * row["minutes"] for row in planned) / 60, 4),
        "rows": planned,
    }
    return tables.as_json(content)
