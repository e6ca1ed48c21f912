"""Reads of residents."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civicline.kernel import rows
from civicline.kernel.errors import NotFound
from civicline.people import personal
from civicline.people.models import Resident


def find_resident(resident_id: UUID) -> Resident | None:
    """A resident by id, erased ones too, or None."""
    return Resident.objects.filter(pk=resident_id).first()


def find_residents(resident_ids: Iterable[UUID]) -> dict[UUID, Resident]:
    """Residents by id, erased ones too; those that are unknown are left out."""
    return {row.pk: row for row in rows.many(Resident, where={}, any_of=("id", resident_ids))}


def get_resident(resident_id: UUID) -> Resident:
    """A resident by id; NotFound when there is none or they were erased."""
    resident = find_resident(resident_id)
    if resident is None or resident.erased_at is not None:
        raise NotFound(_("We have no such resident."), code="resident-unknown")
    return resident


def search_residents(text: str, *, limit: int = 20) -> list[Resident]:
    """Residents by part of a name, of an email address or of a telephone number, newest first.

    Fewer than two characters find nobody. The caller puts the reading of what is shown into the audit.
    """
    wanted = personal.clean_text(text)
    if len(wanted) < 2:
        return []
    found = Q(name__icontains=wanted) | Q(email__icontains=wanted.casefold()) | Q(external_id=wanted)
    digits = "".join(sign for sign in wanted if sign.isdigit())
    if len(digits) >= 4 and not any(sign.isalpha() for sign in wanted):
        # As stored (E.164): the zero in front of a national number is not part of it.
        found |= Q(phone__contains=digits.lstrip("0"))
    return list(Resident.objects.filter(found, erased_at__isnull=True).order_by("-created_at")[:limit])


def waiting_erasures() -> int:
    """How many residents asked to be erased and wait for a hold to end."""
    return Resident.objects.filter(erase_asked_at__isnull=False, erased_at__isnull=True).count()
