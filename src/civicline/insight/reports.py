"""The report of one day: every measure that applies, with its definition, in total, by queue, channel and interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from civicline.engine.measures import (
    EffortCounts,
    Measured,
    QueueCounts,
    SatisfactionCounts,
    WaitCounts,
    WorkTime,
    abandonment,
    average_speed_of_answer,
    ces,
    csat,
    ewt_calibration,
    ewt_mean_absolute_error,
    occupancy,
    service_level,
    short_abandonment,
)
from civicline.insight import occupancy as work
from civicline.insight.board import day_of
from civicline.insight.journal import Ended, Joined, queues_of_answers, read_journal
from civicline.insight.measures import (
    INTERVAL,
    all_counts,
    effort,
    queue_counts,
    satisfaction,
    wait_counts,
    written,
    written_in_time,
)
from civicline.insight.selectors import list_feedback
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from civicline.routing.models import Queue

BEFORE = timedelta(hours=24)
"""How far back presence and contacts are read, so that what had begun before midnight is known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: whose, the counts, and what was written."""

    key: str
    counts: QueueCounts
    waits: WaitCounts
    written: tuple[int, int]
    arrived: int


@dataclass(frozen=True, slots=True)
class Report:
    """One day, whole or of one queue. `queues` in their order; `intervals` that had anything in them."""

    start: datetime
    end: datetime
    made_at: datetime
    queue: Queue | None
    total: Row
    queues: tuple[tuple[Queue, Row], ...]
    channels: tuple[Row, ...]
    intervals: tuple[tuple[datetime, Row], ...]
    satisfaction: SatisfactionCounts
    effort: EffortCounts
    time: WorkTime
    still_waiting: int

    @property
    def figures(self) -> list[Measured]:
        """The day's measures, in the order of the page."""
        return [
            *figures_of(self.total.counts, self.total.waits),
            occupancy(self.time),
            csat(self.satisfaction),
            ces(self.effort),
        ]


def figures_of(counts: QueueCounts, waits: WaitCounts) -> list[Measured]:
    """What one row of counts says, each with its definition."""
    return [
        service_level(counts, short_abandons="counted"),
        service_level(counts, short_abandons="left_out"),
        average_speed_of_answer(counts),
        abandonment(counts, short_abandons="counted"),
        abandonment(counts, short_abandons="left_out"),
        short_abandonment(counts),
        ewt_calibration(waits),
        ewt_mean_absolute_error(waits),
    ]


def day_report(day: datetime | None = None, queue_code: str = "") -> Report:
    """The report of the day (by the wall clock) that holds `day`, today when None. Of one queue, or of all.

    A contact counts on the day, in the interval and in the queue in which its wait ended.
    """
    now = clock.now()
    start, end = day_of(day or now)
    queues = list(routing.list_kept_queues())
    chosen = [one for one in queues if queue_code in ("", one.code)] or queues
    ids = {one.pk for one in chosen}
    journal = read_journal(start, end)
    ended = [one for one in journal.ended if one.queue_id in ids]
    joined = [one for one in journal.joined if one.queue_id in ids]
    due = _due(ended)
    feedback = list(list_feedback(start, end))
    if queue_code:
        answered_in = queues_of_answers(one.contact_id for one in feedback if one.contact_id)
        feedback = [one for one in feedback if one.contact_id and answered_in.get(one.contact_id, 0) in ids]
    times = work.work_time(start, min(end, max(now, start)), before=start - BEFORE)
    members = _members(chosen) if queue_code else None
    return Report(
        start=start,
        end=end,
        made_at=now,
        queue=chosen[0] if queue_code and len(chosen) == 1 else None,
        total=_row("total", ended, joined, chosen, due),
        queues=tuple(
            (one, _row(one.code, _own(ended, one), _own(joined, one), [one], due))
            for one in chosen
            if one.active or _own(ended, one)
        ),
        channels=tuple(
            _row(channel, _by(ended, channel), _by(joined, channel), chosen, due)
            for channel in sorted({one.channel for one in ended} | {one.channel for one in joined})
        ),
        intervals=tuple(_intervals(ended, joined, chosen, due, start, end)),
        satisfaction=satisfaction(feedback),
        effort=effort(feedback),
        time=work.total(time for agent, time in times.items() if members is None or agent in members),
        still_waiting=sum(
            1 for one in intake.contacts_in_states(["queued", "offered"]) if one.queue_id in ids
        ),
    )


def _members(queues: Iterable[Queue]) -> set[UUID]:
    return {member.agent_id for queue in queues for member in queue.members.all()}


def _due(ended: Iterable[Ended]) -> Mapping[UUID, datetime | None]:
    """When written work was promised; asked for in handfuls, because a query holds only so many ids."""
    ids = sorted({one.contact_id for one in written(ended)}, key=str)
    found: dict[UUID, datetime | None] = {}
    for at in range(0, len(ids), 500):
        found.update((row.pk, row.due_at) for row in intake.list_contacts(ids[at : at + 500]))
    return found


def _own(rows: Iterable[Any], queue: Queue) -> list[Any]:
    return [one for one in rows if one.queue_id == queue.pk]


def _by(rows: Iterable[Any], channel: str) -> list[Any]:
    return [one for one in rows if one.channel == channel]


def _row(
    key: str,
    ended: list[Ended],
    joined: list[Joined],
    queues: list[Queue],
    due: Mapping[UUID, datetime | None],
) -> Row:
    counts = queue_counts(ended, queues[0]) if len(queues) == 1 else all_counts(ended, queues)
    return Row(key, counts, wait_counts(ended), written_in_time(ended, due), len(joined))


def _intervals(
    ended: list[Ended],
    joined: list[Joined],
    queues: list[Queue],
    due: Mapping[UUID, datetime | None],
    start: datetime,
    end: datetime,
) -> Iterable[tuple[datetime, Row]]:
    slots: dict[int, tuple[list[Ended], list[Joined]]] = {}
    for one in ended:
        slots.setdefault((one.at - start) // INTERVAL, ([], []))[0].append(one)
    for other in joined:
        slots.setdefault((other.at - start) // INTERVAL, ([], []))[1].append(other)
    for slot, (done, came) in sorted(slots.items()):
        moment = start + INTERVAL * slot
        label = timezone.localtime(moment).strftime("%H:%M")
        yield moment, _row(label, done, came, queues, due)


__all__ = ["Report", "Row", "day_report", "figures_of"]
