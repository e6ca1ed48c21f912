"""How many people on which shift, before anybody has a name: shift selection to a requirement.

The set-covering model of Dantzig (1954), with people too few and too many both priced. It tells the rostering which
patterns are worth a look, and a planner what mix of shifts a requirement asks for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from civicline.workforce.rostering.programme import Programme
from civicline.workforce.rostering.week.model import Slot, working
from civicline.workforce.rostering.week.values import Demand, Pattern


def select_shifts(
    demand: Demand,
    patterns: Sequence[Pattern],
    *,
    people: int | None = None,
    people_days: int | None = None,
    paid_hour: float = 0.0,
    seconds: float = 10.0,
) -> tuple[dict[Slot, int], float]:
    """How many of each (day, pattern), and the cost: people too few times `under` and too many times `over`.

    All skills count as one here. `people`: at most so many shifts on a day; `people_days`: in the whole plan.
    """
    programme = Programme()
    counts: dict[Slot, int] = {}
    on_duty: dict[int, dict[int, float]] = defaultdict(dict)
    for day in range(demand.days):
        for pattern in patterns:
            if pattern.days is not None and day not in pattern.days:
                continue
            slot = Slot(day, pattern.key)
            cost = paid_hour * pattern.paid_minutes / 60
            counts[slot] = programme.variable(cost, 0, people or 10_000, whole=True)
            for interval, share in working(pattern, day, demand).items():
                on_duty[interval][counts[slot]] = share
    for interval, required in enumerate(total(demand.required)):
        if required or on_duty[interval]:
            short, surplus = programme.variable(demand.under), programme.variable(demand.over)
            programme.row({**on_duty[interval], short: 1.0, surplus: -1.0}, low=required, high=required)
    _limits(programme, counts, demand, people, people_days)
    answer = programme.solve(seconds)
    if answer.values is None:
        return {}, demand.under * sum(total(demand.required))
    chosen = {slot: round(float(answer.values[count])) for slot, count in counts.items()}
    return {slot: count for slot, count in chosen.items() if count}, answer.cost


def total(required: Mapping[str, tuple[float, ...]]) -> list[float]:
    """The requirement of all skills together, by interval."""
    return [sum(numbers) for numbers in zip(*required.values(), strict=True)]


def _limits(
    programme: Programme,
    counts: Mapping[Slot, int],
    demand: Demand,
    people: int | None,
    people_days: int | None,
) -> None:
    if people is not None:
        for day in range(demand.days):
            programme.row([count for slot, count in counts.items() if slot.day == day], high=people)
    if people_days is not None:
        programme.row(list(counts.values()), high=people_days)
