"""What contradicts itself before anything is planned: told at once, with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from civicline.workforce.rostering.week.values import DAY, Demand, Pattern, Person, Reason, WeekError


def check(demand: Demand, people: Sequence[Person], patterns: Sequence[Pattern]) -> None:
    """Raise WeekError with all that is wrong."""
    wrong = [*_demand(demand), *_patterns(patterns), *_people(demand, people, {p.key for p in patterns})]
    if wrong:
        raise WeekError(*wrong)


def _demand(demand: Demand) -> Iterator[Reason]:
    if demand.interval <= 0 or DAY % demand.interval:
        text = f"An interval of {demand.interval} minutes does not divide the day; give 15, 30 or 60."
        yield Reason("interval", text, {"minutes": demand.interval})
        return
    if demand.days < 1:
        yield Reason("no_days", "A plan needs one day at least.")
    for skill, numbers in demand.required.items():
        if len(numbers) != demand.intervals:
            text = f"{skill}: {len(numbers)} requirements for {demand.intervals} intervals."
            yield Reason("requirements", text, {"skill": skill})
        if not all(0 <= number < float("inf") for number in numbers):
            text = f"{skill}: a requirement is negative or no number."
            yield Reason("requirements", text, {"skill": skill})
    yield from _twice("On-call duty", (call.key for call in demand.on_call))


def _patterns(patterns: Sequence[Pattern]) -> Iterator[Reason]:
    yield from _twice("Pattern", (pattern.key for pattern in patterns))
    for pattern in patterns:
        if not 0 <= pattern.start < DAY or not 0 < pattern.minutes <= DAY:
            text = (
                f"Pattern {pattern.key} begins at minute {pattern.start} and has {pattern.minutes} minutes."
            )
            yield Reason("pattern_hours", text, {"pattern": pattern.key})
        at = 0
        for pause in sorted(pattern.breaks, key=lambda pause: pause.after):
            if pause.after < at or pause.minutes <= 0 or pause.after + pause.minutes > pattern.minutes:
                text = f"Pattern {pattern.key}: the break after minute {pause.after} overlaps something."
                yield Reason("pattern_breaks", text, {"pattern": pattern.key})
            at = pause.after + pause.minutes


def _people(demand: Demand, people: Sequence[Person], keys: set[str]) -> Iterator[Reason]:
    yield from _twice("Person", (person.key for person in people))
    for person in people:
        contract = person.contract
        if contract.min_minutes > contract.max_minutes:
            text = (
                f"{person.name}: at least {contract.min_minutes} and at most {contract.max_minutes} minutes a week"
                " contradict each other."
            )
            yield Reason("contract_hours", text, {"name": person.name})
        if not person.places:
            text = f"{person.name} may work nowhere: give office, home or both."
            yield Reason("no_place", text, {"name": person.name})
        for key in sorted({key for key in (*person.fixed.values(), *(person.patterns or ())) if key} - keys):
            text = f"{person.name}: there is no pattern {key}."
            yield Reason("no_pattern", text, {"name": person.name, "pattern": key})
        for day in person.fixed:
            if not 0 <= day < demand.days:
                text = f"{person.name}: day {day + 1} is not in the plan."
                yield Reason("no_day", text, {"name": person.name, "day": day + 1})


def _twice(what: str, keys: Iterable[str]) -> Iterator[Reason]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield Reason("twice", f"{what} {key} is there {count} times.", {"key": key, "count": count})
