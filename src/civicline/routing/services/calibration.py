"""Ranges told, and what they were worth: told once at the start of a wait, judged when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from civicline.engine.waits import Calibration, RoundedRange, WaitRange
from civicline.intake import selectors as intake
from civicline.intake.events import CONTACT_CONNECTED
from civicline.intake.services import tell_wait
from civicline.kernel import clock, rows, selectors
from civicline.kernel.db import joins
from civicline.routing.channels import is_live
from civicline.routing.events import QUEUE_CHANGED
from civicline.routing.models import Queue, WaitCalibration
from civicline.routing.waits import get_wait


@joins
def tell_first_wait(*, contact_id: UUID) -> RoundedRange | None:
    """Keep the range that a resident is told when they join the line; None when none can be told."""
    contact = intake.find_contact(contact_id)
    if (
        contact is None
        or contact.state != "queued"
        or contact.told_low_s is not None
        or not is_live(contact.channel)
    ):
        return None
    wait = get_wait(contact)
    if wait.range is None:
        return None
    tell_wait(
        contact_id=contact_id,
        low_s=wait.range.low_minutes * 60,
        high_s=wait.range.high_minutes * 60,
        position=wait.position or 1,
        first=True,
    )
    return wait.range


@joins
def learn_wait(*, contact_id: UUID, seq: int, event_name: str, data: Mapping[str, Any]) -> None:
    """Teach a queue's calibration: by a wait that came true, or by one given up that was longer already.

    A range was told once, for the line that the contact joined first: what ends later (after a transfer, or because
    an agent was lost) or in another line says nothing about it. `seq`: the place of the event in the log.
    """
    if data.get("queue") is None or data.get("told_low_s") is None or data.get("told_high_s") is None:
        return
    if _went_on_before(contact_id, seq):
        return
    queue_id = data["queue"]
    stored = rows.one(WaitCalibration, where={"queue_id": queue_id})
    if stored is None and rows.key(Queue, where={"id": queue_id}) is None:
        return
    told = WaitRange(float(data["told_low_s"]), float(data["told_high_s"]))
    known = Calibration(**stored.state) if stored else Calibration()
    waited = float(data["waited_s"])
    learned = (
        known.observe_abandoned(told, waited)
        if event_name == "contact.abandoned"
        else known.observe(told, waited)
    )
    fresh = {"state": asdict(learned), "updated_at": clock.now()}
    if stored is None:
        WaitCalibration.objects.update_or_create(queue_id=queue_id, defaults=fresh)
    else:
        rows.change(WaitCalibration, where={"queue_id": queue_id}, to=fresh)


def _went_on_before(contact_id: UUID, seq: int) -> bool:
    """Whether the wait that was told had ended, or had been moved to another line, before this place in the log."""
    return selectors.happened_before(contact_id, [CONTACT_CONNECTED.name, QUEUE_CHANGED.name], seq)
