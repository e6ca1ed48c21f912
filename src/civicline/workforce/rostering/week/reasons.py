"""Why no roster exists, in words: the smallest set of rules that cannot go together.

Rules are left out one after the other while nobody can be rostered still; what remains is a conflict in which each
rule is needed (the deletion filter of Chinneck and Dravnieks, 1991).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from civicline.workforce.rostering.programme import Programme
from civicline.workforce.rostering.week import model
from civicline.workforce.rostering.week.values import Demand, Past, Pattern, Person, Reason

ORDER: Final = (
    model.UNSKILLED,
    model.LONG,
    model.WEEKENDS,
    model.CONSECUTIVE,
    model.REST,
    model.DAYS,
    model.MINUTES_MAX,
    model.AWAY,
    model.OFF,
    model.TRAINING,
    model.FIXED,
    model.MINUTES_MIN,
)
"""In which rules are tried to be left out: those that are easiest to put right stay in the explanation."""

WHOLE_TEAM: Final = "seats"


def conflict(rules: Iterable[str], possible: Callable[[frozenset[str]], bool]) -> tuple[str, ...]:
    """The rules of a smallest conflict. `possible(without)` says whether it can be done without those rules."""
    rules = tuple(rules)
    out: frozenset[str] = frozenset()
    for rule in rules:
        if not possible(out | {rule}):
            out |= {rule}
    return tuple(rule for rule in rules if rule not in out)


def personal(
    people: Sequence[Person], past: Mapping[str, Past], demand: Demand, patterns: Mapping[str, Pattern]
) -> tuple[Reason, ...]:
    """A reason for each person whose own rules contradict each other."""
    found = []
    for person in people:
        history = past[person.key]
        if not _possible(person, history, demand, patterns, frozenset()):
            ask = partial(_possible, person, history, demand, patterns)
            found.append(in_words(person, history, demand, conflict(ORDER, ask)))
    return tuple(found)


def team(
    people: Sequence[Person], past: Mapping[str, Past], demand: Demand, patterns: Mapping[str, Pattern]
) -> Reason:
    """Each person could be rostered, but not all together: only the seats of the office bind them."""
    bound = [person.name for person in people if person.places == ("office",)]
    return Reason(
        WHOLE_TEAM,
        f"The office has {demand.seats} seats, and that is too few for the {len(bound)} people who can work nowhere"
        " else and their contracts' hours. Let some work at home, offer shifts at other hours, or add seats.",
        {"seats": demand.seats, "people": len(bound)},
    )


def _possible(
    person: Person, past: Past, demand: Demand, patterns: Mapping[str, Pattern], without: frozenset[str]
) -> bool:
    possible = model.slots(person, demand, patterns, without)
    programme = Programme()
    choices = {slot: programme.choice() for slot in possible}
    for rule in model.person_rules(person, past, demand, patterns, possible):
        if rule.name in without:
            continue
        if not rule.terms:
            if rule.low > 0:
                return False
            continue
        programme.row(
            {choices[slot]: factor for slot, factor in rule.terms.items()}, low=rule.low, high=rule.high
        )
    return not choices or not programme.solve(5.0).infeasible


def in_words(person: Person, past: Past, demand: Demand, rules: Sequence[str]) -> Reason:
    """One sentence: what must be, and what forbids it."""
    parts = [_part(rule, person, past, demand) for rule in reversed(rules)]
    if not parts:
        text = f"{person.name} cannot be rostered."
    elif len(parts) == 1:
        text = f"{person.name}: {parts[0]} cannot be kept with the shifts offered."
    else:
        text = f"{person.name}: {parts[0]} cannot go together with {_listed(parts[1:])}."
    return Reason("person", text, {"person": person.key, "name": person.name, "rules": tuple(rules)})


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _part(rule: str, person: Person, past: Past, demand: Demand) -> str:
    contract = person.contract
    away = sum(end - begin for begin, end in person.away)
    before = f" (after {past.worked_days} before the plan)" if past.worked_days else ""
    words = {
        model.MINUTES_MIN: f"at least {hours(contract.min_minutes)} of work a week",
        model.MINUTES_MAX: f"at most {hours(contract.max_minutes)} of work a week",
        model.FIXED: f"what was fixed by hand for {_days(sorted(person.fixed))}",
        model.TRAINING: f"a shift with room for {_listed([item.key for item in person.trainings] or ['-'])}",
        model.OFF: f"the days off on {_days(sorted(person.days_off))}",
        model.AWAY: f"{hours(away)} away",
        model.DAYS: f"at most {contract.max_days} working days a week",
        model.REST: f"{hours(contract.rest_minutes)} of rest between shifts",
        model.CONSECUTIVE: f"at most {contract.max_consecutive} working days on end{before}",
        model.WEEKENDS: f"at most {contract.weekends} weekend days of work",
        model.LONG: f"at most {hours(contract.max_minutes_day)} of work on a day",
        model.UNSKILLED: "the few patterns this person may work",
    }
    return words[rule]


def hours(minutes: float) -> str:
    """7.5 hours."""
    return f"{minutes / 60:g} hours"


def _days(days: Sequence[int]) -> str:
    """Days are numbered from 1 for people."""
    return ("day " if len(days) == 1 else "days ") + _listed([str(day + 1) for day in days] or ["-"])
