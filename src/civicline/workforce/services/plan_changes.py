"""What a simulated change does to the real plan: steps that can be looked at before, done, and taken back.

A step says what it is about, what stood there and what shall stand there. So the page before a yes, the history and
the way back all read the same list, and nothing is taken back over what somebody has changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake import services as intake
from civicline.kernel import clock
from civicline.kernel.errors import Conflict
from civicline.people import selectors as people
from civicline.people import services as people_services
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.workforce.models import Shift
from civicline.workforce.scenarios import Changes
from civicline.workforce.selectors.coverage import shifts_between
from civicline.workforce.selectors.staffing import slot_start, staffing_of
from civicline.workforce.services import plan_rules
from civicline.workforce.services.plan_steps import Step
from civicline.workforce.services.rosters import add_shift, remove_shift
from civicline.workforce.services.staffing import save_staffing

if TYPE_CHECKING:
    from civicline.routing.models import Queue
    from civicline.workforce.models import WhatIf

FOR_RESIDENTS = frozenset({"calendar", "staffing", "members", "calling", "rings", "priorities"})
"""Steps that residents notice: whoever asked for one does not decide about it."""


class TelephoneLine(Protocol):
    """What the telephone does for callers of a queue who wait. The telephone is a room above: the wiring names it."""

    def offer_of(self, queue_id: int) -> dict[str, Any]:
        """`callbacks`: whether a call back is offered; `offer_seconds`: to whoever has waited so long, 0 is never."""

    def put_offer(self, queue_id: int, fields: Mapping[str, Any]) -> None:
        """Store both. Inside a write only."""


class _Telephone:
    line: TelephoneLine | None = None


def register_line(line: TelephoneLine | None) -> TelephoneLine | None:
    """Changes of calling back set this line's rule too; returns the one before. None: there is no telephone."""
    before, _Telephone.line = _Telephone.line, line
    return before


def steps_of_scenario(row: WhatIf) -> list[Step]:
    """What making B real would change now; what is so already is left out."""
    changes = Changes(**row.changes)
    queues = list(routing.list_queues().select_related("calendar").prefetch_related("members", "routes"))
    learners = {UUID(changes.learner)} if changes.learner else set()
    found = _shifts(row, changes)
    if changes.pool:
        found += teaching(queues, _there(row) | learners)
    elif learners:
        found += teaching([one for one in queues if one.code == changes.learner_queue], learners)
    found += [step for queue in queues if (step := _staffing(queue, changes))]
    if changes.callback and _Telephone.line is not None:
        found += [_calling(queue, changes.callback, _Telephone.line) for queue in queues]
    if changes.opens is not None or changes.closes is not None:
        calendars = {queue.calendar.code: queue.calendar for queue in queues}
        found += [_hours(code, calendars[code], changes) for code in sorted(calendars)]
    if changes.rule is not None:
        found += plan_rules.rule_steps(changes.rule, row.result.get("rule"))
    return [step for step in found if step.before != step.after]


def _there(row: WhatIf) -> set[UUID]:
    """Who works on the day; on a past one, who was there."""
    known = {agent_id for agent_id, _name in people.agent_names()}
    if row.kind == "past":
        return {UUID(one) for one in row.result.get("people", ())} & known
    return {one.agent_id for one in shifts_between(row.day, 1) if one.agent_id} & known


def _shifts(row: WhatIf, changes: Changes) -> list[Step]:
    day = row.day
    while row.kind == "past" and slot_start(day, changes.extra_from) <= clock.now():
        day += timedelta(days=7)  # what a day that was lacked, the next such day to come gets
    start, end = slot_start(day, changes.extra_from), slot_start(day, changes.extra_until)
    if start <= clock.now():
        return []
    times = [start.isoformat(), end.isoformat()]
    return [Step("shift", changes.extra_queue, None, times) for _number in range(changes.extra)]


def teaching(queues: Sequence[Queue], agent_ids: set[UUID]) -> list[Step]:
    """These people serve these queues, with the skills that their contacts need."""
    found, needed = [], dict[str, int]()
    for queue in queues:
        before = _members(queue.code)
        after = sorted({*before, *(str(one) for one in agent_ids if not people_lent(queue, one))})
        found.append(Step("members", queue.code, before, after))
        for route in queue.routes.all():
            needed |= {skill: max(int(level), needed.get(skill, 0)) for skill, level in route.skills}
    for agent_id in sorted(agent_ids, key=str):
        before_levels = _levels(str(agent_id), needed)
        after_levels = {skill: max(level, before_levels[skill] or 0) for skill, level in needed.items()}
        found.append(Step("skill", str(agent_id), before_levels, after_levels))
    return found


def people_lent(queue: Queue, agent_id: UUID) -> bool:
    """Whether somebody serves the queue already as a person of another body."""
    return routing.is_partner(agent_id, queue.pk)


def _staffing(queue: Queue, changes: Changes) -> Step | None:
    after: dict[str, Any] = {
        "callback_minutes": changes.callback or None,
        "self_service": changes.self_service / 100 or None,
        "opens": changes.opens,
        "closes": changes.closes,
    }
    after = {name: value for name, value in after.items() if value is not None}
    return Step("staffing", queue.code, _rule(queue.code, after), after) if after else None


def _calling(queue: Queue, minutes: int, line: TelephoneLine) -> Step:
    """What is planned by has to be what callers hear."""
    after = {"callbacks": True, "offer_seconds": minutes * 60}
    return Step("calling", queue.code, line.offer_of(queue.pk), after)


