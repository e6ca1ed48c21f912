"""Who works when: weeks, shifts, contracts, absences, and what a change would bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.workforce import rules
from civicline.workforce.models import (
    CallOut,
    Contract,
    Leave,
    OnCallDuty,
    Pattern,
    Schedule,
    Shift,
    Wish,
)
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.coverage import cover, shifts_between
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.on_call import call_outs_near, duties_near
from civicline.workforce.selectors.seats import seat_days

if TYPE_CHECKING:
    from civicline.workforce.selectors.coverage import Cover

NEAR = timedelta(days=8)
"""Shifts so near to a change are looked at with it: rest, days in a row and the week's hours reach no further."""


@dataclass(frozen=True, slots=True)
class Team:
    """What is known of people for checking their shifts, by agent."""

    contracts: dict[UUID, Contract]
    leaves: dict[UUID, list[Leave]]
    wishes: dict[UUID, list[Wish]]
    duties: dict[UUID, list[OnCallDuty]]
    call_outs: dict[UUID, list[CallOut]]

    def check(self, agent_id: UUID, shifts: Iterable[Shift], weeks: Iterable[date] = ()) -> list[Finding]:
        """What is not kept about one person's shifts."""
        return rules.check(
            shifts, self.contracts.get(agent_id), self.leaves.get(agent_id, ()), self.wishes.get(agent_id, ()),
            weeks=weeks, duties=self.duties.get(agent_id, ()), call_outs=self.call_outs.get(agent_id, ()),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change brings: rules newly broken (for each person), and hours with too few people before and after."""

    findings: list[tuple[UUID, Finding]]
    short_before: float
    short_after: float

    @property
    def hard(self) -> list[Finding]:
        """What law or contract forbid, and a cover that gets worse."""
        found = [finding for _agent, finding in self.findings if not finding.soft]
        if self.short_after > self.short_before + 0.01:
            hours = f"{self.short_after - self.short_before:.1f}".removesuffix(".0")
            found.append(Finding("short", {"hours": hours}))
        return found


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def find_schedule(week: date) -> Schedule | None:
    """The plan of the week that begins on this Monday, or None."""
    return Schedule.objects.filter(week=week).first()


def get_shift(shift_id: UUID) -> Shift:
    """A shift with its week and person; NotFound when there is none."""
    shift = Shift.objects.select_related("schedule", "agent__user").filter(pk=shift_id).first()
    if shift is None:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    return shift


def shifts_of_week(week: date) -> list[Shift]:
    """All shifts of a week, by start."""
    return list(Shift.objects.filter(schedule__week=week).select_related("agent__user"))


def shifts_near(agent_ids: Iterable[UUID], first: date, last: date) -> dict[UUID, list[Shift]]:
    """The shifts of these people around the days, by person."""
    rows = Shift.objects.filter(
        agent_id__in=set(agent_ids),
        start__gte=local_midnight(first) - NEAR,
        start__lt=local_midnight(last) + NEAR,
    )
    found: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in rows:
        if shift.agent_id is not None:
            found[shift.agent_id].append(shift)
    return found


def list_patterns(*, active: bool = True) -> QuerySet[Pattern]:
    """Kinds of shifts by their start."""
    return Pattern.objects.filter(active=True) if active else Pattern.objects.all()


def list_contracts() -> QuerySet[Contract]:
    """The contracts of active agents by name, with the patterns they are kept to."""
    rows = Contract.objects.filter(agent__active=True, agent__user__is_active=True)
    return rows.select_related("agent__user").prefetch_related("patterns").order_by("agent__user__name", "pk")


def find_contract(agent_id: UUID) -> Contract | None:
    """One agent's contract, or None."""
    return Contract.objects.filter(pk=agent_id).prefetch_related("patterns").first()


def wishes_of(agent_id: UUID) -> list[Wish]:
    """When one agent cannot, or would rather (not), work."""
    return list(Wish.objects.filter(agent_id=agent_id))


def team(agent_ids: Iterable[UUID], first: date, last: date) -> Team:
    """What is known of these people for the days: five queries."""
    ids = set(agent_ids)
    leaves: dict[UUID, list[Leave]] = defaultdict(list)
    for leave in Leave.objects.filter(agent_id__in=ids, state="approved", first__lte=last, last__gte=first):
        leaves[leave.agent_id].append(leave)
    wishes: dict[UUID, list[Wish]] = defaultdict(list)
    for wish in Wish.objects.filter(agent_id__in=ids):
        wishes[wish.agent_id].append(wish)
    begin, end = local_midnight(first), local_midnight(last + timedelta(days=1))
    return Team(
        Contract.objects.in_bulk(list(ids)), leaves, wishes, duties_near(ids, begin, end),
        call_outs_near(ids, begin, end),
    )  # fmt: skip


def consequences(gone: Sequence[Shift], come: Sequence[Shift]) -> Consequences:
    """What it brings to take `gone` out of the plan and put `come` in. Neither needs to be stored."""
    both = [*gone, *come]
    agents = {shift.agent_id for shift in both if shift.agent_id is not None}
    days = [rules.day_of(shift) for shift in both]
    first, last = min(days), max(days)
    known = team(agents, first - NEAR, last + NEAR)
    near = shifts_near(agents, first, last)
    away = {shift.pk for shift in gone}
    findings = []
    for agent in agents:
        before = near.get(agent, [])
        after = [shift for shift in before if shift.pk not in away]
        after += [shift for shift in come if shift.agent_id == agent]
        known_before = known.check(agent, before)
        findings += [(agent, one) for one in known.check(agent, after) if one not in known_before]
    findings += seatless(first, last, away, list(come))
    return Consequences(findings, *_short(first, last, away, list(come)))


def seatless(first: date, last: date, away: set[UUID], come: list[Shift]) -> list[tuple[UUID, Finding]]:
    """Offices that would have too few seats with the shifts that come, at a time at which fewer sat there before."""
    found = []
    sitting = {one.pk: one for one in come if one.agent_id is not None and one.place == "office"}
    for day in sorted({rules.day_of(one) for one in sitting.values()}):
        now = shifts_between(day, 1)
        before = {one.site.pk: one for one in seat_days(day, 1, now)}
        then = [shift for shift in now if shift.pk not in away] + come
        for one in seat_days(day, 1, then):
            if (full := one.fuller_than(before[one.site.pk])) is None:
                continue
            time = f"{full // 60:02d}:{full % 60:02d}"
            values = {"site": one.site.name, "day": day.isoformat(), "time": time}
            who = next(iter(shift.agent_id for shift in sitting.values() if rules.day_of(shift) == day))
            if who is not None:
                found.append((who, Finding("no_seat", values)))
    return found


def _short(first: date, last: date, away: set[UUID], come: list[Shift]) -> tuple[float, float]:
    count = (last - first).days + 1
    if count > 14:  # two far days: what lies between does not change
        halves = [_short(day, day, away, come) for day in (first, last)]
        return sum(half[0] for half in halves), sum(half[1] for half in halves)
    now = shifts_between(first, count)
    then = [shift for shift in now if shift.pk not in away] + come
    return _hours(cover(first, count, now)), _hours(cover(first, count, then))


def _hours(found: list[Cover]) -> float:
    return sum(day.short for day in found)


def leaves_between(first: date, last: date) -> list[Leave]:
    """Approved absences that touch these days."""
    rows = Leave.objects.filter(state="approved", first__lte=last, last__gte=first)
    return list(rows.select_related("agent__user"))
