"""Reading the published text format: sections of comma-separated rows, `#` begins a comment.

All that is wrong is told at once, with the number of the row and the names in it. What editors and tables add is
overlooked: line ends of any kind, a mark of the byte order, empty cells at the end of a row, small letters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from civicline.workforce.rostering.instance import Cover, Employee, Instance, Request, ShiftType
from civicline.workforce.rostering.problems import InstanceError, RowError, Told

T = TypeVar("T")
Rows = dict[str, list[tuple[int, list[str]]]]
"""By section: the number of the row in the file, and its cells."""

SHOWN: Final = 10
WEIGHTS: Final = ("Weight for under", "Weight for over")
BEGINS: Final = "SECTION_"
WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
"""With these a text in UTF-16 begins."""
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


def read(file: Path) -> Instance:
    """The instance in a file, in UTF-8 or (with its mark) UTF-16. Raises InstanceError, also for one without text."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InstanceError(Told("file", file=str(file), reason=error.strerror or str(error))) from error
    try:
        text = content.decode("utf-16" if content.startswith(WIDE_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InstanceError(Told("no_text", file=str(file))) from error
    if "\0" in text:
        raise InstanceError(Told("no_text", file=str(file)))
    return parse(text)


def parse(text: str) -> Instance:
    """The instance in a text. Raises InstanceError with every row (the first ten) that is wrong."""
    return _Reader().read(text)


class _Reader:
    """Rows are read section by section; names are looked up as soon as their section is known."""

    def __init__(self) -> None:
        self.wrong: list[Told] = []
        self.shifts: dict[str, int] = {}
        self.staff: dict[str, int] = {}
        self.days = 0

    def read(self, text: str) -> Instance:
        rows = self._sections(text)
        for name in NEEDED:
            if not rows.get(name):
                self.wrong.append(Told("missing", section=name))
        self._refuse()
        self.days = next(iter(self._each(rows, "SECTION_HORIZON", range(1, 2), self._horizon)), 0)
        self._refuse()
        self.shifts = self._names(rows, "SECTION_SHIFTS")
        shifts = self._each(rows, "SECTION_SHIFTS", range(2, 4), self._shift)
        self.staff = self._names(rows, "SECTION_STAFF")
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
            raise InstanceError(*self.wrong[:SHOWN], *([Told("more", count=more)] if more > 0 else []))

    def _sections(self, text: str) -> Rows:
        rows: Rows = {}
        section = ""
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            content = line.split("#", 1)[0].strip()
            if content[: len(BEGINS)].upper() == BEGINS:
                section = content.rstrip(", \t;").upper()
                if section not in SECTIONS:
                    self.wrong.append(
                        Told("no_section", row=number, section=section, known=", ".join(SECTIONS))
                    )
                elif section in rows:
                    self.wrong.append(Told("section_twice", row=number, section=section))
                rows.setdefault(section, [])
            elif content and not section:
                self.wrong.append(Told("before", row=number, text=content[:40]))
            elif content.strip(", \t"):
                rows[section].append((number, [cell.strip() for cell in content.split(",")]))
        return rows

    def _each(self, rows: Rows, section: str, cells: range, make: Callable[[list[str]], T]) -> list[T]:
        """Each row of a section, made into a value; a row that cannot be is told and left out."""
        made: list[T] = []
        for number, row in rows.get(section, []):
            while len(row) >= cells.stop and not row[-1]:  # a table's empty cells
                row.pop()
            try:
                if len(row) not in cells:
                    raise RowError("cells", cells=len(row), expected=cells.start)
                made.append(make(row))
            except RowError as error:
                self.wrong.append(Told(error.code, row=number, section=section, **error.values))
        return made

    def _names(self, rows: Rows, section: str) -> dict[str, int]:
        names: dict[str, int] = {}
        for number, row in rows[section]:
            if not row[0]:
                self.wrong.append(Told("no_name", row=number, section=section))
            elif row[0] in names:
                self.wrong.append(Told("name_twice", row=number, section=section, name=row[0]))
            names.setdefault(row[0], len(names))
        return names

    def _horizon(self, row: list[str]) -> int:
        days = whole(row[0], "the horizon")
        if not 1 <= days <= MOST_DAYS:
            raise RowError("days", days=days, most=MOST_DAYS)
        return days

    def _shift(self, row: list[str]) -> ShiftType:
        minutes = whole(row[1], "Length")
        if not 1 <= minutes <= 1440:
            raise RowError("length", name=row[0], minutes=minutes)
        barred = [key for key in (row[2] if len(row) > 2 else "").split("|") if key]
        return ShiftType(row[0], minutes, frozenset(self._shift_number(key) for key in barred))

    def _employee(self, row: list[str]) -> Employee:
        most = [self.days] * len(self.shifts)
        for part in filter(None, row[1].split("|")):
            key, sign, number = part.partition("=")
            if not sign:
                raise RowError("limit", part=part)
            most[self._shift_number(key)] = whole(number, f"MaxShifts {key}")
        names = (
            "MaxTotalMinutes",
            "MinTotalMinutes",
            "MaxConsecutiveShifts",
            "MinConsecutiveShifts",
            "MinConsecutiveDaysOff",
            "MaxWeekends",
        )
        numbers = [whole(cell, name) for cell, name in zip(row[2:], names, strict=True)]
        most_minutes, least_minutes, max_run, min_run, min_off, weekends = numbers
        return Employee(row[0], tuple(most), most_minutes, least_minutes, max_run, min_run, min_off, weekends)

    def _days_off(self, row: list[str]) -> tuple[int, frozenset[int]]:
        return self._employee_number(row[0]), frozenset(self._day(cell) for cell in row[1:] if cell)

    def _request(self, row: list[str]) -> Request:
        return Request(
            self._employee_number(row[0]),
            self._day(row[1]),
            self._shift_number(row[2]),
            whole(row[3], "Weight"),
        )

    def _cover(self, row: list[str]) -> Cover:
        numbers = [whole(cell, name) for cell, name in zip(row[2:], ("Requirement", *WEIGHTS), strict=True)]
        return Cover(self._day(row[0]), self._shift_number(row[1]), *numbers)

    def _covered_once(self, cover: list[Cover]) -> None:
        keys = list(self.shifts)
        seen: set[tuple[int, int]] = set()
        for row in cover:
            if (row.day, row.shift) in seen:
                self.wrong.append(Told("cover_twice", day=row.day, name=keys[row.shift]))
            seen.add((row.day, row.shift))

    def _day(self, cell: str) -> int:
        day = whole(cell, "Day")
        if day >= self.days:
            raise RowError("outside", day=day, last=self.days - 1)
        return day

    def _shift_number(self, key: str) -> int:
        if key not in self.shifts:
            raise RowError("no_shift", name=key, known=", ".join(list(self.shifts)[:20]))
        return self.shifts[key]

    def _employee_number(self, key: str) -> int:
        if key not in self.staff:
            raise RowError("no_employee", name=key)
        return self.staff[key]


def whole(cell: str, column: str) -> int:
    """A whole number from 0; RowError names the column as the format does."""
    if not (cell.isascii() and cell.isdigit()) or len(cell) > 9:
        raise RowError("whole", column=column, cell=cell[:40])
    return int(cell)
