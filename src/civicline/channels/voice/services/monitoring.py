"""A supervisor at a call: listen, whisper, barge in, take over. Each with a reason, in the audit, and never in secret
from the log; whether the agent sees it, the site's rule says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.company import selectors as company
from civicline.channels.voice.company import services as parties
from civicline.channels.voice.models import Call
from civicline.channels.voice.services.calls import moved
from civicline.channels.voice.services.hands import WITH_CALLER, has_phone
from civicline.intake import selectors as intake_selectors
from civicline.kernel import audit, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people import selectors as people
from civicline.routing import services as routing

if TYPE_CHECKING:
    from civicline.channels.voice.company.models import Party

WAYS: Final = {"listen": "listening", "whisper": "whispering", "barge": "joined"}
"""What a supervisor does, and what they are then."""
AUDIT: Final = {"listen": "call.listened", "whisper": "call.whispered", "barge": "call.barged"}


def _reason(reason: str) -> str:
    if len(reason.strip()) < 3:
        words = _("Say why. The reason stays in the log.")
        raise Invalid(code="reason-missing", text=words, fields={"reason": words})
    return reason.strip()[:500]


def _live(contact_id: UUID) -> tuple[Call, UUID]:
    """The call and its agent. Raises `NotFound`, `Conflict` when nobody is with the caller."""
    call = rows.one(Call, where={"contact_id": contact_id})
    contact = intake_selectors.find_contact(contact_id)
    if call is None or contact is None:
        raise NotFound(code="call-unknown", text=_("There is no such call."))
    if call.state not in WITH_CALLER or contact.state != "connected" or contact.agent_id is None:
        raise Conflict(code="call-moved", text=_("Nobody is with this caller now."), state=call.state)
    return call, contact.agent_id


def _at(call: Call, supervisor_id: UUID) -> Party | None:
    there = [one for one in company.parties_of(call.pk) if one.agent_id == supervisor_id]
    return there[0] if there else None


@writes
def monitor(*, contact_id: UUID, by: UUID, way: str, reason: str) -> Party:
    """Ring the supervisor's own telephone to hear a call, or change how they are in it.

    `way`: listen (nobody hears them), whisper (the agent does), barge (all do). Raises `Invalid`, `NotFound`,
    `Conflict`.
    """
    reason = _reason(reason)
    call, agent_id = _live(contact_id)
    if by == agent_id:
        raise Conflict(code="own-call", text=_("This call is in your own hands."))
    party = _at(call, by)
    if party is not None and party.kind != "monitor":
        raise Conflict(code="party-there", text=_("You are in this call already."))
    if party is None:
        _can_be_rung(by)
        party = parties.ask(
            call_id=call.pk,
            contact_id=contact_id,
            kind="monitor",
            wish=WAYS[way],
            by=by,
            agent_id=by,
            note=reason,
        )
    elif party.state == "ringing":
        raise Conflict(code="still-rings", text=_("Your telephone rings for this call. Pick it up first."))
    elif party.state != WAYS[way]:
        parties.move(party=party, contact_id=contact_id, to=WAYS[way])
    audit.record(
        AUDIT[way], object=("contact", contact_id), reason=reason,
        data={"call": str(call.pk), "agent": str(agent_id), "sign": company.shows_listening()},
    )  # fmt: skip
    return party


def _can_be_rung(agent_id: UUID) -> None:
    if people.find_agent(agent_id) is None or not has_phone(agent_id):
        raise Invalid(
            code="no-phone",
            text=_("You have no telephone to listen with. An administrator can give you one."),
        )
    if company.asked_of(agent_id).exists():
        raise Conflict(code="party-elsewhere", text=_("You are in another call. End that first."))


@writes
def stop_monitoring(*, contact_id: UUID, by: UUID) -> None:
    """The supervisor goes; the call does not notice. Harmless when they are not there."""
    call = rows.one(Call, where={"contact_id": contact_id})
    party = _at(call, by) if call is not None else None
    if call is not None and party is not None and party.kind == "monitor":
        reason = "cancelled" if party.state == "ringing" else "dropped"
        parties.move(party=party, contact_id=contact_id, to="ended", reason=reason)


@writes
def take_over(*, contact_id: UUID, by: UUID, reason: str) -> None:
    """The supervisor has the caller from now on; at once when they are in the call already, else their telephone
    rings first and the caller hears music. Raises `Invalid`, `NotFound`, `Conflict`.
    """
    reason = _reason(reason)
    call, agent_id = _live(contact_id)
    if by == agent_id:
        raise Conflict(code="own-call", text=_("This call is in your own hands."))
    party = _at(call, by)
    if party is not None and party.state == "ringing":
        raise Conflict(code="still-rings", text=_("Your telephone rings for this call. Pick it up first."))
    if by not in people.signed_in_agent_ids([by]):
        raise Invalid(
            code="signed-out",
            text=_("You are signed out at the desk. Set yourself to free there, then take the call over."),
        )
    if party is None:
        _can_be_rung(by)
    for other in company.parties_of(call.pk):
        if other.state in ("ringing", "private", "aside") and other.agent_id != by:
            parties.move(party=other, contact_id=contact_id, to="ended", reason="dropped")
    if party is not None:
        parties.move(party=party, contact_id=contact_id, to="took_over", reason="supervisor")
    routing.take_over(contact_id=contact_id, by=by, reason=reason)
    if call.muted:
        rows.change(Call, where={"id": call.pk}, to={"muted": False})
    if call.state == "held":
        moved(call, "talking", data={"agent": str(by), "taken_over": True})
