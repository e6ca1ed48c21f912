"""A contact that rests: set aside with nobody, out of the line, until its time has come; its place is kept.

For calls back whose next try is due later. A contact that an emergency set aside stays with its agent instead
(`work.resume_parked`).
"""

from __future__ import annotations

from uuid import UUID

from civicline.intake import events as intake_events
from civicline.intake import services as intake
from civicline.kernel.db import writes
from civicline.kernel.events import emit
from civicline.routing.services.work import freed


@writes
def set_aside(*, contact_id: UUID, agent_id: UUID | None = None, reason: str = "callback_rests") -> None:
    """Out of the line, or out of the hand of `agent_id`. Raises `Conflict` when it is neither."""
    origin = "connected" if agent_id is not None else "queued"
    intake.move_contact(
        contact_id=contact_id, to="parked", expect={origin}, held_by=agent_id, agent_id=None, connected_at=None,
        preferred_agent_id=None,
    )  # fmt: skip
    emit(
        intake_events.CONTACT_PARKED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"agent": str(agent_id) if agent_id else None, "reason": reason},
    )
    if agent_id is not None:
        freed(agent_id)


@writes
def wake(*, contact_id: UUID, reason: str = "callback_due") -> None:
    """Back into the line, at the place that its arrival gives it. Raises `Conflict` when it does not rest."""
    contact = intake.move_contact(contact_id=contact_id, to="queued", expect={"parked"}, agent_id=None)
    _tell_back(contact_id, contact.queue_id, None, reason)


@writes
def put_back(*, contact_id: UUID, agent_id: UUID, reason: str) -> None:
    """From the agent's hand into the line, at its own place. Raises `Conflict` when it is not in that hand."""
    contact = intake.move_contact(
        contact_id=contact_id, to="queued", expect={"connected"}, held_by=agent_id, agent_id=None, connected_at=None,
        preferred_agent_id=None,
    )  # fmt: skip
    _tell_back(contact_id, contact.queue_id, agent_id, reason)
    freed(agent_id)


def _tell_back(contact_id: UUID, queue_id: int | None, agent_id: UUID | None, reason: str) -> None:
    emit(
        intake_events.CONTACT_RETURNED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"queue": queue_id, "agent": str(agent_id) if agent_id else None, "reason": reason},
    )
