"""An independent judge of rosters in the published format.

Written from the format's definition alone: it reads the file by itself, walks each employee's days with counters, and
shares nothing with the optimiser (neither its reading, nor its tables, nor its way to count). A solution is a
list of days per employee: the keys of the shifts, "" for none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Days = Sequence[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say: `broken` hard rules in words, and the cost of the soft ones."""

    broken: tuple[str, ...]
    cost: int
    by_rule: Mapping[str, int]


@dataclass(slots=True)
class _Format:
    """The sections of the file as they stand, as text cells."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> _Format:
        found = cls()
        current: list[list[str]] = []
        for raw in text.splitlines():
            line = raw.partition("#")[0].strip()
            if line.startswith("SECTION_"):
                current = found.rows.setdefault(line.removeprefix("SECTION_"), [])
            elif line:
                current.append(line.split(","))
        return found

    def section(self, name: str) -> list[list[str]]:
        return self.rows.get(name, [])


def judge(instance: str, solution: Mapping[str, Days]) -> Verdict:
    """Check a solution against the text of its instance."""
    text = _Format.of(instance)
    horizon = int(text.section("HORIZON")[0][0])
    broken = []
    for row in text.section("STAFF"):
        days = solution.get(row[0])
        if days is None or len(days) != horizon:
            broken.append(f"{row[0]} is not rostered for each of the {horizon} days")
        else:
            broken += [f"{row[0]}: {words}" for words in _person(text, row, days)]
    strangers = set(solution) - {row[0] for row in text.section("STAFF")}
    broken += [f"{name} is no employee" for name in sorted(strangers)]
    nothing = [""] * horizon
    whole = {name: days if len(days) == horizon else nothing for name, days in solution.items()}
    by_rule = _costs(text, {row[0]: nothing for row in text.section("STAFF")} | whole)
    return Verdict(tuple(broken), sum(by_rule.values()), by_rule)


def _person(text: _Format, row: list[str], days: Days) -> Iterator[str]:
    lengths = {cells[0]: int(cells[1]) for cells in text.section("SHIFTS")}
    worked = Counter(shift for shift in days if shift)
    unknown = set(worked) - set(lengths)
    if unknown:
        yield f"there is no shift {', '.join(sorted(unknown))}"
        return
    for part in row[1].split("|"):
        shift, _, most = part.partition("=")
        if worked[shift] > int(most or 0):
            yield f"{worked[shift]} shifts {shift}, at most {most} are allowed"
    minutes = sum(lengths[shift] * count for shift, count in worked.items())
    if minutes > int(row[2]):
        yield f"{minutes} minutes, at most {row[2]} are allowed"
    if minutes < int(row[3]):
        yield f"{minutes} minutes, at least {row[3]} are due"
    yield from _successions(text, days)
    yield from _stretches(row, days)
    yield from _free_time(text, row, days)


def _free_time(text: _Format, row: list[str], days: Days) -> Iterator[str]:
    weekends = {day // 7 for day, shift in enumerate(days) if shift and day % 7 in (5, 6)}
    if len(weekends) > int(row[7]):
        yield f"{len(weekends)} weekends, at most {row[7]} are allowed"
    for cells in text.section("DAYS_OFF"):
        if cells[0] == row[0]:
            for day in cells[1:]:
                if day.strip() and days[int(day)]:
                    yield f"works on day {day}, a day off"


def _successions(text: _Format, days: Days) -> Iterator[str]:
    barred = {cells[0]: set(cells[2].split("|")) - {""} for cells in text.section("SHIFTS") if len(cells) > 2}
    for day in range(1, len(days)):
        if days[day - 1] and days[day] in barred.get(days[day - 1], ()):
            yield f"{days[day]} on day {day} must not follow {days[day - 1]}"


def _stretches(row: list[str], days: Days) -> Iterator[str]:
    """Runs of work and of rest. One that touches the horizon's edge may be short: it goes on beyond, free."""
    most, fewest, fewest_off = int(row[4]), int(row[5]), int(row[6])
    start = 0
    while start < len(days):
        end = start
        while end + 1 < len(days) and bool(days[end + 1]) == bool(days[start]):
            end += 1
        length = end - start + 1
        at_the_edge = start == 0 or end == len(days) - 1
        if days[start] and length > most:
            yield f"{length} shifts on end from day {start}, at most {most} are allowed"
        if days[start] and length < fewest and not at_the_edge:
            yield f"{length} shifts on end from day {start}, at least {fewest} are due"
        if not days[start] and length < fewest_off and not at_the_edge:
            yield f"{length} days off on end from day {start}, at least {fewest_off} are due"
        start = end + 1


def _costs(text: _Format, solution: Mapping[str, Days]) -> dict[str, int]:
    costs = {"on_requests": 0, "off_requests": 0, "under": 0, "over": 0}
    for name, day, shift, weight in text.section("SHIFT_ON_REQUESTS"):
        if solution[name][int(day)] != shift:
            costs["on_requests"] += int(weight)
    for name, day, shift, weight in text.section("SHIFT_OFF_REQUESTS"):
        if solution[name][int(day)] == shift:
            costs["off_requests"] += int(weight)
    for cell, shift, required, under, over in text.section("COVER"):
        present = sum(1 for days in solution.values() if days[int(cell)] == shift)
        if present < int(required):
            costs["under"] += int(under) * (int(required) - present)
        else:
            costs["over"] += int(over) * (present - int(required))
    return costs
