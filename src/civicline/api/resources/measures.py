"""The queues as they stand, and today's measures with their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from django.utils.translation import get_language

from civicline.api.operation import Answer, Call, operation
from civicline.api.resources.documents import WaitRange, range_of
from civicline.api.schema import Rule
from civicline.engine import measures
from civicline.engine.waits import WaitRange as EngineRange
from civicline.engine.waits import rounded
from civicline.insight.board import day_of
from civicline.insight.journal import read_journal
from civicline.insight.measures import all_counts, queue_counts
from civicline.kernel import clock
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing
from civicline.routing.waits import range_for

if TYPE_CHECKING:
    from civicline.engine.measures import Measured, QueueCounts
    from civicline.routing.selectors import Line

CLASSES = ("chat", "written")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWait:
    """How a queue stands for one class of channels."""

    channel_class: Annotated[str, Rule("`chat` or `written`.")]
    waiting: Annotated[int, Rule("Contacts in the line.", least=0)]
    oldest_since: datetime | None
    range: Annotated[
        WaitRange | None, Rule("For one who comes now; none for written work, which has a date.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue now."""

    code: str
    name: str
    agents: Annotated[int, Rule("Agents who serve it and are present.", least=0)]
    waits: tuple[QueueWait, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueList:
    """All queues, in the order the public body chose."""

    items: tuple[Queue, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number with what it is made of. `value` is null when nothing was measured, which is not a zero."""

    value: float | None
    numerator: float
    denominator: float
    definition: Annotated[str, Rule("What exactly is counted.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Waits of live channels: counts, and the measures made of them."""

    offered: int
    answered: int
    abandoned: int
    service_level: Annotated[Measure, Rule("Short abandons counted.")]
    service_level_short_abandons_left_out: Measure
    average_speed_of_answer: Annotated[Measure, Rule("In seconds.")]
    abandonment: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMeasures:
    """Today in one queue, by its own promise."""

    queue: str
    measures: Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today so far: from midnight in the town's time zone. Totals add up counts, never shares."""

    start: datetime
    at: datetime
    total: Annotated[Measures, Rule("Each queue by its own target.")]
    queues: tuple[QueueMeasures, ...]


@operation("GET", "/queues", tag="measures", scope="measures:read", answer=QueueList)
def list_queues(call: Call) -> Answer:
    """List queues with those who wait."""
    current = routing.lines()
    rows = (current[queue.pk] for queue in routing.list_queues() if queue.pk in current)
    return Answer(QueueList(items=tuple(_queue(line) for line in rows), at=clock.now()))


def _queue(line: Line) -> Queue:
    return Queue(
        code=line.queue.code,
        name=localized(line.queue.name, get_language() or "en"),
        agents=len(line.members),
        waits=tuple(_wait(line, kind) for kind in CLASSES),
    )


def _wait(line: Line, kind: str) -> QueueWait:
    waiting = line.waiting(kind)
    told = range_for(line, kind, len(waiting)) if kind != "written" else None
    return QueueWait(
        channel_class=kind,
        waiting=len(waiting),
        oldest_since=min((place.since for place in waiting), default=None),
        range=range_of(rounded(told)) if isinstance(told, EngineRange) else None,
    )


@operation("GET", "/measures/today", tag="measures", scope="measures:read", answer=Today)
def get_measures_of_today(call: Call) -> Answer:
    """Read today's measures by the book, each with its definition."""
    now = clock.now()
    start, end = day_of(now)
    journal, queues = read_journal(start, end), list(routing.list_queues())
    rows = tuple(
        QueueMeasures(queue=queue.code, measures=_measures(queue_counts(journal.ended, queue)))
        for queue in queues
    )
    total = all_counts(journal.ended, queues)
    return Answer(Today(start=start, at=now, total=_measures(total), queues=rows))


def _measures(counts: QueueCounts) -> Measures:
    return Measures(
        offered=counts.offered,
        answered=counts.answered,
        abandoned=counts.abandoned,
        service_level=_measure(measures.service_level(counts)),
        service_level_short_abandons_left_out=_measure(
            measures.service_level(counts, short_abandons="left_out")
        ),
        average_speed_of_answer=_measure(measures.average_speed_of_answer(counts)),
        abandonment=_measure(measures.abandonment(counts)),
    )


def _measure(found: Measured) -> Measure:
    """`seconds` of 0 stands for queues of different targets: then the sentence says so."""
    params = {
        name: "their target" if value == 0 else f"{value:g}" if isinstance(value, float) else value
        for name, value in found.params
    }
    sentence = (
        measures.DEFINITIONS[found.definition].format(**params).replace("their target s", "their own target")
    )
    return Measure(
        value=found.value, numerator=found.numerator, denominator=found.denominator, definition=sentence
    )
