"""What is shown outside: a resident's own progress, and public cases for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Prefetch, Q
from django.db.models.query import QuerySet

from civicline.cases import wording
from civicline.cases.models import Case, CaseEntry
from civicline.cases.selectors.one import final_case
from civicline.engine.workflow import WORKFLOWS, public_step

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One step of the progress line; `at` is when it was reached last, None when it was not or not visibly."""

    code: str
    label: str
    state: Literal["done", "current", "ahead"]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """A word of ours ("update") or of the resident ("resident"), a picture ("media"), oldest first."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How a case stands, for its resident. `due_at` is by when, None when nothing is promised or it is their turn."""

    reference: str
    type_label: str
    title: str
    opened_at: datetime
    steps: tuple[ProgressStep, ...]
    state_label: str
    what_next: str
    for_resident: bool
    due_at: datetime | None
    late: bool
    closed: bool
    can_reopen: bool
    updates: tuple[PublicUpdate, ...]
    merged_into: str


def public_progress(case: Case) -> Progress:
    """The progress of the resident's own case: its steps, what happens next and by when, and what was said.

    A merged case shows the steps and the public words of the case that goes on, and of words and pictures of
    residents only its own.
    """
    target = final_case(case)
    here = public_step(target.type, target.state)
    entries = list(CaseEntry.objects.filter(case_id__in={case.pk, target.pk}).order_by("id"))
    return Progress(
        reference=case.reference,
        type_label=wording.type_label(target.type),
        title=case.title,
        opened_at=case.opened_at,
        steps=_steps(target, entries),
        state_label=wording.step_label(WITHDRAWN if target.state == WITHDRAWN else here.code),
        what_next=wording.what_next(target.state),
        for_resident=here.for_resident,
        due_at=None if here.for_resident else target.expected_at,
        late=target.clocks.filter(breached_at__isnull=False, stopped_at__isnull=True).exists(),
        closed=target.closed_at is not None,
        can_reopen=_can_reopen(target),
        updates=tuple(_updates(case, target, entries)),
        merged_into=target.reference if target.pk != case.pk else "",
    )


def _can_reopen(case: Case) -> bool:
    table = next((table for code, table in WORKFLOWS.items() if code == case.type), None)
    rows = table.transitions if table is not None else ()
    return any(row.restarts and case.state in row.origins and "resident" in row.roles for row in rows)


def _steps(case: Case, entries: Sequence[CaseEntry]) -> tuple[ProgressStep, ...]:
    reached: dict[str, datetime] = {}
    for entry in entries:
        if entry.case_id == case.pk and entry.to_state:
            reached[public_step(case.type, entry.to_state).code] = entry.at
    here = public_step(case.type, case.state)
    table = next(table for code, table in WORKFLOWS.items() if code == case.type)
    if case.state == WITHDRAWN:
        # What was not done is not shown as done: its last step is that it was taken back.
        done = [code for code in table.steps if code in reached and code != here.code]
        return (
            *(ProgressStep(code, wording.step_label(code), "done", reached[code]) for code in done),
            ProgressStep(WITHDRAWN, wording.step_label(WITHDRAWN), "current", reached.get(here.code)),
        )
    return tuple(
        ProgressStep(
            code=code,
            label=wording.step_label(code),
            state="current" if number == here.number else "done" if number < here.number else "ahead",
            at=reached.get(code) if number <= here.number else None,
        )
        for number, code in enumerate(table.steps, start=1)
    )


def _updates(own: Case, target: Case, entries: Sequence[CaseEntry]) -> list[PublicUpdate]:
    found = []
    for entry in entries:
        from_them = (
            entry.kind in {"resident", "media"} and entry.case_id == own.pk and "via" not in entry.data
        )
        if entry.public and entry.text and (entry.case_id == target.pk or entry.case_id == own.pk):
            found.append(PublicUpdate(entry.at, "update", entry.text))
        elif from_them and entry.text:
            found.append(PublicUpdate(entry.at, entry.kind, entry.text))
    return found


def list_public_cases(
    *,
    references: Sequence[str] = (),
    service_codes: Sequence[str] = (),
    states: Mapping[str, Sequence[str]] | None = None,
    opened_from: datetime | None = None,
    opened_to: datetime | None = None,
    updated_after: datetime | None = None,
    updated_before: datetime | None = None,
    histories: bool = False,
    offset: int = 0,
    limit: int = 1000,
) -> list[Case]:
    """Public cases, newest first, with service and resident; all moments are included in their range.

    `states` is {type: states}; `histories` loads `entries` too, public lines only. What is shown of a case to the
    public, and what is left out, is for the caller.
    """
    rows = Case.objects.filter(public=True).select_related("service", "resident")
    exact = {
        "reference__in": references,
        "service__code__in": service_codes,
        "opened_at__gte": opened_from,
        "opened_at__lte": opened_to,
        "updated_at__gte": updated_after,
        "updated_at__lte": updated_before,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if states is not None:
        allowed = Q(pk__in=[])
        for case_type, codes in states.items():
            allowed |= Q(type=case_type, state__in=codes)
        rows = rows.filter(allowed)
    if histories:
        rows = rows.prefetch_related(Prefetch("entries", queryset=CaseEntry.objects.filter(public=True)))
    return list(rows.order_by("-opened_at", "-pk")[offset : offset + limit])


def list_public_entries(
    *, start: datetime | None = None, end: datetime | None = None, limit: int = 1000
) -> QuerySet[CaseEntry]:
    """Public lines of public cases, oldest first, with their case and its resident."""
    rows = CaseEntry.objects.filter(public=True, case__public=True).select_related(
        "case__service", "case__resident"
    )
    if start is not None:
        rows = rows.filter(at__gte=start)
    if end is not None:
        rows = rows.filter(at__lte=end)
    return rows.order_by("at", "id")[:limit]
