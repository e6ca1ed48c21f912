"""The personal data in calls: numbers, what a menu learned, recordings. They go with what was said in the contact.

Registered in `config.wiring` after the contacts' own step, which empties `Contact.data` of what is not on legal hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from civicline.channels.voice.company import services as company
from civicline.channels.voice.models import Call, Callback, Recording
from civicline.channels.voice.recordings import reading
from civicline.channels.voice.services.recordings import erase_recordings
from civicline.channels.voice.video import services as video
from civicline.engine.callbacks import OPEN
from civicline.kernel.db import writes
from civicline.kernel.errors import Refused

LOG = structlog.get_logger(__name__)


def export(resident_id: UUID) -> list[dict[str, Any]]:
    """A resident's calls, oldest first, with what was recorded; the sound itself is handed out by `sounds`."""
    recorded: dict[UUID, list[dict[str, Any]]] = {}
    for one in Recording.objects.filter(contact__resident_id=resident_id).order_by("started_at"):
        recorded.setdefault(one.contact_id, []).append(_told(one))
    calls = [
        {
            "contact": str(call.contact_id), "direction": call.direction, "number": call.number, "called": call.called,
            "started_at": call.started_at.isoformat(), "data": call.data,
            "recordings": recorded.pop(call.contact_id, []),
            "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        }
        for call in Call.objects.filter(contact__resident_id=resident_id).order_by("started_at", "pk")
    ]  # fmt: skip
    owed = [
        {
            "contact": str(one.contact_id), "kind": one.kind, "number": one.number, "state": one.state,
            "asked_at": one.asked_at.isoformat(), "note": one.note,
        }
        for one in Callback.objects.filter(contact__resident_id=resident_id).order_by("asked_at")
    ]  # fmt: skip
    messages = [{"contact": str(contact_id), "recordings": told} for contact_id, told in recorded.items()]
    return calls + messages + owed


def _told(recording: Recording) -> dict[str, Any]:
    return {
        "kind": recording.kind, "state": recording.state, "started_at": recording.started_at.isoformat(),
        "seconds": recording.seconds, "because": recording.basis, "transcript": recording.transcript,
    }  # fmt: skip


def erase(resident_id: UUID) -> int:
    """Blank the calls of a resident whose contacts were blanked, and remove what was recorded; how many calls."""
    _erase_sound(contact__resident_id=resident_id)
    _blank_owed(contact__resident_id=resident_id)
    return _blank(_of_blanked().filter(contact__resident_id=resident_id))


def forget_blanked_job(_payload: Mapping[str, Any]) -> None:
    """The calls of contacts that retention has blanked since the last time, with what was recorded of them."""
    _erase_sound()
    _blank_owed()
    _blank(_of_blanked())


@writes
def _blank_owed(**of: Any) -> None:
    """Whom we called back, or were to call, of contacts that were blanked."""
    over = Callback.objects.exclude(state__in=OPEN).filter(contact__data={}, **of)
    over.exclude(number="", note="").update(number="", note="")


def _of_blanked() -> QuerySet[Call]:
    """A call's contact always says who was called, until it is blanked."""
    something = ~Q(number="") | ~Q(called="") | ~Q(recording="") | Q(flow__isnull=False)
    return Call.objects.filter(something, contact__data={}, state="ended")


@writes
def _blank(calls: QuerySet[Call]) -> int:
    keys = list(calls.values_list("pk", flat=True))
    company.forget(call_ids=keys)
    video.forget(call_ids=keys)
    Call.objects.filter(pk__in=keys).update(number="", called="", recording="", flow=None, data={})
    return len(keys)


def _erase_sound(**of: Any) -> int:
    """The sound of contacts that were blanked, calls and messages alike."""
    blanked = Recording.objects.filter(contact__data={}, state__in=("kept", "lost", "running"), **of)
    blanked = blanked.filter(Q(call__isnull=True) | Q(call__state="ended"))
    return erase_recordings(recording_ids=list(blanked.values_list("pk", flat=True)), reason="forgotten")


def sounds(resident_id: UUID) -> Iterator[tuple[str, Iterator[bytes]]]:
    """What was recorded of a resident, for the archive that they get: names of files and their sound."""
    mine = Recording.objects.filter(contact__resident_id=resident_id, state="kept").select_related("contact")
    for one in mine.order_by("started_at"):
        try:
            content = reading.opened(one).read()
        except Refused as gone:
            LOG.warning("export.no_sound", recording=str(one.pk), why=gone.code)
            continue
        yield f"recordings/{one.contact.reference}-{one.started_at:%Y%m%dT%H%M%S}.wav", content
