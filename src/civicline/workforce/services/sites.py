"""Offices and their seats, and where people would rather work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.validators import validate_slug
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, Refused
from civicline.workforce.models import Contract, Place, Site, Wish
from civicline.workforce.rules import EITHER

MOST_SEATS = 5_000
PLACE_WISHES = (Wish.Kind.HOME, Wish.Kind.OFFICE)


@writes
def save_site(*, code: str, name: str, seats: int, active: bool = True) -> Site:
    """Make or change an office."""
    wrong: dict[str, Any] = {}
    try:
        validate_slug(code)
    except Exception:  # Django's own sentence speaks of slugs
        wrong["code"] = _("Use small letters, digits and -, like town-hall.")
    if not name.strip():
        wrong["name"] = _("Give it a name.")
    if not 0 <= seats <= MOST_SEATS:
        wrong["seats"] = _("Give 0 to 5,000 seats.")
    if wrong:
        raise Invalid(fields=wrong, code="site-invalid")
    values = {"name": name.strip()[:60], "seats": seats, "active": active}
    row, _made = Site.objects.update_or_create(code=code, defaults=values)
    audit.record("site.saved", object=("site", code), data=values)
    return row


@writes
def save_place_wishes(*, agent_id: UUID, places: Mapping[int, str]) -> None:
    """Where an agent would rather work, by weekday (0 is Monday): office or home; in place of what was said before.

    Refused for those whose contract leaves no choice.
    """
    if not Contract.objects.filter(pk=agent_id, place=EITHER).exists():
        raise Refused(_("Your contract says where you work."), code="no-choice")
    if any(place not in Place.values or not 0 <= day <= 6 for day, place in places.items()):
        raise Invalid(fields={"places": _("Choose one of these.")}, code="wish-invalid")
    Wish.objects.filter(agent_id=agent_id, kind__in=PLACE_WISHES).delete()
    Wish.objects.bulk_create(
        Wish(agent_id=agent_id, weekday=day, kind=place) for day, place in places.items()
    )
    audit.record("wishes.saved", object=("contract", agent_id), data={"places": len(places)})
