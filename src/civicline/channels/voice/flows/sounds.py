"""The sound of a sentence, as a file that Asterisk plays: a recording, or read aloud and kept.

Kept by a hash of voice, language and text in var/speech: a sentence is read once. Sentences that tell something
of one caller go to var/speech/passing and are gone within two hours; `sweep` drops the others after 30 days
without use.
"""

from __future__ import annotations

import hashlib
import io
import wave
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from civicline.channels.voice.flows import recordings, sentences, synthesis
from civicline.channels.voice.flows.menus import Menu
from civicline.engine.callflow import Spoken
from civicline.kernel import clock

KEPT_S = 30 * 86_400
PASSING_S = 3600
TOUCHED_S = 86_400


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples in a file that ends in .sln16; Asterisk plays `media`. `text` is what is heard, "" of a recording."""

    path: Path
    text: str = ""

    @property
    def media(self) -> str:
        """The URI for ARI: without the ending, which Asterisk chooses itself."""
        return f"sound:{self.path.with_suffix('')}"

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.path.stat().st_size / 2 / synthesis.RATE


def sound_of(menu: Menu, spoken: Spoken, language: str) -> Sound | None:
    """The sound of a sentence in the call's language; None when there is nothing to say.

    Raises Unavailable with a sentence for people when it has to be read aloud and no voice is there.
    """
    language = spoken.language or language
    found = menu.sentence(spoken.prompt, language)
    if found.recording and not spoken.values:
        path = recordings.path_of(found.recording)
        if path.exists():
            return Sound(path.resolve(), found.text)
    text = sentences.sentence(found.text, spoken.values, language)
    return read_aloud(text, language, passing=sentences.is_personal(spoken.values)) if text else None


def read_aloud(text: str, language: str, *, passing: bool = False) -> Sound:
    """The sound of a text, read now or kept from before."""
    voice = synthesis.chosen()
    mark = hashlib.sha256("\0".join((voice.name, language, text)).encode()).hexdigest()
    path = _folder(passing=passing) / f"{mark}.sln16"
    if not path.exists():
        recordings.write_once(path, voice.speak(text, language))
    elif clock.now().timestamp() - path.stat().st_mtime > TOUCHED_S:
        path.touch()
    return Sound(path.resolve(), text)


def as_wave(path: Path) -> bytes:
    """The same sound as a WAV file, for a browser."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(synthesis.RATE)
        file.writeframes(path.read_bytes())
    return out.getvalue()


def sweep() -> int:
    """Drop what was not used for long; return how many files went."""
    now, gone = clock.now().timestamp(), 0
    for passing, most in ((True, PASSING_S), (False, KEPT_S)):
        for path in _folder(passing=passing).glob("*.sln16"):
            if now - path.stat().st_mtime > most:
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _folder(*, passing: bool) -> Path:
    kept = Path(settings.CIVICLINE.var) / "speech"
    return kept / "passing" if passing else kept
