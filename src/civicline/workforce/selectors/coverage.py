"""Who is at work in each half hour, shared out among the queues that they serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.routing import selectors as routing
from civicline.workforce.models import Shift
from civicline.workforce.selectors.staffing import SLOT, Need, local_midnight, week_needs

if TYPE_CHECKING:
    from collections.abc import Collection

SLOTS = 1440 // SLOT


@dataclass(frozen=True, slots=True)
class Cover:
    """One day: people needed and planned in each half hour, of all queues together and of each."""

    day: date
    needed: list[float]
    busy: list[float]
    planned: list[float]
    by_queue: Mapping[int, tuple[list[float], list[float]]]
    known: bool = True
    """Whether a forecast says anything of the day: without one nought needed is no finding."""

    @property
    def short(self) -> float:
        """Hours of people too few."""
        return sum(self.short_slots) * SLOT / 60

    @property
    def short_slots(self) -> list[float]:
        """People too few in each half hour, summed over the queues: somebody free elsewhere is no help."""
        if not self.by_queue:
            return [max(0.0, n - p) for n, p in zip(self.needed, self.planned, strict=True)]
        return [
            sum(max(0.0, need[at] - have[at]) for need, have in self.by_queue.values()) for at in range(SLOTS)
        ]


def at_work(shift: Shift, start: datetime, end: datetime) -> float:
    """The share of [start, end) in which this shift is at work: breaks are not."""
    length = (end - start).total_seconds()
    here = _overlap(shift.start, shift.end, start, end)
    for after, minutes, _paid in shift.breaks:
        begin = shift.start + timedelta(minutes=after)
        here -= _overlap(begin, begin + timedelta(minutes=minutes), start, end)
    return max(0.0, here) / length if length else 0.0


def _overlap(first: datetime, last: datetime, start: datetime, end: datetime) -> float:
    return max(0.0, (min(last, end) - max(first, start)).total_seconds())


def share_out(
    present: Iterable[tuple[float, Collection[int]]], need: Mapping[int, float]
) -> dict[int, float]:
    """Share people (each a part of a slot, and the queues they serve) among queues: the least free to choose first.

    Each goes where most is missing of those they serve; who serves nothing that is needed is left over.
    """
    missing = dict(need)
    given: dict[int, float] = defaultdict(float)
    for part, queues in sorted(present, key=lambda one: len(one[1])):
        wanted = [queue for queue in queues if queue in missing]
        if not wanted:
            continue
        best = max(wanted, key=lambda queue: (missing[queue], -queue))
        missing[best] -= part
        given[best] += part
    return dict(given)


def cover(first: date, count: int = 7, shifts: Sequence[Shift] | None = None) -> list[Cover]:
    """`count` days from `first`: the need by the newest forecasts, and these shifts, or those of the roster."""
    needed = week_needs(first, count)
    rows = list(shifts) if shifts is not None else shifts_between(first, count)
    rows = [shift for shift in rows if shift.agent_id is not None and shift.kind != Shift.Kind.TRAINING]
    serves = queues_served(shift.agent_id for shift in rows if shift.agent_id)
    return [day_cover(first + timedelta(days=number), needed, rows, serves) for number in range(count)]


def shifts_between(first: date, count: int) -> list[Shift]:
    """Shifts that begin or go on in these days, drafts too, by start."""
    begin, end = local_midnight(first), local_midnight(first + timedelta(days=count))
    return list(Shift.objects.filter(start__lt=end, end__gt=begin).select_related("agent__user", "schedule"))


def queues_served(agent_ids: Iterable[UUID]) -> dict[UUID, frozenset[int]]:
    """The queues that each agent serves."""
    found = routing.queues_of(set(agent_ids))
    return {agent_id: frozenset(queue.pk for queue in queues) for agent_id, queues in found.items()}


def day_cover(
    day: date, needed: Mapping[int, list[Need]], shifts: list[Shift], serves: Mapping[UUID, frozenset[int]],
    slots: Iterable[int] = range(SLOTS),
) -> Cover:  # fmt: skip
    """One day from needs and shifts that are known: {queue: needs}, {agent: queues served}.

    `slots`: the half hours in which people are counted; for comparing two plans that differ only in these.
    """
    by_queue = {queue: _by_slot(rows, day) for queue, rows in needed.items()}
    high = {queue: _by_slot(rows, day, busy=True) for queue, rows in needed.items()}
    given: dict[int, list[float]] = {queue: [0.0] * SLOTS for queue in by_queue}
    planned = [0.0] * SLOTS
    midnight = local_midnight(day)
    near = [
        shift for shift in shifts if shift.start < midnight + timedelta(hours=26) and shift.end > midnight
    ]
    for at in slots:
        start = midnight + timedelta(minutes=at * SLOT)
        end = start + timedelta(minutes=SLOT)
        present = [
            (part, serves.get(shift.agent_id, frozenset()))
            for shift in near
            if shift.agent_id and (part := at_work(shift, start, end)) > 0
        ]
        planned[at] = sum(part for part, _queues in present)
        for queue, people in share_out(
            present, {queue: rows[at] for queue, rows in by_queue.items()}
        ).items():
            given[queue][at] = people
    return Cover(
        day,
        [sum(rows[at] for rows in by_queue.values()) for at in range(SLOTS)],
        [sum(rows[at] for rows in high.values()) for at in range(SLOTS)],
        planned,
        {queue: (rows, given[queue]) for queue, rows in by_queue.items()},
        any(need.day == day for rows in needed.values() for need in rows),
    )


def _by_slot(rows: list[Need], day: date, *, busy: bool = False) -> list[float]:
    total = [0.0] * SLOTS
    for need in rows:
        if need.day != day:
            continue
        counts = need.busy if busy else need.people
        for start, people in zip(need.starts, counts, strict=True):
            if need.minutes <= SLOT:
                total[start // SLOT] += people * need.minutes / SLOT
            else:
                for at in range(start // SLOT, (start + need.minutes) // SLOT):
                    total[at] += people
    return total
