"""What was written in cases, as plain texts: for the search over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from civicline.cases.models import Case, CaseEntry


@dataclass(slots=True)
class Written:
    """One case that was not merged into another: `texts` hold also what was written in those merged into it."""

    case_id: UUID
    resident_ids: list[UUID]
    references: list[str]
    opened_at: datetime
    texts: list[str] = field(default_factory=list)


_SHOWN = ("title", "description", "address", "zipcode", "status_note", "agency", "answers")


def written_in(case_ids: Sequence[UUID]) -> dict[UUID, Written]:
    """The cases among these that stand for themselves: title, description, place, answers, and their history."""
    rows = Case.objects.filter(Q(pk__in=case_ids) | Q(merged_into__in=case_ids)).order_by("opened_at", "pk")
    shown = list(rows.values_list("pk", "merged_into_id", "resident_id", "reference", "opened_at", *_SHOWN))
    found = {row[0]: Written(row[0], [], [], row[4]) for row in shown if row[1] is None}
    stands_for: dict[UUID, Written] = {}
    for key, into, resident_id, reference, _at, *texts, answers in shown:
        case = found.get(into or key)
        if case is None:
            continue  # it was merged into one that nobody asked for
        stands_for[key] = case
        own = into is None
        case.references.insert(0, reference) if own else case.references.append(reference)
        if resident_id is not None:
            case.resident_ids.append(resident_id)
        told = [text for text in (*texts, *_answers(answers)) if text]
        case.texts = told + case.texts if own else case.texts + told
    entries = CaseEntry.objects.filter(case_id__in=list(stands_for)).exclude(text="").order_by("id")
    for key, text in entries.values_list("case_id", "text"):
        stands_for[key].texts.append(text)
    return found


def _answers(answers: Mapping[str, Any]) -> Iterator[str]:
    for value in answers.values():
        yield from (str(one) for one in (value if isinstance(value, list) else [value]) if one)


def some_cases(after: UUID | None, limit: int) -> list[UUID]:
    """Ids of cases after this one, in the order of their ids: to go through all of them in parts."""
    rows = Case.objects.order_by("pk")
    rows = rows.filter(pk__gt=after) if after is not None else rows
    return list(rows.values_list("pk", flat=True)[:limit])


def cases_by_resident(resident_ids: Iterable[UUID]) -> list[UUID]:
    """Ids of all cases of these residents, and of those that theirs were merged into."""
    return with_targets(Case.objects.filter(resident_id__in=list(resident_ids)).values_list("pk", flat=True))


def with_targets(case_ids: Iterable[UUID]) -> list[UUID]:
    """These cases, and those that they were merged into."""
    known = dict.fromkeys(case_ids)
    merged = Case.objects.filter(pk__in=list(known), merged_into__isnull=False)
    known |= dict.fromkeys(one for one in merged.values_list("merged_into_id", flat=True) if one)
    return list(known)


def shown_cases(case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """These cases with their residents, by id."""
    rows = Case.objects.select_related("resident", "service").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}
