"""Calls back that a resident waits for, on the page of their case; they may call them off there."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST

from civicline.channels.voice import calling
from civicline.channels.voice import services as voice
from civicline.kernel import actors
from civicline.kernel.errors import Conflict
from civicline.web.portal import limits
from civicline.web.portal.owning import Own, own, to_look_up
from civicline.web.portal.pages import portal_page


@dataclass(frozen=True, slots=True)
class OwedCall:
    """One call back. `ends`: the last digits of the number, enough to know one's own."""

    id: UUID
    state: str
    next_at: datetime | None
    ends: str


def _resident_of(mine: Own) -> UUID | None:
    return (mine.case.resident_id if mine.case else None) or (
        mine.contact.resident_id if mine.contact else None
    )


def owed_to(mine: Own) -> list[OwedCall]:
    """The calls that whoever has this page open waits for."""
    resident_id = _resident_of(mine)
    if resident_id is None or settings.CIVICLINE.voice_mode == "off":
        return []
    return [
        OwedCall(one.pk, one.state, one.next_at, f"… {one.number[-3:]}")
        for one in calling.owed_to_resident(resident_id)
    ]


@require_POST
@portal_page
def call_off(request: HttpRequest, reference: str, callback_id: UUID) -> HttpResponseBase:
    """The resident does not want to be called any more; only their own calls can be called off."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    limits.spend(limits.SENDS, limits.address_of(request))
    resident_id = _resident_of(mine)
    if any(one.id == callback_id for one in owed_to(mine)):
        # Where their telephone rings at this moment it is too late: the page goes on showing it.
        with (
            contextlib.suppress(Conflict),
            actors.acting_as(actors.Actor("resident", str(resident_id or ""))),
        ):
            voice.cancel(callback_id=callback_id, reason="resident")
    return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
