"""The day under way beside its plan: where people will be too few or to spare, and whom to ask.

The need is that of the newest reading of today's forecast; the people are those of the published shifts, without those
who should be at work and are not. What is proposed keeps contract and rest, and is shared out to whoever had least.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from civicline.kernel import clock
from civicline.workforce.models import DayOffer, Schedule, Shift
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.adherence import day_kept
from civicline.workforce.selectors.coverage import SLOTS, Cover, day_cover, queues_served, shifts_between
from civicline.workforce.selectors.history import today
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.selectors.staffing import SLOT, slot_start, week_needs
from civicline.workforce.selectors.whom_to_ask import (
    SHORT,
    SPARE,
    Asked,
    Candidates,
    KnownDay,
    cut,
    who_may_go,
    who_may_work_more,
)

LEAD = timedelta(minutes=20)
"""Nobody is asked for what begins sooner."""
AWAY = frozenset({"signed_out", "not_responding"})
GONE_AFTER = timedelta(minutes=15)
"""Who is missing for so long, up to now, is not counted with for the rest of the shift."""
ENOUGH = 0.75
"""People too few in a half hour from which on somebody is asked; less is left to the line."""
JUMP = 1.5
"""Where so many more or fewer are missing from one half hour to the next, another stretch begins."""
LONGEST = 8
"""Half hours of one offer at most."""
MORE = 1.5
"""So many are asked for each place, since not everybody can."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody who should be at work since then and is not."""

    agent_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stretch of the day and whom to ask, the fairest first.

    `further`: who may too, after them; `others`: who serves it and may not, with the rule.
    """

    kind: str
    start: datetime
    end: datetime
    places: int
    asked: tuple[Asked, ...]
    others: tuple[tuple[str, tuple[Finding, ...]], ...] = ()
    offered: DayOffer | None = None
    further: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """The day at a moment."""

    at: datetime
    day: date
    cover: Cover
    absent: list[Absent]
    proposals: list[Proposal] = field(default_factory=list)


def balance() -> Balance:
    """Today as it stands now, with what to offer for the rest of it."""
    now, day = clock.now(), today()
    absent = _absent(day, now)
    known = _known(day, now, absent)
    open_offers = list(DayOffer.objects.filter(closed_at__isnull=True, end__gt=now))
    first = math.ceil(((now + LEAD) - slot_start(day, 0)).total_seconds() / 60 / SLOT)
    edges = {kind: _edges(open_offers, kind, day) for kind in (SHORT, SPARE)}
    runs = [(SHORT, *one) for one in _runs(known.cover.short_slots, first, ENOUGH, edges[SHORT], most=False)]
    runs += [(SPARE, *one) for one in _runs(_spare(known.cover), first, 1.0, edges[SPARE], most=True)]
    found = [_proposal(known, open_offers, *run) for run in sorted(runs, key=lambda run: run[1])]
    told = [one for one in found if _worth_telling(one, open_offers)]
    return Balance(now, day, known.cover, absent, told)


def candidates(kind: str, start: datetime, end: datetime) -> Candidates:
    """Who could work more, or could go, between two times of any day; nobody at a time that is over."""
    now, day = clock.now(), timezone.localtime(start).date()
    if end <= now:
        return Candidates(())
    known = _known(day, now, _absent(day, now) if day == today() else [])
    start = max(start, now) if kind == SHORT else start
    return who_may_work_more(known, start, end) if kind == SHORT else who_may_go(known, start, end)


def _known(day: date, now: datetime, absent: Sequence[Absent]) -> KnownDay:
    shifts = [
        one for one in shifts_between(day, 1)
        if one.agent_id and one.kind != Shift.Kind.TRAINING and one.schedule.state == Schedule.State.PUBLISHED
    ]  # fmt: skip
    gone = {one.agent_id for one in absent}
    here = [one for shift in shifts for one in _without(shift, gone, now)]
    names = {one.agent_id: one.agent.user.name for one in list_contracts()}
    serves = queues_served({*names, *(one.agent_id for one in shifts if one.agent_id)})
    needed = week_needs(day, 1)
    cover = day_cover(day, needed, here, serves)
    return KnownDay(day, cover, here, needed, serves, {k: v for k, v in names.items() if k not in gone})


def _worth_telling(one: Proposal, open_offers: Sequence[DayOffer]) -> bool:
    """People too few always are. People to spare, where somebody can leave and nobody is asked to come just then."""
    if one.kind == SHORT or one.offered is not None:
        return True
    wanted = any(row.kind == SHORT and row.start < one.end and row.end > one.start for row in open_offers)
    return bool(one.asked) and not wanted


def _absent(day: date, now: datetime) -> list[Absent]:
    found = []
    for one in day_kept(day):
        gone = one.kept.gone
        if one.state not in AWAY or one.busy or not gone or one.kept.pieces[-1].end < now:
            continue
        if sum(piece.seconds for piece in gone) < GONE_AFTER.total_seconds():
            continue
        if any(shift.start <= now < shift.end for shift in one.shifts):
            found.append(Absent(one.agent_id, one.name, gone[0].start))
    return found


def _without(shift: Shift, gone: set[UUID], now: datetime) -> list[Shift]:
    """What of a shift still counts: who is not there now does not come for the rest of it."""
    return (
        cut(shift, now, shift.end) if shift.agent_id in gone and shift.start <= now < shift.end else [shift]
    )


def _spare(cover: Cover) -> list[float]:
    """People beyond what a busy day takes, where no queue lacks anybody."""
    rows = zip(cover.planned, cover.busy, cover.short_slots, strict=True)
    return [planned - busy if short < 0.25 else 0.0 for planned, busy, short in rows]


def _edges(open_offers: Sequence[DayOffer], kind: str, day: date) -> set[int]:
    """The half hours at which what is asked already begins and ends: the rest is a stretch of its own."""
    found = set()
    for row in open_offers:
        if row.kind == kind:
            begin, end = (
                (at - slot_start(day, 0)).total_seconds() / 60 / SLOT for at in (row.start, row.end)
            )
            found |= {math.floor(begin), math.ceil(end)}
    return found


def _runs(
    values: Sequence[float], first: int, least: float, edges: set[int], *, most: bool
) -> list[tuple[int, int, int]]:
    """Stretches of half hours at or above `least`: (from, until, people). `most`: as many as every half hour has."""
    found: list[tuple[int, int, int]] = []
    at = first
    while at < SLOTS:
        end = at
        while end < SLOTS and end - at < LONGEST and values[end] >= least:
            if end > at and (end in edges or abs(values[end] - values[end - 1]) >= JUMP):
                break
            end += 1
        if end > at:
            rows = values[at:end]
            people = math.floor(min(rows) + 0.01) if most else round(sum(rows) / len(rows))
            found.append((at, end, max(1, people)))
        at = max(end, at + 1)
    return found


def _proposal(
    known: KnownDay, open_offers: Sequence[DayOffer], kind: str, first: int, last: int, places: int
) -> Proposal:
    start, end = slot_start(known.day, first * SLOT), slot_start(known.day, last * SLOT)
    offered = next(
        (one for one in open_offers if one.kind == kind and one.start < end and one.end > start), None
    )
    if offered is not None:
        return Proposal(kind, start, end, places, (), offered=offered)
    if kind == SPARE:
        found = who_may_go(known, start, end)
        places = min(places, len(found.people))
    else:
        queues = {
            queue for queue, (need, have) in known.cover.by_queue.items()
            if any(need[at] - have[at] > 0.1 for at in range(first, last))
        }  # fmt: skip
        found = who_may_work_more(known, start, end, queues)
    count = math.ceil(places * MORE)
    return Proposal(
        kind, start, end, places, found.people[:count], found.others, further=found.people[count:]
    )
