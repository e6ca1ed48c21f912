"""All residents, in parts: for whoever goes through them one after the other."""

from __future__ import annotations

from uuid import UUID

from civicline.people.models import Resident


def some_residents(after: UUID | None, limit: int) -> list[UUID]:
    """Ids of residents after this one, in the order of their ids; erased ones too."""
    rows = Resident.objects.order_by("pk")
    rows = rows.filter(pk__gt=after) if after is not None else rows
    return list(rows.values_list("pk", flat=True)[:limit])
