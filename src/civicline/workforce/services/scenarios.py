"""What if: scenarios simulated by a job, and the change request that makes one real after an administrator's yes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine.simulation import SimulationError, compare, simulate
from civicline.kernel import audit, clock, ids, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.routing import services as routing_services
from civicline.workforce import events
from civicline.workforce.models import ChangeRequest, Decision, WhatIf
from civicline.workforce.scenarios import Changes, scenarios
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services.rosters import add_shift

WHAT_IF_JOB = "workforce.what_if"
REPLICATIONS = 30
SEED = 1
MEASURES = (
    "service_level", "mean_wait", "abandonment", "occupancy", "cost", "paid_hours", "queue_gap", "offered", "answered",
)  # fmt: skip


@writes
def ask_what_if(*, name: str, day: date, changes: Changes, by: UUID | None = None) -> WhatIf:
    """Ask that a day be simulated as planned and as changed; a job does it."""
    changes.check()
    if not name.strip():
        raise Invalid(fields={"name": _("Give it a name.")}, code="scenario-invalid")
    row = WhatIf(
        id=ids.new_id(),
        name=name.strip()[:120],
        day=day,
        changes=asdict(changes),
        asked_at=clock.now(),
        asked_by_id=by,
    )
    row.save(force_insert=True)
    jobs.enqueue(WHAT_IF_JOB, {"what_if": str(row.pk)}, key=f"{WHAT_IF_JOB}:{row.pk}", max_attempts=2)
    return row


def what_if_job(payload: Mapping[str, Any]) -> None:
    """The job behind `ask_what_if`."""
    run_what_if(UUID(payload["what_if"]))


def run_what_if(what_if_id: UUID, replications: int = REPLICATIONS) -> None:
    """Simulate both scenarios with the same luck and store the figures, or the sentence that says why not."""
    row = WhatIf.objects.filter(pk=what_if_id).first()
    if row is None or row.state == "done":
        return
    _change(what_if_id=what_if_id, state="running", progress=1)
    try:
        base, other = scenarios(row.day, Changes(**row.changes))
        first = simulate(base, replications, SEED, _teller(what_if_id, 0))
        second = simulate(other, replications, SEED, _teller(what_if_id, 50))
    except (Refused, SimulationError) as wrong:
        words = wrong.message() if isinstance(wrong, Refused) else str(wrong)
        _change(what_if_id=what_if_id, state="failed", problem=words)
        return
    result = {
        "a": _figures(first.total), "b": _figures(second.total), "difference": _figures(compare(first, second)),
        "waits_a": first.by_interval()["mean_wait"], "waits_b": second.by_interval()["mean_wait"],
        "offered": first.by_interval()["offered"], "replications": replications,
    }  # fmt: skip
    _store(what_if_id=what_if_id, result=result)


def _figures(found: Mapping[str, Any]) -> dict[str, list[float]]:
    return {name: [round(float(number), 5) for number in found[name]] for name in MEASURES if name in found}


def _teller(what_if_id: UUID, from_percent: int) -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _change(what_if_id=what_if_id, progress=from_percent + 50 * done // of)

    return tell


@writes
def _change(*, what_if_id: UUID, **fields: Any) -> None:
    WhatIf.objects.filter(pk=what_if_id).update(**fields)


@writes
def _store(*, what_if_id: UUID, result: dict[str, Any]) -> None:
    WhatIf.objects.filter(pk=what_if_id).update(state="done", progress=100, problem="", result=result)
    emit(events.SCENARIO_SIMULATED, subject=("what_if", what_if_id), data={"days": result["replications"]})


@writes
def ask_change(*, what_if_id: UUID, by: UUID | None = None) -> ChangeRequest:
    """Ask an administrator that scenario B become real. Conflict when it is asked already, or not simulated yet."""
    row = WhatIf.objects.filter(pk=what_if_id).first()
    if row is None:
        raise NotFound(_("There is no such scenario."), code="scenario-unknown")
    if row.state != "done":
        raise Conflict(_("Wait until it is simulated."), code="not-simulated")
    if row.requests.filter(state__in=(Decision.ASKED, Decision.APPROVED)).exists():
        raise Conflict(_("This is asked already."), code="change-asked")
    request = ChangeRequest(id=ids.new_id(), what_if=row, asked_at=clock.now(), asked_by_id=by)
    request.save(force_insert=True)
    emit(events.CHANGE_ASKED, subject=("plan_change", request.pk), data={"scenario": str(row.pk)})
    audit.record("plan_change.asked", object=("plan_change", request.pk), data={"scenario": row.name})
    return request


@writes
def decide_change(
    *, request_id: UUID, approve: bool, reason: str = "", by: UUID | None = None
) -> ChangeRequest:
    """Say yes or no, with a reason for a no. A yes makes the shifts and the new queues of people real at once.

    Callbacks, self-service and opening hours are no settings of the plan: the request says so in words.
    """
    request = ChangeRequest.objects.select_related("what_if").filter(pk=request_id).first()
    if request is None:
        raise NotFound(_("There is no such request."), code="change-unknown")
    if request.state != Decision.ASKED:
        raise Conflict(_("This is decided already."), code="change-decided")
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": _("Say why not: the person reads it.")}, code="reason-needed")
    if approve:
        _apply(request.what_if)
    request.state = Decision.APPROVED if approve else Decision.REFUSED
    request.reason, request.decided_by_id, request.decided_at = reason.strip()[:300], by, clock.now()
    request.save()
    data = {"scenario": str(request.what_if_id), "state": request.state}
    emit(events.CHANGE_DECIDED, subject=("plan_change", request.pk), data=data)
    audit.record(
        f"plan_change.{request.state}", object=("plan_change", request.pk), reason=request.reason, data=data
    )
    return request


def _apply(row: WhatIf) -> None:
    changes = Changes(**row.changes)
    for _number in range(changes.extra):
        add_shift(
            agent_id=None,
            start=slot_start(row.day, changes.extra_from),
            end=slot_start(row.day, changes.extra_until),
        )
    for queue in routing.list_queues().prefetch_related("members"):
        members = {one.agent_id for one in queue.members.all() if not one.partner}
        partners = [one.agent_id for one in queue.members.all() if one.partner]
        wanted = set(members)
        if changes.learner and queue.code == changes.learner_queue:
            wanted.add(UUID(changes.learner))
        if wanted != members:
            routing_services.set_members(queue=queue, agent_ids=sorted(wanted, key=str), partner_ids=partners)
