"""A log of calls, one row each, with the columns of the bank that made its calls of 1999 public."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from civicline.cli.problems import Problem

COLUMNS: Final = {
    "arrival": "when the call came, 1999-08-01 10:12:38",
    "priority": "2 is served before 0 and 1",
    "type": "what it was about",
    "queue_start": "when it came into the line; empty if it never waited",
    "queue_sec": "seconds in the line",
    "outcome": "AGENT, or HANG for a caller who gave up; others are left out",
    "service_start": "when an agent answered",
    "service_sec": "seconds of talk",
    "server": "who answered",
}
URGENT: Final = 2
NOBODY: Final = "NO_SERVER"


class Call(NamedTuple):
    """A call for an agent. Seconds of the day; `started` None: it gave up, or the log does not say when."""

    at: float
    waited: float
    answered: bool
    talked: float
    kind: str
    urgent: bool
    server: str
    started: float | None

    @property
    def queue(self) -> str:
        """Its line: the type, and whether it goes first."""
        return f"{self.kind} first" if self.urgent else self.kind


Days = dict[str, list[Call]]


def read_days(file: Path) -> Days:
    """The calls for an agent by day. Raises Problem with the row for what cannot be used."""
    days: Days = defaultdict(list)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (table.fieldnames or [])]
            if missing:
                raise Problem(
                    f"{file} has no column {', '.join(missing)}. The columns are {', '.join(COLUMNS)}."
                )
            talks: dict[tuple[str, ...], int] = {}
            for cells in table:
                try:
                    found = _call(_whole(cells))
                    if found is not None:
                        _only_once(cells, found[1], talks, table.line_num)
                except ValueError as error:
                    raise Problem(f"{file}, row {table.line_num}: {error}.") from error
                if found is not None:
                    days[found[0]].append(found[1])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no CSV in UTF-8"
        raise Problem(f"{file} cannot be read ({reason}).") from error
    if len(days) < 2:
        raise Problem(f"{file} has calls on {len(days)} day(s). A forecast needs at least two days.")
    return {day: sorted(days[day]) for day in sorted(days)}


def _whole(cells: Mapping[str, str | None]) -> Mapping[str, str]:
    """The row, if it is as long as the first. Raises ValueError."""
    short = next((name for name in COLUMNS if cells[name] is None), None)
    if short is not None or None in cells:
        raise ValueError("it has fewer or more cells than the first row has names")
    return {name: cells[name] or "" for name in COLUMNS}


def _only_once(cells: Mapping[str, str], call: Call, talks: dict[tuple[str, ...], int], row: int) -> None:
    """Nobody talks twice at the same time, as long and about the same. Raises ValueError with the earlier row."""
    if not (call.answered and call.talked > 0 and call.server != NOBODY):
        return
    earlier = talks.setdefault(tuple(cells[name] for name in COLUMNS), row)
    if earlier != row:
        raise ValueError(f"it is the same call as row {earlier}")


def _call(cells: Mapping[str, str]) -> tuple[str, Call] | None:
    """The day and the call, None for one that never asked for an agent."""
    waited, talked = _seconds(cells, "queue_sec"), _seconds(cells, "service_sec")
    answered = cells["outcome"] == "AGENT"
    if not answered and not (cells["outcome"] == "HANG" and waited > 0):
        return None
    arrived = _moment(cells, "arrival")
    if arrived is None:
        raise ValueError("arrival is empty; give a date and a time, like 2026-03-02 10:12:38")
    started = _of_day(_moment(cells, "service_start"))
    entered = _of_day(_moment(cells, "queue_start"))
    at = entered if entered is not None else started if started is not None else _of_day(arrived)
    urgent = _number(cells, "priority", "0, 1 or 2") >= URGENT
    call = Call(
        at or 0.0,
        waited,
        answered,
        talked,
        cells["type"].strip(),
        urgent,
        cells["server"],
        started if answered else None,
    )
    return arrived.date().isoformat(), call


def _seconds(cells: Mapping[str, str], name: str) -> float:
    number = _number(cells, name, "seconds from 0 upwards") if cells[name].strip() else 0.0
    if not 0 <= number < 1e6:
        raise ValueError(f"{name} is {cells[name].strip()}; give seconds from 0 upwards")
    return number


def _number(cells: Mapping[str, str], name: str, wanted: str) -> float:
    try:
        return float(cells[name])
    except ValueError as error:
        raise ValueError(f"{name} is {cells[name].strip() or 'empty'}; give {wanted}") from error


def _moment(cells: Mapping[str, str], name: str) -> datetime | None:
    """A date with a time, or a time alone but for `arrival`; None if there is none."""
    text = cells[name].strip()
    if not text:
        return None
    alone = name != "arrival" and ":" in text[:3]
    try:
        return datetime.fromisoformat(f"1999-01-01 {text}" if alone else text)
    except ValueError as error:
        like = "2026-03-02 10:12:38" if name == "arrival" else "10:12:38"
        raise ValueError(f"{name} is {text}; give it like {like}") from error


def _of_day(moment: datetime | None) -> float | None:
    """Seconds since midnight."""
    if moment is None:
        return None
    return moment.hour * 3600.0 + moment.minute * 60.0 + moment.second
