"""Reads for the world: only cases that are marked public, with a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from civicline.cases.models import Case, CaseEntry

MOST = 1000


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
    limit: int = MOST + 1,
) -> list[Case]:
    """Return public cases with service and resident, newest first; both ends of a span are included.

    `references` alone decides when given. `states`: {case type: states}. `histories` brings the public lines of
    each history along. One query, two with histories, however many rows.
    """
    rows = _public()
    if references:
        rows = rows.filter(reference__in=list(references))
    else:
        if service_codes:
            rows = rows.filter(service__code__in=list(service_codes))
        if states is not None:
            rows = rows.filter(_in_states(states))
        spans = {
            "opened_at__gte": opened_from,
            "opened_at__lte": opened_to,
            "updated_at__gte": updated_after,
            "updated_at__lte": updated_before,
        }
        rows = rows.filter(**{name: at for name, at in spans.items() if at is not None})
    if histories:
        rows = rows.prefetch_related(
            Prefetch("entries", CaseEntry.objects.filter(public=True).order_by("id"))
        )
    return list(rows.order_by("-opened_at", "-id")[offset : offset + limit])


def list_public_entries(*, start: datetime, end: datetime, limit: int = MOST) -> list[CaseEntry]:
    """Return the public lines added between `start` and `end` to public cases, oldest first, each with its case."""
    rows = CaseEntry.objects.filter(public=True, case__public=True, case__service__isnull=False)
    rows = rows.filter(at__gte=start, at__lte=end).select_related("case__resident")
    return list(rows.order_by("at", "id")[:limit])


def references_of_contact(contact_id: UUID) -> list[str]:
    """Return the references of the cases that a contact was about, first linked first. Proves nothing."""
    rows = Case.objects.filter(casecontact__contact_id=contact_id).order_by("casecontact__id")
    return list(rows.values_list("reference", flat=True))


def get_public_case(reference: str) -> Case | None:
    """Return the public case of this reference, or None."""
    return next(iter(list_public_cases(references=[reference], limit=1)), None)


def _public() -> QuerySet[Case]:
    return Case.objects.filter(public=True, service__isnull=False).select_related("service", "resident")


def _in_states(states: Mapping[str, Sequence[str]]) -> Q:
    found = Q(pk__in=())
    for case_type, codes in states.items():
        found |= Q(type=case_type, state__in=list(codes))
    return found
