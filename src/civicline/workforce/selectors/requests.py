"""What agents asked for and were offered: leave, open shifts, more hours, time off; and their own shifts and feeds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from civicline.kernel import clock, ids
from civicline.workforce.models import DayOffer, Decision, FeedKey, Leave, Schedule, Shift
from civicline.workforce.selectors.history import local_midnight, today
from civicline.workforce.selectors.whom_to_ask import can_leave

SHOWN = 30


def own_shifts(agent_id: UUID, first: date, last: date) -> list[Shift]:
    """One agent's published shifts that begin on these days, by start."""
    rows = Shift.objects.filter(
        agent_id=agent_id, schedule__state=Schedule.State.PUBLISHED, start__gte=local_midnight(first),
        start__lt=local_midnight(last + timedelta(days=1)),
    )  # fmt: skip
    return list(rows)


def own_leaves(agent_id: UUID, since: date) -> list[Leave]:
    """One agent's requests for days that are not over, the next first."""
    return list(Leave.objects.filter(agent_id=agent_id, last__gte=since).order_by("first", "pk"))


def asked_leaves() -> QuerySet[Leave]:
    """Requests that wait for a decision, by when they were asked."""
    return Leave.objects.filter(state=Decision.ASKED).select_related("agent__user").order_by("asked_at")


def open_shifts(agent_id: UUID) -> list[Shift]:
    """Published shifts to come that nobody has, but those at a time at which this agent works or is away."""
    rows = Shift.objects.filter(schedule__state=Schedule.State.PUBLISHED, start__gt=clock.now())
    own = list(rows.filter(agent_id=agent_id).values_list("start", "end"))
    leaves = Leave.objects.filter(agent_id=agent_id, state=Decision.APPROVED, last__gte=today())
    own += [(local_midnight(one.first), local_midnight(one.last + timedelta(days=1))) for one in leaves]
    free = rows.filter(agent__isnull=True)
    return [one for one in free if not any(one.start < end and one.end > start for start, end in own)][:SHOWN]


def swaps_for(shift: Shift, near: timedelta) -> list[Shift]:
    """Colleagues' published shifts near one's own that it could be swapped for: nobody would work twice at once."""
    day = timezone.localtime(shift.start).date()
    rows = Shift.objects.filter(
        schedule__state=Schedule.State.PUBLISHED, agent__isnull=False, end__gt=local_midnight(day - near),
        start__lt=local_midnight(day + near + timedelta(days=1)),
    )  # fmt: skip
    by_agent: dict[UUID | None, list[Shift]] = defaultdict(list)
    for row in rows.exclude(pk=shift.pk).select_related("agent__user"):
        by_agent[row.agent_id].append(row)
    own = by_agent.pop(shift.agent_id, [])
    found = []
    for theirs in by_agent.values():
        for one in theirs:
            rest = [other for other in theirs if other is not one]
            if one.start > clock.now() and not _meets(one, own) and not _meets(shift, rest):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def _meets(shift: Shift, others: list[Shift]) -> bool:
    return any(one.start < shift.end and one.end > shift.start for one in others)


def offers(now: datetime) -> list[DayOffer]:
    """Offers of more hours and time off that can still be taken, with how many took a place (`count`)."""
    rows = DayOffer.objects.filter(closed_at__isnull=True, end__gt=now)
    return list(rows.annotate(count=Count("taken")).prefetch_related(*_ANSWERS))


_ANSWERS = ("invites__agent__user", "taken__agent__user", "taken__shift")


def offers_of_day(day: date) -> list[DayOffer]:
    """What was offered for the hours of a day, closed too, with who was asked and who took it."""
    begin, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    rows = DayOffer.objects.filter(start__lt=end, end__gt=begin)
    return list(rows.annotate(count=Count("taken")).prefetch_related(*_ANSWERS))


def offers_to(agent_id: UUID, now: datetime) -> tuple[list[DayOffer], list[DayOffer]]:
    """What one agent was asked and has not answered, and what is theirs already or they could take with everybody."""
    asked, others = [], []
    rows = offers(now)
    own = _own_within(agent_id, rows) if rows else []
    for row in rows:
        invite = next((one for one in row.invites.all() if one.agent_id == agent_id), None)
        if any(one.agent_id == agent_id for one in row.taken.all()):
            others.append(row)
        elif not row.invited:
            others += [row] if _fits(row, own, now) else []
        elif invite is not None and invite.declined_at is None and getattr(row, "count", 0) < row.places:
            asked.append(row)
    return asked, others


def _own_within(agent_id: UUID, rows: list[DayOffer]) -> list[Shift]:
    first, last = min(row.start for row in rows), max(row.end for row in rows)
    return list(Shift.objects.filter(agent_id=agent_id, start__lt=last, end__gt=first))


def _fits(row: DayOffer, own: list[Shift], now: datetime) -> bool:
    """Whether more hours lie beside one's own shifts, or time off within one that can end there."""
    start = max(row.start, now)
    met = [shift for shift in own if shift.start < row.end and shift.end > start]
    if row.kind == DayOffer.Kind.OVERTIME:
        return not met
    return any(can_leave(shift, row.start, row.end) for shift in met)


def offers_taken_by(agent_id: UUID) -> set[int]:
    """Ids of the offers that one agent took."""
    return set(DayOffer.objects.filter(taken__agent_id=agent_id).values_list("pk", flat=True))


def has_feed(agent_id: UUID) -> FeedKey | None:
    """One agent's feed, or None."""
    return FeedKey.objects.filter(pk=agent_id).first()


def agent_of_feed(secret: str) -> UUID | None:
    """Whose feed a secret opens, or None."""
    key = FeedKey.objects.filter(secret_hash=ids.hash_secret(secret), agent__active=True).first()
    return key.agent_id if key is not None else None
