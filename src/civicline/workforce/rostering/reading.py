"""Reading the published text format: sections of comma-separated rows, `#` begins a comment.

All that is wrong is told at once, with the number of the row and the names in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from civicline.workforce.rostering.instance import Cover, Employee, Instance, Request, ShiftType

T = TypeVar("T")
Rows = dict[str, list[tuple[int, list[str]]]]
"""By section: the number of the row in the file, and its cells."""

SHOWN: Final = 10
WEIGHTS: Final = ("the weight for under", "the weight for over")
MOST_DAYS: Final = 3_660
SECTIONS: Final = (
    "SECTION_HORIZON",
    "SECTION_SHIFTS",
    "SECTION_STAFF",
    "SECTION_DAYS_OFF",
    "SECTION_SHIFT_ON_REQUESTS",
    "SECTION_SHIFT_OFF_REQUESTS",
    "SECTION_COVER",
)
NEEDED: Final = ("SECTION_HORIZON", "SECTION_SHIFTS", "SECTION_STAFF", "SECTION_COVER")


class InstanceError(ValueError):
    """The file is no instance; `sentences` say what is wrong and in which rows."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def read(file: Path) -> Instance:
    """The instance in a file. Raises InstanceError (also for a file that cannot be read)."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise InstanceError(f"{file} cannot be read ({reason}).") from error
    return parse(text)


def parse(text: str) -> Instance:
    """The instance in a text. Raises InstanceError with every row (the first ten) that is wrong."""
    return _Reader().read(text)


class _Reader:
    """Rows are read section by section; names are looked up as soon as their section is known."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.shifts: dict[str, int] = {}
        self.staff: dict[str, int] = {}
        self.days = 0

    def read(self, text: str) -> Instance:
        rows = self._sections(text)
        for name in NEEDED:
            if not rows.get(name):
                self.wrong.append(f"The section {name} is missing or empty.")
        self._refuse()
        self.days = next(iter(self._each(rows, "SECTION_HORIZON", range(1, 2), self._horizon)), 0)
        self._refuse()
        self.shifts = self._names(rows["SECTION_SHIFTS"], "Shift")
        shifts = self._each(rows, "SECTION_SHIFTS", range(2, 4), self._shift)
        self.staff = self._names(rows["SECTION_STAFF"], "Employee")
        staff = self._each(rows, "SECTION_STAFF", range(8, 9), self._employee)
        days_off = self._each(rows, "SECTION_DAYS_OFF", range(1, MOST_DAYS), self._days_off)
        on = self._each(rows, "SECTION_SHIFT_ON_REQUESTS", range(4, 5), self._request)
        off = self._each(rows, "SECTION_SHIFT_OFF_REQUESTS", range(4, 5), self._request)
        cover = self._each(rows, "SECTION_COVER", range(5, 6), self._cover)
        self._covered_once(cover)
        self._refuse()
        free: dict[int, frozenset[int]] = {}
        for who, days in days_off:
            free[who] = free.get(who, frozenset()) | days
        rested = [replace(person, days_off=free.get(at, frozenset())) for at, person in enumerate(staff)]
        return Instance(self.days, tuple(shifts), tuple(rested), tuple(on), tuple(off), tuple(cover))

    def _refuse(self) -> None:
        if self.wrong:
            more = len(self.wrong) - SHOWN
            raise InstanceError(*self.wrong[:SHOWN], *([f"And {more} more."] if more > 0 else []))

    def _sections(self, text: str) -> Rows:
        rows: Rows = {}
        section = ""
        for number, line in enumerate(text.splitlines(), 1):
            content = line.split("#", 1)[0].strip()
            if content.startswith("SECTION_"):
                section = content
                if section not in SECTIONS:
                    self.wrong.append(
                        f"Row {number}: there is no section {section}; known: {', '.join(SECTIONS)}."
                    )
                elif section in rows:
                    self.wrong.append(f"Row {number}: {section} stands there twice.")
                rows.setdefault(section, [])
            elif content and not section:
                self.wrong.append(f"Row {number}: {content[:40]!r} stands before any section.")
            elif content:
                rows[section].append((number, [cell.strip() for cell in content.split(",")]))
        return rows

    def _each(self, rows: Rows, section: str, cells: range, make: Callable[[list[str]], T]) -> list[T]:
        """Each row of a section, made into a value; a row that cannot be is told and left out."""
        made: list[T] = []
        for number, row in rows.get(section, []):
            try:
                if len(row) not in cells:
                    raise ValueError(f"{len(row)} cells where {cells.start} are expected")
                made.append(make(row))
            except ValueError as error:
                self.wrong.append(f"Row {number} ({section}): {error}.")
        return made

    def _names(self, rows: list[tuple[int, list[str]]], what: str) -> dict[str, int]:
        names: dict[str, int] = {}
        for number, row in rows:
            if row[0] in names:
                self.wrong.append(f"Row {number}: {what} {row[0]} is there twice.")
            names.setdefault(row[0], len(names))
        return names

    def _horizon(self, row: list[str]) -> int:
        days = whole(row[0], "the number of days")
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"{days} days; give 1 to {MOST_DAYS}")
        return days

    def _shift(self, row: list[str]) -> ShiftType:
        minutes = whole(row[1], f"the length of {row[0]}")
        if not 1 <= minutes <= 1440:
            raise ValueError(f"shift {row[0]} has {minutes} minutes; give 1 to 1440")
        barred = [key for key in (row[2] if len(row) > 2 else "").split("|") if key]
        return ShiftType(row[0], minutes, frozenset(self._shift_number(key) for key in barred))

    def _employee(self, row: list[str]) -> Employee:
        most = [self.days] * len(self.shifts)
        for part in filter(None, row[1].split("|")):
            key, sign, number = part.partition("=")
            if not sign:
                raise ValueError(f"{row[0]}: {part!r} is no shift=number")
            most[self._shift_number(key)] = whole(number, f"{row[0]}: the most shifts {key}")
        names = (
            "most minutes",
            "fewest minutes",
            "most consecutive shifts",
            "fewest consecutive shifts",
            "fewest consecutive days off",
            "most weekends",
        )
        numbers = [
            whole(cell, f"{row[0]}: the number of {name}") for cell, name in zip(row[2:], names, strict=True)
        ]
        most_minutes, least_minutes, max_run, min_run, min_off, weekends = numbers
        return Employee(row[0], tuple(most), most_minutes, least_minutes, max_run, min_run, min_off, weekends)

    def _days_off(self, row: list[str]) -> tuple[int, frozenset[int]]:
        return self._employee_number(row[0]), frozenset(self._day(cell) for cell in row[1:] if cell)

    def _request(self, row: list[str]) -> Request:
        return Request(
            self._employee_number(row[0]),
            self._day(row[1]),
            self._shift_number(row[2]),
            whole(row[3], "the weight"),
        )

    def _cover(self, row: list[str]) -> Cover:
        numbers = [
            whole(cell, name) for cell, name in zip(row[2:], ("the requirement", *WEIGHTS), strict=True)
        ]
        return Cover(self._day(row[0]), self._shift_number(row[1]), *numbers)

    def _covered_once(self, cover: list[Cover]) -> None:
        keys = list(self.shifts)
        seen: set[tuple[int, int]] = set()
        for row in cover:
            if (row.day, row.shift) in seen:
                self.wrong.append(f"SECTION_COVER: day {row.day} has shift {keys[row.shift]} twice.")
            seen.add((row.day, row.shift))

    def _day(self, cell: str) -> int:
        day = whole(cell, "the day")
        if day >= self.days:
            raise ValueError(f"day {day} is outside the horizon (days 0 to {self.days - 1})")
        return day

    def _shift_number(self, key: str) -> int:
        if key not in self.shifts:
            raise ValueError(f"there is no shift {key!r}; known: {', '.join(list(self.shifts)[:20])}")
        return self.shifts[key]

    def _employee_number(self, key: str) -> int:
        if key not in self.staff:
            raise ValueError(f"there is no employee {key!r}")
        return self.staff[key]


def whole(cell: str, what: str) -> int:
    """A whole number from 0; ValueError says what it should have been."""
    if not (cell.isascii() and cell.isdigit()) or len(cell) > 9:
        raise ValueError(f"{what} is {cell!r}, and must be a whole number from 0")
    return int(cell)
