"""The form with which one calls from a contact or a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from civicline.channels.voice import calling, selectors
from civicline.people.permissions import may
from civicline.web.desk.access import user_of

if TYPE_CHECKING:
    from civicline.channels.voice.models import Callback
    from civicline.people.models import Resident


@dataclass(frozen=True, slots=True)
class Calling:
    """What the form for calling shows: the number known, whether it may be called, and what is planned already."""

    number: str
    to: str
    barred: bool
    planned: tuple[Callback, ...]
    in_browser: bool
    """Their telephone lives in the page, which therefore has to stay open while it rings."""


def form_for(
    request: HttpRequest, resident: Resident | None, to: str, about: UUID, number: str = ""
) -> Calling | None:
    """The form for calling; None where there is no telephone, or it is not for who asks."""
    if settings.CIVICLINE.voice_mode == "off" or not may(user_of(request), "call.place"):
        return None
    phone = selectors.phone_of(user_of(request).pk)
    if phone is None:
        return None
    known = (resident.phone if resident is not None else "") or number
    planned = tuple(one for one in calling.planned_calls() if one.about == about)
    return Calling(known, to, bool(known) and calling.is_barred(known), planned, phone.kind == "browser")
