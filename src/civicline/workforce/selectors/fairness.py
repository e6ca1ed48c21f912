"""How shifts that nobody likes, and what people wish for, went round: counted over weeks, from what was published.

Each week is measured by the wishes that stood when it was published. A wish counts once for each of its days on which
the person was not on leave; one about the place only where they worked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from civicline.workforce import burdens
from civicline.workforce.models import KeptWish, Leave, OnCallDuty, Place, Schedule, Shift, Wish
from civicline.workforce.rules import day_of, paid_minutes
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.rosters import list_contracts

if TYPE_CHECKING:
    from datetime import datetime

WEEKS = 12
"""So many weeks are looked at together."""
COUNTED = (Wish.Kind.LIKES, Wish.Kind.RATHER_NOT, Wish.Kind.HOME, Wish.Kind.OFFICE)
"""What is a wish; when somebody cannot work is a rule."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one person had in these weeks. `due`: as many early, late and weekend shifts as would be theirs if these
    went round by shifts worked, among all who are told together."""

    agent_id: UUID
    name: str
    shifts: int = 0
    early: int = 0
    late: int = 0
    weekend: int = 0
    turns: int = 0
    more_minutes: int = 0
    wishes: int = 0
    wishes_kept: int = 0
    due: float = 0.0

    @property
    def unliked(self) -> int:
        """Early, late and weekend together; a late shift on a Sunday is two."""
        return self.early + self.late + self.weekend

    @property
    def denied(self) -> float:
        """The share of wishes that were not met; 0 without any."""
        return 1 - self.wishes_kept / self.wishes if self.wishes else 0.0


@dataclass(frozen=True, slots=True)
class _Weeks:
    """What is read once for everybody, by agent; wishes by agent and Monday."""

    days: list[date]
    shifts: dict[UUID, list[Shift]] = field(default_factory=lambda: defaultdict(list))
    leaves: dict[UUID, list[Leave]] = field(default_factory=lambda: defaultdict(list))
    wishes: dict[tuple[UUID, date], list[KeptWish]] = field(default_factory=lambda: defaultdict(list))
    turns: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))


def shares(last_week: date, weeks: int = WEEKS) -> list[Share]:
    """Everybody with a contract, by name, over the published weeks up to and with that of this Monday."""
    names = {one.agent_id: one.agent.user.name for one in list_contracts()}
    read = _read(names, last_week - timedelta(weeks=weeks - 1), last_week)
    worked = sum(len(read.shifts[agent]) for agent in names)
    unliked = sum(burdens.burden(shift) for agent in names for shift in read.shifts[agent])
    rate = unliked / worked if worked else 0.0
    return [_share(agent, names[agent], read, rate) for agent in names]


def _read(agents: Iterable[UUID], first_week: date, last_week: date) -> _Weeks:
    ids = set(agents)
    published = Schedule.objects.filter(
        state=Schedule.State.PUBLISHED, week__gte=first_week, week__lte=last_week
    )
    mondays = sorted(published.values_list("week", flat=True))
    read = _Weeks([monday + timedelta(days=number) for monday in mondays for number in range(7)])
    begin, end = _bounds(first_week, last_week)
    for shift in Shift.objects.filter(agent_id__in=ids, schedule__week__in=mondays):
        if shift.agent_id is not None:
            read.shifts[shift.agent_id].append(shift)
    last_day = last_week + timedelta(days=6)
    for leave in Leave.objects.filter(
        agent_id__in=ids, state="approved", first__lte=last_day, last__gte=first_week
    ):
        read.leaves[leave.agent_id].append(leave)
    kept = KeptWish.objects.filter(agent_id__in=ids, schedule__week__in=mondays).select_related("schedule")
    for wish in kept:
        read.wishes[wish.agent_id, wish.schedule.week].append(wish)
    for agent_id in OnCallDuty.objects.filter(agent_id__in=ids, start__gte=begin, start__lt=end).values_list(
        "agent_id", flat=True
    ):
        if agent_id is not None:
            read.turns[agent_id] += 1
    return read


def _bounds(first_week: date, last_week: date) -> tuple[datetime, datetime]:
    return local_midnight(first_week), local_midnight(last_week + timedelta(weeks=1))


def _share(agent: UUID, name: str, read: _Weeks, rate: float) -> Share:
    own = read.shifts[agent]
    answers = list(_answers(read, agent))
    more = [shift for shift in own if shift.kind == Shift.Kind.OVERTIME]
    return Share(
        agent, name, len(own),
        early=sum(map(burdens.is_early, own)), late=sum(map(burdens.is_late, own)),
        weekend=sum(map(burdens.on_weekend, own)), turns=read.turns[agent],
        more_minutes=sum(map(paid_minutes, more)),
        wishes=len(answers), wishes_kept=sum(answers), due=rate * len(own),
    )  # fmt: skip


def _answers(read: _Weeks, agent: UUID) -> Iterable[bool]:
    """For each wish and each of its days: whether the plan met it."""
    on_day: dict[date, list[Shift]] = defaultdict(list)
    for shift in read.shifts[agent]:
        on_day[day_of(shift)].append(shift)
    for day in read.days:
        if any(leave.first <= day <= leave.last for leave in read.leaves[agent]):
            continue
        for wish in read.wishes[agent, day - timedelta(days=day.weekday())]:
            if wish.weekday != day.weekday():
                continue
            if wish.kind not in Place.values:
                yield _works(on_day[day], wish) == (wish.kind == Wish.Kind.LIKES)
            elif on_day[day]:
                yield all(shift.place == wish.kind for shift in on_day[day])


def _works(own: Sequence[Shift], wish: KeptWish) -> bool:
    """Whether any of a day's shifts reaches into the hours of a wish."""
    for shift in own:
        begin = timezone.localtime(shift.start)
        start = begin.hour * 60 + begin.minute
        if start < wish.end and start + (shift.end - shift.start).total_seconds() / 60 > wish.start:
            return True
    return False
