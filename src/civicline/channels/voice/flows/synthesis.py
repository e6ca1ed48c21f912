"""Voices that read a sentence: espeak-ng unless the installation has registered and chosen another.

A synthesiser is anything with a `name`, whose change makes kept sounds stale, and a `speak(text, language)` that
returns 16-bit mono samples at 16 kHz, little-endian. See docs/subsystems/callflow.md for putting in another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import programs
from civicline.kernel.errors import Unavailable

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
_chosen: list[str] = ["espeak-ng"]


def register(name: str, make: Callable[[], Synthesiser]) -> None:
    """Offer another voice under a name."""
    _MAKERS[name] = make


def choose(name: str) -> None:
    """Speak with this one from now on, in this process. KeyError when nobody registered it."""
    _chosen[0] = name if name in _MAKERS else _unknown(name)


def _unknown(name: str) -> str:
    raise KeyError(f"no voice called {name!r}; there are {', '.join(sorted(_MAKERS))}")


def chosen() -> Synthesiser:
    """The voice of this installation."""
    return _MAKERS[_chosen[0]]()
