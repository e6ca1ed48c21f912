"""Turns on call that change hands: what speaks against it, and who may be asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from civicline.kernel import clock
from civicline.routing import selectors as routing
from civicline.workforce.models import (
    CallOut,
    Contract,
    Decision,
    DutyTrade,
    Leave,
    OnCallDuty,
    Schedule,
    Shift,
)
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.on_call import is_away, rested_from

NOTICE = timedelta(hours=2)
"""Nearer to a turn than this the planner looks at it."""
MOST_A_WEEK = 3
"""More turns than these in one week are left to the planner."""
CANNOT = frozenset({"duty_overlap", "duty_shift", "duty_queue", "duty_rest", "away"})
"""What no yes can mend: refused at once."""
SHOWN = 30


def duty_findings(duty: OnCallDuty, agent_id: UUID, gone: Collection[UUID] = ()) -> list[Finding]:
    """What speaks against this person having this turn, once they have given the turns `gone` away."""
    found = []
    day = timezone.localtime(duty.start).date()
    values = {"day": day.isoformat()}
    others = OnCallDuty.objects.filter(agent_id=agent_id).exclude(pk__in=[duty.pk, *gone])
    during = {"start__lt": duty.end, "end__gt": duty.start}
    if others.filter(**during).exists():
        found.append(Finding("duty_overlap", values))
    if Shift.objects.filter(agent_id=agent_id, **during).exists():
        found.append(Finding("duty_shift", values))
    if is_away(agent_id, duty.start):
        found.append(Finding("away", values))
    if duty.rule.queue_id is not None and not _serves(agent_id, duty.rule.queue_id):
        found.append(Finding("duty_queue", values))
    if _tired(agent_id, duty.start):
        found.append(Finding("duty_rest", values))
    return found + _left_open(duty, agent_id, day, others.filter(schedule_id=duty.schedule_id).count() + 1)


def _left_open(duty: OnCallDuty, agent_id: UUID, day: date, turns: int) -> list[Finding]:
    """What a planner may allow."""
    found = []
    if not Contract.objects.filter(pk=agent_id, on_call=True).exists():
        found.append(Finding("duty_turns"))
    if turns > MOST_A_WEEK:
        monday = day - timedelta(days=day.weekday())
        found.append(Finding("duty_many", {"count": turns, "day": monday.isoformat()}))
    if duty.start < clock.now() + NOTICE:
        found.append(Finding("duty_notice", {"hours": round(NOTICE.total_seconds() / 3600)}))
    return found


def _serves(agent_id: UUID, queue_id: int) -> bool:
    return any(queue.pk == queue_id for queue in routing.queues_of({agent_id}).get(agent_id, ()))


def _tired(agent_id: UUID, at: datetime) -> bool:
    """Whether rest after being called out is still due when the turn begins."""
    last = CallOut.objects.filter(agent_id=agent_id, end__lte=at).order_by("-end").first()
    return last is not None and rested_from(agent_id, last.end) > at


def find_published(duty_id: UUID) -> OnCallDuty | None:
    """A turn of a published week, or None."""
    rows = OnCallDuty.objects.select_related("schedule", "rule", "agent__user")
    return rows.filter(pk=duty_id, schedule__state=Schedule.State.PUBLISHED).first()


def _to_come() -> Q:
    return Q(schedule__state=Schedule.State.PUBLISHED, start__gt=clock.now())


def open_duties(agent_id: UUID) -> list[OnCallDuty]:
    """Published turns to come that nobody has and this person could take: what `CANNOT` names, in one question."""
    contract = Contract.objects.filter(pk=agent_id, on_call=True).first()
    if contract is None:
        return []
    begin, during = OuterRef("start"), {"start__lt": OuterRef("end"), "end__gt": OuterRef("start")}
    day = OuterRef("day")
    tired_until = ExpressionWrapper(begin - timedelta(minutes=contract.rest), output_field=DateTimeField())
    rows = OnCallDuty.objects.annotate(day=TruncDate("start")).filter(
        _to_come(),
        Q(rule__queue__isnull=True) | Q(rule__queue__active=True, rule__queue__members__agent_id=agent_id),
        ~Exists(OnCallDuty.objects.filter(agent_id=agent_id, **during)),
        ~Exists(Shift.objects.filter(agent_id=agent_id, **during)),
        ~Exists(
            Leave.objects.filter(agent_id=agent_id, state=Decision.APPROVED, first__lte=day, last__gte=day)
        ),
        ~Exists(CallOut.objects.filter(agent_id=agent_id, end__lte=begin, end__gt=tired_until)),
        agent__isnull=True,
    )
    return list(rows.select_related("rule", "schedule")[:SHOWN])


def colleagues(duty: OnCallDuty) -> list[tuple[UUID, str]]:
    """Who else takes turns and serves the queue of this one, by name."""
    rows = Contract.objects.filter(on_call=True, agent__active=True, agent__user__is_active=True)
    rows = rows.exclude(pk=duty.agent_id).select_related("agent__user").order_by("agent__user__name", "pk")
    return [
        (one.pk, one.agent.user.name)
        for one in rows
        if duty.rule.queue_id is None or _serves(one.pk, duty.rule.queue_id)
    ]


def colleagues_duties(agent_id: UUID, near: datetime, span: timedelta) -> list[OnCallDuty]:
    """Turns to come that others have, so near to a moment."""
    rows = OnCallDuty.objects.filter(
        _to_come(), agent__isnull=False, start__gte=near - span, start__lte=near + span
    )
    return list(rows.exclude(agent_id=agent_id).select_related("rule", "agent__user")[:SHOWN])


def duties_asked_about(duty_ids: Collection[UUID]) -> set[UUID]:
    """Those of these turns that somebody wants to give away or swap."""
    rows = DutyTrade.objects.filter(state=Decision.ASKED)
    pairs = rows.filter(Q(thing_id__in=duty_ids) | Q(other_id__in=duty_ids)).values_list(
        "thing_id", "other_id"
    )
    return {one for pair in pairs for one in pair if one is not None}
