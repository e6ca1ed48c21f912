"""The week as a mixed-integer programme: one choice for each person, day and pattern.

Cover is shared out: people with the same skills form a group, and each interval's duty of a group is split among the
skills required (a transportation problem within the programme). The hard rules of one person are `person_rules`,
which also serve to explain why no roster exists; they are named so that each can be left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from civicline.workforce.rostering.programme import Floats, Programme
from civicline.workforce.rostering.week.values import DAY, OFFICE, Demand, Past, Pattern, Person, Rules


class Slot(NamedTuple):
    """A person's possible shift: (day, pattern)."""

    day: int
    pattern: str


class Rule(NamedTuple):
    """low <= sum of factor * slot <= high; `name` says which rule of law or contract."""

    name: str
    terms: Mapping[Slot, float]
    low: float
    high: float


FIXED, MINUTES_MIN, MINUTES_MAX = "fixed", "min_minutes", "max_minutes"
REST, DAYS, CONSECUTIVE, WEEKENDS = "rest", "max_days", "max_consecutive", "weekends"
TRAINING, ONE = "training", "one_a_day"
OFF, AWAY, LONG, UNSKILLED = "days_off", "away", "max_minutes_day", "patterns"


def slots(
    person: Person, demand: Demand, patterns: Mapping[str, Pattern], without: frozenset[str] = frozenset()
) -> list[Slot]:
    """What the person may work at all; the rules named in `without` are passed over."""
    return [
        Slot(day, key)
        for day in range(demand.days)
        for key, pattern in patterns.items()
        if pattern.days is None or day in pattern.days
        if not (barred(person, day, pattern) - without)
    ]


def barred(person: Person, day: int, pattern: Pattern) -> set[str]:
    """The rules that forbid this shift by itself. What was fixed by hand is allowed, whatever they say."""
    found = set()
    if day in person.fixed and person.fixed[day] != pattern.key:
        found.add(FIXED)
    if person.fixed.get(day) == pattern.key:
        return found
    if day in person.days_off:
        found.add(OFF)
    first, last = day * DAY + pattern.start, day * DAY + pattern.end
    if any(begin < last and first < end for begin, end in person.away):
        found.add(AWAY)
    if pattern.paid_minutes > person.contract.max_minutes_day:
        found.add(LONG)
    if (person.patterns is not None and pattern.key not in person.patterns) or not (
        pattern.skills <= person.skills
    ):
        found.add(UNSKILLED)
    return found


def unpopular(pattern: Pattern, day: int, demand: Demand) -> float:
    """What a shift on this day adds to a person's history: its hours, and one for a weekend."""
    return pattern.unpopular + (day in demand.weekend)


def person_rules(
    person: Person, past: Past, demand: Demand, patterns: Mapping[str, Pattern], possible: list[Slot]
) -> Iterator[Rule]:
    """The hard rules of one person over her possible shifts."""
    contract = person.contract
    by_day: dict[int, list[Slot]] = defaultdict(list)
    for slot in possible:
        by_day[slot.day].append(slot)
    for day in range(demand.days):
        yield Rule(ONE, dict.fromkeys(by_day[day], 1.0), 0, 1)
        if person.fixed.get(day) is not None:
            yield Rule(FIXED, dict.fromkeys(by_day[day], 1.0), 1, 1)
    for first, end in weeks(demand.days):
        within = [slot for slot in possible if first <= slot.day < end]
        share = (end - first) / 7
        paid = {slot: float(patterns[slot.pattern].paid_minutes) for slot in within}
        yield Rule(MINUTES_MAX, paid, 0, contract.max_minutes * share)
        if contract.min_minutes:
            yield Rule(MINUTES_MIN, paid, contract.min_minutes * share, np.inf)
        yield Rule(DAYS, dict.fromkeys(within, 1.0), 0, contract.max_days)
        weekend = [slot for slot in within if slot.day in demand.weekend]
        yield Rule(WEEKENDS, dict.fromkeys(weekend, 1.0), 0, contract.weekends)
    yield from _runs(contract.max_consecutive, past.worked_days, demand.days, by_day)
    yield from _rests(contract.rest_minutes, past.last_end, by_day, patterns)
    for training in person.trainings:
        fitting = [
            slot
            for slot in possible
            if fits(training.earliest, training.latest, training.minutes, slot, patterns)
        ]
        yield Rule(TRAINING, {slot: 1.0 for slot in fitting if slot.day in training.days}, 1, np.inf)


