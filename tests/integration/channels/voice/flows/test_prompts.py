"""What callers hear: words in five languages, recordings, and voices that are really to be heard."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from civicline.channels.voice.flows import built_in, recordings, selectors, services, sounds, synthesis
from civicline.channels.voice.flows.menus import Menu, Sentence
from civicline.channels.voice.flows.models import CallFlow
from civicline.channels.voice.flows.programs import Missing
from civicline.channels.voice.flows.sentences import sentence, spelled
from civicline.engine.callflow import Flow, Moment, Spelled, Spoken, Words
from civicline.kernel import clock
from civicline.kernel.errors import Invalid, NotFound
from tests.integration.channels.voice.flows.conftest import Tone
from tests.town import Town

NO_MENU = Menu("x", None, Flow(""))
LANGUAGES = ("en", "es", "fr", "ar", "tr")


def statistics(path: Path) -> dict[str, float]:
    """What sox measures in a sound: an ear of another maker's."""
    command = [
        "sox",
        "-t",
        "raw",
        "-r",
        "16000",
        "-e",
        "signed",
        "-b",
        "16",
        "-c",
        "1",
        str(path),
        "-n",
        "stat",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    rows = (line.partition(":") for line in told.splitlines())
    return {name.strip(): float(value) for name, _, value in rows if value.strip().replace(".", "").isdigit()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_read_aloud_in_every_language(var: Path, language: str) -> None:
    heard = sounds.sound_of(NO_MENU, Spoken("wait_range", {"low": 5, "high": 10}), language)
    assert heard is not None
    measured = statistics(heard.path)
    assert 2 < measured["Length (seconds)"] < 12
    assert measured["RMS     amplitude"] > 0.03, "it is to be heard"
    assert 150 < measured["Rough   frequency"] < 4000, "and it is a voice, no hum and no hiss"
    assert heard.seconds == pytest.approx(measured["Length (seconds)"], abs=0.01)
    assert heard.media == f"sound:{heard.path.with_suffix('')}"
    assert (var / "speech").resolve() in heard.path.parents


def test_languages_do_not_sound_alike(var: Path) -> None:
    made = {sounds.read_aloud("5 10", language).path.read_bytes() for language in LANGUAGES}
    assert len(made) == 5


def test_a_sentence_is_read_once_and_swept_when_nobody_wants_it(var: Path) -> None:
    first = sounds.read_aloud("Hello.", "en").path
    made_at = first.stat().st_mtime_ns
    assert sounds.read_aloud("Hello.", "en").path.stat().st_mtime_ns == made_at
    own = sounds.sound_of(NO_MENU, Spoken("callback_confirm", {"number": Spelled("+12025550123")}), "en")
    assert own is not None
    assert own.path.parent.name == "passing", "what is about one caller is not kept"
    assert sounds.sweep() == 0
    for path in (first, own.path):
        _age(path, hours=2)
    assert sounds.sweep() == 1
    assert not own.path.exists()
    _age(first, hours=25)
    sounds.read_aloud("Hello.", "en")
    assert sounds.sweep() == 0, "who is used stays young"
    _age(first, hours=31 * 24)
    assert sounds.sweep() == 1


def _age(path: Path, *, hours: int) -> None:
    at = clock.now().timestamp() - hours * 3600
    os.utime(path, (at, at))


def test_built_in_prompts_speak_every_language_with_the_same_places() -> None:
    for key, texts in built_in.texts().items():
        assert set(texts) == set(LANGUAGES), key
        assert {built_in.places_in(text) for text in texts.values()} == {built_in.places(key)}, key


def test_values_are_said_as_people_say_them() -> None:
    at = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert spelled("SM-4K7-291") == "S M, 4 K 7, 2 9 1"
    assert spelled("+12025550123") == "1 2 0, 2 5 5, 5 0 1, 2 3"
    assert spelled("1") == "1"
    values = {"day": Moment(at), "time": Moment(at, "time")}
    assert sentence("On {day} at {time}.", values, "en") == "On Monday 2 March at 8:30 AM."
    assert "2" in sentence("{day}", {"day": Moment(at)}, "ar")
    assert sentence("{both}", {"both": Moment(at, "day_and_time")}, "es").startswith("lunes 2")
    assert sentence("{a}, {b}.", {"a": Words.of({"en": "Yes.", "fr": "Oui."})}, "fr") == "Oui., ."
    assert sentence("{title}. {body}", {"title": "Over.", "body": "[[x]] <b>\x00y"}, "en") == "Over. x b y"
    assert sentence("{day}", {"day": Moment(at)}, "xx-nowhere") == "Monday 2 March"


def test_a_body_writes_its_own_words_over_those_that_come_along(town: Town) -> None:
    services.save_prompt(key="goodbye", texts={"en": "  Take  care. ", "tr": " "})
    prompts = selectors.prompts_now()
    assert prompts["goodbye"]["en"] == Sentence("Take care.")
    assert prompts["goodbye"]["tr"].text == built_in.texts()["goodbye"]["tr"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Bad Key", "x"),
        ("menu", "x" * 1001),
        ("menu", "{place}"),
        ("wait_range", "{high} {town}"),
        ("menu", "..."),
    ],
)
def test_words_that_cannot_be_said_are_refused(town: Town, key: str, text: str) -> None:
    with pytest.raises(Invalid):
        services.save_prompt(key=key, texts={"en": text})


def test_a_recording_goes_before_the_voice_and_stays_with_its_version(
    menu: CallFlow, var: Path, tone: Tone
) -> None:
    services.store_recording(key="menu", language="en", name="menu.wav", content=tone(1.5))
    services.publish(code="main")
    services.remove_recording(key="menu", language="en")
    published = selectors.menu_for("")
    assert published is not None
    heard = sounds.sound_of(published, Spoken("menu"), "en")
    assert heard is not None
    assert heard.seconds == pytest.approx(1.5, abs=0.05)
    assert (var / "uploads" / "prompts").resolve() in heard.path.parents
    assert sounds.as_wave(heard.path)[:4] == b"RIFF"
    draft = sounds.sound_of(selectors.draft_menu(menu), Spoken("menu"), "en")
    assert draft is not None
    assert "speech" in str(draft.path)
    assert selectors.is_recording_in_use(heard.path.stem)
    assert not selectors.is_recording_in_use("0" * 64)
    with pytest.raises(NotFound):
        services.remove_recording(key="menu", language="en")


@pytest.mark.parametrize("kind", ["ogg", "mp3", "wav"])
def test_recordings_of_every_kind_become_what_the_telephone_plays(
    menu: CallFlow, var: Path, tone: Tone, kind: str
) -> None:
    content = tone(1.0)
    if kind == "ogg":
        command = ["sox", "-t", "wav", "-", "-t", "ogg", "-"]
        content = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    elif kind == "mp3":
        command = ["sox", "-t", "wav", "-", "-t", "mp3", "-C", "64", "-"]
        content = subprocess.run(command, input=content, capture_output=True, check=True).stdout
    row = services.store_recording(key="menu", language="ar", name="menu", content=content)
    kept = row.recordings["ar"]
    assert kept["seconds"] == pytest.approx(1.0, abs=0.1)
    measured = statistics(recordings.path_of(kept["sha256"]))
    assert measured["RMS     amplitude"] > 0.3


def test_what_is_no_good_recording_is_refused_in_words(menu: CallFlow, var: Path, tone: Tone) -> None:
    noise = os.urandom(2000)
    cases = {
        "empty": b"",
        "no sound": b"PK\x03\x04" + noise,
        "damaged": b"OggS" + noise,
        "a playlist": b"#EXTM3U\n/etc/passwd\n",
        "half": tone(1.0)[:30],
        "silent": tone(1.0, loud=0.0),
        "a click": tone(0.05),
        "too long": tone(182, rate=8000, channels=1),
        "too large": b"RIFF" + bytes(recordings.MAX_BYTES),
    }
    for what, content in cases.items():
        with pytest.raises(Invalid) as refused:
            services.store_recording(key="menu", language="en", name="x", content=content)
        assert refused.value.field_messages()["recording"], what
    with pytest.raises(Invalid):
        services.store_recording(key="wait_range", language="en", name="x", content=tone())
    with pytest.raises(NotFound):
        services.store_recording(key="gone", language="en", name="x", content=tone())
    assert list((var / "uploads" / "prompts").glob("*")) == []
    with pytest.raises(ValueError, match="SHA-256"):
        recordings.path_of("../../etc/passwd")


def test_without_espeak_the_town_is_told_what_to_install(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Missing) as refused:
        sounds.read_aloud("Nobody has said this before.", "en")
    assert "apt-get install espeak-ng" in refused.value.message()
    assert "espeak-ng is not installed" in refused.value.message()


class Beep:
    name = "beep 1"

    def speak(self, text: str, language: str) -> bytes:
        return b"\x00\x40" * 16_000


def test_another_voice_can_be_put_in(var: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CIVICLINE = replace(settings.CIVICLINE, voice_synthesiser="beep")
    with pytest.raises(synthesis.NoSuchVoice) as refused:
        sounds.read_aloud("Hello.", "en")
    assert "“beep”" in refused.value.message()
    offered = EntryPoint("beep", f"{__name__}:Beep", synthesis.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda _entry: Beep)
    monkeypatch.setattr(
        synthesis, "entry_points", lambda **asked: [offered] if asked["name"] == "beep" else []
    )
    assert sounds.read_aloud("Hello.", "en").seconds == 1.0


@pytest.mark.parametrize(
    "text", ["-w /etc/x", "--stdout", "[[x]]", "<speak>x</speak>", "٣ ٤ ٥ مرحبا", "a" * 1100]
)
def test_odd_texts_are_read_and_nothing_else_happens(var: Path, text: str) -> None:
    assert sounds.read_aloud(sentence(text, {}, "ar"), "ar").seconds > 0.2
