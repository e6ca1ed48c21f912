"""The promises on a case: rows of `SlaClock` on one side, `engine.sla` on the other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from civicline.cases.events import CASE_SLA_BREACHED
from civicline.cases.models import Case, CasePolicy, SlaClock
from civicline.cases.promises import as_clock
from civicline.cases.services.acting import SYSTEM
from civicline.cases.services.history import append, tell
from civicline.engine import sla
from civicline.engine.workflow import Outcome, opening_clocks
from civicline.intake import selectors as intake
from civicline.kernel import clock as time
from civicline.kernel.db import undoable, writes

_LATE = 200
"""How many breaches one run of `check_clocks` marks in one write; the rest follows in the next."""


def policy_of(case: Case) -> CasePolicy | None:
    """The promises for this service, else for the type of case, else none."""
    rows = CasePolicy.objects.select_related("calendar").filter(type=case.type)
    own = rows.filter(service_id=case.service_id).first() if case.service_id else None
    return own or rows.filter(service__isnull=True).first()


def _keep(row: SlaClock, value: sla.Clock) -> None:
    row.pauses = [
        [one.since.isoformat(), one.until.isoformat() if one.until else None, one.reason]
        for one in value.pauses
    ]
    row.stopped_at = value.ended
    row.called_off = value.ended is not None and not value.fulfilled
    row.due_at = sla.due_at(value)
    row.save(update_fields=["pauses", "stopped_at", "called_off", "due_at"])


def start_opening(case: Case) -> None:
    """Start the clocks of a case that is opened in its state; without a policy nothing is promised."""
    _start(case, opening_clocks(case.type, case.state), case.opened_at)
    expect(case)


def _start(case: Case, kinds: tuple[str, ...], at: datetime) -> None:
    policy = policy_of(case) if kinds else None
    for kind in kinds:
        target = int(policy.targets.get(kind) or 0) if policy else 0
        if policy is None or target <= 0:
            continue
        value = sla.start(target=target, calendar=intake.hours_of(policy.calendar), at=at)
        fresh: dict[str, Any] = {
            "target_seconds": target,
            "calendar": policy.calendar,
            "started_at": at,
            "pauses": [],
            "due_at": sla.due_at(value),
            "stopped_at": None,
            "called_off": False,
            "breached_at": None,
        }
        # A second review begins anew; that the first was kept or broken stands in the history and the log.
        SlaClock.objects.update_or_create(case=case, kind=kind, defaults=fresh)


def follow_step(case: Case, outcome: Outcome, at: datetime) -> None:
    """Stop, call off, restart, start, pause and resume the clocks as the step says, then say what is expected."""
    rows = {row.kind: row for row in case.clocks.select_related("calendar")}
    for row in rows.values():
        value = _after(row, as_clock(row), outcome, at)
        if value is not None:
            _keep(row, value)
            _note_late(case, row, at)
    _start(case, outcome.starts, at)
    if outcome.pauses:
        _pause_new(case, outcome, at)
    expect(case)


def _after(row: SlaClock, value: sla.Clock, outcome: Outcome, at: datetime) -> sla.Clock | None:
    """What one clock becomes, None when the step does not touch it."""
    if value.ended is not None:
        return sla.resume(sla.restart(value), at=at) if row.kind in outcome.restarts else None
    if outcome.calls_off:
        return sla.stop(value, at=at, fulfilled=False)
    if row.kind in outcome.stops:
        return sla.stop(value, at=at)
    if outcome.pauses and not sla.is_paused(value):
        return sla.pause(value, at=at, reason=outcome.state)
    if outcome.resumes and sla.is_paused(value):
        return sla.resume(value, at=at)
    return None


def _pause_new(case: Case, outcome: Outcome, at: datetime) -> None:
    for row in case.clocks.select_related("calendar").filter(kind__in=outcome.starts):
        _keep(row, sla.pause(as_clock(row), at=at, reason=outcome.state))


def expect(case: Case) -> None:
    """Keep by when the case should be resolved: the earliest due time of a clock for an outcome that still runs."""
    kinds = {row.kind: row for row in case.clocks.filter(stopped_at__isnull=True)}
    row = kinds.get("review") or kinds.get("resolution")
    case.expected_at = row.due_at if row else None
    Case.objects.filter(pk=case.pk).update(expected_at=case.expected_at)


def _note_late(case: Case, row: SlaClock, now: datetime) -> None:
    """A promise that was already broken when a step touched its clock, before the check came by."""
    if row.breached_at is None and not row.called_off and sla.state(as_clock(row), now) == "breached":
        _mark(case, row, row.due_at or now)


def _mark(case: Case, row: SlaClock, due_at: datetime) -> bool:
    """Mark a breach once: the row says who was first."""
    marked = SlaClock.objects.filter(pk=row.pk, breached_at__isnull=True).update(breached_at=due_at)
    if not marked:
        return False
    row.breached_at = due_at
    told = {"clock": row.kind, "due_at": due_at.isoformat()}
    append(case, "breach", SYSTEM, data=told)
    tell(case, CASE_SLA_BREACHED, SYSTEM, told)
    return True


@writes
def check_clocks(*, now: datetime | None = None) -> int:
    """Mark the promises that are broken by now, each once, and say so; how many. A job calls it every minute.

    Due exactly now still keeps a promise. One case in trouble does not keep the others from being checked.
    """
    moment = now or time.now()
    late = SlaClock.objects.filter(due_at__lt=moment, stopped_at__isnull=True, breached_at__isnull=True)
    marked = 0
    for row in late.select_related("case").order_by("due_at", "pk")[:_LATE]:
        with undoable():
            marked += _mark(row.case, row, row.due_at or moment)
    return marked
