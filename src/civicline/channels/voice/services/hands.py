"""An agent's verbs on a call with others in it: consult, swap, join, complete, drop, leave.

What is written here is the wish; the exchange follows. Whoever is consulted is rung at their own telephone, and is
offered no other work while they are there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.company import selectors as company
from civicline.channels.voice.company import services as parties
from civicline.channels.voice.models import Call, Phone
from civicline.channels.voice.services.calls import end_call, get, moved
from civicline.channels.voice.services.outbound import refuse_number
from civicline.channels.voice.services.outbound_menu import is_of_menu, menu_goes_on, served_outside
from civicline.channels.voice.services.passing import comes_back, is_passed_on, passed_on_ends
from civicline.engine.parties import TALKING
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel import clock, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from civicline.people import selectors as people
from civicline.routing import selectors as routing_selectors
from civicline.routing import services as routing
from civicline.routing.channels import is_live
from civicline.routing.services.work import in_hand_of

if TYPE_CHECKING:
    from civicline.channels.voice.company.models import Party

WITH_CALLER: Final = ("talking", "held")
CONSULTED: Final = ("ringing", "private", "aside", "joined")


def call_in_hand(contact_id: UUID, agent_id: UUID) -> Call:
    """The call, with a caller on the line, in this agent's hand. Raises `Forbidden`, `NotFound`, `Conflict`."""
    contact = in_hand_of(contact_id, agent_id)
    call = rows.one(Call, where={"contact_id": contact_id})
    if call is None:
        raise NotFound(code="call-unknown", text=_("There is no such call."))
    if call.state not in WITH_CALLER or contact.state != "connected":
        raise Conflict(code="call-moved", text=_("The call has changed in the meantime."), state=call.state)
    return call


def _consulted(call: Call) -> list[Party]:
    return [one for one in company.parties_of(call.pk) if one.kind == "consult"]


def _party(call: Call, party_id: UUID, states: Iterable[str]) -> Party:
    party = company.get_party(party_id)
    if party is None or party.call_id != call.pk or party.kind != "consult":
        raise NotFound(code="party-unknown", text=_("Nobody like this is in the call."))
    if party.state not in states:
        raise Conflict(code="party-moved", text=_("They have left, or have not answered yet."))
    return party


# --- Asking somebody in


@writes
def consult(
    *,
    contact_id: UUID,
    agent_id: UUID,
    to_agent_id: UUID | None = None,
    queue_code: str = "",
    number: str = "",
    note: str = "",
) -> Party:
    """Ring a colleague, somebody of a queue, or a number outside; the caller hears music meanwhile.

    `note`: what they read while it rings; it stays with the contact. Raises `Invalid`, `Forbidden`, `NotFound`,
    `Conflict`, and `outside.NotCalled` for a number that is not called from here.
    """
    call = call_in_hand(contact_id, agent_id)
    there = _consulted(call)
    if any(one.state in ("ringing", "private") for one in there):
        raise Conflict(code="consult-runs", text=_("You are asking somebody already. End that first."))
    queue = routing_selectors.get_queue(queue_code) if queue_code else None
    if queue_code and queue is None:
        raise Invalid(code="consult-target", text=_("Choose a colleague, a queue or a number."))
    if queue is not None:
        to_agent_id = _free_of(routing_selectors.members_of(queue.pk), besides=agent_id)
    elif to_agent_id is not None:
        _must_be_free(to_agent_id, agent_id)
    elif number:
        number = refuse_number(number=number)
    else:
        raise Invalid(code="consult-target", text=_("Choose a colleague, a queue or a number."))
    _keep_note(contact_id, agent_id, to_agent_id, note)
    party = parties.ask(
        call_id=call.pk, contact_id=contact_id, kind="consult", wish="private", by=agent_id, agent_id=to_agent_id,
        number="" if to_agent_id else number, queue_id=queue.pk if queue else None, note=note.strip(),
    )  # fmt: skip
    _hold_unless_joined(call, agent_id)
    return party


def _keep_note(contact_id: UUID, agent_id: UUID, to_agent_id: UUID | None, note: str) -> None:
    if note.strip():
        intake.add_message(
            contact_id=contact_id, direction="note", body=note, author_id=agent_id,
            mentions=[to_agent_id] if to_agent_id else (), data={"consult": str(to_agent_id or "")},
        )  # fmt: skip


