"""From a simulated change to the real plan: asked for, decided by an administrator, taken back."""

from __future__ import annotations

from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import ChangeRequest, Decision, WhatIf
from civicline.workforce.selectors.history import today
from civicline.workforce.services import trainings
from civicline.workforce.services.plan_changes import (
    FOR_RESIDENTS,
    check_unchanged,
    do,
    steps_of_scenario,
    undo,
)
from civicline.workforce.services.plan_steps import Step


def steps_of(row: WhatIf) -> list[Step]:
    """What a yes would change now. Refused where it cannot be done, as when there is no time to train in."""
    if row.kind == "training":
        return trainings.session_steps(row)
    return steps_of_scenario(row) if row.kind in ("plan", "past") else []


def preview(row: WhatIf) -> tuple[list[Step], str]:
    """The steps of a yes, or the sentence that says why there are none."""
    try:
        steps = steps_of(row)
    except Refused as refused:
        return [], refused.message()
    return steps, "" if steps else str(_nothing(row))


def _nothing(row: WhatIf) -> Promise:
    if row.kind == "plan" and row.day < today():
        return _("There is nothing left to change: the day is over.")
    return _("There is nothing to change: it is so already.")


@writes
def ask_change(*, what_if_id: UUID, by: UUID | None = None) -> ChangeRequest:
    """Ask an administrator that scenario B become real. Conflict when it is asked already, or not simulated yet."""
    row = WhatIf.objects.filter(pk=what_if_id).first()
    if row is None:
        raise NotFound(_("There is no such scenario."), code="scenario-unknown")
    if row.state != "done":
        raise Conflict(_("Wait until it is simulated."), code="not-simulated")
    waiting_or_real = row.requests.filter(
        state__in=(Decision.ASKED, Decision.APPROVED), undone_at__isnull=True
    )
    if waiting_or_real.exists():
        raise Conflict(_("This is asked already."), code="change-asked")
    if not steps_of(row):
        raise Conflict(_nothing(row), code="change-empty")
    request = ChangeRequest(id=ids.new_id(), what_if=row, asked_at=clock.now(), asked_by_id=by)
    request.save(force_insert=True)
    emit(events.CHANGE_ASKED, subject=("plan_change", request.pk), data={"scenario": str(row.pk)})
    audit.record("plan_change.asked", object=("plan_change", request.pk), data={"scenario": row.name})
    return request


def _request(request_id: UUID) -> ChangeRequest:
    request = ChangeRequest.objects.select_related("what_if").filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no such request."), code="change-unknown")
    return request


@writes
def decide_change(
    *, request_id: UUID, approve: bool, reason: str = "", by: UUID | None = None
) -> ChangeRequest:
    """Say yes or no, with a reason for a no. A yes changes the plan at once, all of it or nothing.

    What residents notice (hours, who serves a queue, calls back) wants another person than who asked: Forbidden.
    """
    request = _request(request_id)
    if request.state != Decision.ASKED:
        raise Conflict(_("This is decided already."), code="change-decided")
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": _("Say why not: the person reads it.")}, code="reason-needed")
    if approve:
        steps = steps_of(request.what_if)
        if by is not None and by == request.asked_by_id and any(one.kind in FOR_RESIDENTS for one in steps):
            raise Forbidden(
                _("You asked for this yourself. Somebody else has to say yes."), code="own-change"
            )
        request.done = [_done(step).plain() for step in steps]
    request.state = Decision.APPROVED if approve else Decision.REFUSED
    request.reason, request.decided_by_id, request.decided_at = reason.strip()[:300], by, clock.now()
    request.save()
    _tell(request, request.state)
    return request


def _done(step: Step) -> Step:
    return trainings.book(step) if step.kind == "session" else do(step)


@writes
def undo_change(*, request_id: UUID, by: UUID | None = None) -> ChangeRequest:
    """Take an approved change back, all of it or nothing. Conflict when something was changed since."""
    request = _request(request_id)
    if request.state != Decision.APPROVED or request.undone_at is not None:
        raise Conflict(_("There is nothing to take back."), code="change-not-real")
    steps = [Step(**one) for one in request.done]
    sessions = [step for step in steps if step.kind == "session"]
    rest = [step for step in steps if step.kind not in ("session", "taught")]
    check_unchanged(rest)
    for step in reversed(rest):
        undo(step)
    for step in reversed(sessions):
        trainings.unbook(step)
    request.undone_at, request.undone_by_id = clock.now(), by
    request.save(update_fields=["undone_at", "undone_by"])
    _tell(request, "undone")
    return request


def _tell(request: ChangeRequest, state: str) -> None:
    data = {"scenario": str(request.what_if_id), "state": state}
    emit(events.CHANGE_DECIDED, subject=("plan_change", request.pk), data=data)
    audit.record(f"plan_change.{state}", object=("plan_change", request.pk), reason=request.reason, data=data)
