"""Alarms: raised and ended by what is found, taken or put off by a person; each change is in the log."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, bus, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import EventType, emit
from civicline.people import selectors as people
from civicline.routing import events
from civicline.routing.alarms import Cause, causes, get_alarm, list_alarms
from civicline.routing.lines import lines
from civicline.routing.models import Alarm

SNOOZE_MINUTES = (5, 15, 30)


def watch_alarms() -> None:
    """Raise what is wrong now and end what is not any more; then let the boards look again.

    Runs every few seconds in one process at a time; the hint it ends with keeps every board's data fresh.
    """
    standing = {Cause(row.kind, row.queue_id, row.agent_id) for row in list_alarms()}
    found = causes(lines(), people.silent_agent_ids(), clock.now(), standing)
    if found != standing:
        settle_alarms(found=found)
    bus.publish("board", {"kind": "tick"})


@writes
def settle_alarms(*, found: set[Cause]) -> None:
    """Make the alarms that stand those of `found`."""
    now = clock.now()
    standing = {Cause(row.kind, row.queue_id, row.agent_id): row for row in list_alarms()}
    for cause, row in standing.items():
        if cause not in found and Alarm.objects.filter(pk=row.pk, over_at__isnull=True).update(over_at=now):
            _tell(events.ALARM_OVER, row, seconds=(now - row.since).total_seconds())
    for cause in sorted(found - standing.keys(), key=str):
        row = Alarm.objects.create(
            kind=cause.kind, queue_id=cause.queue_id, agent_id=cause.agent_id, since=now
        )
        _tell(events.ALARM_RAISED, row)


@writes
def take_alarm(*, alarm_id: int, by: UUID) -> None:
    """A person takes care of it: who and when is written down. Conflict when a colleague did, or it is over."""
    alarm = _standing(alarm_id)
    now = clock.now()
    rows = Alarm.objects.filter(pk=alarm_id, taken_by__isnull=True, over_at__isnull=True)
    if not rows.update(taken_by_id=by, taken_at=now, snoozed_until=None):
        if alarm.taken_by_id == by:
            return
        raise Conflict(
            _("%(name)s has taken this alarm already."),
            code="alarm-taken",
            name=alarm.taken_by.name if alarm.taken_by else "",
        )
    audit.record("alarm.taken", object=("alarm", alarm_id))
    _tell(events.ALARM_TAKEN, alarm, by=str(by))


@writes
def snooze_alarm(*, alarm_id: int, minutes: int, by: UUID) -> None:
    """Keep an alarm quiet for a while; it is loud again after that if its cause goes on."""
    if minutes not in SNOOZE_MINUTES:
        raise Invalid(_("Choose 5, 15 or 30 minutes."), code="snooze-minutes")
    alarm = _standing(alarm_id)
    Alarm.objects.filter(pk=alarm_id).update(snoozed_until=clock.now() + timedelta(minutes=minutes))
    audit.record("alarm.snoozed", object=("alarm", alarm_id), data={"minutes": minutes})
    _tell(events.ALARM_SNOOZED, alarm, by=str(by), minutes=minutes)


def _standing(alarm_id: int) -> Alarm:
    alarm = get_alarm(alarm_id)
    if alarm is None:
        raise NotFound(_("There is no such alarm."), code="alarm-unknown")
    if alarm.over_at is not None:
        raise Conflict(_("This alarm is over: its cause is gone."), code="alarm-over")
    return alarm


def _tell(event: EventType, alarm: Alarm, **data: object) -> None:
    agent = str(alarm.agent_id) if alarm.agent_id else None
    emit(
        event,
        subject=("alarm", str(alarm.pk)),
        data={"kind": alarm.kind, "queue": alarm.queue_id, "agent": agent, **data},
    )
    bus.publish("board", {"kind": "alarm", "id": str(alarm.pk)})
