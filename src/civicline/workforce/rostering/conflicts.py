"""Why an instance has no roster: in the published format each employee's rules stand alone, so hers must contradict.

The rules of each employee who cannot be rostered are left out one after the other (the deletion filter of Chinneck and
Dravnieks 1991) until only those remain that cannot go together; they are told in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from civicline.workforce.rostering.instance import OFF, Employee, Instance
from civicline.workforce.rostering.piece import Piece, cut
from civicline.workforce.rostering.pricing import Pricer
from civicline.workforce.rostering.problems import Part, Told
from civicline.workforce.rostering.week.reasons import conflict

SHOWN: Final = 20
QUICK: Final = 2e7
"""State steps up to which one employee is looked at before the search; longer horizons only when it found nothing."""

LOOSER: Final[Mapping[str, Callable[[Employee, Instance], Employee]]] = {
    "succession": lambda person, _: person,
    "max_shifts": lambda person, it: replace(person, max_shifts=(it.days,) * len(it.shifts)),
    "max_weekends": lambda person, it: replace(person, max_weekends=it.days),
    "min_off": lambda person, _: replace(person, min_off=1),
    "min_run": lambda person, _: replace(person, min_run=1),
    "max_run": lambda person, it: replace(person, max_run=it.days),
    "max_minutes": lambda person, it: replace(person, max_minutes=it.days * 1440),
    "days_off": lambda person, _: replace(person, days_off=frozenset()),
    "min_minutes": lambda person, _: replace(person, min_minutes=0),
}
"""How each rule is left out; in this order, so that what is easiest to put right stays in the sentence."""


COUNTED: Final = ("max_run", "min_run", "min_off", "max_weekends")


def conflicts(instance: Instance, *, most_effort: float = QUICK) -> list[Told]:
    """A sentence for each employee (the first twenty) whose rules contradict each other."""
    found = []
    for person in instance.staff:
        if _clearly_possible(person, instance):
            continue
        alone = _piece(person, instance)
        if Pricer.of(alone, exact=True).effort <= most_effort and not _possible(
            person, instance, frozenset()
        ):
            found.append(_sentence(person, instance))
    more = len(found) - SHOWN
    return [*found[:SHOWN], *([Told("people_more", count=more)] if more > 0 else [])]


def _clearly_possible(person: Employee, instance: Instance) -> bool:
    """Whether nobody need look closer: no work at all is allowed, or a week's rhythm of work and rest serves."""
    if person.min_minutes <= 0:
        return True
    for number, shift in enumerate(instance.shifts):
        if number in shift.barred_next or person.max_shifts[number] == 0 or person.max_run < 1:
            continue
        if any(_rhythm(person, instance, number, begin) for begin in range(person.max_run + person.min_off)):
            return True
    return False


def _rhythm(person: Employee, instance: Instance, number: int, begin: int) -> bool:
    """Work and rest in turn, as long as allowed, holidays and surplus weekends left out by whole stretches."""
    cycle = person.max_run + person.min_off
    minutes = shifts = weekends = 0
    length = instance.shifts[number].minutes
    for first in range(begin, instance.days, cycle):
        days = range(first, min(first + person.max_run, instance.days))
        ends = {day // 7 for day in days if day % 7 > 4}
        whole = len(days) >= person.min_run and not person.days_off & set(days)
        fits = (
            minutes + len(days) * length <= person.max_minutes
            and shifts + len(days) <= person.max_shifts[number]
            and weekends + len(ends) <= person.max_weekends
        )
        if whole and fits:
            minutes, shifts, weekends = minutes + len(days) * length, shifts + len(days), weekends + len(ends)
        if minutes >= person.min_minutes:
            return True
    return False


def _possible(person: Employee, instance: Instance, without: frozenset[str]) -> bool:
    for rule in without:
        person = LOOSER[rule](person, instance)
    shifts = instance.shifts
    if "succession" in without:
        shifts = tuple(replace(shift, barred_next=frozenset()) for shift in shifts)
    piece = _piece(person, replace(instance, shifts=shifts))
    if (piece.most < 0).any() or (piece.weekends < 0).any():
        return False
    pricer = Pricer.of(piece, exact=True)
    return bool(pricer.price(piece.wishes))


def _piece(person: Employee, instance: Instance) -> Piece:
    alone = Instance(instance.days, instance.shifts, (person,))
    nothing = np.full((1, instance.days), OFF, dtype=np.int16)
    return cut(alone, nothing, [0], 0, instance.days)


def _sentence(person: Employee, instance: Instance) -> Told:
    rules = conflict(LOOSER, lambda without: _possible(person, instance, without))
    first, *others = [_part(rule, person) for rule in reversed(rules)] or [_part("succession", person)]
    if not others:
        return Told("alone", name=person.key, rule=first, days=instance.days)
    return Told("together", name=person.key, rule=first, others=others, days=instance.days)


def _part(rule: str, person: Employee) -> Part:
    if rule == "days_off":
        return rule, {"days": ", ".join(str(day) for day in sorted(person.days_off)) or "-"}
    if rule in ("min_minutes", "max_minutes"):
        return rule, {"hours": f"{getattr(person, rule) / 60:.12g}"}
    return rule, {"count": getattr(person, rule)} if rule in COUNTED else {}
