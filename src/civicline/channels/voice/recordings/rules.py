"""Whether a call is recorded: the rule of its queue, or else the installation's; and what the caller said to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings

from civicline.channels.voice.models import Call, Recording, RecordingRule
from civicline.channels.voice.video import selectors as video
from civicline.intake import selectors as intake
from civicline.intake.catalogue import key_of_service
from civicline.kernel import rows
from civicline.routing import selectors as routing

CONSENT: Final = "recording_consent"
"""Where a call keeps what the caller said: yes or no, or nothing yet."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`mode`: never, consent or always. `days`: how long a recording is kept. `own`: not only the settings'."""

    mode: str
    days: int
    own: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A call is to be recorded: under this name in the exchange's spool, because of this rule."""

    name: str
    basis: str


def rule_of(queue_id: int | None) -> Rule:
    """The rule of a queue."""
    conf = settings.CIVICLINE
    row = rows.one(RecordingRule, where={"queue_id": queue_id}) if queue_id is not None else None
    if row is None:
        return Rule(conf.voice_recording, conf.voice_recording_days, own=False)
    return Rule(row.mode, row.days or conf.voice_recording_days, own=True)


def plan_of(call_id: UUID) -> Plan | None:
    """Whether this call is to be recorded now; its running recording goes on under its name."""
    call = rows.one(Call, where={"id": call_id})
    contact = intake.find_contact(call.contact_id) if call is not None else None
    if call is None or contact is None or video.visit_of_call(call_id) is not None:
        return None  # with a picture: the exchange could keep the sound alone, and nobody was asked in sign language
    mode, said = rule_of(contact.queue_id).mode, call.data.get(CONSENT)
    # Whom we call has heard nothing of it, and neither has a caller to whom no voice could tell it.
    must_know = mode == "consent" or call.direction == "out"
    if mode == "never" or said == "no" or (must_know and said != "yes"):
        return None
    running = running_of(call_id)
    return Plan(running.name if running is not None else next_name(call_id), mode)


def question_before(queue_code: str, service_code: str) -> str:
    """What callers have to hear before they join a line: "ask", "tell" or ""."""
    queue = routing.get_queue(queue_code) if queue_code else None
    if queue is None and service_code:
        service_id = key_of_service(service_code)
        route = routing.get_route(service_id) if service_id is not None else None
        queue = route.queue if route is not None else None
    return {"consent": "ask", "always": "tell"}.get(rule_of(queue.pk if queue else None).mode, "")


def said_by(call_id: UUID) -> str:
    """What the caller said: yes, no, or "" for nothing yet."""
    call = rows.one(Call, where={"id": call_id})
    return str(call.data.get(CONSENT, "")) if call is not None else ""


def running_of(call_id: UUID) -> Recording | None:
    """The recording of a call that is being made."""
    return rows.one(Recording, where={"call_id": call_id, "state": "running"})


def next_name(call_id: UUID) -> str:
    """The name of a call's next recording. `control.names.read_recording` finds the call by it."""
    return f"{call_id.hex}-{Recording.objects.filter(call_id=call_id).count() + 1}"
