"""Who else is in a call, as the desk shows it: whom one asked, who listens, and who asks for oneself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import selectors as voice
from civicline.channels.voice.company import selectors as company
from civicline.channels.voice.flows import selectors as flows
from civicline.kernel.telephone import in_groups, in_sentence
from civicline.web.desk import hand

if TYPE_CHECKING:
    from civicline.channels.voice.company.models import Party
    from civicline.intake.models import Contact
    from civicline.people.models import User

STATES = {
    "ringing": _("Their telephone rings"),
    "private": _("You talk alone, the caller hears music"),
    "aside": _("Waits with music"),
    "joined": _("Talks with you and the caller"),
}
APART = _("You talk alone, the others talk with the caller")
HEARING = {
    "listening": _("%(name)s listens to this call."),
    "whispering": _("%(name)s listens and speaks to you. The caller does not hear it."),
    "joined": _("%(name)s is in this call. Everybody hears them."),
}

SIGNS = {"listening": "ear", "whispering": "whisper", "joined": "users"}
"""As on the supervisor's own buttons."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody asked into the call. `state` as in `engine.parties`; `since`: asked, or answered.

    `digits`: no name is known, and what stands for it is their number.
    """

    id: UUID
    name: str
    digits: bool
    state: str
    words: str
    since: datetime

    @property
    def answered(self) -> bool:
        """Whether they are on the line."""
        return self.state != "ringing"


@dataclass(frozen=True, slots=True)
class Company:
    """Who else is in a call. `heard`: supervisors, where the site's rule shows them, as sign and sentence."""

    people: tuple[Person, ...]
    heard: tuple[tuple[str, str], ...]

    @property
    def may_ask(self) -> bool:
        """Whether somebody (else) can be asked now."""
        return not any(one.state in ("ringing", "private") for one in self.people)

    @property
    def may_leave(self) -> bool:
        """Whether others would be with the caller still."""
        return any(one.state == "joined" for one in self.people)


def company_of(contact: Contact, user_id: UUID) -> Company | None:
    """The company in a call in one's own hands; None for whatever is no call, or not theirs."""
    if contact.channel != "voice" or contact.agent_id != user_id or contact.state != "connected":
        return None
    there = company.parties_of_contact(contact.pk)
    joined = any(one.state == "joined" for one in there)
    names = names_of(one for one in there if one.kind == "consult")
    shown = company.shows_listening() if any(one.kind == "monitor" for one in there) else False
    return Company(
        people=tuple(_person(one, names, joined=joined) for one in there if one.kind == "consult"),
        heard=tuple(_heard(one) for one in there if one.kind == "monitor" and _tells(one, shown)),
    )


def _tells(party: Party, shown: bool) -> bool:
    """Who speaks is heard anyway; who listens is shown where the rule says so."""
    return party.state == "joined" or (shown and party.state in HEARING)


def _heard(party: Party) -> tuple[str, str]:
    name = party.agent.user.name if party.agent else ""
    return SIGNS[party.state], str(HEARING[party.state]) % {"name": name}


def names_of(parties: Iterable[Party]) -> dict[UUID, str]:
    """What those asked in are called: colleagues, and numbers outside that have a name here."""
    there = list(parties)
    outside = flows.names_of_outside(one.number for one in there if one.agent is None)
    found = {one.pk: one.agent.user.name if one.agent else outside.get(one.number, "") for one in there}
    return {key: name for key, name in found.items() if name}


def names_asked_in(party_ids: Iterable[str]) -> dict[str, str]:
    """What those asked into a call are called in a sentence, by their ids as the log has them."""
    wanted = [UUID(key) for key in party_ids]
    there = company.asked_in(wanted) if wanted else []
    names = names_of(there)
    return {str(one.pk): names.get(one.pk) or in_sentence(one.number) for one in there}


def _person(party: Party, names: Mapping[UUID, str], *, joined: bool) -> Person:
    """`joined`: somebody is with the caller meanwhile, who then hears no music."""
    name = names.get(party.pk, "")
    words = APART if joined and party.state == "private" else STATES.get(party.state, party.state)
    return Person(
        id=party.pk,
        name=name or in_groups(party.number),
        digits=not name,
        state=party.state,
        words=str(words),
        since=party.answered_at or party.asked_at,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks for help with a call: who, about what, and what they wrote. `contact_id` may be opened."""

    id: UUID
    contact_id: UUID
    title: str
    about: str
    note: str
    answered: bool
    in_browser: bool
    """Whether their own telephone is the one in the browser, so that the card itself can answer it."""


def asked_of(agent_id: UUID) -> list[Asked]:
    """To which calls of others this agent is asked now; nothing is looked up where there is no telephone."""
    if settings.CIVICLINE.voice_mode == "off":
        return []
    found = [one for one in company.asked_of(agent_id) if one.kind == "consult"]
    phone = voice.phone_of(agent_id) if found else None
    return [_asked(one, in_browser=phone is not None and phone.kind == "browser") for one in found]


def _asked(party: Party, *, in_browser: bool) -> Asked:
    contact = party.call.contact
    name = party.by.user.name if party.by else ""
    rings = party.state == "ringing"
    words = gettext("%(name)s asks for you on the telephone") if rings else gettext("You talk with %(name)s")
    return Asked(
        id=party.pk, contact_id=contact.pk, title=words % {"name": name}, about=hand.name_of(contact),
        note=party.note, answered=not rings, in_browser=in_browser,
    )  # fmt: skip


def asked_into(user: User, obj: object) -> bool:
    """Whether they are rung for the call of this contact, or talk in it: then they may read what it is about."""
    contact_id = getattr(obj, "pk", None)
    if settings.CIVICLINE.voice_mode == "off" or getattr(obj, "channel", "") != "voice" or contact_id is None:
        return False
    return company.was_asked(user.pk, contact_id)
