"""The personal data in calls: numbers, what a menu learned, recordings. They go with what was said in the contact.

Registered in `config.wiring` after the contacts' own step, which empties `Contact.data` of what is not on legal hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from civicline.channels.voice.models import Call
from civicline.kernel.db import writes


def export(resident_id: UUID) -> list[dict[str, Any]]:
    """A resident's calls, oldest first; of a recording whether there is one."""
    return [
        {
            "contact": str(call.contact_id), "direction": call.direction, "number": call.number, "called": call.called,
            "started_at": call.started_at.isoformat(), "recorded": bool(call.recording), "data": call.data,
            "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        }
        for call in Call.objects.filter(contact__resident_id=resident_id).order_by("started_at", "pk")
    ]  # fmt: skip


def erase(resident_id: UUID) -> int:
    """Blank the calls of a resident whose contacts were blanked, and remove their recordings; how many."""
    return _blank(_of_blanked().filter(contact__resident_id=resident_id))


def forget_blanked_job(_payload: Mapping[str, Any]) -> None:
    """The calls of contacts that retention has blanked since the last time."""
    _blank(_of_blanked())


def _of_blanked() -> QuerySet[Call]:
    """A call's contact always says who was called, until it is blanked."""
    something = ~Q(number="") | ~Q(called="") | ~Q(recording="") | Q(flow__isnull=False)
    return Call.objects.filter(something, contact__data={}, state="ended")


@writes
def _blank(calls: QuerySet[Call]) -> int:
    found = list(calls.values_list("pk", "recording"))
    folder = settings.CIVICLINE.voice_folder / "spool" / "recording"
    for _key, recording in found:
        if recording:
            # The file first: a row that still names it is found again when we die in between.
            (folder / f"{recording}.wav").unlink(missing_ok=True)
    keys = [key for key, _recording in found]
    Call.objects.filter(pk__in=keys).update(number="", called="", recording="", flow=None, data={})
    return len(keys)
