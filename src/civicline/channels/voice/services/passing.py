"""A call is passed on to a number outside without a word before: the agent is free at once, the caller hears music.

Nobody of ours has the contact while it rings there, so it rests. Whoever is not reached gives the caller back: first
in the line, with a note for whoever takes it. The caller is never without a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from civicline.channels.voice.company.services import parties
from civicline.channels.voice.flows.selectors import names_of_outside
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.calls import moved
from civicline.channels.voice.services.outbound import refuse_call
from civicline.channels.voice.services.verbs import in_hand
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.telephone import in_sentence
from civicline.routing import services as routing
from civicline.routing.services.supervise import PRIORITIES

if TYPE_CHECKING:
    from civicline.channels.voice.company.models import Party

FIRST_IN_LINE: Final = max(PRIORITIES)
"""They have waited once and were passed on by us: only an emergency comes before them."""
RESTS: Final = "passed_outside"
NOT_REACHED: Final = {
    "busy": _("%(number)s was busy, so the caller is back in the line."),
    "no_answer": _("%(number)s did not answer, so the caller is back in the line."),
    "refused": _("%(number)s did not take the call, so the caller is back in the line."),
    "unreachable": _("%(number)s could not be reached, so the caller is back in the line."),
}


@writes
def pass_to_number(*, contact_id: UUID, agent_id: UUID, number: str, note: str = "") -> Party:
    """Ring a number outside for the caller, and leave the call to it. Whoever else was in the call is let go.

    What is dialled from here, the do-not-call list and the calling hours of the queue hold. Raises `NotCalled`,
    `Invalid`, `Forbidden`, `NotFound`, `Conflict`.
    """
    call = in_hand(contact_id, agent_id, ("talking", "held"))
    contact = intake_selectors.find_contact(contact_id)
    if contact is None or contact.state != "connected":
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    clean = refuse_call(number=number, queue_id=contact.queue_id or 0)
    if note.strip():
        intake.add_message(
            contact_id=contact_id, direction="note", body=note, author_id=agent_id, data={"handed_on": True}
        )
    parties.end_all(call_id=call.pk, contact_id=contact_id)
    party = parties.ask(
        call_id=call.pk, contact_id=contact_id, kind="consult", wish="joined", by=agent_id, number=clean,
        note=note.strip(),
    )  # fmt: skip
    data = {"agent": str(agent_id), "party": str(party.pk), "blind": True}
    if moved(call, "outside", muted=False, keys="", data=data) is None:
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    routing.set_aside(contact_id=contact_id, agent_id=agent_id, reason=RESTS)
    audit.record("call.passed_outside", object=("contact", contact_id), data={"number": clean})
    return party


def is_passed_on(call: Call) -> bool:
    """Whether this call was left to a number outside, and nobody of ours has it."""
    contact = intake_selectors.find_contact(call.contact_id) if call.state == "outside" else None
    return contact is not None and contact.state == "parked" and contact.agent_id is None


def passed_on_ends(call: Call, *, reason: str) -> None:
    """The call that was passed on is over."""
    moved(call, "ended", reason=reason, ended_at=clock.now())
    intake.close(contact_id=call.contact_id, disposition="passed_on", cause=reason, expect={"parked"})


def comes_back(call: Call, party: Party, reason: str) -> None:
    """Nobody was reached outside: the caller is first in the line again, and the next agent reads why."""
    with override(settings.LANGUAGE_CODE):
        name = names_of_outside([party.number]).get(party.number) or in_sentence(party.number)
        words = str(NOT_REACHED.get(reason, NOT_REACHED["unreachable"])) % {"number": name}
    intake.add_message(
        contact_id=call.contact_id, direction="note", body="\n".join(filter(None, (words, party.note))),
        data={"handed_on": True, "outside": reason},
    )  # fmt: skip
    moved(call, "queued", data={"outside": reason})
    intake.change_contact(contact_id=call.contact_id, reason="outside_unreached", priority=FIRST_IN_LINE)
    routing.wake(contact_id=call.contact_id, reason="outside_unreached")
