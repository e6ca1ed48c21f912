"""Taking a step: the workflow table says whether, the version says who was first, the clocks follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.cases.events import CASE_CLOSED, CASE_REOPENED, CASE_STEP_TAKEN
from civicline.cases.models import Case, CaseEntry, CaseLink
from civicline.cases.services import clocks
from civicline.cases.services.acting import Acting, acting
from civicline.cases.services.history import (
    REASON_LENGTH,
    append,
    audited,
    changed_by,
    clean,
    load,
    store,
    tell,
)
from civicline.cases.wording import STATES
from civicline.engine import references, workflow
from civicline.engine.workflow import WORKFLOWS, Outcome, TransitionRefused
from civicline.kernel import clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Forbidden, Invalid, Refused

_SECONDS_A_DAY = 86_400
_EVENTS = {event.name: event for event in (CASE_STEP_TAKEN, CASE_CLOSED, CASE_REOPENED)}
_NEEDS = {
    "needs_note": ("note", _("Write what the resident is told.")),
    "needs_reason": ("reason", _("Give a reason.")),
    "needs_duplicate_of": ("duplicate_of", _("Give the reference of the case that this one repeats.")),
}
_REFUSALS = {
    "unknown_type": _("This type of case is not known any more. Ask your administrator."),
    "unknown_state": _("This case is in a state that is not known any more. Ask your administrator."),
    "unknown_transition": _("There is no such step for this type of case."),
    "not_from_here": _("This step is not possible now: the case is “%(state)s”."),
    "same_person": _("Somebody else has to decide this: you made the first decision."),
    "too_late": _("This is possible for %(days)s days only. Open a new case."),
}


@writes
def take_step(
    *,
    case_id: UUID,
    transition: str,
    by: UUID | None = None,
    note: str = "",
    reason: str = "",
    duplicate_of: str = "",
    version: int | None = None,
) -> Case:
    """Move a case along its table; the case as it is then.

    `by` is the member of staff, else whoever is bound (a resident, the system). `note` is told to the resident,
    `reason` stays in the house unless the step is the resident's own. `version` is the one the caller saw.
    Conflict when somebody was first (it says who and when); Invalid for a missing note or reason; Forbidden for
    a step of another role; Refused for a step that is not possible from here.
    """
    case, who = load(case_id, version=version), acting(by)
    return step(case, transition, who, note=note, reason=reason, duplicate_of=duplicate_of)


def step(
    case: Case, transition: str, who: Acting, *, note: str = "", reason: str = "", duplicate_of: str = ""
) -> Case:
    """The same for a case already loaded inside the running write, by somebody already known."""
    if case.merged_into_id is not None:
        raise Refused(_("This case was merged into another. Work on that one."), code="merged")
    note = clean(note, "note", needed=False)
    reason = clean(reason, "reason", most=REASON_LENGTH, needed=False)
    facts = {**_facts(case, who), "note": note, "reason": reason, "duplicate_of": duplicate_of}
    outcome = _apply(case, transition, who, facts)
    if outcome.state == "duplicate":
        _repeats(case, duplicate_of)
    now = clock.now()
    changes: dict[str, Any] = {"state": outcome.state}
    if note:
        changes["status_note"] = note
    if "case.closed" in outcome.events:
        changes["closed_at"] = now
    elif outcome.open311 == "open":
        changes["closed_at"] = None
    store(case, **changes)
    clocks.follow_step(case, outcome, now)
    append(
        case,
        "step",
        who,
        text=note or reason,
        public=bool(note),
        transition=outcome.transition,
        from_state=outcome.origin,
        to_state=outcome.state,
        data={"reason": reason, "duplicate_of": duplicate_of} if reason or duplicate_of else {},
    )
    _tell_all(case, outcome, who)
    audited("case.step_taken", case, reason=reason, data={"transition": outcome.transition})
    return case


def _repeats(case: Case, duplicate_of: str) -> None:
    """Link the case to the one it repeats; Invalid when the reference names none, or the case itself."""
    try:
        reference = str(references.parse(duplicate_of))
    except references.BadReference:
        reference = ""
    original = Case.objects.filter(reference=reference).first()
    if original is None or original.pk == case.pk:
        raise Invalid(fields={"duplicate_of": _("There is no other case with this reference.")})
    CaseLink.objects.get_or_create(
        case=case, other=original, kind=CaseLink.Kind.DUPLICATE, defaults={"at": clock.now()}
    )


def _facts(case: Case, who: Acting) -> dict[str, object]:
    """What the table may ask about: who acts, who decided before, and how long ago that was."""
    steps = CaseEntry.objects.filter(case=case, kind="step").order_by("-id")
    last = steps.first()
    facts: dict[str, object] = {"actor": str(who.user_id) if who.user_id else None}
    if last is not None:
        facts["days_since_closed"] = (clock.now() - last.at).total_seconds() / _SECONDS_A_DAY
    table = next((table for code, table in WORKFLOWS.items() if code == case.type), None)
    resting = [state.code for state in table.states if state.clocks == "stopped"] if table else []
    decision = steps.filter(to_state__in=resting, actor__isnull=False).first()
    facts["decided_by"] = str(decision.actor_id) if decision else None
    return facts


def _apply(case: Case, transition: str, who: Acting, facts: dict[str, object]) -> Outcome:
    try:
        return workflow.apply(case.type, case.state, transition, who.role, facts)
    except TransitionRefused as refused:
        raise _refusal(case, refused) from refused


def _refusal(case: Case, refused: TransitionRefused) -> Refused:
    if refused.code in _NEEDS:
        field, text = _NEEDS[refused.code]
        return Invalid(fields={field: text}, code=refused.code.replace("_", "-"))
    if refused.code == "not_your_role":
        return Forbidden(_("This step is for another role than yours."), code="not-your-role")
    if refused.code == "not_from_here" and _moved_lately(case):
        return changed_by(case)
    code = refused.code.replace("_", "-")
    shown = STATES.get(case.state, case.state)
    return Refused(_REFUSALS[refused.code], code=code, state=shown, days=refused.params.get("value"))


def _moved_lately(case: Case, seconds: int = 30) -> bool:
    """A step that became impossible a moment ago is a race, and is told as one."""
    last = CaseEntry.objects.filter(case=case, kind="step").order_by("-id").first()
    return last is not None and (clock.now() - last.at).total_seconds() < seconds


def _tell_all(case: Case, outcome: Outcome, who: Acting) -> None:
    told: dict[str, Any] = {
        "transition": outcome.transition,
        "from": outcome.origin,
        "to": outcome.state,
        "version": case.version,
        "public_step": outcome.public.code,
        "open311": outcome.open311,
    }
    for name in outcome.events:
        tell(case, _EVENTS[name], who, told)


@writes
def reopen(*, case_id: UUID, reason: str, by: UUID | None = None, version: int | None = None) -> Case:
    """Open an ended case again, by the row of its table that restarts the clocks; Refused when there is none.

    An incident that was reported as fixed is "not fixed", anything else is "reopened".
    """
    case, who = load(case_id, version=version), acting(by)
    name = reopening_step(case, who)
    if name is None:
        raise Refused(_("This case is not closed."), code="not-closed")
    return step(case, name, who, reason=reason)


def reopening_step(case: Case, who: Acting) -> str | None:
    """The transition by which this role may reopen the case from its state, None when there is none."""
    rows = workflow.allowed(case.type, case.state, who.role)
    return next((row.name for row in rows if row.restarts), None)
