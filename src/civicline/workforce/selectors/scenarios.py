"""Scenarios that were asked for, and the changes that somebody wants to become real."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.workforce.models import ChangeRequest, WhatIf

SHOWN = 20


def list_what_ifs(kind: str = "plan") -> list[WhatIf]:
    """The newest of what was asked, of one kind, with who asked."""
    return list(WhatIf.objects.filter(kind=kind).select_related("asked_by").defer("result")[:SHOWN])


def get_what_if(what_if_id: UUID) -> WhatIf:
    """A scenario with its requests; NotFound when there is none."""
    found = WhatIf.objects.prefetch_related("requests").filter(pk=what_if_id).first()
    if found is None:
        raise NotFound(_("There is no such scenario."), code="scenario-unknown")
    return found


def find_what_if(name: str) -> WhatIf | None:
    """The newest scenario of a day, to come or past, that goes by this name or id."""
    rows = WhatIf.objects.filter(kind__in=("plan", "past"))
    try:
        return rows.filter(pk=UUID(name)).first()
    except ValueError:
        return rows.filter(name=name).first()


def change_requests() -> QuerySet[ChangeRequest]:
    """Changes that were asked for: those that wait first, then the newest."""
    rows = ChangeRequest.objects.select_related("what_if", "asked_by", "decided_by", "undone_by")
    return rows.order_by("decided_at", "-asked_at")[:SHOWN]
