"""What is wrong on the floor now: four kinds of cause, found from the lines and the agents as they stand.

longest_wait        somebody has waited longer than the queue's `alarm_longest_seconds`
too_many_waiting    more people wait than `alarm_waiting`
nobody_serves       people wait and nobody who is signed in could take them
not_responding      an agent's desk is silent, or an offer went unanswered

Only people who are there and waiting count; written work has its own promise. A cause that was raised ends below
four fifths of its threshold, so that an alarm does not flicker on the line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from civicline.routing.models import Alarm

if TYPE_CHECKING:
    from civicline.routing.lines import Line

KINDS = ("longest_wait", "too_many_waiting", "nobody_serves", "not_responding")
CALMED = 0.8
"""Share of the threshold below which a raised alarm is over."""


class Cause(NamedTuple):
    """Why there is, or should be, an alarm: of a queue or of an agent, never of both."""

    kind: str
    queue_id: int | None = None
    agent_id: UUID | None = None


def causes(
    lines: Mapping[int, Line], silent: Iterable[UUID], now: datetime, raised: Collection[Cause] = ()
) -> set[Cause]:
    """Everything that is wrong now. `silent`: agents whose desk does not respond.

    `raised`: alarms that stand already and end only when it is calm again.
    """
    found = {Cause("not_responding", agent_id=agent_id) for agent_id in silent}
    for line in lines.values():
        found.update(_of_queue(line, now, raised))
    return found


def _of_queue(line: Line, now: datetime, raised: Collection[Cause]) -> Iterable[Cause]:
    queue = line.queue
    waiting = [place for place in line.places if place.channel_class != "written"]
    if not waiting:
        return
    longest = max((now - place.since).total_seconds() for place in waiting)

    def over(kind: str, value: float, threshold: float) -> bool:
        calm = CALMED if Cause(kind, queue.pk) in raised else 1.0
        return value > threshold * calm

    if over("longest_wait", longest, queue.alarm_longest_seconds):
        yield Cause("longest_wait", queue.pk)
    if over("too_many_waiting", len(waiting), queue.alarm_waiting):
        yield Cause("too_many_waiting", queue.pk)
    classes = {place.channel_class for place in waiting}
    present = [member for member in line.members if member.facts.available]
    if not any(member.slots(kind) for member in present for kind in classes):
        yield Cause("nobody_serves", queue.pk)


def list_alarms() -> QuerySet[Alarm]:
    """Alarms that stand, oldest first, with queue, agent and who took them."""
    return (
        Alarm.objects.filter(over_at__isnull=True)
        .select_related("queue", "agent__user", "taken_by")
        .order_by("since", "pk")
    )


def get_alarm(alarm_id: int) -> Alarm | None:
    """An alarm, over or not, or None."""
    return Alarm.objects.select_related("queue", "agent__user", "taken_by").filter(pk=alarm_id).first()
