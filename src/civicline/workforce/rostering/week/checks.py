"""What contradicts itself before anything is planned: told at once, with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from civicline.workforce.rostering.week.values import DAY, Demand, Pattern, Person, WeekError


def check(demand: Demand, people: Sequence[Person], patterns: Sequence[Pattern]) -> None:
    """Raise WeekError with all that is wrong."""
    wrong = [*_demand(demand), *_patterns(patterns), *_people(demand, people, {p.key for p in patterns})]
    if wrong:
        raise WeekError(" ".join(wrong))


def _demand(demand: Demand) -> Iterator[str]:
    if demand.interval <= 0 or DAY % demand.interval:
        yield f"An interval of {demand.interval} minutes does not divide the day; give 15, 30 or 60."
        return
    if demand.days < 1:
        yield "A plan needs one day at least."
    for skill, numbers in demand.required.items():
        if len(numbers) != demand.intervals:
            yield f"{skill}: {len(numbers)} requirements for {demand.intervals} intervals."
        if not all(0 <= number < float("inf") for number in numbers):
            yield f"{skill}: a requirement is negative or no number."
    yield from _twice("On-call duty", (call.key for call in demand.on_call))


def _patterns(patterns: Sequence[Pattern]) -> Iterator[str]:
    yield from _twice("Pattern", (pattern.key for pattern in patterns))
    for pattern in patterns:
        if not 0 <= pattern.start < DAY or not 0 < pattern.minutes <= DAY:
            yield f"Pattern {pattern.key} begins at minute {pattern.start} and has {pattern.minutes} minutes."
        at = 0
        for pause in sorted(pattern.breaks, key=lambda pause: pause.after):
            if pause.after < at or pause.minutes <= 0 or pause.after + pause.minutes > pattern.minutes:
                yield f"Pattern {pattern.key}: the break after minute {pause.after} overlaps something."
            at = pause.after + pause.minutes


def _people(demand: Demand, people: Sequence[Person], keys: set[str]) -> Iterator[str]:
    yield from _twice("Person", (person.key for person in people))
    for person in people:
        contract = person.contract
        if contract.min_minutes > contract.max_minutes:
            yield (
                f"{person.name}: at least {contract.min_minutes} and at most {contract.max_minutes} minutes a week"
                " contradict each other."
            )
        if not person.places:
            yield f"{person.name} may work nowhere: give office, home or both."
        for key in {*person.fixed.values(), *(person.patterns or ())} - {None}:
            if key not in keys:
                yield f"{person.name}: there is no pattern {key}."
        for day in person.fixed:
            if not 0 <= day < demand.days:
                yield f"{person.name}: day {day + 1} is not in the plan."


def _twice(what: str, keys: Iterable[str]) -> Iterator[str]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield f"{what} {key} is there {count} times."