def _hours(code: str, calendar: Any, changes: Changes) -> Step:
    return Step(
        "calendar", code, calendar.weekly, other_weekly(calendar.weekly, changes.opens, changes.closes)
    )


def other_weekly(
    weekly: Sequence[Mapping[str, Any]], opens: int | None, closes: int | None
) -> list[dict[str, Any]]:
    """A week that opens and closes at these minutes on each day that is open. Days that reach past midnight stay.

    A day that would close before it opens is closed.
    """
    found: list[dict[str, Any]] = []
    for day in range(7):
        own = sorted((_minute(one["start"]), _minute(one["end"])) for one in weekly if one["day"] == day)
        if not own or any(end <= start for start, end in own):
            found += [dict(one) for one in weekly if one["day"] == day]
            continue
        begin = own[0][0] if opens is None else opens
        finish = own[-1][1] if closes is None else closes
        kept = [(max(start, begin), min(end, finish)) for start, end in own]
        kept = [(start, end) for start, end in kept if start < end] or [(begin, finish)]
        if begin >= finish:
            continue  # it would close before it opens: no hours on that day
        kept[0], kept[-1] = (begin, kept[0][1]), (begin if len(kept) == 1 else kept[-1][0], finish)
        found += [{"day": day, "start": _clock(start), "end": _clock(end)} for start, end in kept]
    return found


def _minute(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


# --- how things stand now ---


def _members(code: str) -> list[str]:
    queue = routing.get_queue(code)
    return (
        [] if queue is None else sorted(str(one.agent_id) for one in queue.members.all() if not one.partner)
    )


def _levels(agent_id: str, skills: Mapping[str, Any]) -> dict[str, int | None]:
    known = people.skill_levels(UUID(agent_id))
    return {skill: known.get(skill) for skill in skills}


def _rule(code: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    queue = routing.get_queue(code)
    return {} if queue is None else {name: getattr(staffing_of(queue), name) for name in fields}


def _offer(code: str) -> Any:
    queue, line = routing.get_queue(code), _Telephone.line
    return None if queue is None or line is None else line.offer_of(queue.pk)


def _weekly(code: str) -> Any:
    found = routing.list_queues().filter(calendar__code=code).select_related("calendar").first()
    return None if found is None else found.calendar.weekly


def stands(step: Step) -> Any:
    """What stands now where this step put its value."""
    if step.kind == "shift":
        row = Shift.objects.filter(pk=step.before, agent__isnull=True).first()
        return step.after if row else None
    if step.kind == "members":
        return _members(step.of)
    if step.kind == "skill":
        return _levels(step.of, step.after)
    if step.kind == "calling":
        return _offer(step.of)
    if step.kind in plan_rules.STANDS:
        return plan_rules.STANDS[step.kind](step.of, step.after)
    return _rule(step.of, step.after) if step.kind == "staffing" else _weekly(step.of)


# --- doing it, and taking it back ---


def do(step: Step) -> Step:
    """Make one step real; returns it as it is to be kept. Inside a write only."""
    if step.kind == "shift":
        start, end = (datetime.fromisoformat(at) for at in step.after)
        return Step("shift", step.of, str(add_shift(agent_id=None, start=start, end=end).pk), step.after)
    _PUT[step.kind](step.of, step.after)
    return step


def undo(step: Step) -> None:
    """Put back what stood there before. Inside a write only."""
    if step.kind == "shift":
        remove_shift(shift_id=UUID(step.before))
    else:
        _PUT[step.kind](step.of, step.before)


def check_unchanged(steps: Sequence[Step]) -> None:
    """Raise Conflict when something was changed since by somebody else: that would be lost."""
    other = [step for step in steps if stands(step) != step.after]
    if other:
        words = _(
            "%(count)s of these settings were changed since, or a shift was taken. Change the rest by hand."
        )
        raise Conflict(words, code="changed-since", count=len(other))


def _put_members(code: str, agent_ids: Sequence[str]) -> None:
    queue = routing.get_queue(code)
    if queue is not None:
        partners = [one.agent_id for one in queue.members.all() if one.partner]
        routing_services.set_members(
            queue=queue, agent_ids=[UUID(one) for one in agent_ids], partner_ids=partners
        )


def _put_levels(agent_id: str, levels: Mapping[str, int | None]) -> None:
    for skill, level in levels.items():
        people_services.set_skill(agent_id=UUID(agent_id), code=skill, level=level)


def _put_rule(code: str, fields: Mapping[str, Any]) -> None:
    queue = routing.get_queue(code)
    if queue is not None:
        row = staffing_of(queue)
        kept = {"share": row.share, "within_seconds": row.within_seconds, "weekdays": row.weekdays}
        save_staffing(queue_id=queue.pk, **{**kept, **fields})


def _put_offer(code: str, fields: Mapping[str, Any]) -> None:
    queue, line = routing.get_queue(code), _Telephone.line
    if queue is not None and line is not None:
        line.put_offer(queue.pk, fields)


def _put_weekly(code: str, weekly: Sequence[Mapping[str, Any]]) -> None:
    found = routing.list_queues().filter(calendar__code=code).select_related("calendar").first()
    if found is not None:
        row = found.calendar
        intake.save_calendar(
            code=code, name=row.name, timezone=row.timezone, weekly=weekly, exceptions=row.exceptions,
            holiday_country=row.holiday_country, holiday_subdivision=row.holiday_subdivision,
        )  # fmt: skip


_PUT: dict[str, Callable[[str, Any], None]] = {
    "members": _put_members, "skill": _put_levels, "staffing": _put_rule, "calling": _put_offer,
    "calendar": _put_weekly, **plan_rules.PUT,
}  # fmt: skip