def _free_of(members: Iterable[UUID], *, besides: UUID) -> UUID:
    """Who of them has been idle the longest and has a telephone."""
    waiting = [
        fact for fact in people.agent_states(members) if fact.agent_id != besides and _is_free(fact.agent_id)
    ]
    if not waiting:
        raise Conflict(code="nobody-free", text=_("Nobody of this queue is free to talk now."))
    return min(waiting, key=lambda fact: (fact.idle_since, str(fact.agent_id))).agent_id


def _is_free(agent_id: UUID) -> bool:
    if agent_id not in people.available_agent_ids([agent_id]) or not has_phone(agent_id):
        return False
    in_hand = intake_selectors.contacts_of_agent(agent_id, ("offered", "connected"))
    return not any(is_live(contact.channel) for contact in in_hand)


def has_phone(agent_id: UUID) -> bool:
    """Whether they have a telephone that can be rung."""
    return rows.one(Phone, where={"agent_id": agent_id}) is not None


def _must_be_free(colleague_id: UUID, agent_id: UUID) -> None:
    if colleague_id == agent_id:
        raise Invalid(code="consult-target", text=_("Choose somebody else than yourself."))
    if not has_phone(colleague_id):
        raise Invalid(code="no-phone", text=_("This person has no telephone."))
    if not _is_free(colleague_id):
        raise Conflict(code="colleague-busy", text=_("This person is not free to talk now. Choose another."))


# --- Who hears whom


@writes
def swap(*, contact_id: UUID, agent_id: UUID, party_id: UUID) -> None:
    """From the person consulted to the caller, or back. Raises `Forbidden`, `NotFound`, `Conflict`."""
    call = call_in_hand(contact_id, agent_id)
    party = _party(call, party_id, ("private", "aside"))
    if party.state == "private":
        parties.move(party=party, contact_id=contact_id, to="aside")
        _back_to_caller(call, agent_id)
        return
    if any(one.state in ("ringing", "private") for one in _consulted(call)):
        raise Conflict(code="consult-runs", text=_("You are asking somebody already. End that first."))
    parties.move(party=party, contact_id=contact_id, to="private")
    _hold_unless_joined(call, agent_id)


@writes
def join(*, contact_id: UUID, agent_id: UUID, party_id: UUID) -> None:
    """All hear each other. Raises `Forbidden`, `NotFound`, `Conflict`."""
    call = call_in_hand(contact_id, agent_id)
    parties.move(party=_party(call, party_id, ("private", "aside")), contact_id=contact_id, to="joined")
    _back_to_caller(call, agent_id)


@writes
def drop(*, contact_id: UUID, agent_id: UUID, party_id: UUID) -> None:
    """End the consultation, or put somebody out of the conference; the agent is with the caller again."""
    call = call_in_hand(contact_id, agent_id)
    party = _party(call, party_id, CONSULTED)
    reason = "cancelled" if party.state == "ringing" else "dropped"
    parties.move(party=party, contact_id=contact_id, to="ended", reason=reason)
    if party.state in ("ringing", "private"):
        _back_to_caller(call, agent_id)


def _hold_unless_joined(call: Call, agent_id: UUID) -> None:
    """Music for the caller; not while others are with them."""
    if call.state == "talking" and not any(one.state == "joined" for one in _consulted(call)):
        moved(call, "held", data={"agent": str(agent_id), "consult": True})


def _back_to_caller(call: Call, agent_id: UUID) -> None:
    if call.state == "held":
        moved(call, "talking", data={"agent": str(agent_id), "consult": True})


# --- Passing the call on


@writes
def complete(*, contact_id: UUID, agent_id: UUID, party_id: UUID) -> None:
    """Leave the caller to whoever was consulted. A colleague has the contact from then on; after a number outside
    the agent wraps up while the two go on talking. Raises `Forbidden`, `NotFound`, `Conflict`.
    """
    call = call_in_hand(contact_id, agent_id)
    _pass_to(call, agent_id, _party(call, party_id, TALKING))


@writes
def leave(*, contact_id: UUID, agent_id: UUID) -> None:
    """Leave a conference while the others go on: the colleague who joined first has the contact then."""
    call = call_in_hand(contact_id, agent_id)
    heir = _heir(call, ("joined",))
    if heir is None:
        raise Conflict(code="conference-empty", text=_("Nobody else is with the caller. Hang up instead."))
    _pass_to(call, agent_id, heir)