def weeks(days: int) -> Iterator[tuple[int, int]]:
    """The weeks of the plan from its first day; the last may be short."""
    for first in range(0, days, 7):
        yield first, min(first + 7, days)


def fits(earliest: int, latest: int, minutes: int, slot: Slot, patterns: Mapping[str, Pattern]) -> bool:
    """Whether a training of so many minutes finds room in the shift, between the hours given."""
    pattern = patterns[slot.pattern]
    return min(latest, pattern.end) - max(earliest, pattern.start) >= minutes


def _runs(longest: int, before: int, days: int, by_day: Mapping[int, list[Slot]]) -> Iterator[Rule]:
    """No more than `longest` working days on end, those before the plan counted."""
    for first in range(-before, days - longest):
        days_in = range(max(0, first), first + longest + 1)
        worked = max(0, -first)
        terms = {slot: 1.0 for day in days_in for slot in by_day[day]}
        yield Rule(CONSECUTIVE, terms, 0, max(0, longest - worked))


def _rests(
    rest: int, last_end: int | None, by_day: Mapping[int, list[Slot]], patterns: Mapping[str, Pattern]
) -> Iterator[Rule]:
    """A late end bars an early start of the next day: one row for each end that matters."""
    if last_end is not None:
        early = [slot for slot in by_day[0] if patterns[slot.pattern].start < last_end + rest]
        yield Rule(REST, dict.fromkeys(early, 1.0), 0, 0)
    for day in list(by_day):
        tomorrow = by_day.get(day + 1, [])
        seen = 0
        for end in sorted({patterns[slot.pattern].end for slot in by_day[day]}):
            early = [slot for slot in tomorrow if patterns[slot.pattern].start + DAY < end + rest]
            if len(early) > seen:
                seen = len(early)
                late = [slot for slot in by_day[day] if patterns[slot.pattern].end >= end]
                yield Rule(REST, dict.fromkeys([*late, *early], 1.0), 0, 1)


def working(pattern: Pattern, day: int, demand: Demand) -> dict[int, float]:
    """The share of each interval that this shift works (breaks do not), for intervals within the plan."""
    shares: dict[int, float] = defaultdict(float)
    start = day * DAY + pattern.start
    edges = [0, pattern.minutes]
    for pause in pattern.breaks:
        edges += [pause.after, min(pattern.minutes, pause.after + pause.minutes)]
    edges.sort()
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        _spread(shares, start + begin, start + end, demand)
    return shares


def _spread(shares: dict[int, float], begin: int, end: int, demand: Demand) -> None:
    at = begin
    while at < end:
        interval = at // demand.interval
        until = min(end, (interval + 1) * demand.interval)
        if interval < demand.intervals:
            shares[interval] += (until - at) / demand.interval
        at = until


