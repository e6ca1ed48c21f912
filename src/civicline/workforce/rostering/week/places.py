"""What is settled once the shifts stand: seats in the office, training slots, and the figures of the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from civicline.workforce.rostering.programme import Programme
from civicline.workforce.rostering.week.model import presence, working
from civicline.workforce.rostering.week.values import (
    DAY,
    HOME,
    OFFICE,
    Demand,
    Pattern,
    Person,
    Reason,
    Session,
    Shift,
    Training,
)


def seated(
    chosen: Mapping[tuple[int, int], str],
    people: Sequence[Person],
    patterns: Mapping[str, Pattern],
    demand: Demand,
) -> list[Shift]:
    """The shifts with their places: who can work nowhere else takes a seat first, then who would like one, then the
    earliest shifts. Who would rather work at home does, where that is allowed.
    """
    taken: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(demand.intervals, dtype=np.int64))
    shifts = []

    def turn(item: tuple[tuple[int, int], str]) -> tuple[bool, bool, int, int, int]:
        (place, day), key = item
        person = people[place]
        wants = person.prefers.get(day) == OFFICE
        return person.places != (OFFICE,), not wants, day, patterns[key].start, place

    for (place, day), key in sorted(chosen.items(), key=turn):
        person, pattern = people[place], patterns[key]
        sits = presence(pattern, day, demand)
        seats = demand.seats_at(person.site)
        used = taken[person.site]
        room = seats is None or bool((used[sits.start : sits.stop] < seats).all())
        stays_home = HOME in person.places and (not room or person.prefers.get(day) == HOME)
        where = OFFICE if OFFICE in person.places and not stays_home else HOME
        if where == OFFICE:
            used[sits.start : sits.stop] += 1
        shifts.append(
            Shift(person.key, day, key, day * DAY + pattern.start, pattern.minutes, where, pattern.breaks)
        )
    return sorted(shifts, key=lambda shift: (shift.start, shift.person))


def with_trainings(
    shifts: Sequence[Shift], people: Sequence[Person], demand: Demand, spare: np.ndarray
) -> tuple[list[Shift], list[Reason]]:
    """Each training where it is missed least: at the time of most people to spare. `spare`: per interval."""
    placed = {(shift.person, shift.day): shift for shift in shifts}
    notes = []
    for person in people:
        for training in person.trainings:
            best = _best_time(training, [s for s in placed.values() if s.person == person.key], demand, spare)
            if best is None:
                text = f"{person.name}: {training.key} finds no room between the breaks of her shifts."
                values = {"person": person.key, "name": person.name, "training": training.key}
                notes.append(Reason("training", text, values))
                continue
            shift, start = best
            session = Session(training.key, start, training.minutes)
            placed[shift.person, shift.day] = replace(shift, sessions=(*shift.sessions, session))
            spare[start // demand.interval : -(-(start + training.minutes) // demand.interval)] -= 1
    return list(placed.values()), notes


def _best_time(
    training: Training, own: Iterable[Shift], demand: Demand, spare: np.ndarray
) -> tuple[Shift, int] | None:
    best: tuple[float, Shift, int] | None = None
    for shift in own:
        if shift.day not in training.days:
            continue
        first = max(shift.start, shift.day * DAY + training.earliest)
        last = min(shift.end, shift.day * DAY + training.latest) - training.minutes
        for start in range(first, last + 1, 15):
            if any(start < end and begin < start + training.minutes for begin, end in _busy(shift)):
                continue
            until = min(demand.intervals, -(-(start + training.minutes) // demand.interval))
            worth = float(spare[start // demand.interval : until].min(initial=np.inf))
            if best is None or worth > best[0]:
                best = (worth, shift, start)
    return None if best is None else (best[1], best[2])


def _busy(shift: Shift) -> Iterable[tuple[int, int]]:
    for pause in shift.breaks:
        yield shift.start + pause.after, shift.start + pause.after + pause.minutes
    for session in shift.sessions:
        yield session.start, session.start + session.minutes


def cover(
    shifts: Sequence[Shift], people: Sequence[Person], patterns: Mapping[str, Pattern], demand: Demand
) -> tuple[dict[str, tuple[float, ...]], float, float]:
    """People at work for each skill and interval, people too few, and too many; trainings are no work at the queue.

    Written apart from the programme: it is what a plan is checked with, and what a hand-made change shows.
    """
    skills = {person.key: person.skills & set(demand.required) for person in people}
    on_duty: dict[frozenset[str], np.ndarray] = defaultdict(lambda: np.zeros(demand.intervals))
    for shift in shifts:
        for interval, share in working(patterns[shift.pattern], shift.day, demand).items():
            on_duty[skills[shift.person]][interval] += share
        for session in shift.sessions:
            for minute in range(session.start, session.start + session.minutes):
                if minute // demand.interval < demand.intervals:
                    on_duty[skills[shift.person]][minute // demand.interval] -= 1 / demand.interval
    covered = {skill: np.zeros(demand.intervals) for skill in demand.required}
    under = over = 0.0
    for interval in range(demand.intervals):
        present = {group: float(duty[interval]) for group, duty in on_duty.items() if duty[interval] > 1e-9}
        required = {skill: numbers[interval] for skill, numbers in demand.required.items()}
        served = _shared_out(present, required)
        for skill, amount in served.items():
            covered[skill][interval] = amount
        short = sum(max(0.0, required[skill] - served[skill]) for skill in required)
        under += short
        over += max(0.0, sum(present.values()) - (sum(required.values()) - short))
    return {skill: tuple(float(x) for x in np.round(row, 6)) for skill, row in covered.items()}, under, over


def _shared_out(present: Mapping[frozenset[str], float], required: Mapping[str, float]) -> dict[str, float]:
    """The most demand that those present can meet; who is left over stands beside the first of her skills."""
    served = dict.fromkeys(required, 0.0)
    left = dict(present)
    for group in present:
        if len(group) == 1:
            (skill,) = group
            served[skill] += min(left[group], required[skill])
            left[group] -= min(left[group], required[skill])
    flexible = {group: amount for group, amount in left.items() if len(group) > 1 and amount > 0}
    if flexible:
        _flexible(flexible, served, required, left)
    for group, amount in left.items():
        if group:
            served[min(group)] += max(0.0, amount)
    return served


def _flexible(
    flexible: Mapping[frozenset[str], float],
    served: dict[str, float],
    required: Mapping[str, float],
    left: dict[frozenset[str], float],
) -> None:
    open_skills = {
        skill: required[skill] - served[skill] for skill in required if required[skill] > served[skill]
    }
    programme = Programme()
    parts = {
        (group, skill): programme.variable(-1.0)
        for group in flexible
        for skill in sorted(group)
        if skill in open_skills
    }
    if not parts:
        return
    for group, amount in flexible.items():
        programme.row([number for (whose, _), number in parts.items() if whose == group], high=amount)
    for skill, amount in open_skills.items():
        programme.row([number for (_, which), number in parts.items() if which == skill], high=amount)
    values = programme.solve(5.0).values
    for (group, skill), number in parts.items():
        amount = float(values[number]) if values is not None else 0.0
        served[skill] += amount
        left[group] -= amount
