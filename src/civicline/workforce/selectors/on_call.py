"""Who is on call when, who had how many turns, and from when somebody who was called out is rested."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.workforce.models import CallOut, Contract, Leave, OnCallDuty, OnCallRule, Schedule, Shift
from civicline.workforce.selectors.history import local_midnight

TURNS_BACK = timedelta(weeks=12)
"""So far back turns are counted when duties are shared out."""
USUAL_REST = 11 * 60
"""Minutes of rest where there is no contract: the working time directive's (2003/88/EC, article 3)."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who takes turns: how many they had, and when they are busy with shifts."""

    agent_id: UUID
    name: str
    turns: int
    busy: tuple[tuple[datetime, datetime], ...]
    leaves: tuple[tuple[date, date], ...]

    def away(self, day: date) -> bool:
        """Whether the day, or the one on which a night on call ends, is one of leave."""
        return any(first <= day <= last for first, last in self.leaves)


def list_rules(*, active: bool = False) -> QuerySet[OnCallRule]:
    """Duties that come again, by their hour."""
    rows = OnCallRule.objects.select_related("queue")
    return rows.filter(active=True) if active else rows


def get_rule(rule_id: int) -> OnCallRule:
    """One of them; NotFound when there is none."""
    row = OnCallRule.objects.filter(pk=rule_id).first()
    if row is None:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    return row


def duties_of_week(week: date) -> list[OnCallDuty]:
    """A week's duties by start, with who has them and the times they were called out."""
    rows = OnCallDuty.objects.filter(schedule__week=week).select_related("agent__user", "rule")
    return list(rows.prefetch_related("call_outs"))


def own_duties(agent_id: UUID, first: date, last: date) -> list[OnCallDuty]:
    """One agent's published duties that begin on these days, with the times they were called out."""
    rows = OnCallDuty.objects.filter(
        agent_id=agent_id, schedule__state=Schedule.State.PUBLISHED, start__gte=local_midnight(first),
        start__lt=local_midnight(last + timedelta(days=1)),
    )  # fmt: skip
    return list(rows.select_related("rule").prefetch_related("call_outs"))


def turns(before: date) -> dict[UUID, int]:
    """Duties of each agent in the twelve weeks before a day."""
    end = local_midnight(before)
    rows = OnCallDuty.objects.filter(agent__isnull=False, start__gte=end - TURNS_BACK, start__lt=end)
    counted = rows.values_list("agent_id").annotate(count=Count("pk")).order_by()
    return {agent: count for agent, count in counted if agent is not None}


def takers(week: date) -> list[Taker]:
    """Everybody who takes turns, with what they did before this week and what they do in it."""
    first, last = local_midnight(week), local_midnight(week + timedelta(days=8))
    contracts = Contract.objects.filter(on_call=True, agent__active=True, agent__user__is_active=True)
    had = turns(week)
    busy: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for agent, start, end in Shift.objects.filter(
        agent__isnull=False, start__lt=last, end__gt=first
    ).values_list("agent_id", "start", "end"):
        if agent is not None:
            busy[agent].append((start, end))
    leaves: dict[UUID, list[tuple[date, date]]] = defaultdict(list)
    for agent, start_day, end_day in Leave.objects.filter(
        state="approved", first__lte=week + timedelta(days=8), last__gte=week
    ).values_list("agent_id", "first", "last"):
        leaves[agent].append((start_day, end_day))
    return [
        Taker(one.agent_id, one.agent.user.name, had.get(one.agent_id, 0), tuple(busy[one.agent_id]),
              tuple(leaves[one.agent_id]))
        for one in contracts.select_related("agent__user")
    ]  # fmt: skip


def is_away(agent_id: UUID, at: datetime) -> bool:
    """Whether the local day of a moment is one of approved leave."""
    day = timezone.localtime(at).date()
    return Leave.objects.filter(agent_id=agent_id, state="approved", first__lte=day, last__gte=day).exists()


def rested_from(agent_id: UUID, end: datetime) -> datetime:
    """From when somebody may work again who worked until `end`."""
    contract = Contract.objects.filter(pk=agent_id).first()
    return end + timedelta(minutes=contract.rest if contract else USUAL_REST)


def call_outs_near(agent_ids: set[UUID], first: datetime, last: datetime) -> dict[UUID, list[CallOut]]:
    """Times at which these people were called out, by person."""
    found: dict[UUID, list[CallOut]] = defaultdict(list)
    for row in CallOut.objects.filter(agent_id__in=agent_ids, end__gte=first, start__lt=last):
        found[row.agent_id].append(row)
    return found


def duties_near(agent_ids: set[UUID], first: datetime, last: datetime) -> dict[UUID, list[OnCallDuty]]:
    """What these people are on call for, by person."""
    found: dict[UUID, list[OnCallDuty]] = defaultdict(list)
    for row in OnCallDuty.objects.filter(agent_id__in=agent_ids, end__gt=first, start__lt=last):
        if row.agent_id is not None:
            found[row.agent_id].append(row)
    return found
