"""Voices that read a sentence: espeak-ng unless the setting voice.synthesiser names another.

A synthesiser is anything with a `name`, whose change makes kept sounds stale, and a `speak(text, language)` that
returns 16-bit mono samples at 16 kHz, little-endian. A package offers one as an entry point of the group
`civicline.synthesisers`; see docs/subsystems/callflow.md.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import programs
from civicline.kernel.errors import Unavailable

GROUP = "civicline.synthesisers"
RATE = 16_000
"""Samples a second of everything that is played."""
WORDS_A_MINUTE = 150
LONGEST_S = 15.0
NO_ESPEAK = _(
    "The program %(program)s is not installed, so Civicline cannot read prompts aloud. "
    "On Debian: apt-get install espeak-ng sox. Until then record every prompt."
)


class Synthesiser(Protocol):
    """Reads sentences aloud."""

    name: str

    def speak(self, text: str, language: str) -> bytes:
        """Samples (16 kHz, 16 bit, mono, little-endian). Raises Unavailable with a sentence for people."""
        ...


class CannotSpeak(Unavailable):
    """The voice failed."""

    default_code = "cannot-speak"
    default_text = _("This sentence could not be read aloud. Record it, or write it another way.")


class Espeak:
    """espeak-ng, as a process for each sentence: some 30 milliseconds."""

    name = "espeak-ng 1"
    voices = {"en": "en-gb", "es": "es", "fr": "fr-fr", "ar": "ar", "tr": "tr"}

    def speak(self, text: str, language: str) -> bytes:
        """Read `text` with the voice of this language, or with that of its base language."""
        base = language.split("-")[0].lower()
        voice = self.voices.get(base) or (base if base.isalpha() and len(base) <= 3 else "en-gb")
        command = ["espeak-ng", "-v", voice, "-s", str(WORDS_A_MINUTE), "-b", "1", "--stdin", "--stdout"]
        try:
            wave = programs.run(command, given=text.encode(), missing=NO_ESPEAK, seconds=LONGEST_S)
            return programs.run(
                ["sox", "-t", "wav", "--ignore-length", "-", *PHONE, "norm", "-3"],
                given=wave,
                missing=NO_ESPEAK,
            )
        except programs.DidNotWork as fault:
            raise CannotSpeak() from fault


PHONE = ["-t", "raw", "-r", str(RATE), "-e", "signed-integer", "-b", "16", "-c", "1", "-L", "-"]
"""sox's words for what Asterisk calls .sln16."""

_MAKERS: dict[str, Callable[[], Synthesiser]] = {"espeak-ng": Espeak}


class NoSuchVoice(Unavailable):
    """The configured voice is not there."""

    default_code = "voice-unknown"


def register(name: str, make: Callable[[], Synthesiser]) -> None:
    """Offer another voice under a name."""
    _MAKERS[name] = make


def chosen() -> Synthesiser:
    """The voice of this installation (setting voice.synthesiser). Raises NoSuchVoice with a sentence."""
    name = settings.CIVICLINE.voice_synthesiser
    if name not in _MAKERS:
        _MAKERS[name] = _from_package(name)
    return _MAKERS[name]()


def _from_package(name: str) -> Callable[[], Synthesiser]:
    for entry in entry_points(group=GROUP, name=name):
        make: Callable[[], Synthesiser] = entry.load()
        return make
    text = _("No voice called “%(voice)s” is installed. Check the setting voice.synthesiser.")
    raise NoSuchVoice(text, voice=name)
