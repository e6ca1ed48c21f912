"""`civicline forecast`: what comes, from a table of what came; on the terminal, as CSV, or as JSON."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from civicline.cli import tables
from civicline.cli.problems import Problem
from civicline.cli.tables import lines_of
from civicline.engine.forecast import (
    Accuracy,
    Calendar,
    Columns,
    Event,
    History,
    HistoryError,
    Outlook,
    Rolling,
    Series,
    TooShort,
    backtest,
    by_analogy,
    forecast,
    learned_scale,
    read_history,
    rest_of_day,
)  # fmt: skip
from civicline.engine.forecast.series import DAY_MINUTES
from civicline.intake.public_holidays import HolidaysUnknown, public_holidays

HEADING: Final = ("series", "start", "minutes", "forecast", "expected", "low", "high", "note")
LONGEST: Final = 731

Made = TypeVar("Made")
Tell: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. `new`: (name, the service it is like, how many times its size)."""

    file: Path
    interval: int | None
    days: int
    columns: Columns
    holidays: str = ""
    events: Path | None = None
    outliers: str = ""
    new: tuple[str, ...] = ()
    today: bool = False


def run(order: Order, *, weeks_back: int | None, as_json: bool, out: Path | None) -> None:
    """Forecast, or judge past weeks, and print; the file `out` is written whole or not at all. Raises Problem."""
    if not 1 <= order.days <= LONGEST:
        raise Problem(f"A forecast reaches 1 to {LONGEST} days ahead, not {order.days}.")
    history = _read(order)
    calendar = _calendar(order, history)
    for note in history.notes:
        _say(note)
    if weeks_back is not None:
        judged = _judge(history, calendar, weeks_back)
        text = (
            tables.as_json({"accuracy": _accuracies(judged, weeks_back)})
            if as_json
            else _report(judged, weeks_back)
        )
    else:
        outlooks = _outlooks(order, history, calendar)
        text = tables.as_json(_forecasts(outlooks, history)) if as_json else _table(outlooks)
    tables.give(text, out)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _read(order: Order) -> History:
    with lines_of(order.file) as lines:
        try:
            return read_history(lines, interval=order.interval, columns=order.columns)
        except HistoryError as error:
            raise Problem(f"{order.file}: {error.told}", *error.every[1:]) from error


def _calendar(order: Order, history: History) -> Calendar:
    some = next(iter(history.series.values()))
    last = some.end + timedelta(days=order.days)
    days: dict[date, str] = {}
    if order.holidays:
        country, _, part = order.holidays.partition("-")
        try:
            days = dict(public_holidays(country, some.first.year, last.year, subdivision=part, language="en"))
        except HolidaysUnknown as error:
            raise Problem(f"{error} Write --holidays like GB or GB-ENG.") from error
    events = _events(order.events) if order.events else {}
    return Calendar(days, events, _outliers(order.outliers))


def _events(file: Path) -> dict[date, tuple[Event, ...]]:
    """Events of a table with columns date, name, and perhaps until (the last day) and factor."""
    found: dict[date, list[Event]] = {}
    with lines_of(file) as lines:
        rows = csv.DictReader(lines)
        missing = {"date", "name"} - {name.strip().lower() for name in rows.fieldnames or ()}
        if missing:
            raise Problem(
                f"{file} has no column {', '.join(sorted(missing))}. Events have date, name, until, factor."
            )
        for number, row in enumerate(rows, 2):
            try:
                begin = date.fromisoformat((row["date"] or "").strip())
                until = date.fromisoformat((row.get("until") or "").strip() or begin.isoformat())
                event = Event((row["name"] or "").strip(), float((row.get("factor") or "").strip() or 1))
            except (ValueError, AttributeError) as error:
                raise Problem(f"{file}, row {number}: {error}") from error
            if not 0 <= (until - begin).days <= LONGEST:
                raise Problem(f"{file}, row {number}: from {begin} to {until} is not a span of days.")
            for ahead in range((until - begin).days + 1):
                found.setdefault(begin + timedelta(days=ahead), []).append(event)
    return {day: tuple(events) for day, events in found.items()}


def _outliers(text: str) -> frozenset[date]:
    """Days to leave out: dates with commas between, or a file with one a line."""
    if text and Path(text).is_file():
        text = Path(text).read_text(encoding="utf-8").replace("\n", ",")
    days = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return frozenset(date.fromisoformat(day) for day in days)
    except ValueError as error:
        raise Problem(
            f"--outliers takes days like 2026-03-02,2026-03-09, or a file of them: {error}."
        ) from error


