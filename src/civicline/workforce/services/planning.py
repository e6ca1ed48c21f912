"""Planning a week: the need, the people and the rules go to the optimiser, and its roster becomes a draft."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy

from civicline.kernel import audit, clock, ids, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.workforce import burdens, events, rostering, rules
from civicline.workforce.models import Contract, Pattern, Place, Schedule, Shift, Wish
from civicline.workforce.selectors.coverage import SLOTS, cover
from civicline.workforce.selectors.fairness import WEEKS, Share, shares
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.rosters import NEAR, list_contracts, list_patterns, shifts_near, team
from civicline.workforce.selectors.seats import list_sites
from civicline.workforce.selectors.staffing import SLOT, slot_start
from civicline.workforce.services import on_call
from civicline.workforce.services.rosters import open_week

PLAN_JOB = "workforce.plan_week"
SECONDS = 15.0
DAYS = 7
PLACES = {rules.EITHER: (Place.OFFICE.value, Place.HOME.value)}
"""Where a contract lets people work, beside its own word."""
WEIGHTS = {"rather_not": -1.0, "likes": 0.5}
NEVER_ENDED: list[Any] = [["given_up", {}]]
"""The findings of a week whose planning was given up: it may well have a plan."""


@writes
def ask_plan(*, week: date, seconds: float = SECONDS) -> Schedule:
    """Ask for a roster of a week; a job makes it. Shifts of the draft are replaced. Conflict for a published week."""
    row = open_week(week=week)
    if row.state == Schedule.State.PUBLISHED:
        raise Conflict(
            gettext_lazy("This week is published. Take it back to a draft first."), code="week-published"
        )
    row.planning, row.progress, row.findings = "waiting", 0, []
    row.save(update_fields=["planning", "progress", "findings"])
    jobs.enqueue(
        PLAN_JOB, {"week": week.isoformat(), "seconds": seconds}, key=f"{PLAN_JOB}:{week}", max_attempts=2
    )
    return row


def plan_job(payload: Mapping[str, Any]) -> None:
    """The job behind `ask_plan`."""
    plan(week=date.fromisoformat(payload["week"]), seconds=float(payload.get("seconds", SECONDS)))


def plan_given_up(payload: Mapping[str, Any]) -> None:
    """Nobody waits for ever for a roster whose workers died with it."""
    Schedule.objects.filter(week=date.fromisoformat(payload["week"]), planning__in=["waiting", "running"]).update(
        planning="failed", findings=NEVER_ENDED, progress=0
    )  # fmt: skip


def plan(week: date, seconds: float = SECONDS) -> None:
    """Work a roster out and store it as the draft of the week, or store why there is none, in sentences."""
    _progress(week=week, planning="running", progress=1)
    contracts = list(list_contracts())
    patterns = list(list_patterns())
    if not contracts or not patterns:
        _failed(week=week, findings=[["no_patterns" if contracts else "no_contracts", {}]])
        return
    calls = on_call.wanted(week)
    before = shares(week - timedelta(days=DAYS))
    try:
        made = rostering.plan_week(
            _demand(week, calls), _people(contracts, week, before), [_pattern(one) for one in patterns],
            _past(contracts, week, before),
            seconds=seconds, progress=_teller(week, seconds),
        )  # fmt: skip
    except rostering.WeekError as wrong:
        _failed(week=week, findings=told(wrong.reasons))
        return
    if isinstance(made, rostering.Infeasible):
        _failed(week=week, findings=told(made.reasons))
        return
    _store(week=week, made=made, calls=calls)


def told(reasons: Iterable[rostering.Reason]) -> list[Any]:
    """Reasons as findings: [code, values], put in words when they are shown; offices by name and not by code."""
    names = {site.code: site.name for site in list_sites()}
    found = []
    for one in reasons:
        values = dict(one.values)
        if "site" in values:
            values["site"] = names.get(str(values["site"]), values["site"])
        found.append([one.code, values])
    return found


def _teller(week: date, seconds: float) -> Callable[[float, float], None]:
    told = time.monotonic()

    def tell(passed: float, _cost: float) -> None:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _progress(week=week, planning="running", progress=min(99, int(100 * passed / seconds)))

    return tell


@writes
def _progress(*, week: date, planning: str, progress: int) -> None:
    Schedule.objects.filter(week=week).update(planning=planning, progress=progress)


def _demand(week: date, calls: Sequence[on_call.Wanted]) -> rostering.Demand:
    """People that each queue needs in each half hour (the queue is the skill), offices' seats, duties on call."""
    codes = {queue.pk: queue.code for queue in routing.list_queues()}
    required: dict[str, list[float]] = {code: [] for code in codes.values()}
    for day in cover(week, DAYS, ()):
        for queue_id, code in codes.items():
            required[code] += day.by_queue.get(queue_id, ([0.0] * SLOTS, []))[0]
    return rostering.Demand(
        interval=SLOT, days=DAYS, required={code: tuple(row) for code, row in required.items() if any(row)},
        sites={site.code: site.seats for site in list_sites()},
        on_call=tuple(
            rostering.OnCall(
                key=call.key, day=call.day, start=call.rule.start, minutes=call.rule.minutes,
                people=call.rule.people, skills=frozenset([call.rule.queue.code] if call.rule.queue else ()),
            )
            for call in calls
        ),
    )  # fmt: skip


def _pattern(row: Pattern) -> rostering.Pattern:
    ends = row.start + row.minutes
    return rostering.Pattern(
        key=row.code, start=row.start, minutes=row.minutes,
        breaks=tuple(rostering.Break(int(after), int(minutes), bool(paid)) for after, minutes, paid in row.breaks),
        unpopular=float(row.start < burdens.EARLY) + float(ends > burdens.LATE),
        days=frozenset(row.weekdays) if row.weekdays else None,
    )  # fmt: skip


