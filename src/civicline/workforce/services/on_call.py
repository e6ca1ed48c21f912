"""Being on call: which duties come again, who has them, being called out, and the rest that is due after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, bus, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.workforce import events
from civicline.workforce.models import CallOut, OnCallDuty, OnCallRule, Schedule, Shift
from civicline.workforce.selectors import on_call as selectors
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.rosters import change_shift, open_week, week_of

LONGEST = 24 * 60
MOST_PEOPLE = 20
LONGEST_CALL_OUT = timedelta(hours=16)
TOLD_WITHIN = timedelta(days=7)
SHORTEST_SHIFT = timedelta(minutes=30)
DAYS = 7


class Wanted(NamedTuple):
    """One duty of a week: its rule, day (0 is Monday), key in the plan, and when."""

    rule: OnCallRule
    day: int
    key: str
    start: datetime
    end: datetime


@writes
def save_rule(
    *, rule_id: int | None = None, name: str, start: int, minutes: int, people: int = 1,
    weekdays: Sequence[int] = (), queue_id: int | None = None, active: bool = True,
) -> OnCallRule:  # fmt: skip
    """Make or change a duty that comes again. `queue_id`: only who serves it may have it."""
    wrong: dict[str, Any] = {}
    if not name.strip():
        wrong["name"] = _("Give it a name.")
    if not 0 <= start < 1440:
        wrong["start"] = _("It begins within the day.")
    if not 60 <= minutes <= LONGEST:
        wrong["end"] = _("Being on call lasts from 1 to 24 hours.")
    if not 1 <= people <= MOST_PEOPLE:
        wrong["people"] = _("Give 1 to 20 people.")
    if wrong:
        raise Invalid(fields=wrong, code="duty-invalid")
    values = {
        "name": name.strip()[:60], "start": start, "minutes": minutes, "people": people,
        "weekdays": sorted(weekdays), "queue_id": queue_id, "active": active,
    }  # fmt: skip
    if rule_id is None:
        row = OnCallRule.objects.create(**values)
    else:
        row = _rule(rule_id)
        for field, value in values.items():
            setattr(row, field, value)
        row.save()
    audit.record("on_call.saved", object=("on_call", row.pk), data=values)
    return row


def _rule(rule_id: int) -> OnCallRule:
    row = OnCallRule.objects.filter(pk=rule_id).first()
    if row is None:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    return row


def wanted(week: date) -> list[Wanted]:
    """The duties that the rules ask for in a week."""
    return [
        Wanted(
            rule, day, f"{rule.pk}:{day}", slot_start(week + timedelta(days=day), rule.start),
            slot_start(week + timedelta(days=day), rule.start + rule.minutes),
        )
        for rule in OnCallRule.objects.filter(active=True).select_related("queue")
        for day in range(DAYS)
        if not rule.weekdays or day in rule.weekdays
    ]  # fmt: skip


@writes
def keep_duties(*, row: Schedule, calls: Sequence[Wanted], given: Mapping[str, Sequence[UUID]]) -> None:
    """Store a week's duties in place of those it had: {key of the duty: who has it}; places left are open."""
    row.duties.all().delete()
    made = []
    for call in calls:
        chosen = given.get(call.key, ())[: call.rule.people]
        takers: list[UUID | None] = [*chosen, *[None] * (call.rule.people - len(chosen))]
        made += [
            OnCallDuty(id=ids.new_id(), rule=call.rule, schedule=row, agent_id=agent, start=call.start, end=call.end)
            for agent in takers
        ]  # fmt: skip
    OnCallDuty.objects.bulk_create(made)


@writes
def share_out(*, week: date) -> int:
    """Give a week's duties out beside its shifts: each to whoever had the fewest and is free. How many stay open.

    Free is: takes turns by contract, serves the duty's queue, has no shift then, is not away that day, and
    has no other duty of the same night.
    """
    row = open_week(week=week)
    calls = wanted(week)
    if not calls:
        raise Conflict(_("There are no duties yet. Say first which there are."), code="duty-none")
    team = selectors.takers(week)
    turns = {one.agent_id: one.turns for one in team}
    here: Counter[UUID] = Counter()  # turns of this week
    given: dict[str, list[UUID]] = {}
    busy: dict[UUID, list[tuple[datetime, datetime]]] = {one.agent_id: list(one.busy) for one in team}
    serves = {
        agent: {queue.pk for queue in queues} for agent, queues in routing.queues_of(set(turns)).items()
    }
    still_open = 0
    for call in calls:
        free = [
            one for one in team
            if (call.rule.queue_id is None or call.rule.queue_id in serves.get(one.agent_id, ()))
            and not one.away(week + timedelta(days=call.day))
            and not any(start < call.end and end > call.start for start, end in busy[one.agent_id])
        ]  # fmt: skip
        free.sort(
            key=lambda one: (
                turns[one.agent_id] + here[one.agent_id],
                here[one.agent_id],
                one.name.casefold(),
            )
        )
        chosen = [one.agent_id for one in free[: call.rule.people]]
        for agent in chosen:
            here[agent] += 1
            busy[agent].append((call.start, call.end))
        given[call.key] = chosen
        still_open += call.rule.people - len(chosen)
    keep_duties(row=row, calls=calls, given=given)
    data = {"duties": sum(map(len, given.values())), "open": still_open}
    audit.record("on_call.shared", object=("schedule", week.isoformat()), data=data)
    return still_open


