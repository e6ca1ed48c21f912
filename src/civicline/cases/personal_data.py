"""The personal data in cases: what a resident is handed, what is blanked when they are forgotten.

Registered in `config.wiring`: `erasure.register("cases", erase=personal_data.erase, export=personal_data.export)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from civicline.cases.models import Case, CaseEntry
from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.people import erasure
from civicline.people import selectors as people

ERASED = "[erased]"
"""Stands where somebody's words were, so that a gap in a history is seen to be one."""

_WRITTEN = ("resident", "note", "update", "step", "answer", "media", "owner", "merge")
_BATCH = 200


def export(resident_id: UUID) -> list[dict[str, Any]]:
    """A resident's cases with their public history and the notes written about them, oldest first."""
    rows = Case.objects.filter(resident_id=resident_id).select_related("service").prefetch_related("entries")
    return [_exported(case) for case in rows.order_by("opened_at", "pk")]


def _exported(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "type": case.type,
        "state": case.state,
        "service": case.service.code if case.service else "",
        "title": case.title,
        "description": case.description,
        "answers": case.answers,
        "latitude": case.latitude,
        "longitude": case.longitude,
        "address": case.address,
        "media_url": case.media_url,
        "opened_at": case.opened_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "history": [
            {"at": entry.at.isoformat(), "kind": entry.kind, "state": entry.to_state, "text": entry.text}
            for entry in case.entries.all()
        ],
    }


def erase(resident_id: UUID) -> int:
    """Blank what a resident told and what was written about them, in all their cases; how many cases.

    Type, state, service, times and clocks stay: reports count on. The place stays of public cases only, where it
    is the place of a pothole and not of a home. Cases on legal hold stay as they are.
    """
    mine = Case.objects.filter(resident_id=resident_id).exclude(_held())
    found = list(mine.values_list("pk", flat=True))
    _blank(found)
    # Their words also stand in the history of cases theirs were merged into.
    references = list(mine.values_list("reference", flat=True))
    CaseEntry.objects.filter(kind="resident", data__via__in=references).exclude(
        case_id__in=Case.objects.filter(_held()).values("pk")
    ).update(text=ERASED)
    erasure.blanked("case", found)
    return len(found)


def kept(resident_id: UUID) -> int:
    """How many cases of a resident are on legal hold."""
    return Case.objects.filter(_held(), resident_id=resident_id).count()


def _held() -> Q:
    """On hold itself, as part of a case that is, or as a resident's who is."""
    cases = people.held_ids("case")
    return Q(pk__in=cases) | Q(merged_into__in=cases) | Q(resident_id__in=people.held_ids("resident"))


def _blank(case_ids: Iterable[UUID]) -> None:
    rows = Case.objects.filter(pk__in=list(case_ids))
    rows.filter(public=False).update(address="", address_id="", zipcode="", latitude=None, longitude=None)
    rows.update(
        title=ERASED, description="", answers={}, media_url="", status_note="", updated_at=clock.now()
    )
    CaseEntry.objects.filter(case_id__in=list(case_ids), kind="details").update(data={})
    CaseEntry.objects.filter(case_id__in=list(case_ids), kind__in=_WRITTEN).exclude(text="").update(
        text=ERASED
    )


@writes
def forget_closed(*, before: datetime, limit: int = _BATCH) -> int:
    """Blank the cases that were closed before this moment (retention), at most `limit` at once; how many.

    Each disposal stands in the audit. What is on legal hold is left. A job calls it until it returns 0.
    """
    due = _due(before).exclude(_held())
    found = list(due.order_by("closed_at").values_list("pk", "resident_id")[:limit])
    _blank([case_id for case_id, _owner in found])
    erasure.blanked("case", [case_id for case_id, _owner in found])
    for case_id, resident_id in found:
        audit.record(
            "case.forgotten", object=("case", str(case_id)), resident_id=resident_id, reason="retention"
        )
    return len(found)


def _due(before: datetime) -> QuerySet[Case]:
    return Case.objects.filter(closed_at__lt=before).exclude(Q(title=ERASED) & Q(description=""))


def count_due(*, before: datetime) -> tuple[int, int]:
    """(cases that retention would blank, cases it would leave because they are on legal hold)."""
    due = _due(before)
    held = due.filter(_held()).count()
    return due.count() - held, held
