"""What writes down voice messages: nothing, unless the setting voice.transcriber names something.

A transcriber is anything with `write_down(wave, language) -> str`: `wave` is a WAV file (8 kHz, 16 bit, mono), the
language the call's tag or "". A package offers one as an entry point of the group `civicline.transcribers`:

    [project.entry-points."civicline.transcribers"]
    whisper-here = "our_speech:Transcriber"

It is made and called in a job, outside of any transaction; an error tries again later. What it returns stands beside
the message, marked as written by a program. It should run on this body's own machines: what callers say is personal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings

from civicline.channels.voice.models import Recording
from civicline.kernel.errors import Unavailable

GROUP: Final = "civicline.transcribers"
JOB: Final = "voice.transcribe"
NONE: Final = "none"


class Transcriber(Protocol):
    """Writes down what was said."""

    def write_down(self, wave: bytes, language: str) -> str:
        """The words of a WAV file; "" when there are none. May take long; any error tries again later."""
        ...


_MAKERS: dict[str, Callable[[], Transcriber]] = {}


def register(name: str, make: Callable[[], Transcriber]) -> None:
    """Offer a transcriber under a name, from code instead of a package."""
    _MAKERS[name] = make


def wanted(kind: str) -> bool:
    """Whether recordings of this kind are written down: messages are, talks are not."""
    return kind == Recording.Kind.MESSAGE and settings.CIVICLINE.voice_transcriber != NONE


def chosen() -> Transcriber | None:
    """The transcriber of this installation; None when there is none. Raises `Unavailable` for one that is not there."""
    name = settings.CIVICLINE.voice_transcriber
    if name == NONE:
        return None
    if name not in _MAKERS:
        for entry in entry_points(group=GROUP, name=name):
            _MAKERS[name] = entry.load()
    if name not in _MAKERS:
        raise Unavailable(
            f"No transcriber {name!r} is installed; check voice.transcriber.", code="no-transcriber"
        )
    return _MAKERS[name]()


def transcribe_job(payload: Mapping[str, Any]) -> None:
    """Write down one message."""
    from civicline.channels.voice.recordings import reading
    from civicline.channels.voice.services.recordings import note_transcript

    writer = chosen()
    recording = Recording.objects.select_related("contact").filter(pk=UUID(payload["recording"])).first()
    if writer is None or recording is None or recording.state != Recording.State.KEPT:
        return
    language = (recording.contact.languages or [""])[0]
    text = writer.write_down(b"".join(reading.opened(recording).read()), language)
    note_transcript(recording_id=recording.pk, text=text)
