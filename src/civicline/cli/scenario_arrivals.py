"""Arrivals of a scenario from a CSV: counts by interval, or one row for each contact."""

from __future__ import annotations

import csv
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Final

from civicline.cli.problems import Problem
from civicline.engine.simulation import DAY

COUNTS: Final = ("expected", "contacts", "forecast", "count", "volume", "calls")
TIMES: Final = ("arrival", "arrived_at", "opened", "timestamp")


def read_counts(file: Path, seconds: float) -> list[float]:
    """Contacts in each interval from the midnight of the first row on.

    A column of counts (as `civicline forecast` and `civicline staff` write them) is taken row by row; without one, a
    column of times is counted. Raises Problem with the row.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            heading = table.fieldnames or []
            count = next((name for name in COUNTS if name in heading), None)
            time = next((name for name in TIMES if name in heading), None)
            rows = [(table.line_num, cells) for cells in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no CSV in UTF-8"
        raise Problem(f"{file} cannot be read ({reason}).") from error
    if count is not None:
        return [_count(file, row, cells[count]) for row, cells in rows]
    if time is None or not rows:
        known = ", ".join((*COUNTS, *TIMES))
        raise Problem(f"{file} has no rows, or no column of counts or times. Known are {known}.")
    return _counted([_moment(file, row, cells[time]) for row, cells in rows], seconds)


def _count(file: Path, row: int, text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        raise Problem(f"{file}, row {row}: {text!r} is no number.") from None
    if not (isfinite(number) and number >= 0):
        raise Problem(f"{file}, row {row}: {text} cannot be. Give 0 or more.")
    return number


def _moment(file: Path, row: int, text: str | None) -> datetime:
    try:
        return datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise Problem(f"{file}, row {row}: {text!r} is no time. Write 2026-03-02 09:15:00.") from None


def _counted(moments: list[datetime], seconds: float) -> list[float]:
    midnight = min(moments).replace(hour=0, minute=0, second=0, microsecond=0)
    places = [int((moment - midnight).total_seconds() // seconds) for moment in moments]
    slots = round(DAY / seconds)
    counts = [0.0] * (slots * (max(places) // slots + 1))
    for place in places:
        counts[place] += 1
    return counts
