"""Reads of legal holds: what may not be erased now."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel.errors import NotFound
from civicline.people.models import LegalHold


def held_ids(kind: str) -> QuerySet[LegalHold, UUID]:
    """The ids of what is on hold now, of one kind ("case", "contact", "resident"), to be used inside of a query."""
    return LegalHold.objects.filter(kind=kind, ended_at__isnull=True).values_list("object_id", flat=True)


def is_held(kind: str, object_id: UUID) -> bool:
    """Whether this very thing is on hold now."""
    return held_ids(kind).filter(object_id=object_id).exists()


def hold_on(kind: str, object_id: UUID) -> LegalHold | None:
    """The hold that this very thing is on now, or None."""
    rows = LegalHold.objects.select_related("placed_by")
    return rows.filter(kind=kind, object_id=object_id, ended_at__isnull=True).first()


def hold_over(things: Mapping[str, UUID | None]) -> LegalHold | None:
    """The oldest hold that goes on over any of these, named {kind: id}; None when there is none."""
    over = [Q(kind=kind, object_id=object_id) for kind, object_id in things.items() if object_id]
    if not over:
        return None
    rows = LegalHold.objects.filter(reduce(or_, over), ended_at__isnull=True)
    return rows.order_by("placed_at", "pk").first()


def list_holds(*, active: bool = True) -> QuerySet[LegalHold]:
    """Holds that go on, or those that have ended; newest first."""
    rows = LegalHold.objects.select_related("placed_by", "ended_by").filter(ended_at__isnull=active)
    return rows.order_by("-placed_at" if active else "-ended_at", "pk")


def get_hold(hold_id: UUID) -> LegalHold:
    """A hold, ended or not; NotFound when there is none."""
    hold = LegalHold.objects.select_related("placed_by", "ended_by").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(_("There is no such hold."), code="hold-unknown")
    return hold
