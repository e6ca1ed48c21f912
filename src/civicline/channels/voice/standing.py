"""How those who wait on the telephone stand: place, range, and by which rule they are told. One reading for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.channels.voice import calling
from civicline.channels.voice.calling import LineRule
from civicline.channels.voice.flows.facts import wait_sentences
from civicline.channels.voice.models import Call
from civicline.engine.announcing import Standing
from civicline.engine.callbacks import OPEN
from civicline.engine.callflow import Spoken
from civicline.intake import selectors as intake
from civicline.kernel import clock, rows
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact


@dataclass(frozen=True, slots=True)
class Waits:
    """One caller in line. `waited_s` since they joined; `says`: place and range in sentences."""

    contact_id: UUID
    standing: Standing
    says: tuple[Spoken, ...]
    rule: LineRule
    queue: str
    waited_s: float
    language: str
    can_call_back: bool


def standings(contact_ids: Iterable[UUID]) -> dict[UUID, Waits]:
    """How each of them stands; whoever does not wait any more is left out."""
    waiting = [
        one for one in intake.find_contacts(set(contact_ids)) if one.state == "queued" and one.queue_id
    ]
    calls = {
        call.contact_id: call
        for call in rows.many(Call, where={}, any_of=("contact_id", [c.id for c in waiting]))
    }
    owed = calling.callbacks_of(one.id for one in waiting)
    queues = {queue.pk: queue.code for queue in routing.list_queues()}
    rules = {
        queue_id: calling.rule_of(queue_id) for queue_id in {one.queue_id for one in waiting if one.queue_id}
    }
    found = {}
    for contact in waiting:
        call, callback = calls.get(contact.id), owed.get(contact.id)
        if call is not None and call.state == "queued" and contact.queue_id in queues:
            is_owed = callback is not None and callback.state in OPEN
            rule = rules[contact.queue_id]
            found[contact.id] = _waits(contact, call, rule, queues[contact.queue_id], is_owed=is_owed)
    return found


def _waits(contact: Contact, call: Call, rule: LineRule, queue: str, *, is_owed: bool) -> Waits:
    wait = routing.get_wait(contact)
    told = wait.range
    return Waits(
        contact_id=contact.id,
        standing=Standing(
            wait.position, told.low_minutes if told else None, told.high_minutes if told else None
        ),
        says=tuple(wait_sentences(wait)),
        rule=rule,
        queue=queue,
        waited_s=(clock.now() - (contact.queued_at or contact.arrived_at)).total_seconds(),
        language=call.language,
        can_call_back=rule.callbacks and not is_owed,
    )


def line_refuses(queue_code: str) -> str:
    """Why this line takes nobody now: full, closed, or "". One for emergencies takes everybody."""
    queue = routing.get_queue(queue_code) if queue_code else None
    line = routing.lines().get(queue.pk) if queue is not None else None
    if queue is None or line is None or queue.emergency:
        return ""
    if not calling.is_open(queue):
        return "closed"
    full = queue.max_waiting is not None and len(line.waiting("voice")) >= queue.max_waiting
    return "full" if full else ""
