"""plan_week: shifts are selected to the requirement, given to people, and improved until the time is up.

Three steps: a start (each person in turn takes the week that helps most), the whole programme over the patterns that
shift selection found useful, and neighbourhood search: a few people or days are freed, all patterns allowed, the rest
held, and HiGHS finds the best for them (large neighbourhood search, Shaw 1998).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from civicline.workforce.rostering.programme import Floats, Programme
from civicline.workforce.rostering.week import model, places, reasons
from civicline.workforce.rostering.week.checks import check
from civicline.workforce.rostering.week.selection import select_shifts
from civicline.workforce.rostering.week.values import (
    Demand,
    Duty,
    Infeasible,
    Past,
    Pattern,
    Person,
    Plan,
    Reason,
    Rules,
)

SMALL = 4_000  # choices up to which the whole programme is given to HiGHS at once
STEP_SECONDS = 4.0


def plan_week(
    demand: Demand,
    people: Sequence[Person],
    patterns: Sequence[Pattern],
    history: Mapping[str, Past] | None = None,
    *,
    rules: Rules | None = None,
    seconds: float = 20.0,
    seed: int = 1,
    progress: Callable[[float, float], None] | None = None,
) -> Plan | Infeasible:
    """The best roster found within `seconds` (wall clock), or why there is none.

    `history` by Person.key; who is not in it begins anew. `progress(seconds passed, cost)` at each improvement.
    The plan keeps all rules of law and contract; requirements, wishes and fairness are weighed (`rules`).
    Raises WeekError for values that contradict themselves.
    """
    began = time.monotonic()
    by_key = {pattern.key: pattern for pattern in patterns}
    past = {person.key: (history or {}).get(person.key, Past()) for person in people}
    check(demand, people, patterns)
    contradictions = reasons.personal(people, past, demand, by_key)
    if contradictions:
        return Infeasible(contradictions)
    whole = model.WeekModel(demand, tuple(people), by_key, past, rules or Rules()).build()
    search = _Search(whole, began, began + seconds, random.Random(seed), progress)  # noqa: S311 -- no secret
    values, bound = search.run()
    if values is None:
        return Infeasible((reasons.team(people, past, demand, by_key),))
    return _plan(whole, values, bound, began)


@dataclass(slots=True)
class _Search:
    whole: model.WeekModel
    began: float
    deadline: float
    chance: random.Random
    progress: Callable[[float, float], None] | None
    best: Floats | None = None

    def run(self) -> tuple[Floats | None, float | None]:
        """The best values, and the proved bound if the whole programme was solved."""
        programme = self.whole.programme
        if not programme.costs:
            return np.zeros(0), 0.0
        self._take(self._start())
        if len(self.whole.shift) <= SMALL:
            answer = programme.solve(self._left() * 0.6, start=self.best, gap=1e-4)
            self._take(answer.values)
            if answer.values is not None and answer.cost - answer.bound <= 1e-4 * abs(answer.cost) + 1e-6:
                return self.best, answer.bound
        else:
            useful = self._useful()
            held = {number: 0.0 for (_, slot), number in self.whole.shift.items() if slot not in useful}
            kept = self._restricted_start(held)
            answer = programme.solve(self._left() * 0.4, start=kept, fixed=held, gap=1e-3)
            self._take(answer.values)
        if self.best is None:
            self._take(programme.solve(max(self._left(), 10.0)).values)
        if self.best is not None:
            self._improve()
        return self.best, None

    def _left(self) -> float:
        return max(0.1, self.deadline - time.monotonic())

    def _take(self, values: Floats | None) -> None:
        if values is None:
            return
        cost = self.whole.programme.cost_of(values)
        if self.best is None or cost < self.whole.programme.cost_of(self.best) - 1e-7:
            self.best = values
            if self.progress:
                self.progress(time.monotonic() - self.began, cost)

    def _start(self) -> Floats | None:
        """Each person in turn takes the week that meets most of what is open still."""
        whole = self.whole
        skills = sorted(whole.demand.required)
        still = {skill: np.array(whole.demand.required[skill], dtype=float) for skill in skills}
        held: dict[int, float] = dict.fromkeys(whole.shift.values(), 0.0)
        for place, person in sorted(enumerate(whole.people), key=lambda item: len(item[1].skills)):
            chosen = self._one(place, person, still)
            for slot in chosen:
                held[whole.shift[place, slot]] = 1.0
                pattern = whole.patterns[slot.pattern]
                for interval, share in model.working(pattern, slot.day, whole.demand).items():
                    wanted = [
                        skill for skill in skills if skill in person.skills and still[skill][interval] > 0
                    ]
                    if wanted:
                        most = max(wanted, key=lambda skill: float(still[skill][interval]))
                        still[most][interval] -= share
        return whole.programme.solve(max(self._left(), 5.0), fixed=held, gap=1e-3).values

    def _one(self, place: int, person: Person, still: Mapping[str, Floats]) -> list[model.Slot]:
        whole = self.whole
        programme = Programme()
        open_work = sum(
            (np.clip(still[skill], 0, 1) for skill in person.skills & set(still)),
            np.zeros(whole.demand.intervals),
        )
        possible = [slot for (whose, slot) in whole.shift if whose == place]
        choices = {}
        for slot in possible:
            work = model.working(whole.patterns[slot.pattern], slot.day, whole.demand)
            gain = sum(min(1.0, open_work[interval]) * share for interval, share in work.items())
            own = whole.programme.costs[whole.shift[place, slot]]
            choices[slot] = programme.choice(own - (whole.demand.under + whole.demand.over) * gain)
        for rule in model.person_rules(
            person, whole.past[person.key], whole.demand, whole.patterns, possible
        ):
            if rule.terms:
                terms = {choices[slot]: factor for slot, factor in rule.terms.items()}
                programme.row(terms, low=rule.low, high=rule.high)
        if not choices:
            return []
        values = programme.solve(2.0, gap=0.02).values
        return [] if values is None else [slot for slot, number in choices.items() if values[number] > 0.5]

    def _useful(self) -> set[model.Slot]:
        """Shifts that the selection without names asks for, those in hand, those wished for and those fixed."""
        whole = self.whole
        days = sum(person.contract.max_days for person in whole.people) * max(1, whole.demand.days // 7)
        selected, _ = select_shifts(
            whole.demand,
            list(whole.patterns.values()),
            people=len(whole.people),
            people_days=days,
            paid_hour=whole.rules.paid_hour,
            seconds=self._left() * 0.2,
        )
        useful = set(selected)
        for place, person in enumerate(whole.people):
            useful |= {slot for (whose, slot) in whole.shift if whose == place and slot.day in person.fixed}
            useful |= {
                model.Slot(wish.day, wish.pattern)
                for wish in person.wishes
                if wish.pattern and wish.weight > 0
            }
        if self.best is not None:
            useful |= {slot for (_, slot), number in whole.shift.items() if self.best[number] > 0.5}
        return useful

    def _restricted_start(self, held: Mapping[int, float]) -> Floats | None:
        if self.best is None or any(self.best[number] > 0.5 for number in held):
            return None
        return self.best

    def _improve(self) -> None:
        """Free a neighbourhood, solve it, keep what is better; the neighbourhood grows where it is solved fast."""
        size = 0.25
        while self._left() > 0.3 and self.best is not None:
            free = self._neighbourhood(size)
            held = {
                number: float(round(self.best[number])) for number in self._choices() if number not in free
            }
            began = time.monotonic()
            seconds = min(STEP_SECONDS, self._left())
            answer = self.whole.programme.solve(
                seconds, start=self.best, fixed=held, gap=1e-4, seed=self.chance.randrange(1000)
            )
            self._take(answer.values)
            fast = time.monotonic() - began < STEP_SECONDS / 4
            size = min(1.0, size * 1.1) if fast else max(0.05, size * 0.8)

    def _choices(self) -> list[int]:
        return [*self.whole.shift.values(), *self.whole.duty.values()]

    def _neighbourhood(self, size: float) -> set[int]:
        whole = self.whole
        if self.chance.random() < 0.7:
            count = max(2, round(size * len(whole.people)))
            who = set(self.chance.sample(range(len(whole.people)), min(count, len(whole.people))))
            free = {number for (place, _), number in whole.shift.items() if place in who}
            return free | {number for (place, _), number in whole.duty.items() if place in who}
        length = max(1, round(size * whole.demand.days))
        first = self.chance.randrange(whole.demand.days)
        days = {(first + at) % whole.demand.days for at in range(length)}
        return {number for (_, slot), number in whole.shift.items() if slot.day in days}


def _plan(whole: model.WeekModel, values: Floats, bound: float | None, began: float) -> Plan:
    demand, people = whole.demand, whole.people
    chosen = whole.chosen(values)
    shifts = places.seated(chosen, people, whole.patterns, demand)
    covered, _, _ = places.cover(shifts, people, whole.patterns, demand)
    required = np.sum([np.array(numbers) for numbers in demand.required.values()], axis=0)
    on_hand = np.sum([np.array(numbers) for numbers in covered.values()], axis=0)
    shifts, notes = places.with_trainings(shifts, people, demand, on_hand - required)
    covered, under, over = places.cover(shifts, people, whole.patterns, demand)
    duties = tuple(
        Duty(demand.on_call[number].key, people[place].key)
        for (place, number), choice in whole.duty.items()
        if values[choice] > 0.5
    )
    return Plan(
        shifts=tuple(shifts),
        duties=duties,
        covered=covered,
        under=round(under, 6),
        over=round(over, 6),
        costs=_costs(whole, chosen, duties, under, over),
        notes=(*notes, *_open_duties(demand, duties)),
        seconds=time.monotonic() - began,
        bound=bound,
    )


def _open_duties(demand: Demand, duties: Sequence[Duty]) -> list[Reason]:
    found = []
    for call in demand.on_call:
        missing = call.people - sum(duty.duty == call.key for duty in duties)
        if missing > 0:
            text = f"On call {call.key}: {missing} of {call.people} places stay open; nobody who may take it is free."
            found.append(
                Reason("on_call", text, {"duty": call.key, "missing": missing, "people": call.people})
            )
    return found


def _costs(
    whole: model.WeekModel,
    chosen: Mapping[tuple[int, int], str],
    duties: Sequence[Duty],
    under: float,
    over: float,
) -> dict[str, float]:
    """The plan's cost by goal, counted from the plan itself."""
    rules, least = whole.rules, min((past.unpopular for past in whole.past.values()), default=0.0)
    calls = {call.key: call for call in whole.demand.on_call}
    fairness = wishes = hours = 0.0
    for (place, day), key in chosen.items():
        person, pattern = whole.people[place], whole.patterns[key]
        burden = 1 + whole.past[person.key].unpopular - least
        fairness += model.unpopular(pattern, day, whole.demand) * burden
        wishes -= model.wish_weight(person, model.Slot(day, key))
        hours += pattern.paid_minutes / 60
    for duty in duties:
        fairness += calls[duty.duty].unpopular * (1 + whole.past[duty.person].unpopular - least)
    return {
        "under": whole.demand.under * under,
        "over": whole.demand.over * over,
        "wishes": rules.wish * wishes,
        "fairness": rules.fairness * fairness,
        "paid_hours": rules.paid_hour * hours,
    }