def _each(history: History, work: Callable[[Series, Tell], Made]) -> dict[str, Made]:
    """Do the work for every series, with progress; a series too short is told by name."""
    done: dict[str, Made] = {}
    for number, (name, series) in enumerate(history.series.items(), 1):
        where = f"{name} ({number} of {len(history.series)})"
        try:
            done[name] = work(series, _week_of(where))
        except (TooShort, ValueError) as error:
            if len(history.series) == 1:
                raise Problem(str(error)) from error
            _say(f"{name} is left out. {error}")
        _progress(where)
    _progress("")
    if not done:
        raise Problem("No series has enough history to forecast from.")
    return done


def _judge(history: History, calendar: Calendar, weeks: int) -> dict[str, Accuracy]:
    def one(series: Series, tell: Tell) -> Accuracy:
        return backtest(series, calendar, weeks, tell)

    return _each(history, one)


def _week_of(where: str) -> Tell:
    def tell(week: int, of: int) -> None:
        _progress(f"{where}: week {week} of {of}")

    return tell


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()


def _outlooks(order: Order, history: History, calendar: Calendar) -> dict[str, Outlook]:
    def one(series: Series, _tell: Tell) -> Outlook:
        if not order.today:
            return forecast(series, calendar, order.days)
        if series.interval == DAY_MINUTES:
            raise Problem("A day cannot be forecast anew in slots of a whole day. Say --interval 30.")
        eve = series.until(series.days - 1)
        return rest_of_day(Rolling(eve, calendar, order.days), series.counts[-1])

    made = _each(history, one)
    for text in order.new:
        name, like, scale = _analogy(text, made)
        days = 0
        if name in history.series:
            scale, days = learned_scale(history.series[name].counts, history.series[like].counts, scale)
        made[name] = by_analogy(made[like], scale, days)
    return made


def _analogy(text: str, made: dict[str, Outlook]) -> tuple[str, str, float]:
    found = re.fullmatch(r"(.+?)=(.+)\*([0-9.]+)", text)
    if not found:
        raise Problem(f"--new {text!r} is not like 'garden waste=bins*0.3'.")
    name, like, scale = found[1].strip(), found[2].strip(), found[3]
    if like not in made:
        raise Problem(f"--new: there is no series {like!r}. There are: {', '.join(sorted(made))}.")
    try:
        return name, like, float(scale)
    except ValueError:
        raise Problem(f"--new: {scale!r} is not a number.") from None


def _rows(name: str, outlook: Outlook) -> Iterator[tuple[Any, ...]]:
    for row in range(len(outlook.expected)):
        day = outlook.first + timedelta(days=row)
        for slot, start in enumerate(outlook.starts):
            at = f"{day}T{start // 60:02}:{start % 60:02}" if outlook.interval < DAY_MINUTES else str(day)
            figures = (outlook.expected, outlook.low, outlook.high)
            yield (
                name, at, outlook.interval, int(outlook.median[row, slot]),
                *(round(float(grid[row, slot]), 2) for grid in figures), outlook.notes[row],
            )  # fmt: skip


def _table(outlooks: dict[str, Outlook]) -> str:
    return tables.as_csv(HEADING, (row for name, made in outlooks.items() for row in _rows(name, made)))


def _forecasts(outlooks: dict[str, Outlook], history: History) -> dict[str, Any]:
    return {
        "coverage": next(iter(outlooks.values())).coverage,
        "notes": list(history.notes),
        "series": [
            {
                "name": name,
                "minutes": outlook.interval,
                "plain_share": outlook.plain_share,
                "dispersion": outlook.dispersion,
                "slots": [dict(zip(HEADING[1:], row[1:], strict=True)) for row in _rows(name, outlook)],
            }
            for name, outlook in outlooks.items()
        ],
    }


def _accuracies(judged: dict[str, Accuracy], weeks: int) -> list[dict[str, Any]]:
    return [
        {
            "series": name, "weeks": weeks, "contacts": accuracy.actual,
            "wape": {method: _number(accuracy.wape(method)) for method in accuracy.errors},
            "poisson_floor": _number(accuracy.floor_wape), "range_held": _number(accuracy.coverage),
        }
        for name, accuracy in judged.items()
    ]  # fmt: skip


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 5)


def _report(judged: dict[str, Accuracy], weeks: int) -> str:
    lines = [
        f"The last {weeks} weeks, each forecast from what was known before it.",
        "WAPE: sum of absolute errors / sum of contacts. Floor: the WAPE that counting noise alone would leave.",
        "Range: share of counts within the 80 % range.", "",
    ]  # fmt: skip
    for name, accuracy in judged.items():
        lines.append(f"{name}: {accuracy.actual:.0f} contacts")
        lines += [f"  {method:18} {100 * accuracy.wape(method):6.2f} %" for method in accuracy.errors]
        lines.append(f"  {'Poisson floor':18} {100 * accuracy.floor_wape:6.2f} %")
        lines.append(f"  {'range held':18} {100 * accuracy.coverage:6.2f} %")
    return "\n".join(lines) + "\n"
