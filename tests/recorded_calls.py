"""Recorded calls in the demo town, for looking at them and listening: `python -m tests.recorded_calls` in its settings.

Run as a process of its own beside a running server, over the same database and through the same services. Prints what
it made as JSON: a call of 24 seconds with markers, and a voice message in an agent's hands.
"""

from __future__ import annotations

import io
import json
import os
import sys
import wave
from datetime import timedelta

import numpy as np

RATE = 8_000
SECONDS = 24


def speech(seconds: float) -> bytes:
    """A WAV file that looks like two people: loud and quiet by turns."""
    at = np.arange(int(RATE * seconds)) / RATE
    loud = 9_000 * np.abs(np.sin(at * 1.7)) * (np.sin(at * 0.6) > -0.6)
    samples = (loud * np.sin(2 * np.pi * 220 * at)).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def _talk() -> str:
    """A call that was recorded, on hold for a while, with a payment in it."""
    from civicline.channels.voice import events, services
    from civicline.channels.voice.models import Call, Recording
    from civicline.channels.voice.recordings import files
    from civicline.intake.models import Contact
    from civicline.kernel import clock
    from civicline.kernel.db import writes
    from civicline.kernel.events import emit
    from civicline.kernel.models import Event
    from civicline.people.models import Agent

    raw = {"channel": f"recorded.{os.getpid()}", "number": "+442079460123", "service_code": "council-tax"}
    arrived = services.arrive(raw=raw, in_line=True)
    nadia = Agent.objects.get(user__email="nadia@saltmere.example")
    Contact.objects.filter(pk=arrived.contact_id).update(agent_id=nadia.pk)
    name = f"{arrived.call_id.hex}-1"
    services.recording_started(call_id=arrived.call_id, name=name)
    Call.objects.filter(pk=arrived.call_id).update(state="talking")
    told = [
        (events.MOVES["call.talking"], {"agent": str(nadia.pk)}), (events.MOVES["call.held"], {}),
        (events.MOVES["call.resumed"], {}), (events.RECORDING_SILENCED, {"why": "key"}), (events.RECORDING_RESUMED, {}),
    ]  # fmt: skip

    @writes
    def happen() -> None:
        for event, data in told:
            emit(event, subject=("call", arrived.call_id), contact_id=arrived.contact_id, data=data)

    happen()
    began = clock.now() - timedelta(seconds=SECONDS)
    Recording.objects.filter(name=name).update(started_at=began)
    names = [event.name for event, _ in told]
    before = Event.objects.filter(contact_id=arrived.contact_id).exclude(name__in=names)
    before.update(at=began - timedelta(seconds=5))
    for place, row in enumerate(
        Event.objects.filter(contact_id=arrived.contact_id, name__in=names).order_by("id")
    ):
        Event.objects.filter(pk=row.pk).update(at=began + timedelta(seconds=1 + 4 * place))
    files.spool().mkdir(parents=True, exist_ok=True)
    files.plain_of(name).write_bytes(speech(SECONDS))
    services.keep_recording(spool=files.spool(), name=name)
    # Markers are told at the pace of the sound: on a busy machine all this took some of it.
    Recording.objects.filter(name=name).update(ended_at=began + timedelta(seconds=SECONDS))
    services.caller_gone(call_id=arrived.call_id)
    return str(Recording.objects.get(name=name).pk)


def _message() -> str:
    """A voice message in Nadia's hands; returns its contact."""
    from civicline.channels.voice import services
    from civicline.channels.voice.models import Recording
    from civicline.channels.voice.recordings import files
    from civicline.intake.models import Contact
    from civicline.kernel import clock
    from civicline.people.models import Agent

    folder = files.spool().parent / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{int(clock.now().timestamp())}-+442079460777-{os.getpid()}.1.wav"
    file.write_bytes(speech(6))
    os.utime(file, (0, 0))
    services.take_messages(folder=folder)
    found = Recording.objects.filter(kind="message").latest("started_at")
    nadia = Agent.objects.get(user__email="nadia@saltmere.example")
    Contact.objects.filter(pk=found.contact_id).update(agent_id=nadia.pk, state="connected")
    return str(found.contact_id)


def main() -> None:
    """Make them, and say where they are."""
    import django

    django.setup()
    from civicline.kernel.actors import SYSTEM, acting_as

    with acting_as(SYSTEM):
        made = {"recording": _talk(), "message": _message()}
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