def _people(contracts: list[Contract], week: date, before: Sequence[Share]) -> list[rostering.Person]:
    agents = [one.agent_id for one in contracts]
    known = team(agents, week, week + timedelta(days=DAYS - 1))
    serves = routing.queues_of(agents)
    sites = {site.pk: site.code for site in list_sites()}
    denied = {one.agent_id: one.denied for one in before}
    found = []
    for one in contracts:
        off = _days_off(known.leaves.get(one.agent_id, []), week)
        wishes = known.wishes.get(one.agent_id, [])
        found.append(rostering.Person(
            key=str(one.agent_id), name=one.agent.user.name,
            skills=frozenset(queue.code for queue in serves.get(one.agent_id, ())),
            contract=_contract(one, off), days_off=off, away=_away(wishes),
            patterns=frozenset(row.code for row in one.patterns.all()) or None,
            wishes=_wishes(wishes, 1 + denied.get(one.agent_id, 0.0)),
            places=PLACES.get(one.place, (one.place,)), site=sites.get(one.site_id or 0, ""), on_call=one.on_call,
            prefers={wish.weekday: wish.kind for wish in wishes if wish.kind in Place.values},
        ))  # fmt: skip
    return found


def _contract(row: Contract, off: frozenset[int]) -> rostering.Contract:
    """The contract in this week: a day of leave from Monday to Friday is a fifth of its least hours.

    It limits days on end, not days a week: nobody is planned for more than five, but whom it lets work six on end.
    """
    worked = max(0, 5 - sum(1 for day in off if day < 5)) / 5
    return rostering.Contract(
        max_minutes=row.week_max, min_minutes=int(row.week_min * worked), max_minutes_day=row.day_max,
        rest_minutes=row.rest,
        max_days=6 if row.row_max > 5 else 5, max_consecutive=row.row_max, weekends=2 if row.weekends else 0,
    )  # fmt: skip


def _days_off(leaves: list[Any], week: date) -> frozenset[int]:
    days = range(DAYS)
    return frozenset(
        number
        for number in days
        for leave in leaves
        if leave.first <= week + timedelta(days=number) <= leave.last
    )


def _away(wishes: list[Wish]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (wish.weekday * 1440 + wish.start, wish.weekday * 1440 + wish.end)
        for wish in wishes
        if wish.kind == "cannot"
    )


def _wishes(wishes: list[Wish], weight: float) -> tuple[rostering.Wish, ...]:
    """`weight`: 1 for those whose wishes were all met in the weeks before, up to 2 for those who had none met."""
    return tuple(
        rostering.Wish(wish.weekday, None, weight * WEIGHTS[wish.kind])
        for wish in wishes
        if wish.kind in WEIGHTS
    )


def _past(contracts: list[Contract], week: date, before: Sequence[Share]) -> dict[str, rostering.Past]:
    """What the weeks before left: shifts that nobody likes, days in a row, and the last end."""
    begin = local_midnight(week)
    found: dict[str, rostering.Past] = {}
    # As many as four weeks of the twelve had, so that a week's own shifts keep their weight beside them.
    unpopular = {one.agent_id: (one.unliked + one.turns) * 4 / WEEKS for one in before}
    near = shifts_near([one.agent_id for one in contracts], week - NEAR, week)
    for one in contracts:
        own = [shift for shift in near.get(one.agent_id, []) if shift.start < begin]
        days = {rules.day_of(shift) for shift in own}
        run = 0
        while week - timedelta(days=run + 1) in days:
            run += 1
        last_end = max((shift.end for shift in own), default=None)
        found[str(one.agent_id)] = rostering.Past(
            unpopular=unpopular.get(one.agent_id, 0.0), worked_days=run,
            last_end=int((last_end - begin).total_seconds() // 60) if last_end else None,
        )  # fmt: skip
    return found


@writes
def _failed(*, week: date, findings: list[Any]) -> None:
    Schedule.objects.filter(week=week).update(planning="failed", findings=findings, progress=0)


@writes
def _store(*, week: date, made: rostering.Plan, calls: Sequence[on_call.Wanted]) -> None:
    """The roster in place of the draft's shifts and duties; nothing when somebody published the week meanwhile."""
    row = Schedule.objects.get(week=week)
    if row.state == Schedule.State.PUBLISHED:
        return
    row.shifts.all().delete()
    Shift.objects.bulk_create(_shift(row, one) for one in made.shifts)
    given: dict[str, list[UUID]] = defaultdict(list)
    for duty in made.duties:
        given[duty.duty].append(UUID(duty.person))
    on_call.keep_duties(row=row, calls=calls, given=given)
    row.planning, row.progress, row.made_at = "done", 100, clock.now()
    names = {call.key: call.rule.name for call in calls}
    row.findings = [
        [code, values | {"duty": names[values["duty"]]} if code == "on_call" else values]
        for code, values in told(made.notes)
    ]
    row.save()
    data = {"week": week.isoformat(), "shifts": len(made.shifts), "findings": len(made.notes)}
    emit(events.SCHEDULE_PLANNED, subject=("schedule", row.pk), data=data)
    audit.record("schedule.planned", object=("schedule", week.isoformat()), data=data)


def _shift(row: Schedule, one: rostering.Shift) -> Shift:
    begin = one.start - one.day * 1440
    day = row.week + timedelta(days=one.day)
    return Shift(
        id=ids.new_id(), schedule=row, agent_id=UUID(one.person), start=slot_start(day, begin),
        end=slot_start(day, begin + one.minutes),
        breaks=[[pause.after, pause.minutes, pause.paid] for pause in one.breaks], place=one.place,
    )  # fmt: skip
