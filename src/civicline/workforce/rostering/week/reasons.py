"""Why no roster exists, in words: the smallest set of rules that cannot go together.

Rules are left out one after the other while nobody can be rostered still; what remains is a conflict in which each
rule is needed (the deletion filter of Chinneck and Dravnieks, 1991).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

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
    """Each person could be rostered, but not all together: only the seats of an office bind them."""
    bound = Counter(person.site for person in people if person.places == ("office",))
    limited = {site: count for site, count in bound.items() if demand.seats_at(site) is not None}
    site = max(limited, key=lambda name: limited[name] - (demand.seats_at(name) or 0), default="")
    count, seats = limited.get(site, 0), demand.seats_at(site)
    where = f"The office {site}" if site else "The office"
    return Reason(
        WHOLE_TEAM,
        f"{where} has too few seats ({seats}) for those who can work nowhere else (people: {count}) and"
        " their contracts' hours. Let some work at home, offer shifts at other hours, or add seats.",
        {"site": site, "seats": seats, "people": count},
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
    """One sentence: what must be, and what forbids it. `parts`: each rule with its numbers, for other languages."""
    facts = [(rule, _facts(rule, person, past)) for rule in reversed(rules)]
    parts = [_part(rule, values) for rule, values in facts]
    if not parts:
        text = f"{person.name} cannot be rostered."
    elif len(parts) == 1:
        text = f"{person.name}: {parts[0]} cannot be kept with the shifts offered."
    else:
        text = f"{person.name}: {parts[0]} cannot go together with {_listed(parts[1:])}."
    values = {"person": person.key, "name": person.name, "rules": tuple(rules), "parts": facts}
    return Reason("person", text, values)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _facts(rule: str, person: Person, past: Past) -> dict[str, Any]:
    """What stands in a rule's part of the sentence; minutes, counts, days from 0, names."""
    contract = person.contract
    facts: dict[str, dict[str, Any]] = {
        model.MINUTES_MIN: {"minutes": contract.min_minutes},
        model.MINUTES_MAX: {"minutes": contract.max_minutes},
        model.FIXED: {"days": sorted(person.fixed)},
        model.TRAINING: {"names": [item.key for item in person.trainings]},
        model.OFF: {"days": sorted(person.days_off)},
        model.AWAY: {"minutes": sum(end - begin for begin, end in person.away)},
        model.DAYS: {"count": contract.max_days},
        model.REST: {"minutes": contract.rest_minutes},
        model.CONSECUTIVE: {"count": contract.max_consecutive, "before": past.worked_days},
        model.WEEKENDS: {"count": contract.weekends},
        model.LONG: {"minutes": contract.max_minutes_day},
        model.UNSKILLED: {},
    }
    return facts[rule]


def _part(rule: str, facts: Mapping[str, Any]) -> str:
    time, count = hours(facts.get("minutes", 0)), facts.get("count", 0)
    days = _days(facts.get("days", ()))
    before = f" (after {facts['before']} before the plan)" if facts.get("before") else ""
    words = {
        model.MINUTES_MIN: f"at least {time} of work a week",
        model.MINUTES_MAX: f"at most {time} of work a week",
        model.FIXED: f"what was fixed by hand for {days}",
        model.TRAINING: f"a shift with room for {_listed(facts.get('names') or ['-'])}",
        model.OFF: f"the days off on {days}",
        model.AWAY: f"{time} away",
        model.DAYS: f"at most {_counted(count, 'working day')} a week",
        model.REST: f"{time} of rest between shifts",
        model.CONSECUTIVE: f"at most {_counted(count, 'working day')} on end{before}",
        model.WEEKENDS: f"at most {_counted(count, 'weekend day')} of work",
        model.LONG: f"at most {time} of work on a day",
        model.UNSKILLED: "the few patterns this person may work",
    }
    return words[rule]


def _counted(count: int, thing: str) -> str:
    """1 working day, 2 working days."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def hours(minutes: float) -> str:
    """7.5 hours."""
    return f"{minutes / 60:g} hours"


def _days(days: Sequence[int]) -> str:
    """Days are numbered from 1 for people."""
    return ("day " if len(days) == 1 else "days ") + _listed([str(day + 1) for day in days] or ["-"])
