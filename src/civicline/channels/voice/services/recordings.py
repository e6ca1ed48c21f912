"""All writes of recordings: begun, silenced, brought from the exchange's spool into encrypted files, erased.

Whatever is told twice, or again after a crash, is harmless: a recording is known by its name in the spool, its file by
its id, and the plain file goes last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import events
from civicline.channels.voice.models import Call, Recording, RecordingRule
from civicline.channels.voice.recordings import keys, selectors, sound, transcripts, vault
from civicline.channels.voice.recordings.files import path_of, plain_of
from civicline.channels.voice.recordings.rules import CONSENT, running_of
from civicline.engine.calls import LIVE
from civicline.intake import selectors as intake
from civicline.kernel import audit, bus, clock, ids, jobs, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.routing.services.work import in_hand_of

LOG = structlog.get_logger(__name__)
SHORTEST_S = 0.2
LONGEST_DAYS = 36_500
BATCH = 200
SPEAKING = ("talking", "held")
FORGET_RECORDINGS = "voice.forget_recordings"
GIVE_UP_S = 60.0


# --- While the call goes on


@writes
def recording_started(*, call_id: UUID, name: str, basis: str = "always", at: datetime | None = None) -> None:
    """The conversation is being recorded under this name; a name that is known changes nothing."""
    call = rows.one(Call, where={"id": call_id})
    if call is None:
        raise NotFound(code="call-unknown")
    if rows.key(Recording, where={"name": name}) is not None:
        return
    contact = intake.find_contact(call.contact_id)
    rows.create(
        Recording, id=ids.new_id(), contact_id=call.contact_id, call_id=call_id, kind="talk", state="running",
        name=name, agent_id=contact.agent_id if contact else None, queue_id=contact.queue_id if contact else None,
        basis=basis, silent=call.paying, file="", key_name="", seconds=0.0, picture=[], transcript="",
        started_at=at or clock.now(), ended_at=None,
    )  # fmt: skip
    rows.change(Call, where={"id": call_id}, to={"recording": name})
    emit(
        events.RECORDING_STARTED, subject=("call", call_id), contact_id=call.contact_id,
        data={"name": name, "basis": basis},
    )  # fmt: skip


@writes
def set_consent(*, call_id: UUID, given: bool, by: str) -> None:
    """Keep what the caller said to being recorded. `by`: key, silence, told. The first word counts."""
    call = rows.one(Call, where={"id": call_id})
    if call is None:
        raise NotFound(code="call-unknown")
    if call.data.get(CONSENT):
        return
    rows.change(Call, where={"id": call_id}, to={"data": {**call.data, CONSENT: "yes" if given else "no"}})
    emit(
        events.RECORDING_CONSENT, subject=("call", call_id), contact_id=call.contact_id,
        data={"given": given, "by": by},
    )  # fmt: skip


@writes
def silence_recording(*, contact_id: UUID, agent_id: UUID, why: str = "key") -> None:
    """Payment data is being given: silence is recorded from now on, and keys are not shown.

    `why`: key, field. Raises as `hold` does.
    """
    _set_silent(contact_id, agent_id, silent=True, why=why)


@writes
def resume_recording(*, contact_id: UUID, agent_id: UUID, why: str = "key") -> None:
    """Payment data has been given: the talk is recorded again. Raises as `hold` does."""
    _set_silent(contact_id, agent_id, silent=False, why=why)


def _set_silent(contact_id: UUID, agent_id: UUID, *, silent: bool, why: str) -> None:
    in_hand_of(contact_id, agent_id)
    call = rows.one(Call, where={"contact_id": contact_id})
    if call is None:
        raise NotFound(code="call-unknown", text=_("There is no such call."))
    if call.state not in SPEAKING:
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    if rows.change(Call, where={"id": call.pk, "paying": not silent}, to={"paying": silent}):
        bus.publish(f"contact:{contact_id}", {"kind": "call", "id": str(contact_id)})
    recording = running_of(call.pk)
    if recording is not None and rows.change(
        Recording, where={"id": recording.pk, "silent": not silent}, to={"silent": silent}
    ):
        event = events.RECORDING_SILENCED if silent else events.RECORDING_RESUMED
        emit(
            event, subject=("call", call.pk), contact_id=contact_id, data={"agent": str(agent_id), "why": why}
        )


@writes
def note_key(*, call_id: UUID, digit: str) -> None:
    """The caller pressed a key in a talk that is recorded; which one is not kept while payment data is given."""
    recording = running_of(call_id)
    if recording is not None:
        data = {"masked": True} if recording.silent else {"digit": digit[:1]}
        emit(events.KEY_PRESSED, subject=("call", call_id), contact_id=recording.contact_id, data=data)


# --- From the spool into the vault


def keep_recording(*, spool: Path, name: str) -> bool:
    """Bring one finished recording of the exchange into the vault and remove the plain file; whether it was kept.

    Harmless when it was brought before. A file of no call that we know is nobody's, and is removed.
    """
    plain = spool / f"{name}.wav"
    if not plain.exists():
        _lost(name=name)
        return False
    recording = _row_of(name=name, at=_began(plain))
    if recording is None or recording.state == "erased":
        LOG.warning("recording.nobodys", name=name)
        plain.unlink(missing_ok=True)
        return False
    kept = store_sound(recording=recording, plain=plain, ended_at=_written_last(plain))
    plain.unlink(missing_ok=True)
    return kept


def store_sound(*, recording: Recording, plain: Path, ended_at: datetime | None = None) -> bool:
    """Encrypt a plain sound file for this recording; the plain file stays. Whether there was any sound.

    `ended_at`: by the clock on the wall, where that is known; else as long after its beginning as there is sound.
    """
    try:
        samples = sound.samples_of(plain)
    except (sound.NoSound, EOFError) as fault:
        LOG.warning("recording.no_sound", recording=str(recording.pk), why=str(fault))
        samples = None
    if samples is None or samples.seconds < SHORTEST_S:
        _lost(name=recording.name)
        return False
    ring = keys.keyring(settings.CIVICLINE)
    key_name = vault.write(path_of(recording.pk), recording.pk, samples.size, samples.wave(), ring)
    _kept(
        recording_id=recording.pk, key_name=key_name, seconds=samples.seconds, picture=sound.picture(samples),
        ended_at=ended_at or recording.started_at + timedelta(seconds=samples.seconds),
    )  # fmt: skip
    return True


def _written_last(plain: Path) -> datetime:
    """When a recording ended, by its file: the exchange writes while somebody is in the room."""
    return datetime.fromtimestamp(plain.stat().st_mtime, UTC)


def _began(plain: Path) -> datetime:
    """When a recording began, by its file: what nobody wrote down at the time."""
    return _written_last(plain) - timedelta(seconds=plain.stat().st_size / sound.BYTES_A_SECOND)


@writes
def _row_of(*, name: str, at: datetime) -> Recording | None:
    """The row of a recording; made for one that began when we had no time to write it down any more."""
    known = rows.one(Recording, where={"name": name})
    if known is not None:
        return known
    call = _call_of(name)
    if call is None:
        return None
    recording_started(call_id=call.pk, name=name, at=at)
    return rows.one(Recording, where={"name": name})


def _call_of(name: str) -> Call | None:
    try:
        call_id = UUID(hex=name.partition("-")[0])
    except ValueError:
        return None
    call = rows.one(Call, where={"id": call_id})
    # A blanked call says nothing of anybody any more; neither may what was said in it.
    return call if call is not None and (call.called or call.number or call.state != "ended") else None


@writes
def _kept(
    *, recording_id: UUID, key_name: str, seconds: float, picture: list[int], ended_at: datetime
) -> None:
    recording = rows.one(Recording, where={"id": recording_id})
    if recording is None or recording.state not in ("running", "lost"):
        return
    contact = intake.find_contact(recording.contact_id)
    to = {
        "state": "kept", "file": path_of(recording_id).name, "key_name": key_name, "seconds": round(seconds, 3),
        "picture": picture, "ended_at": max(ended_at, recording.started_at), "silent": False,
        "agent_id": contact.agent_id if contact is not None and contact.agent_id else recording.agent_id,
        "queue_id": recording.queue_id or (contact.queue_id if contact is not None else None),
    }  # fmt: skip
    rows.change(Recording, where={"id": recording_id, "state": ("running", "lost")}, to=to)
    emit(
        events.RECORDING_KEPT, subject=_subject(recording), contact_id=recording.contact_id,
        data={"seconds": round(seconds), "recording": str(recording_id), "key": key_name},
    )  # fmt: skip
    if transcripts.wanted(recording.kind):
        jobs.enqueue(transcripts.JOB, {"recording": str(recording_id)}, key=f"transcribe-{recording_id}")
    bus.publish(f"contact:{recording.contact_id}", {"kind": "recording", "id": str(recording.contact_id)})


def _subject(recording: Recording) -> tuple[str, object]:
    return ("call", recording.call_id) if recording.call_id else ("recording", recording.pk)


@writes
def _lost(*, name: str) -> None:
    """Nothing was on disk, or nothing that could be heard."""
    rows.change(
        Recording, where={"name": name, "state": "running"},
        to={"state": "lost", "ended_at": clock.now(), "silent": False},
    )  # fmt: skip


@writes
def note_transcript(*, recording_id: UUID, text: str) -> None:
    """What was said, written down by a program."""
    recording = rows.one(Recording, where={"id": recording_id})
    if recording is not None and rows.change(
        Recording, where={"id": recording_id, "state": "kept"}, to={"transcript": text[:20_000]}
    ):
        bus.publish(f"contact:{recording.contact_id}", {"kind": "recording", "id": str(recording.contact_id)})


@writes
def give_up_lost(*, spool: Path) -> int:
    """Recordings of calls that are over, of which no file is left (the exchange went down): nothing was kept."""
    before = clock.now() - timedelta(seconds=GIVE_UP_S)
    running = Recording.objects.filter(state="running", kind="talk", started_at__lt=before)
    gone = [
        name
        for name in running.exclude(call__state__in=LIVE).values_list("name", flat=True)
        if not (spool / f"{name}.wav").exists()
    ]
    for name in gone:
        _lost(name=name)
    return len(gone)


# --- Rules and the end


@writes
def save_rule(*, queue_code: str, mode: str, days: int | None) -> None:
    """The rule of one queue; `mode` "" takes it away. Raises `Invalid`, `NotFound`."""
    queue = routing.get_queue(queue_code)
    if queue is None:
        raise NotFound(code="queue-unknown", text=_("There is no such queue."))
    if mode and mode not in RecordingRule.Mode.values:
        raise Invalid(fields={"mode": _("Choose never, on consent, or always.")})
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(fields={"days": _("Give a number of days, from 1 upwards.")})
    before = RecordingRule.objects.filter(queue_id=queue.pk).values_list("mode", "days").first()
    if mode:
        RecordingRule.objects.update_or_create(queue_id=queue.pk, defaults={"mode": mode, "days": days})
    else:
        RecordingRule.objects.filter(queue_id=queue.pk).delete()
    after = (mode, days) if mode else None
    if before != after:
        told = {"changes": {"recording": {"from": list(before or ()), "to": list(after or ())}}}
        audit.record("queue.recording_changed", object=("queue", queue.code), data=told)


@writes
def erase_recordings(*, recording_ids: Iterable[UUID], reason: str) -> int:
    """Remove the sound of these for good, and what tells of it; how many. Who, when and how long stay for reports."""
    found = Recording.objects.filter(
        pk__in=list(recording_ids), state__in=("kept", "lost", "running")
    ).select_related("contact")
    count = 0
    for recording in found:
        # The file first: a row that still says "kept" is found again when we die in between.
        path_of(recording.pk).unlink(missing_ok=True)
        plain_of(recording.name).unlink(missing_ok=True)
        audit.record(
            "recording.erased", object=("recording", recording.pk), resident_id=recording.contact.resident_id,
            reason=reason, data={"contact": str(recording.contact_id)},
        )  # fmt: skip
        count += 1
    found.update(state="erased", file="", key_name="", picture=[], transcript="", silent=False)
    return count


@writes
def forget_recordings(*, limit: int = BATCH) -> int:
    """Erase what is older than the rule of its queue says, at most `limit`; how many. What is on legal hold stays."""
    due = list(selectors.due(clock.now()).values_list("pk", flat=True)[:limit])
    return erase_recordings(recording_ids=due, reason="retention") if due else 0


def forget_recordings_job(_payload: Mapping[str, Any]) -> None:
    """Erase what is due, in small writes."""
    while forget_recordings():
        continue


def rekey_recordings() -> int:
    """Wrap every recording with the first key; how many had another one. Harmless when interrupted."""
    ring = keys.keyring(settings.CIVICLINE)
    others = Recording.objects.filter(state="kept").exclude(key_name=ring.first[0])
    done = 0
    for recording_id in list(others.values_list("pk", flat=True)):
        try:
            vault.rekey(path_of(recording_id), ring)
        except FileNotFoundError:
            LOG.warning("recording.gone", recording=str(recording_id))
            continue
        _rekeyed(recording_id=recording_id, key_name=ring.first[0])
        done += 1
    return done


@writes
def _rekeyed(*, recording_id: UUID, key_name: str) -> None:
    rows.change(Recording, where={"id": recording_id}, to={"key_name": key_name})
