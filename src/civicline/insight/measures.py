"""From the journal to counts: what engine.measures adds up. Shares are never averaged, only counts are summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.engine.measures import EffortCounts, QueueCounts, SatisfactionCounts, WaitCounts
from civicline.insight.journal import Ended
from civicline.routing.channels import is_live

if TYPE_CHECKING:
    from civicline.insight.models import Feedback
    from civicline.routing.models import Queue

INTERVAL = timedelta(minutes=15)
NO_TARGET = 0.0
"""Stands for "each queue's own target" in counts that were added over queues of different promises."""


def live(ended: Iterable[Ended]) -> list[Ended]:
    """Waits with a resident there; written work has promises of its own."""
    return [one for one in ended if is_live(one.channel)]


def written(ended: Iterable[Ended]) -> list[Ended]:
    """Written work that was taken in hand, or withdrawn."""
    return [one for one in ended if not is_live(one.channel)]


def queue_counts(ended: Iterable[Ended], queue: Queue) -> QueueCounts:
    """The counts of one queue by its own promise; only waits with a resident there."""
    own = [one for one in live(ended) if one.queue_id == queue.pk]
    answered = [one for one in own if one.answered]
    left = [one for one in own if not one.answered]
    return QueueCounts(
        offered=len(own),
        answered=len(answered),
        answered_within=sum(1 for one in answered if one.waited_s <= queue.target_seconds),
        abandoned=len(left),
        short_abandoned=sum(1 for one in left if one.waited_s < queue.short_abandon_seconds),
        waited_seconds=sum(one.waited_s for one in answered),
        target_seconds=float(queue.target_seconds),
        short_seconds=float(queue.short_abandon_seconds),
    )


def together(counts: Iterable[QueueCounts]) -> QueueCounts:
    """The sum over queues. Where their promises differ the settings are `NO_TARGET`: each by its own."""
    rows = list(counts)
    targets = {row.target_seconds for row in rows}
    shorts = {row.short_seconds for row in rows}
    target = targets.pop() if len(targets) == 1 else NO_TARGET
    short = shorts.pop() if len(shorts) == 1 else NO_TARGET
    start = QueueCounts(target_seconds=target, short_seconds=short)
    return sum((replace(row, target_seconds=target, short_seconds=short) for row in rows), start=start)


def all_counts(ended: Iterable[Ended], queues: Iterable[Queue]) -> QueueCounts:
    """The sum over all these queues."""
    rows = list(ended)
    return together(queue_counts(rows, queue) for queue in queues)


def wait_counts(ended: Iterable[Ended]) -> WaitCounts:
    """What the told ranges were worth.

    A wait given up inside the range or before it says nothing about the range and is left out; one that had
    already lasted longer than the range did not hold.
    """
    told = held = 0
    error = 0.0
    for one in live(ended):
        if one.told is None:
            continue
        low, high = one.told
        if not one.answered and one.waited_s <= high:
            continue
        told += 1
        held += low <= one.waited_s <= high
        error += abs(one.waited_s - (low + high) / 2)
    return WaitCounts(told=told, held=held, absolute_error_seconds=error)


def satisfaction(answers: Iterable[Feedback]) -> SatisfactionCounts:
    """Answers on five levels, from feedback rows."""
    levels = [0] * 5
    for answer in answers:
        if answer.satisfaction is not None and 1 <= answer.satisfaction <= 5:
            levels[answer.satisfaction - 1] += 1
    return SatisfactionCounts(*levels)


def effort(answers: Iterable[Feedback]) -> EffortCounts:
    """Answers 1-7, from feedback rows."""
    levels = [0] * 7
    for answer in answers:
        if answer.ease is not None and 1 <= answer.ease <= 7:
            levels[answer.ease - 1] += 1
    return EffortCounts(levels=tuple(levels))


def by_interval(moments: Iterable[datetime], start: datetime, end: datetime) -> list[int]:
    """How many of these moments fall in each quarter of an hour of [start, end)."""
    slots = [0] * max(1, -(-(end - start) // INTERVAL))
    for moment in moments:
        if start <= moment < end:
            slots[(moment - start) // INTERVAL] += 1
    return slots


def written_in_time(ended: Iterable[Ended], due: Mapping[UUID, datetime | None]) -> tuple[int, int]:
    """(in time, answered) of written work: taken in hand before its promised time, in open hours."""
    rows = [one for one in written(ended) if one.answered]
    return sum(1 for one in rows if (by := due.get(one.contact_id)) is None or one.at <= by), len(rows)
