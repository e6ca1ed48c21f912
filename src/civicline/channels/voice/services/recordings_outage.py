"""Talks that the exchange recorded while Civicline was down: each becomes a contact that is closed, with its recording.

The exchange rings the same people by its own queue then, and records what they say where the installation always
records. Where callers are asked first, nobody could ask, so nothing was recorded.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog

from civicline.channels.voice import events
from civicline.channels.voice.adapter import VoiceAdapter
from civicline.channels.voice.models import Recording
from civicline.channels.voice.recordings import sound
from civicline.channels.voice.recordings.rules import rule_of
from civicline.channels.voice.services.recordings import store_sound
from civicline.intake import services as intake
from civicline.intake.ports import Inbound
from civicline.kernel import clock, ids, rows
from civicline.kernel.db import writes
from civicline.kernel.events import emit

LOG = structlog.get_logger(__name__)
ADAPTER: Final = VoiceAdapter()
NAME: Final = re.compile(r"(?P<at>\d{9,11})-(?P<number>\+?\d*)-(?P<channel>[0-9.]*)")
QUIET_S: Final = 15.0
"""A talk whose file has not grown for so long is over; one in which nobody has spoken yet may still begin."""
EMPTY_S: Final = 600.0


def take_outage_recordings(*, folder: Path) -> int:
    """Take in every talk that is over; return how many. Harmless when interrupted: the next look goes on."""
    taken = 0
    for file in sorted(folder.glob("*.wav")):
        quiet = clock.now().timestamp() - file.stat().st_mtime
        if quiet >= QUIET_S:
            taken += _take(file, quiet)
    return taken


def _take(file: Path, quiet: float) -> bool:
    named, seconds = NAME.fullmatch(file.stem), sound.seconds_of(file)
    if named is None or not seconds:
        if quiet >= EMPTY_S:
            file.unlink()
        return False
    if rule_of(None).mode != "always":
        file.unlink()  # the rule has changed since: what may not be recorded is not kept either
        return False
    recording = _receive(name=f"outage-{file.stem}", named=named)
    if recording.state == "running":
        store_sound(recording=recording, plain=file)
    file.unlink()
    LOG.info("outage.talk_taken", contact_id=str(recording.contact_id))
    return True


@writes
def _receive(*, name: str, named: re.Match[str]) -> Recording:
    """The contact of a talk, closed as served, and the row of its recording."""
    known = rows.one(Recording, where={"name": name})
    if known is not None:
        return known
    at = datetime.fromtimestamp(int(named["at"]), UTC)
    raw = {"channel": f"outage-{named['channel']}-{named['at']}", "number": named["number"]}
    contact = intake.receive(inbound=earlier(ADAPTER.parse(raw), at)).contact
    if contact.state == "received":
        intake.close(contact_id=contact.id, disposition="solved", cause="", expect={"received"})
    recording_id: UUID = ids.new_id()
    row = rows.create(
        Recording, id=recording_id, contact_id=contact.id, call_id=None, kind="talk", state="running", name=name,
        agent_id=None, queue_id=None, basis="always", silent=False, file="", key_name="", seconds=0.0, picture=[],
        transcript="", started_at=at, ended_at=None,
    )  # fmt: skip
    emit(
        events.RECORDING_STARTED, subject=("recording", recording_id), contact_id=contact.id,
        data={"name": name, "basis": "always", "outage": True},
    )  # fmt: skip
    return row


def earlier(inbound: Inbound, at: datetime) -> Inbound:
    """It came then, and nobody has to take it any more."""
    return replace(inbound, at=at, later=True, skills=())
