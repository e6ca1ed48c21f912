"""The day under way beside its plan: where people will be too few or to spare, and whom to ask.

The need is that of the newest reading of today's forecast; the people are those of the published shifts, without those
who should be at work and are not. What is proposed keeps contract and rest, and is shared out to whoever had least.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone

from civicline.kernel import clock
from civicline.workforce.models import DayInvite, DayOffer, DayOfferTaken, Schedule, Shift
from civicline.workforce.rules import Finding, paid_minutes
from civicline.workforce.selectors.adherence import day_kept
from civicline.workforce.selectors.coverage import (
    SLOTS,
    Cover,
    day_cover,
    queues_served,
    shifts_between,
)
from civicline.workforce.selectors.history import today
from civicline.workforce.selectors.rosters import NEAR, Team, list_contracts, seatless, shifts_near, team
from civicline.workforce.selectors.seats import place_for
from civicline.workforce.selectors.staffing import SLOT, Need, slot_start, week_needs

SHORT, SPARE = "overtime", "time_off"
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
BACK = timedelta(weeks=12)
"""So far back more hours and time off are counted, for fairness."""
TRIED = 30
"""So many more than are asked are tried for whether they would be missed."""
MORE = 1.5
"""So many are asked for each place, since not everybody can."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Somebody who should be at work since then and is not."""

    agent_id: UUID
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody to ask. `near`: 0 the hours adjoin their shift, 1 they work that day, 2 they do not.

    `had`: hours that they worked more, or had off, in the last twelve weeks.
    """

    agent_id: UUID
    name: str
    near: int
    had: float
    would_rather_not: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stretch of the day and whom to ask. `others`: who serves it too and may not, with the rule."""

    kind: str
    start: datetime
    end: datetime
    places: int
    asked: tuple[Asked, ...]
    others: tuple[tuple[str, tuple[Finding, ...]], ...] = ()
    offered: DayOffer | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """The day at a moment."""

    at: datetime
    day: date
    cover: Cover
    absent: list[Absent]
    proposals: list[Proposal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Day:
    """What proposals are worked out from."""

    day: date
    cover: Cover
    shifts: list[Shift]
    needed: Mapping[int, list[Need]]
    serves: Mapping[UUID, frozenset[int]]
    names: Mapping[UUID, str]
    open_offers: list[DayOffer]

    def covered(self, shifts: Sequence[Shift]) -> Cover:
        """The day with these shifts in place of its own."""
        return day_cover(self.day, self.needed, list(shifts), self.serves)


def balance() -> Balance:
    """Today as it stands now, with what to offer for the rest of it."""
    now, day = clock.now(), today()
    shifts = [
        one for one in shifts_between(day, 1)
        if one.agent_id and one.kind != Shift.Kind.TRAINING and one.schedule.state == Schedule.State.PUBLISHED
    ]  # fmt: skip
    absent = _absent(day, now)
    gone = {one.agent_id for one in absent}
    here = [one for shift in shifts for one in _without(shift, gone, now)]
    names = {one.agent_id: one.agent.user.name for one in list_contracts()}
    serves = queues_served({*names, *(one.agent_id for one in shifts if one.agent_id)})
    needed = week_needs(day, 1)
    cover = day_cover(day, needed, here, serves)
    open_offers = list(DayOffer.objects.filter(closed_at__isnull=True, end__gt=now))
    known = _Day(
        day, cover, here, needed, serves, {k: v for k, v in names.items() if k not in gone}, open_offers
    )
    first = math.ceil(((now + LEAD) - slot_start(day, 0)).total_seconds() / 60 / SLOT)
    runs = [(SHORT, *one) for one in _runs(cover.short_slots, first, ENOUGH, most=False)]
    runs += [(SPARE, *one) for one in _runs(_spare(cover), first, 1.0, most=True)]
    found = [_proposal(known, *run) for run in sorted(runs, key=lambda run: run[1])]
    return Balance(now, day, cover, absent, [one for one in found if _worth_telling(one, open_offers)])


def _worth_telling(one: Proposal, open_offers: Sequence[DayOffer]) -> bool:
    """People too few always are. People to spare, where somebody can leave and nobody is asked to come just then."""
    if one.kind == SHORT or one.offered is not None:
        return True
    wanted = any(row.kind == SHORT and row.start < one.end and row.end > one.start for row in open_offers)
    return bool(one.asked) and not wanted


def _absent(day: date, now: datetime) -> list[Absent]:
    found = []
    for one in day_kept(day):
        last = one.kept.pieces[-1] if one.kept.pieces else None
        if one.state not in AWAY or one.busy or last is None or last.kind != "missing":
            continue
        if last.end < now or now - last.start < GONE_AFTER:
            continue
        if any(shift.start <= now < shift.end for shift in one.shifts):
            found.append(Absent(one.agent_id, one.name, last.start))
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


def _runs(values: Sequence[float], first: int, least: float, *, most: bool) -> list[tuple[int, int, int]]:
    """Stretches of half hours at or above `least`: (from, until, people). `most`: as many as every half hour has."""
    found: list[tuple[int, int, int]] = []
    at = first
    while at < SLOTS:
        end = at
        while end < SLOTS and end - at < LONGEST and values[end] >= least:
            if end > at and abs(values[end] - values[end - 1]) >= JUMP:
                break
            end += 1
        if end > at:
            rows = values[at:end]
            people = math.floor(min(rows) + 0.01) if most else round(sum(rows) / len(rows))
            found.append((at, end, max(1, people)))
        at = max(end, at + 1)
    return found


def _proposal(known: _Day, kind: str, first: int, last: int, places: int) -> Proposal:
    start, end = slot_start(known.day, first * SLOT), slot_start(known.day, last * SLOT)
    offered = next(
        (one for one in known.open_offers if one.kind == kind and one.start < end and one.end > start), None
    )
    if offered is not None:
        return Proposal(kind, start, end, places, (), offered=offered)
    had = hours_had(kind, known.day)
    count = math.ceil(places * MORE)
    if kind == SPARE:
        asked = _to_spare(known, start, end, had, count)
        return Proposal(kind, start, end, min(places, len(asked)), asked)
    queues = {
        queue for queue, (need, have) in known.cover.by_queue.items()
        if any(need[at] - have[at] > 0.1 for at in range(first, last))
    }  # fmt: skip
    asked, others = _to_work_more(known, start, end, had, queues, count)
    return Proposal(kind, start, end, places, asked, others)


# --- more hours ---


def _to_work_more(
    known: _Day, start: datetime, end: datetime, had: Mapping[UUID, float], queues: set[int], count: int
) -> tuple[tuple[Asked, ...], tuple[tuple[str, tuple[Finding, ...]], ...]]:
    """Who serves one of these queues and may by contract, rest and availability; and who may not, with the reason."""
    serve = [agent for agent in known.names if known.serves.get(agent, frozenset()) & queues]
    people, near = team(serve, known.day - NEAR, known.day + NEAR), shifts_near(serve, known.day, known.day)
    said_no = _said_no(start, end)
    asked, others = [], []
    for agent in serve:
        found = extra_findings(people, near.get(agent, []), agent, start, end)
        hard = tuple(one for one in found if not one.soft)
        if hard:
            others.append((known.names[agent], hard))
        elif agent not in said_no:
            nearness = _nearness(near.get(agent, []), start, end)
            asked.append(Asked(agent, known.names[agent], nearness, had.get(agent, 0.0), bool(found)))
    asked.sort(key=lambda one: (one.would_rather_not, one.near, one.had, one.name.casefold()))
    seated, seatless_ones = _seated(known, asked, start, end, count)
    return seated, tuple(sorted([*others, *seatless_ones]))


def _seated(
    known: _Day, asked: Sequence[Asked], start: datetime, end: datetime, count: int
) -> tuple[tuple[Asked, ...], list[tuple[str, tuple[Finding, ...]]]]:
    """The first so many who find a seat where they would work, and those who find none."""
    found: list[Asked] = []
    without = []
    for one in asked:
        if len(found) == count:
            break
        seats = seatless(known.day, known.day, set(), [_extra(one.agent_id, start, end)])
        if seats:
            without.append((one.name, tuple(finding for _agent, finding in seats)))
        else:
            found.append(one)
    return tuple(found), without


def extra_findings(
    people: Team, own: list[Shift], agent_id: UUID, start: datetime, end: datetime
) -> list[Finding]:
    """What speaks against somebody working from `start` to `end` besides their shifts."""
    come = _extra(agent_id, start, end)
    before = people.check(agent_id, own)
    return [one for one in people.check(agent_id, [*own, come]) if one not in before]


def _extra(agent_id: UUID, start: datetime, end: datetime) -> Shift:
    place = place_for(agent_id, timezone.localtime(start).date())
    return Shift(agent_id=agent_id, start=start, end=end, breaks=[], kind=Shift.Kind.OVERTIME, place=place)


def _nearness(own: list[Shift], start: datetime, end: datetime) -> int:
    gap = timedelta(minutes=SLOT)
    if any(abs(one.end - start) <= gap or abs(one.start - end) <= gap for one in own):
        return 0
    day = timedelta(hours=16)
    return 1 if any(start - day < one.start < end + day for one in own) else 2


def _said_no(start: datetime, end: datetime) -> set[UUID]:
    rows = DayInvite.objects.filter(declined_at__isnull=False, offer__start__lt=end, offer__end__gt=start)
    return set(rows.values_list("agent_id", flat=True))


# --- time off ---


def _to_spare(
    known: _Day, start: datetime, end: datetime, had: Mapping[UUID, float], count: int
) -> tuple[Asked, ...]:
    """Who could leave earlier or come later without anybody being missed, by who had least time off."""
    said_no = _said_no(start, end)
    fair: Callable[[Shift], tuple[float, str]] = partial(_fairness, known, had)
    rows = [
        one for one in known.shifts
        if one.agent_id in known.names and one.agent_id not in said_no and can_leave(one, start, end)
        and one.kind != Shift.Kind.OVERTIME
    ]  # fmt: skip
    found: list[Asked] = []
    for shift in sorted(rows, key=fair)[: count + TRIED]:
        rest = [one for one in known.shifts if one is not shift] + cut(shift, start, end)
        if shift.agent_id and known.covered(rest).short <= known.cover.short + 0.01:
            found.append(Asked(shift.agent_id, known.names[shift.agent_id], 0, had.get(shift.agent_id, 0.0)))
        if len(found) >= count:
            break
    return tuple(found)


def _fairness(known: _Day, had: Mapping[UUID, float], shift: Shift) -> tuple[float, str]:
    if shift.agent_id is None:
        return (0.0, "")
    return had.get(shift.agent_id, 0.0), known.names[shift.agent_id].casefold()


def can_leave(shift: Shift, start: datetime, end: datetime) -> bool:
    """Whether these hours are the beginning or the end of a shift that has any of them."""
    if not (shift.start < end and shift.end > start):
        return False
    return shift.start >= start or shift.end <= end


def cut(shift: Shift, start: datetime, end: datetime) -> list[Shift]:
    """What is left of a shift without these hours, not stored; nothing where less than half an hour is."""
    begin = end if shift.start >= start else shift.start
    finish = start if shift.start < start else shift.end
    if finish - begin < timedelta(minutes=SLOT):
        return []
    moved, length = ((at - shift.start).total_seconds() / 60 for at in (begin, finish))
    breaks = [
        [after - moved, minutes, paid]
        for after, minutes, paid in shift.breaks
        if moved <= after <= length - minutes
    ]
    return [
        Shift(
            agent_id=shift.agent_id,
            start=begin,
            end=finish,
            breaks=breaks,
            kind=shift.kind,
            place=shift.place,
        )
    ]


def hours_had(kind: str, day: date) -> dict[UUID, float]:
    """Hours that each agent worked more, or had off, by offers in the twelve weeks up to a day."""
    rows = DayOfferTaken.objects.filter(offer__kind=kind, offer__start__gte=slot_start(day, 0) - BACK)
    found: dict[UUID, float] = defaultdict(float)
    for row in rows.select_related("offer", "shift"):
        if kind == SHORT and row.shift is not None:
            found[row.agent_id] += paid_minutes(row.shift) / 60
        else:
            found[row.agent_id] += _hours_off(row)
    return dict(found)


def _hours_off(row: DayOfferTaken) -> float:
    start, end = row.offer.start, row.offer.end
    if row.before:
        start = max(start, datetime.fromisoformat(row.before["start"]))
        end = min(end, datetime.fromisoformat(row.before["end"]))
    return max(0.0, (end - start).total_seconds() / 3600)
