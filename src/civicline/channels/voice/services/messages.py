"""Messages on the answering machine of the exchange become contacts; the file goes once its copy is safe."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from django.utils.translation import gettext as _

from civicline.channels.voice import selectors
from civicline.channels.voice.adapter import VoicemailAdapter
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock
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
    content = file.read_bytes()
    named = NAME.fullmatch(file.stem)
    if named is None or _seconds(content) < SHORTEST_S:
        file.unlink()
        return False
    contact_id = _receive(file.stem, named)
    if not intake_selectors.list_messages(contact_id):
        kept = intake.store_recording(contact_id=contact_id, name=_("Voice message"), content=content)
        intake.add_message(contact_id=contact_id, direction="in", body="", attachment_ids=[kept.pk])
    file.unlink()
    LOG.info("voicemail.taken", contact_id=str(contact_id))
    return True


def _seconds(content: bytes) -> float:
    try:
        with wave.open(io.BytesIO(content)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return 0.0


@writes
def _receive(recording: str, named: re.Match[str]) -> UUID:
    """The contact of a message; at once in its line when the menu chose one."""
    call = next(iter(selectors.calls_by_channel([named["channel"]]).values()), None)
    facts: Mapping[str, Any] = call.data if call is not None else {}
    raw = {
        "recording": recording, "number": named["number"], "language": call.language if call is not None else "",
        "service_code": facts.get("message_service") or None,
    }  # fmt: skip
    inbound = ADAPTER.parse(raw)
    contact = intake.receive(inbound=inbound).contact
    queue = routing_selectors.get_queue(str(facts.get("message_queue") or ""))
    if contact.state == "received" and queue is not None:
        routing.enqueue(
            contact_id=contact.id, queue=queue, reason="voicemail",
            due_at=routing.due(queue, datetime.fromtimestamp(int(named["at"]), UTC)),
        )  # fmt: skip
    return contact.id
