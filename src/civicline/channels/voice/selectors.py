"""Reads of calls and telephones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from civicline.channels.voice.adapter import FROM_PAGE
from civicline.channels.voice.asterisk.endpoints import PhoneLine
from civicline.channels.voice.company.selectors import Companion, companions
from civicline.channels.voice.models import Call, Phone
from civicline.engine.calls import LIVE
from civicline.intake import selectors as intake
from civicline.kernel import rows
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact


@dataclass(frozen=True, slots=True)
class Facts:
    """How a call stands in the database: what the exchange has to follow."""

    call_id: UUID
    contact_id: UUID
    contact_state: str
    call_state: str
    muted: bool
    agent_id: UUID | None
    offer_id: UUID | None
    phone: PhoneLine | None
    number: str
    recording: str
    company: tuple[Companion, ...] = ()
    keys: bool = False
    """Whether keys wait to be sent to the caller."""
    called: str = ""
    """The number of ours that was called."""

    @property
    def held(self) -> bool:
        """Whether the caller hears music while an agent is with them."""
        return self.call_state == "held"


def facts_of(contact_id: UUID) -> Facts | None:
    """How the call of this contact stands; None when there is none."""
    call = rows.one(Call, where={"contact_id": contact_id})
    contact = intake.find_contact(contact_id) if call is not None else None
    if call is None or contact is None:
        return None
    offer_id = None
    if contact.state == "offered" and contact.agent_id is not None:
        offer_id = routing.open_offer(contact_id, contact.agent_id)
    others = companions(call.pk) if call.state in ("talking", "held", "outside") else ()
    with_somebody = contact.agent_id is not None and contact.state in ("offered", "connected", "parked")
    return Facts(
        call.pk, contact_id, contact.state, call.state, call.muted, contact.agent_id, offer_id,
        phone_of(contact.agent_id) if with_somebody and contact.agent_id else None, call.number, call.recording,
        others, bool(call.keys), call.called,
    )  # fmt: skip


def offers_accepted(contact_id: UUID, agent_id: UUID | None) -> list[UUID]:
    """The offers of this contact that this agent accepted: a leg is named after the one it rang for."""
    return routing.offers_accepted(contact_id, agent_id) if agent_id is not None else []


def phone_of(agent_id: UUID) -> PhoneLine | None:
    """The telephone of an agent."""
    row = rows.one(Phone, where={"agent_id": agent_id})
    return None if row is None else PhoneLine(row.name, row.kind, row.address)


def list_phones() -> list[PhoneLine]:
    """All telephones, by extension."""
    return [PhoneLine(row.name, row.kind, row.address) for row in Phone.objects.order_by("name")]


def live_calls() -> list[Call]:
    """Calls whose caller is on the line, as far as we know; the longest first."""
    return list(Call.objects.filter(state__in=LIVE).order_by("started_at"))


def live_calls_with_contacts() -> list[Call]:
    """The same with their contacts, queues and agents, for lists."""
    found = Call.objects.filter(state__in=LIVE).select_related("contact__queue", "contact__agent__user")
    return list(found.order_by("started_at"))


def is_from_page(contact: Contact) -> bool:
    """Whether this call came from our own page, where nobody has a number."""
    return bool(contact.data.get(FROM_PAGE))


def calls_by_channel(channels: Iterable[str]) -> dict[str, Call]:
    """Calls by the caller's channel."""
    return {call.channel: call for call in Call.objects.filter(channel__in=list(channels))}


def get_call(call_id: UUID) -> Call | None:
    """One call."""
    return rows.one(Call, where={"id": call_id})


def call_of_contact(contact_id: UUID) -> Call | None:
    """The call of a contact."""
    return rows.one(Call, where={"contact_id": contact_id})
