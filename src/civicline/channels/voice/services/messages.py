"""Messages on the answering machine of the exchange become contacts; the plain file goes once its copy is encrypted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from civicline.channels.voice import selectors
from civicline.channels.voice.adapter import VoicemailAdapter
from civicline.channels.voice.models import Recording
from civicline.channels.voice.recordings import sound
from civicline.channels.voice.services.recordings import store_sound
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock, ids, rows
from civicline.kernel.db import writes
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing

LOG = structlog.get_logger(__name__)
ADAPTER: Final = VoicemailAdapter()
NAME: Final = re.compile(r"(?P<at>\d{9,11})-(?P<number>\+?\d*)-(?P<channel>[0-9.]*)")
QUIET_S: Final = 5.0
"""A file that has not grown for so long is whole."""
SHORTEST_S: Final = 1.0


def take_messages(*, folder: Path) -> int:
    """Take in every message that is whole; return how many. Harmless when interrupted: the next look goes on."""
    taken = 0
    for file in sorted(folder.glob("*.wav")):
        if clock.now().timestamp() - file.stat().st_mtime < QUIET_S:
            continue
        taken += _take(file)
    return taken


def _take(file: Path) -> bool:
    named, seconds = NAME.fullmatch(file.stem), sound.seconds_of(file)
    if named is None or seconds < SHORTEST_S:
        file.unlink()
        return False
    recording = _receive(name=file.stem, named=named)
    if recording.state == "running":
        store_sound(recording=recording, plain=file)
    if not intake_selectors.list_messages(recording.contact_id):
        told = _("Voice message of %(seconds)s seconds") % {"seconds": round(seconds)}
        intake.add_message(
            contact_id=recording.contact_id, direction="in", body=told, data={"recording": str(recording.pk)}
        )
    file.unlink()
    LOG.info("voicemail.taken", contact_id=str(recording.contact_id))
    return True


@writes
def _receive(*, name: str, named: re.Match[str]) -> Recording:
    """The contact of a message with the row of its recording; at once in its line when the menu chose one."""
    call = next(iter(selectors.calls_by_channel([named["channel"]]).values()), None)
    facts: Mapping[str, Any] = call.data if call is not None else {}
    raw = {
        "recording": name, "number": named["number"], "language": call.language if call is not None else "",
        "service_code": facts.get("message_service") or None,
    }  # fmt: skip
    contact = intake.receive(inbound=ADAPTER.parse(raw)).contact
    queue = routing_selectors.get_queue(str(facts.get("message_queue") or ""))
    left_at = datetime.fromtimestamp(int(named["at"]), UTC)
    if contact.state == "received" and queue is not None:
        routing.enqueue(
            contact_id=contact.id, queue=queue, reason="voicemail", due_at=routing.due(queue, left_at)
        )
    return _row(contact.id, f"message-{name}", queue.pk if queue is not None else None, left_at)


def _row(contact_id: UUID, name: str, queue_id: int | None, at: datetime) -> Recording:
    known = rows.one(Recording, where={"name": name})
    if known is not None:
        return known
    return rows.create(
        Recording, id=ids.new_id(), contact_id=contact_id, call_id=None, kind="message", state="running", name=name,
        agent_id=None, queue_id=queue_id, basis="message", silent=False, file="", key_name="", seconds=0.0,
        picture=[], transcript="", started_at=at, ended_at=None,
    )  # fmt: skip
