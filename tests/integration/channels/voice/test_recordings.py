"""The life of a recording without the exchange: encrypted, read in parts, kept as long as its rule says, erased."""

from __future__ import annotations

import base64
import io
import math
import os
import struct
import wave
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from civicline.channels.voice import events, personal_data, services
from civicline.channels.voice.models import Call, Recording
from civicline.channels.voice.recordings import files, keys, reading, selectors, sound, transcripts, vault
from civicline.channels.voice.recordings.markers import markers_of
from civicline.config import wiring
from civicline.config.recording_key_kind import RecordingKey, recording_keys
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.kernel.db import writes
from civicline.kernel.errors import NotFound, Unavailable
from civicline.kernel.events import emit
from civicline.kernel.models import Event
from civicline.people import services as people
from civicline.web.admin.rights import archive
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
KEY = bytes(range(64, 96))
OLD, NEW = RecordingKey("old", bytes(range(100, 132))), RecordingKey("new", bytes(range(140, 172)))


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, var=tmp_path))
    files.spool().mkdir(parents=True)
    yield tmp_path


def tone(seconds: float, loud: float = 0.5) -> bytes:
    """A WAV file as the exchange writes it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        values = (
            int(32_000 * loud * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(int(8000 * seconds))
        )
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return out.getvalue()


def a_call(number: str = "+442079460123", channel: str = "1.1") -> Call:
    """A call that is over."""
    raw = {"channel": channel, "number": number, "called": "442079460999", "service_code": "council-tax"}
    arrived = services.arrive(raw=raw, in_line=True)
    services.caller_gone(call_id=arrived.call_id)
    return Call.objects.get(pk=arrived.call_id)


def a_recording(call: Call, seconds: float = 1.5) -> Recording:
    """What the exchange left of it, brought into the vault."""
    name = f"{call.pk.hex}-1"
    services.recording_started(call_id=call.pk, name=name, basis="always")
    files.plain_of(name).write_bytes(tone(seconds))
    assert services.keep_recording(spool=files.spool(), name=name)
    return Recording.objects.get(name=name)


# --- The vault


@pytest.mark.parametrize(
    "length", [0, 1, vault.PIECE - 1, vault.PIECE, vault.PIECE + 1, 3 * vault.PIECE + 77]
)
def test_what_was_stored_is_read_whole_and_in_any_part(tmp_path: Path, length: int) -> None:
    content = bytes(at * 31 % 251 for at in range(length))
    ring, one = keys.Keyring((("k", KEY),)), UUID(int=5)
    vault.write(tmp_path / "a.rec", one, length, [content[:100], content[100:]], ring)
    stored = vault.Stored(tmp_path / "a.rec", one, ring)
    assert b"".join(stored.read()) == content
    for start, end in ((0, 10), (length // 2, length), (max(0, length - 3), length + 50), (65_530, 65_545)):
        assert b"".join(stored.read(start, end)) == content[start:end]


def test_a_changed_moved_or_cut_file_does_not_open(tmp_path: Path) -> None:
    ring, one, file = keys.Keyring((("k", KEY),)), UUID(int=5), tmp_path / "a.rec"
    vault.write(file, one, 3 * vault.PIECE, [bytes(3 * vault.PIECE)], ring)
    whole = file.read_bytes()
    piece = vault.PIECE + vault.TAG
    first, second = whole[vault.HEAD.size :][:piece], whole[vault.HEAD.size + piece :][:piece]
    rest = whole[vault.HEAD.size + 2 * piece :]
    for wrong in (
        whole[:-1],
        whole[: vault.HEAD.size] + second + first + rest,
        whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
        whole[:70] + bytes([whole[70] ^ 1]) + whole[71:],
        b"RIFF" + whole[4:],
    ):
        file.write_bytes(wrong)
        with pytest.raises(vault.Damaged):
            list(vault.Stored(file, one, ring).read())
    file.write_bytes(whole)
    with pytest.raises(vault.Damaged, match="another recording"):
        vault.Stored(file, UUID(int=6), ring)
    with pytest.raises(keys.KeyMissing):
        vault.Stored(file, one, keys.Keyring((("other", KEY),)))


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="instead of"):
        vault.write(tmp_path / "x" / "a.rec", UUID(int=1), 99, [b"short"], keys.Keyring((("k", KEY),)))
    assert list((tmp_path / "x").iterdir()) == []


# --- Keys


def test_keys_of_the_settings_are_read_or_refused_in_words() -> None:
    text = base64.b64encode(NEW.key).decode()
    assert recording_keys(f"new:{text}") == (NEW,)
    assert NEW.name in repr(NEW)
    assert "\\x8c" not in repr(NEW)
    for wrong in ("new", f"New:{text}", "new:abc", f"new:{text},new:{text}"):
        with pytest.raises(ValueError, match=r"needs|takes"):
            recording_keys(wrong)


def test_check_says_what_is_wrong_with_the_keys(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = RecordingKey("typed", b"correct horse battery staple 123")
    conf = replace(settings.CIVICLINE, voice_recording_keys=(typed,), voice_mode="embedded")
    said = list(keys.problems(conf, frozenset({"gone"}), deploy=True))
    assert ["is weak" in said[0], "with the key gone, which is missing" in said[1]] == [True, True]
    own = replace(conf, voice_recording_keys=())
    keys.keyring(own)
    said = list(keys.problems(own, frozenset({"made"}), deploy=True))
    assert len(said) == 1
    assert "CIVICLINE_VOICE_RECORDING_KEYS is not set" in said[0]
    assert list(keys.problems(own, frozenset({"made"}), deploy=False)) == []
    keys.key_file(own).chmod(0o644)
    assert "chmod 600" in next(keys.problems(own, frozenset(), deploy=False))


def test_with_a_new_key_old_recordings_are_heard_and_then_stored_anew(
    town: Town, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = settings.CIVICLINE
    monkeypatch.setattr(settings, "CIVICLINE", replace(conf, voice_recording_keys=(OLD,)))
    recording = a_recording(a_call())
    assert recording.key_name == "old"
    monkeypatch.setattr(settings, "CIVICLINE", replace(conf, voice_recording_keys=(NEW, OLD)))
    before = b"".join(reading.opened(recording).read())
    assert services.rekey_recordings() == 1
    assert services.rekey_recordings() == 0
    monkeypatch.setattr(settings, "CIVICLINE", replace(conf, voice_recording_keys=(NEW,)))
    again = Recording.objects.get()
    assert again.key_name == "new"
    assert b"".join(reading.opened(again).read()) == before
    assert selectors.keys_in_use() == {"new"}


# --- From the spool


def test_a_recording_is_kept_once_however_often_it_is_told(town: Town, var: Path) -> None:
    call = a_call()
    recording = a_recording(call)
    assert recording.state == "kept"
    assert recording.seconds == pytest.approx(1.5)
    assert len(recording.picture) == sound.BARS
    assert 45 <= max(recording.picture) <= 52
    assert not files.plain_of(recording.name).exists()
    assert not services.keep_recording(spool=files.spool(), name=recording.name)
    assert Recording.objects.get().state == "kept"
    names = [row.name for row in kernel.events_of_contact(call.contact_id)]
    assert names.count("call.recording_kept") == 1


def test_markers_stand_where_they_are_heard_although_a_busy_exchange_wrote_less_than_it_should(
    town: Town, var: Path
) -> None:
    call = a_call()
    name = f"{call.pk.hex}-1"
    began = clock.now() - timedelta(seconds=100)
    services.recording_started(call_id=call.pk, name=name, at=began)

    @writes
    def presses() -> None:
        emit(events.KEY_PRESSED, subject=("call", call.pk), contact_id=call.contact_id, data={"digit": "5"})

    presses()
    Event.objects.filter(name="call.key_pressed").update(at=began + timedelta(seconds=50))
    plain = files.plain_of(name)
    plain.write_bytes(tone(96))
    os.utime(plain, ((began + timedelta(seconds=100)).timestamp(),) * 2)
    assert services.keep_recording(spool=files.spool(), name=name)
    recording = Recording.objects.get(name=name)
    assert recording.ended_at == began + timedelta(seconds=100)
    assert [one.second for one in markers_of(recording) if one.icon == "keypad"] == [48.0]
    Recording.objects.update(seconds=50)  # half of it is missing: nobody was in the room for a while
    recording.refresh_from_db()
    assert [one.second for one in markers_of(recording) if one.icon == "keypad"] == [50.0]


def test_killed_between_the_vault_and_the_plain_file_it_is_done_again(town: Town, var: Path) -> None:
    recording = a_recording(a_call())
    files.plain_of(recording.name).write_bytes(tone(1.5))
    assert services.keep_recording(spool=files.spool(), name=recording.name)
    assert not files.plain_of(recording.name).exists()
    assert len(b"".join(reading.opened(recording).read())) == 44 + 24_000


def test_a_file_of_a_killed_writer_keeps_all_its_sound(tmp_path: Path) -> None:
    content = tone(1)
    file = tmp_path / "cut.wav"
    file.write_bytes(content[:4] + bytes(4) + content[8:40] + bytes(4) + content[44:])
    found = sound.samples_of(file)
    assert found.seconds == 1.0
    assert b"".join(found.wave()) == content
    file.write_bytes(content[:30])
    with pytest.raises(sound.NoSound):
        sound.samples_of(file)


def test_what_began_when_nobody_wrote_it_down_is_known_by_its_name(town: Town, var: Path) -> None:
    call = a_call()
    files.plain_of(f"{call.pk.hex}-1").write_bytes(tone(2))
    assert services.keep_recording(spool=files.spool(), name=f"{call.pk.hex}-1")
    recording = Recording.objects.get()
    assert recording.call_id == call.pk
    assert recording.queue is not None


def test_a_recording_of_which_nothing_was_left_is_lost(town: Town, var: Path) -> None:
    call = a_call()
    services.recording_started(call_id=call.pk, name=f"{call.pk.hex}-1")
    assert services.give_up_lost(spool=files.spool()) == 0
    town.clock.advance(120)
    assert services.give_up_lost(spool=files.spool()) == 1
    assert Recording.objects.get().state == "lost"


def test_a_full_disk_keeps_the_plain_file_for_the_next_try(
    town: Town, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = a_call()
    files.plain_of(f"{call.pk.hex}-1").write_bytes(tone(1))
    (var / "recordings").write_text("in the way")
    with pytest.raises(OSError):
        services.keep_recording(spool=files.spool(), name=f"{call.pk.hex}-1")
    assert files.plain_of(f"{call.pk.hex}-1").exists()
    (var / "recordings").unlink()
    assert services.keep_recording(spool=files.spool(), name=f"{call.pk.hex}-1")


# --- Their end


def test_each_queue_keeps_as_long_as_its_rule_says_and_a_hold_keeps_longer(town: Town, var: Path) -> None:
    services.save_rule(queue_code="council-tax", mode="always", days=10)
    old, held = a_recording(a_call()), a_recording(a_call("+442079460124", "1.2"))
    people.place_hold(kind="contact", object_id=held.contact_id, reason="Ombudsman 12/7")
    assert selectors.count_due(clock.now() + timedelta(days=11)) == (1, 1)
    town.clock.advance(11 * 86_400)
    assert services.forget_recordings() == 1
    assert {one.state for one in Recording.objects.filter(pk=old.pk)} == {"erased"}
    assert not files.path_of(old.pk).exists()
    assert files.path_of(held.pk).exists()
    with pytest.raises(NotFound):
        reading.opened(Recording.objects.get(pk=old.pk))
    entry = kernel.history("recording", old.pk).get(action="recording.erased")
    assert entry.reason == "retention"


def test_an_erased_resident_takes_their_recordings_along(town: Town, var: Path) -> None:
    wiring.personal_data()
    recording = a_recording(a_call())
    resident = Call.objects.get().contact.resident_id
    assert resident is not None
    told = personal_data.export(resident)
    assert told[0]["recordings"][0]["seconds"] == pytest.approx(1.5)
    packed = archive({"name": "them"}, personal_data.sounds(resident))
    with zipfile.ZipFile(io.BytesIO(packed)) as handed:
        sounds = [name for name in handed.namelist() if name.startswith("recordings/")]
        assert handed.read(sounds[0])[:4] == b"RIFF"
    people.erase_resident(resident_id=resident, reason="they asked")
    assert Recording.objects.get().state == "erased"
    assert Recording.objects.get().picture == []
    assert not files.path_of(recording.pk).exists()


# --- Messages


def left_message(var: Path, seconds: float = 2) -> Path:
    folder = var / "voice" / "spool" / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{int(clock.now().timestamp())}-+442079460123-77.1.wav"
    file.write_bytes(tone(seconds))
    return file


class _Writer:
    def write_down(self, wave: bytes, language: str) -> str:
        return f"{len(wave)} bytes"


def test_a_voice_message_is_stored_encrypted_and_written_down_where_the_town_wants_it(
    town: Town, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcripts.register("test", _Writer)
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, voice_transcriber="test"))
    file = left_message(var)
    town.clock.advance(60)
    with_time(file)
    assert services.take_messages(folder=file.parent) == 1
    assert not file.exists()
    recording = Recording.objects.get()
    assert (recording.kind, recording.state) == ("message", "kept")
    assert b"RIFF" not in files.path_of(recording.pk).read_bytes()
    transcripts.transcribe_job({"recording": str(recording.pk)})
    assert Recording.objects.get().transcript == "32044 bytes"


def with_time(file: Path) -> None:
    """Its last byte came half a minute ago."""
    import os

    then = clock.now().timestamp() - 30
    os.utime(file, (then, then))


def test_without_a_transcriber_nothing_is_written_down(town: Town, var: Path) -> None:
    assert transcripts.chosen() is None
    assert not transcripts.wanted("message")


def test_a_transcriber_that_is_not_there_is_said(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "CIVICLINE", replace(settings.CIVICLINE, voice_transcriber="nobody"))
    with pytest.raises(Unavailable, match="nobody"):
        transcripts.chosen()


def test_consent_is_the_callers_first_word(town: Town, var: Path) -> None:
    from civicline.channels.voice.recordings import rules

    services.save_rule(queue_code="council-tax", mode="consent", days=None)
    raw: dict[str, Any] = {"channel": "3.1", "number": "+442079460123", "service_code": "council-tax"}
    arrived = services.arrive(raw=raw, in_line=True)
    assert rules.question_before("council-tax", "") == "ask"
    assert rules.plan_of(arrived.call_id) is None
    services.set_consent(call_id=arrived.call_id, given=True, by="key")
    services.set_consent(call_id=arrived.call_id, given=False, by="silence")
    plan = rules.plan_of(arrived.call_id)
    assert plan is not None
    assert plan.basis == "consent"
    assert timezone.is_aware(clock.now())
