"""Reads of recordings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from civicline.channels.voice.models import Recording, RecordingRule
from civicline.intake import personal_data as contacts
from civicline.kernel import rows

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recordings are looked for; None and "" leave a thing open. `since` counts in, `until` does not."""

    queue: str = ""
    agent_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    reference: str = ""
    kind: str = ""


def list_recordings(wanted: Wanted) -> QuerySet[Recording]:
    """What can be heard, newest first, with what a line of the list shows."""
    found = Recording.objects.filter(state="kept")
    if wanted.queue:
        found = found.filter(queue__code=wanted.queue)
    if wanted.agent_id is not None:
        found = found.filter(agent_id=wanted.agent_id)
    if wanted.since is not None:
        found = found.filter(started_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(started_at__lt=wanted.until)
    if wanted.reference:
        found = found.filter(contact__reference__iexact=wanted.reference)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    found = found.select_related("contact", "agent__user", "queue").defer("picture", "transcript")
    return found.order_by("-started_at", "id")


def find_recording(recording_id: UUID) -> Recording | None:
    """One recording with its contact, agent and queue, whatever became of it."""
    rows_ = Recording.objects.select_related("contact__resident", "agent__user", "queue", "call")
    return rows_.filter(pk=recording_id).first()


def recordings_of_contact(contact_id: UUID) -> list[Recording]:
    """What was recorded of a contact and can be heard, oldest first; one short reading when there is nothing."""
    if rows.key(Recording, where={"contact_id": contact_id, "state": "kept"}) is None:
        return []
    return list(Recording.objects.filter(contact_id=contact_id, state="kept").order_by("started_at"))


def is_silent(call_id: UUID) -> bool:
    """Whether silence is recorded of this call now, because payment data is being given."""
    return rows.key(Recording, where={"call_id": call_id, "state": "running", "silent": True}) is not None


def is_recorded(contact_id: UUID) -> tuple[bool, bool]:
    """(whether the call of this contact is being recorded, whether that is silence just now)."""
    row = rows.one(Recording, where={"contact_id": contact_id, "state": "running"})
    return (row is not None, row is not None and row.silent)


def list_rules() -> dict[int, RecordingRule]:
    """The rules that queues have of their own, by queue."""
    return {row.queue_id: row for row in RecordingRule.objects.all()}


def over_time(at: datetime) -> QuerySet[Recording]:
    """Recordings that are older, at this moment, than the rule of their queue lets them become.

    A message that still waits for somebody is not among them: it is work, and not a record of it.
    """
    usual = settings.CIVICLINE.voice_recording_days
    rules = list_rules()
    own = {queue_id: row.days for queue_id, row in rules.items() if row.days}
    late = Q(started_at__lt=at - timedelta(days=usual)) & (
        ~Q(queue_id__in=list(own)) | Q(queue_id__isnull=True)
    )
    for queue_id, days in own.items():
        late |= Q(queue_id=queue_id, started_at__lt=at - timedelta(days=days))
    return Recording.objects.filter(late, state="kept", contact__state__in=("closed", "abandoned"))


def due(at: datetime) -> QuerySet[Recording]:
    """Those of them that nobody holds, the oldest first."""
    return over_time(at).exclude(contact_id__in=contacts.held_contacts()).order_by("started_at", "id")


def count_due(at: datetime) -> tuple[int, int]:
    """(recordings that retention would erase at this moment, those it would leave because they are on legal hold)."""
    late = over_time(at)
    held = late.filter(contact_id__in=contacts.held_contacts()).count()
    return late.count() - held, held


def keys_in_use() -> frozenset[str]:
    """The names of the keys that recordings were stored with."""
    return frozenset(Recording.objects.filter(state="kept").values_list("key_name", flat=True).distinct())
