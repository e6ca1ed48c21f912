"""Whom to ask when the day differs from the plan: who may work more and who may go, those who had least first.

Everybody who may is named, in the order in which it is fair to ask them: what is read is read once for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from civicline.workforce.models import DayInvite, DayOfferTaken, Place, Shift
from civicline.workforce.rules import Finding, paid_minutes
from civicline.workforce.selectors.coverage import SLOTS, Cover, day_cover
from civicline.workforce.selectors.rosters import NEAR, Team, shifts_near, team
from civicline.workforce.selectors.seats import Seats, free_seats, places_for
from civicline.workforce.selectors.staffing import SLOT, Need, slot_start

SHORT, SPARE = "overtime", "time_off"
BACK = timedelta(weeks=12)
"""So far back more hours and time off are counted, for fairness."""


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
class Candidates:
    """Who may, in the order in which it is fair to ask; and who may not, with the rule."""

    people: tuple[Asked, ...]
    others: tuple[tuple[str, tuple[Finding, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day as it stands: its cover, the shifts that count, needs and queues, and the names of who may be asked."""

    day: date
    cover: Cover
    shifts: list[Shift]
    needed: Mapping[int, list[Need]]
    serves: Mapping[UUID, frozenset[int]]
    names: Mapping[UUID, str]


# --- more hours ---


def who_may_work_more(
    known: KnownDay, start: datetime, end: datetime, queues: Collection[int] | None = None
) -> Candidates:
    """Who serves one of these queues (any, without) and may by contract, rest, availability and seats.

    Those whose shift adjoins come first, then who works that day, each by who had fewest such hours lately.
    """
    wanted = None if queues is None else frozenset(queues)
    serve = [one for one in known.names if _serves(known.serves.get(one, frozenset()), wanted)]
    people, near = team(serve, known.day - NEAR, known.day + NEAR), shifts_near(serve, known.day, known.day)
    places, seats = places_for(serve, known.day), free_seats(known.day)
    had, said_no = hours_had(SHORT, known.day), _said_no(start, end)
    asked: list[Asked] = []
    others = []
    for agent in serve:
        come = Shift(
            agent_id=agent, start=start, end=end, breaks=[], kind=Shift.Kind.OVERTIME, place=places[agent]
        )
        found = _against(people, near.get(agent, []), come, seats)
        if hard := tuple(one for one in found if not one.soft):
            others.append((known.names[agent], hard))
        elif agent not in said_no:
            nearness = _nearness(near.get(agent, []), start, end)
            asked.append(Asked(agent, known.names[agent], nearness, had.get(agent, 0.0), bool(found)))
    asked.sort(key=lambda one: (one.would_rather_not, one.near, one.had, one.name.casefold()))
    return Candidates(tuple(asked), tuple(sorted(others, key=lambda one: one[0].casefold())))


def _serves(queues: frozenset[int], wanted: frozenset[int] | None) -> bool:
    return bool(queues if wanted is None else queues & wanted)


def _against(people: Team, own: list[Shift], come: Shift, seats: Seats) -> list[Finding]:
    """What speaks against one more shift besides one's own, and whether it finds a seat."""
    if come.agent_id is None:
        return []
    before = people.check(come.agent_id, own)
    found = [one for one in people.check(come.agent_id, [*own, come]) if one not in before]
    if any(not one.soft for one in found) or come.place != Place.OFFICE:
        return found
    full = seats.full_with(come)
    return [*found, full] if full is not None else found


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


def who_may_go(known: KnownDay, start: datetime, end: datetime) -> Candidates:
    """Who could leave earlier or come later without anybody being missed, by who had least time off."""
    had, said_no = hours_had(SPARE, known.day), _said_no(start, end)
    rows = [
        (had.get(agent, 0.0), known.names[agent], agent, one) for one in known.shifts
        if (agent := one.agent_id) is not None and agent in known.names and agent not in said_no
        and can_leave(one, start, end) and one.kind != Shift.Kind.OVERTIME
    ]  # fmt: skip
    slots = _slots_about(known.day, start, end)
    now = day_cover(known.day, known.needed, known.shifts, known.serves, slots).short
    found: list[Asked] = []
    for hours, name, agent, shift in sorted(rows, key=lambda one: (one[0], one[1].casefold())):
        rest = [one for one in known.shifts if one is not shift] + cut(shift, start, end)
        then = day_cover(known.day, known.needed, rest, known.serves, slots).short
        if then <= now + 0.01:
            found.append(Asked(agent, name, 0, hours))
    return Candidates(tuple(found))


def _slots_about(day: date, start: datetime, end: datetime) -> range:
    """The half hours of the day that a shift cut by these hours can change: one more on either side."""
    first, last = ((at - slot_start(day, 0)).total_seconds() / 60 / SLOT for at in (start, end))
    return range(max(0, int(first) - 1), min(SLOTS, int(last) + 2))


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