@writes
def give_duty(*, duty_id: UUID, agent_id: UUID | None, version: int | None = None) -> OnCallDuty:
    """Give a duty to somebody by hand (None: open). Conflict when they work then or it was changed; Refused by rule."""
    row = OnCallDuty.objects.select_related("schedule", "rule").filter(pk=duty_id).first()
    if row is None:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    if version is not None and version != row.version:
        raise Conflict(_("Somebody else has changed this duty. Look at it again."), code="duty-changed")
    if agent_id is not None:
        _may_take(row, agent_id)
    _give(row, agent_id)
    return row


@writes
def hand_duties(*, to: Mapping[UUID, UUID | None]) -> None:
    """Give several duties to others at once, as a swap does: {duty: agent}. As `give_duty` for what cannot be."""
    rows = list(OnCallDuty.objects.select_related("schedule", "rule").filter(pk__in=list(to)))
    if len(rows) != len(to):
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    for row in rows:
        _give(row, to[row.pk])
    for row in rows:
        if row.agent_id is not None:
            _may_take(row, row.agent_id)


def _give(row: OnCallDuty, agent_id: UUID | None) -> None:
    before, row.agent_id = row.agent_id, agent_id
    row.version += 1
    row.save(update_fields=["agent", "version"])
    data = {"agent": str(agent_id) if agent_id else None, "start": row.start.isoformat()}
    audit.record("on_call.given", object=("schedule", row.schedule.week.isoformat()), data=data)
    for one in {before, agent_id} - {None}:
        bus.publish(f"user:{one}", {"kind": "shift"})


def _may_take(row: OnCallDuty, agent_id: UUID) -> None:
    during = {"agent_id": agent_id, "start__lt": row.end, "end__gt": row.start}
    if Shift.objects.filter(**during).exists():
        raise Conflict(_("This person has a shift at that time."), code="shift-overlaps")
    if OnCallDuty.objects.filter(**during).exclude(pk=row.pk).exists():
        raise Conflict(_("This person is on call then already."), code="duty-overlaps")
    if selectors.is_away(agent_id, row.start):
        raise Refused(_("This person is away on that day."), code="duty-away")


@writes
def free_duties(*, agent_id: UUID, first: date, last: date) -> int:
    """Open the turns, not begun yet, of somebody who is away on these days; how many there were."""
    begin, end = local_midnight(first), local_midnight(last + timedelta(days=1))
    rows = OnCallDuty.objects.filter(agent_id=agent_id, start__lt=end, end__gt=begin, start__gt=clock.now())
    duties = list(rows)
    for duty in duties:
        give_duty(duty_id=duty.pk, agent_id=None)
    return len(duties)


@writes
def tell_call_out(
    *, duty_id: UUID, agent_id: UUID, start: datetime, end: datetime, note: str = ""
) -> CallOut:
    """Somebody on call had to work. The next shift begins once the contract's rest is over, by rule.

    Invalid for times outside of the duty, too long or still to come; Conflict when they overlap what was told.
    """
    duty = OnCallDuty.objects.filter(pk=duty_id, agent_id=agent_id).first()
    if duty is None:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    wrong: dict[str, Any] = {}
    now = clock.now()
    if not duty.start <= start <= duty.end or start > now:
        wrong["start"] = _("It has to begin while you are on call, and not later than now.")
    if not start < end <= start + LONGEST_CALL_OUT:
        wrong["end"] = _("The end has to come after the beginning, by 16 hours at most.")
    elif now - end > TOLD_WITHIN:
        wrong["end"] = _("This is more than a week ago. Tell your planner.")
    if wrong:
        raise Invalid(fields=wrong, code="call-out-invalid")
    if duty.call_outs.filter(start__lt=end, end__gt=start).exists():
        raise Conflict(_("You have told a call-out at that time already."), code="call-out-twice")
    row = CallOut.objects.create(
        duty=duty, agent_id=agent_id, start=start, end=end, note=note.strip()[:200], told_at=now
    )
    data = {"agent": str(agent_id), "start": start.isoformat(), "end": end.isoformat()}
    emit(events.CALLED_OUT, subject=("on_call", duty.pk), data=data)
    audit.record(
        "on_call.called_out",
        object=("schedule", week_of(timezone.localtime(duty.start).date()).isoformat()),
        data=data,
    )
    _rest_after(row)
    return row


def _rest_after(row: CallOut) -> None:
    """Shifts that would begin before the rest is over begin then; what is left too short goes to whoever wants it."""
    until = selectors.rested_from(row.agent_id, row.end)
    for shift in Shift.objects.filter(agent_id=row.agent_id, start__gte=row.end, start__lt=until):
        if shift.end - until < SHORTEST_SHIFT:
            change_shift(shift_id=shift.pk, agent_id=None, change="rested")
            continue
        moved = round((until - shift.start).total_seconds() / 60)
        breaks = [[after - moved, minutes, paid] for after, minutes, paid in shift.breaks if after > moved]
        change_shift(shift_id=shift.pk, start=until, breaks=breaks, change="rested")
