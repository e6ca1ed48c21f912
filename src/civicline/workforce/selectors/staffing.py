"""How many people each half hour takes: the forecast, the promise and the time work takes, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils import timezone

from civicline.engine.queueing import Target, modified_offered_load, positions_a, positions_c
from civicline.routing import selectors as routing
from civicline.workforce.models import Forecast, Staffing
from civicline.workforce.selectors.forecasts import Day, days_of, newest_of_all
from civicline.workforce.selectors.history import local_midnight

if TYPE_CHECKING:
    from civicline.routing.models import Queue

WORKDAYS = [0, 1, 2, 3, 4]


@dataclass(frozen=True, slots=True)
class Need:
    """One queue and day, slot by slot. `load` in erlangs; `positions` answer at once; `people` have to be paid.

    `people` is not rounded up, as `engine.queueing.scheduled` would: in small teams that would pay for somebody in
    each queue. `busy` is `people` for the upper end of the forecast's range.
    """

    day: date
    starts: tuple[int, ...]
    minutes: int
    expected: list[float]
    load: list[float]
    positions: list[int]
    people: list[float]
    busy: list[float]

    @property
    def hours(self) -> float:
        """Paid hours of the day."""
        return sum(self.people) * self.minutes / 60


def staffing_of(queue: Queue) -> Staffing:
    """What a queue is planned by; the queue's own promise where nobody has said anything yet."""
    return Staffing.objects.filter(pk=queue.pk).first() or default_staffing(queue)


def default_staffing(queue: Queue) -> Staffing:
    """A row as it begins, not saved."""
    return Staffing(
        queue_id=queue.pk,
        share=queue.target_share,
        within_seconds=queue.target_seconds,
        weekdays=list(WORKDAYS),
    )


def all_staffing() -> dict[int, Staffing]:
    """What every active queue is planned by."""
    known = Staffing.objects.in_bulk()
    return {queue.pk: known.get(queue.pk) or default_staffing(queue) for queue in routing.list_queues()}


def target_of(rule: Staffing) -> Target:
    """The promise as the formulas take it."""
    abandon = rule.max_abandon if rule.patience_seconds else None
    return Target(rule.share, rule.within_seconds, max_occupancy=rule.max_occupancy, max_abandon=abandon)


def needs(forecast: Forecast, rule: Staffing, first: date, count: int) -> list[Need]:
    """How many people each slot takes on `count` days from `first`; days without a forecast are left out."""
    days = days_of(forecast, first, count)
    if not days:
        return []
    inside = np.array([_inside(day, rule) for day in days])
    left = 1 - rule.self_service
    expected = np.where(inside, [day.expected for day in days], 0.0) * left
    high = np.where(inside, [day.high for day in days], 0.0) * left
    loads = np.array([[_load(row, rule, forecast.interval) for row in grid] for grid in (expected, high)])
    positions = _positions(loads, rule)
    people = (positions / (1 - rule.shrinkage)).round(2)
    return [
        Need(
            day.day, day.starts, forecast.interval, expected[at].round(2).tolist(), loads[0, at].round(2).tolist(),
            positions[0, at].tolist(), people[0, at].tolist(), people[1, at].tolist(),
        )
        for at, day in enumerate(days)
    ]  # fmt: skip


def _inside(day: Day, rule: Staffing) -> list[bool]:
    is_open = day.day.weekday() in (rule.weekdays or range(7))
    return [is_open and rule.opens <= start < rule.closes for start in day.starts]


Numbers = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


def _load(contacts: Numbers, rule: Staffing, minutes: int) -> Numbers:
    load: Numbers = modified_offered_load(
        contacts, handle_seconds=rule.handle_seconds, interval_seconds=minutes * 60
    )
    return load


def _positions(load: Numbers, rule: Staffing) -> Whole:
    target = target_of(rule)
    found: Whole
    if rule.patience_seconds:
        found = positions_a(
            load, handle_seconds=rule.handle_seconds, patience_seconds=rule.patience_seconds, target=target
        )
    else:
        found = positions_c(load, handle_seconds=rule.handle_seconds, target=target)
    return found


def week_hours(
    rule: Staffing, interval: int, starts: Sequence[int], week: Mapping[int, Sequence[float]]
) -> float:
    """Paid hours that contacts of a week take, {weekday: contacts of each slot}, as `needs` works them out."""
    days = [day for day in week if day in (rule.weekdays or range(7))]
    if not days:
        return 0.0
    inside = np.array([rule.opens <= start < rule.closes for start in starts])
    contacts = np.where(inside, [week[day] for day in days], 0.0) * (1 - rule.self_service)
    loads = np.array([_load(row, rule, interval) for row in contacts])
    return float(_positions(loads, rule).sum()) / (1 - rule.shrinkage) * interval / 60


def week_needs(first: date, count: int = 7, queues: Iterable[int] | None = None) -> dict[int, list[Need]]:
    """The needs of every queue that has a forecast, by queue."""
    rules = all_staffing()
    wanted = set(rules) if queues is None else set(queues) & set(rules)
    return {
        queue_id: needs(made, rules[queue_id], first, count)
        for queue_id, made in newest_of_all().items()
        if queue_id in wanted
    }


SLOT = 30
"""Minutes of the slots in which need and plan are laid side by side."""


def slot_start(day: date, minute: int) -> datetime:
    """The moment of a minute of the local day."""
    naive = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    return naive.replace(tzinfo=timezone.get_current_timezone())


__all__ = [
    "SLOT", "Need", "all_staffing", "default_staffing", "local_midnight", "needs", "slot_start",
    "staffing_of", "target_of", "week_hours", "week_needs",
]  # fmt: skip
