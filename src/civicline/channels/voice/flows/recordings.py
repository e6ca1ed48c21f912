"""Audio that people upload: told by its content, drawn anew as samples for the telephone, kept by what is in it."""

from __future__ import annotations

import hashlib
import tempfile
from array import array
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.flows import programs
from civicline.channels.voice.flows.synthesis import PHONE, RATE
from civicline.intake.storage import uploads_folder
from civicline.kernel.errors import Invalid

MAX_BYTES = 20_000_000
LONGEST_S = 180
SHORTEST_S = 0.2
QUIETEST = 0.003
"""Root mean square of full scale below which nobody would hear anything (-50 dB)."""
NO_SOX = _(
    "The program %(program)s is not installed, so recordings cannot be taken. On Debian: "
    "apt-get install sox libsox-fmt-mp3."
)


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples as the telephone plays them."""

    sha256: str
    seconds: float
    samples: bytes


def folder() -> Path:
    """Where recordings of prompts lie: among the uploads, so that they are backed up and shared with them."""
    return uploads_folder() / "prompts"


def path_of(sha256: str) -> Path:
    """The file of a recording. ValueError for what is no hash."""
    if len(sha256) != 64 or not sha256.isalnum():
        raise ValueError("a recording is named by its SHA-256")
    return folder() / f"{sha256}.sln16"


def take(content: bytes) -> Recording:
    """Check an upload (WAV, Ogg Vorbis or MP3) and make samples of it. Invalid says what is wrong with it."""
    kind = _kind(content)
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as file:
        file.write(content)
        file.flush()
        try:
            samples = programs.run(
                ["sox", "-t", kind, file.name, *PHONE, "trim", "0", str(LONGEST_S + 1), "norm", "-3"],
                missing=NO_SOX,
            )
        except programs.DidNotWork as fault:
            raise Invalid(
                fields={"recording": _unreadable(kind, str(fault))}, code="recording-damaged"
            ) from fault
    return _judged(samples)


def store(recording: Recording) -> Path:
    """Keep the samples; the same ones twice are one file."""
    path = path_of(recording.sha256)
    return write_once(path, recording.samples)


def write_once(path: Path, samples: bytes) -> Path:
    """Put samples into place whole, or not at all."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(samples)
        fresh = Path(file.name)
        fresh.chmod(0o644)  # Asterisk may run under an account of its own
        fresh.replace(path)
    return path


def loudness(samples: bytes) -> float:
    """Root mean square, 1.0 at full scale."""
    values = array("h", samples[: len(samples) // 2 * 2])
    return (sum(value * value for value in values) / len(values)) ** 0.5 / 32_768 if values else 0.0


def _kind(content: bytes) -> str:
    if not content:
        raise Invalid(fields={"recording": _("The file is empty. Choose another one.")}, code="file-empty")
    if len(content) > MAX_BYTES:
        text = _("The file is too large. A recording may have up to %(most)s MB.")
        raise Invalid(fields={"recording": text}, code="file-too-large", most=MAX_BYTES // 1_000_000)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    if content[:4] == b"OggS":
        return "ogg"
    if content[:3] == b"ID3" or (content[0] == 0xFF and len(content) > 1 and content[1] & 0xE0 == 0xE0):
        return "mp3"
    raise Invalid(
        fields={"recording": _("This is no sound that we can read. Give a WAV, Ogg Vorbis or MP3 file.")},
        code="recording-unknown",
    )


def _unreadable(kind: str, fault: str) -> str:
    if "no handler" in fault:
        return str(_("MP3 files cannot be read here. Give a WAV or Ogg file, or install libsox-fmt-mp3."))
    return str(_("This file is damaged, or holds something else than its beginning says."))


def _judged(samples: bytes) -> Recording:
    seconds = len(samples) / 2 / RATE
    if seconds > LONGEST_S:
        text = _("This is too long to listen to on a telephone. Give at most %(most)s seconds.")
        raise Invalid(fields={"recording": text}, code="recording-too-long", most=LONGEST_S)
    if seconds < SHORTEST_S or loudness(samples) < QUIETEST:
        raise Invalid(fields={"recording": _("We hear nothing in this recording.")}, code="recording-silent")
    return Recording(hashlib.sha256(samples).hexdigest(), round(seconds, 2), samples)
