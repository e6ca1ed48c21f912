"""From hand to hand: a contact goes to a colleague who is with it already, and never stands in the line for that."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake import events as intake_events
from civicline.intake import services as intake
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.events import emit
from civicline.routing.selectors import is_partner
from civicline.routing.services.work import freed, in_hand_of, tell_partner

if TYPE_CHECKING:
    from civicline.intake.models import Contact


@writes
def hand_over(*, contact_id: UUID, agent_id: UUID, to_agent_id: UUID, reason: str) -> Contact:
    """Give a contact to a colleague who has agreed. Raises `Forbidden`, `NotFound`, `Conflict`.

    It was answered before: that is no second answer, and no second wait to learn from.
    """
    before = in_hand_of(contact_id, agent_id)
    if before.state != "connected" or to_agent_id == agent_id:
        raise Conflict(code="contact-moved", text=_("This conversation is over."), state=before.state)
    intake.move_contact(
        contact_id=contact_id,
        to="queued",
        expect={"connected"},
        held_by=agent_id,
        agent_id=None,
        wrapped_at=None,
    )
    contact = intake.move_contact(
        contact_id=contact_id, to="connected", expect={"queued"}, agent_id=to_agent_id
    )
    why = {"reason": reason}
    emit(
        intake_events.CONTACT_TRANSFERRED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={
            "from_agent": str(agent_id), "from_queue": contact.queue_id, "queue": contact.queue_id,
            "to_agent": str(to_agent_id), "partner": is_partner(to_agent_id, contact.queue_id), **why,
        },
    )  # fmt: skip
    emit(
        intake_events.CONTACT_RESUMED,
        subject=("contact", contact_id),
        contact_id=contact_id,
        data={"agent": str(to_agent_id), **why},
    )
    tell_partner(contact=contact, agent_id=to_agent_id)
    freed(agent_id)
    return contact
