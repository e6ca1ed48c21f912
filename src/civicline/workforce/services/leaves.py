"""Days away: asked for by agents, approved by rule where cover holds, else decided by a planner with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Contract, Decision, Leave, Shift
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.history import local_midnight, today
from civicline.workforce.selectors.rosters import consequences
from civicline.workforce.services.on_call import free_duties
from civicline.workforce.services.rosters import hand_over

LONGEST = 120
MOST_AWAY = 1 / 3
"""By rule at most this share of the team is away on a day; a planner may say yes to more."""

SAY_WHY = _("Say why not: the person reads it.")


@writes
def ask_leave(*, agent_id: UUID, kind: str, first: date, last: date | None = None, note: str = "") -> Leave:
    """Ask for days away. Sick days are taken as told; others are approved at once when the rule allows it."""
    last = last or first
    wrong: dict[str, Any] = {}
    if kind not in Leave.Kind.values:
        wrong["kind"] = _("Choose one of these.")
    if last < first:
        wrong["last"] = _("The last day is before the first.")
    elif (last - first).days >= LONGEST:
        wrong["last"] = _("Give at most four months at once.")
    if first < today() and kind != Leave.Kind.SICK:
        wrong["first"] = _("This day is over. Give a day to come.")
    if wrong:
        raise Invalid(fields=wrong, code="leave-invalid")
    open_or_given = (Decision.ASKED, Decision.APPROVED)
    if Leave.objects.filter(
        agent_id=agent_id, state__in=open_or_given, first__lte=last, last__gte=first
    ).exists():
        raise Conflict(_("You have asked for some of these days already."), code="leave-twice")
    row = Leave(
        id=ids.new_id(), agent_id=agent_id, kind=kind, first=first, last=last, note=note.strip()[:300],
        asked_at=clock.now(),
    )  # fmt: skip
    row.save(force_insert=True)
    data = {"agent": str(agent_id), "first": first.isoformat(), "last": last.isoformat(), "kind": kind}
    emit(events.LEAVE_ASKED, subject=("leave", row.pk), data=data)
    if kind == Leave.Kind.SICK or not leave_findings(row):
        _decide(row, Decision.APPROVED, reason="", by=None)
    return row


def leave_findings(row: Leave) -> list[Finding]:
    """What speaks against these days: cover that gets worse, or too many away. Empty: the rule approves."""
    found = []
    team = Contract.objects.filter(agent__active=True).count()
    away = list(
        Leave.objects.filter(state=Decision.APPROVED, first__lte=row.last, last__gte=row.first).exclude(
            pk=row.pk
        )
    )
    for number in range((row.last - row.first).days + 1):
        day = row.first + timedelta(days=number)
        here = len({leave.agent_id for leave in away if leave.first <= day <= leave.last}) + 1
        if team and here > 1 and here > team * MOST_AWAY:
            found.append(Finding("many_away", {"day": day.isoformat()}))
            break
    shifts = _shifts(row)
    if shifts:
        found += [one for one in consequences(shifts, []).hard if one.code == "short"]
    return found


def _shifts(row: Leave) -> list[Shift]:
    begin, end = local_midnight(row.first), local_midnight(row.last + timedelta(days=1))
    return list(
        Shift.objects.filter(agent_id=row.agent_id, start__gte=begin, start__lt=end, end__gt=clock.now())
    )


@writes
def decide_leave(*, leave_id: UUID, approve: bool, reason: str = "", by: UUID | None = None) -> Leave:
    """Say yes or no to days away. A no needs a reason. Shifts and turns on call on those days become open."""
    row = waiting(leave_id)
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": SAY_WHY}, code="reason-needed")
    _decide(row, Decision.APPROVED if approve else Decision.REFUSED, reason=reason.strip()[:300], by=by)
    return row


@writes
def withdraw_leave(*, leave_id: UUID, agent_id: UUID) -> Leave:
    """Take one's own request back, or days to come that were approved. Shifts that became open stay open."""
    row = Leave.objects.select_for_update().filter(pk=leave_id, agent_id=agent_id).first()
    if row is None:
        raise NotFound(_("There is no such request."), code="leave-unknown")
    if row.state not in (Decision.ASKED, Decision.APPROVED) or row.last < today():
        raise Conflict(_("This is decided already."), code="leave-decided")
    _decide(row, Decision.WITHDRAWN, reason="", by=None)
    return row


def waiting(leave_id: UUID) -> Leave:
    """Days that wait for an answer; kept from others until the write ends."""
    row = Leave.objects.select_for_update().filter(pk=leave_id).first()
    if row is None:
        raise NotFound(_("There is no such request."), code="leave-unknown")
    if row.state != Decision.ASKED:
        raise Conflict(_("This is decided already."), code="leave-decided")
    return row


def _decide(row: Leave, state: str, *, reason: str, by: UUID | None) -> None:
    row.state, row.reason, row.decided_by_id, row.decided_at = state, reason, by, clock.now()
    row.save()
    if state == Decision.APPROVED and (shifts := _shifts(row)):
        hand_over(to={shift.pk: None for shift in shifts})
    if state == Decision.APPROVED:
        free_duties(agent_id=row.agent_id, first=row.first, last=row.last)
    data = {"agent": str(row.agent_id), "state": state, "by_rule": by is None}
    emit(events.LEAVE_DECIDED, subject=("leave", row.pk), data=data)
    audit.record(f"leave.{state}", object=("leave", row.pk), reason=reason, data=data)