@dataclass(slots=True)
class WeekModel:
    """The programme of the whole week, and where its choices stand."""

    demand: Demand
    people: tuple[Person, ...]
    patterns: Mapping[str, Pattern]
    past: Mapping[str, Past]
    rules: Rules
    programme: Programme = field(default_factory=Programme)
    shift: dict[tuple[int, Slot], int] = field(default_factory=dict)
    """The number of the choice that person (by place) works the slot."""
    duty: dict[tuple[int, int], int] = field(default_factory=dict)
    """The number of the choice that person is on call for the duty."""
    without: frozenset[str] = frozenset()

    def build(self) -> WeekModel:
        """Fill the programme."""
        least = min((self.past[person.key].unpopular for person in self.people), default=0.0)
        for place, person in enumerate(self.people):
            self._person(place, person, 1 + self.past[person.key].unpopular - least)
        self._cover()
        self._seats()
        for number in range(len(self.demand.on_call)):
            self._on_call(number, least)
        self._turns()
        return self

    def _person(self, place: int, person: Person, burden: float) -> None:
        possible = slots(person, self.demand, self.patterns, self.without)
        for slot in possible:
            self.shift[place, slot] = self.programme.choice(self._cost(person, slot, burden))
        for rule in person_rules(person, self.past[person.key], self.demand, self.patterns, possible):
            if rule.name not in self.without and (rule.terms or rule.low > 0):
                terms = {self.shift[place, slot]: factor for slot, factor in rule.terms.items()}
                self.programme.row(terms, low=rule.low, high=rule.high)

    def _cost(self, person: Person, slot: Slot, burden: float) -> float:
        pattern = self.patterns[slot.pattern]
        return (
            self.rules.paid_hour * pattern.paid_minutes / 60
            + self.rules.fairness * unpopular(pattern, slot.day, self.demand) * burden
            - self.rules.wish * wish_weight(person, slot)
        )

    def _cover(self) -> None:
        """People too few and too many, by interval; a group's duty is shared out among the skills it has."""
        supply: dict[tuple[frozenset[str], int], dict[int, float]] = defaultdict(dict)
        wanted = set(self.demand.required)
        for (place, slot), choice in self.shift.items():
            group = self.people[place].skills & wanted
            for interval, share in working(self.patterns[slot.pattern], slot.day, self.demand).items():
                supply[group, interval][choice] = share
        served: dict[tuple[str, int], list[int]] = defaultdict(list)
        for (group, interval), terms in supply.items():
            for choice, share in terms.items():
                self.programme.costs[choice] += self.demand.over * share
            needed = [skill for skill in group if self.demand.required[skill][interval] > 0]
            if not needed:
                continue
            parts = [self.programme.variable(-self.demand.over) for _ in needed]
            for skill, part in zip(needed, parts, strict=True):
                served[skill, interval].append(part)
            share_out = {choice: -share for choice, share in terms.items()} | dict.fromkeys(parts, 1.0)
            self.programme.row(share_out, high=0)
        for skill, numbers in self.demand.required.items():
            for interval, required in enumerate(numbers):
                if required > 0:
                    short = self.programme.variable(self.demand.under)
                    self.programme.row([*served[skill, interval], short], low=required, high=required)

    def _seats(self) -> None:
        """Those who can only work in an office never outnumber its seats."""
        present: dict[tuple[str, int], list[int]] = defaultdict(list)
        for (place, slot), choice in self.shift.items():
            person = self.people[place]
            if person.places == (OFFICE,) and self.demand.seats_at(person.site) is not None:
                for interval in presence(self.patterns[slot.pattern], slot.day, self.demand):
                    present[person.site, interval].append(choice)
        for site, choices in {(site, tuple(choices)) for (site, _), choices in present.items()}:
            seats = self.demand.seats_at(site)
            if seats is not None and len(choices) > seats:
                self.programme.row(choices, high=seats)

    def _on_call(self, number: int, least: float) -> None:
        """Who is reachable does not work then; a duty that nobody can take is told, and stays open."""
        call = self.demand.on_call[number]
        first = call.day * DAY + call.start
        last = first + call.minutes
        taking = []
        for place, person in enumerate(self.people):
            away = any(begin < last and first < end for begin, end in person.away)
            if not person.on_call or not call.skills <= person.skills or call.day in person.days_off or away:
                continue
            burden = 1 + self.past[person.key].unpopular - least
            choice = self.programme.choice(self.rules.fairness * call.unpopular * burden)
            self.duty[place, number] = choice
            taking.append(choice)
            for (whose, slot), shift in self.shift.items():
                begin = slot.day * DAY + self.patterns[slot.pattern].start
                if whose == place and begin < last and first < begin + self.patterns[slot.pattern].minutes:
                    self.programme.row([choice, shift], high=1)
        open_place = self.programme.variable(100.0 * self.demand.under)
        self.programme.row([*taking, open_place], low=call.people, high=call.people)

    def _turns(self) -> None:
        """Each further turn of the same person in the plan weighs more than the one before: turns go round."""
        own: dict[int, list[int]] = defaultdict(list)
        for (place, _), choice in self.duty.items():
            own[place].append(choice)
        for choices in own.values():
            steps = [
                self.programme.variable(self.rules.fairness * count, 0, 1) for count in range(1, len(choices))
            ]
            if steps:
                self.programme.row(dict.fromkeys(choices, 1.0) | dict.fromkeys(steps, -1.0), high=1)

    def chosen(self, values: Floats) -> dict[tuple[int, int], str]:
        """(person's place, day) -> pattern."""
        return {
            (place, slot.day): slot.pattern
            for (place, slot), choice in self.shift.items()
            if values[choice] > 0.5
        }


def presence(pattern: Pattern, day: int, demand: Demand) -> range:
    """The intervals in which somebody who works this shift sits in her place, breaks included."""
    start = day * DAY + pattern.start
    last = min(demand.intervals, -(-(start + pattern.minutes) // demand.interval))
    return range(start // demand.interval, last)


def wish_weight(person: Person, slot: Slot) -> float:
    """What her wishes say of this shift, summed."""
    return sum(
        wish.weight
        for wish in person.wishes
        if wish.day == slot.day and (wish.pattern is None or wish.pattern == slot.pattern)
    )