@writes
def agent_left(*, call_id: UUID) -> None:
    """The agent put their telephone down: whoever was with them goes on with the caller, else the call is over."""
    call = get(call_id)
    contact = intake_selectors.find_contact(call.contact_id)
    heir = _heir(call, ("joined", "private")) if call.state in WITH_CALLER else None
    if heir is None or contact is None or contact.agent_id is None or contact.state != "connected":
        end_call(call_id=call_id)
    else:
        _pass_to(call, contact.agent_id, heir)


def _heir(call: Call, states: tuple[str, ...]) -> Party | None:
    """Who goes on with the caller: one of ours before a number outside, whoever came first."""
    there = [one for one in _consulted(call) if one.state in states]
    return min(there, key=lambda one: (one.agent_id is None, one.asked_at), default=None)


def _pass_to(call: Call, agent_id: UUID, party: Party) -> None:
    for other in _consulted(call):
        if other.pk != party.pk and other.state != "joined":
            parties.move(party=other, contact_id=call.contact_id, to="ended", reason="dropped")
    if party.agent_id is not None:
        parties.move(party=party, contact_id=call.contact_id, to="took_over", reason="consultation")
        routing.hand_over(
            contact_id=call.contact_id, agent_id=agent_id, to_agent_id=party.agent_id, reason="consultation"
        )
        if call.state == "held" or call.muted:
            _plain_talk(call, party.agent_id)
        return
    if party.state != "joined":
        parties.move(party=party, contact_id=call.contact_id, to="joined")
    parties.end_all(call_id=call.pk, contact_id=call.contact_id, kinds=("monitor",))
    if moved(call, "outside", data={"agent": str(agent_id), "party": str(party.pk)}) is not None:
        routing.start_wrap_up(contact_id=call.contact_id, agent_id=agent_id)


def _plain_talk(call: Call, agent_id: UUID) -> None:
    """Whoever takes over begins unmuted, with the caller on the line."""
    if call.muted:
        rows.change(Call, where={"id": call.pk}, to={"muted": False})
    _back_to_caller(call, agent_id)


# --- What the exchange told


@writes
def party_answered(*, call_id: UUID, party_id: UUID) -> None:
    """A party picked up. Harmless when repeated, or when they were let go in the meantime."""
    call = get(call_id)
    party = parties.answered(party_id=party_id, contact_id=call.contact_id)
    if party is None:
        return
    if is_of_menu(call):
        served_outside(call)
    elif party.state == "private" and party.by_id is not None:
        _hold_unless_joined(call, party.by_id)  # the agent was back with the caller while it rang


CAUSES: Final = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "refused", 16: "no_answer"}
"""Q.850 of a telephone that was not picked up; any other: it could not be reached."""


@writes
def party_gone(*, call_id: UUID, party_id: UUID, cause: int, answered: bool) -> None:
    """A party's leg has ended, or never came. Harmless when repeated."""
    call = get(call_id)
    reason = "hung_up" if answered else CAUSES.get(cause, "unreachable")
    ended = parties.end(party_id=party_id, contact_id=call.contact_id, reason=reason)
    if is_of_menu(call):
        menu_goes_on(call, answered=answered)
    elif is_passed_on(call) and ended is not None:
        if answered:
            passed_on_ends(call, reason="agent_hung_up")
        else:
            comes_back(call, ended, reason)
    elif call.state == "outside" and not any(one.state == "joined" for one in _consulted(call)):
        moved(call, "ended", reason="agent_hung_up", ended_at=clock.now())


@writes
def decline(*, party_id: UUID, agent_id: UUID) -> None:
    """Whoever is rung says no on the screen. Raises `Forbidden`, `NotFound`; harmless when they have answered."""
    party = company.get_party(party_id)
    if party is None:
        raise NotFound(code="party-unknown", text=_("Nobody like this is in the call."))
    if party.agent_id != agent_id:
        raise Forbidden(code="not-asked", text=_("You were not asked to this call."))
    if party.state == "ringing":
        call = get(party.call_id)
        parties.move(party=party, contact_id=call.contact_id, to="ended", reason="refused")
