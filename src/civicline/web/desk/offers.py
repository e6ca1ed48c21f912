"""The offer at the top of the list: what it is, why it is theirs, how long it rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext, ngettext

from civicline.intake import selectors as intake
from civicline.intake.wording import owed_label
from civicline.kernel import clock
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.routing.channels import class_of, is_live
from civicline.web.desk import hand, wording

if TYPE_CHECKING:
    from civicline.intake.models import Message
    from civicline.people.models import Agent
    from civicline.routing.models import Offer


@dataclass(frozen=True, slots=True)
class Card:
    """An open offer. `seconds` are left of `total`, both whole."""

    id: UUID
    title: str
    channel: str
    sound: str
    waited: str
    why: str
    seconds: int
    total: int
    note: str = ""
    """What whoever passed it on wrote for the next one."""


def cards(agent: Agent | None) -> list[Card]:
    """The open offers of an agent, live ones before written work, each oldest first; one short query when none."""
    offers = routing.offers_of(agent.pk) if agent is not None else []
    if not offers or agent is None:
        return []
    skilled = any((offer.reasons.get("need") or {}).get("skills") for offer in offers)
    levels = people.skill_levels(agent.pk) if skilled else {}
    offers.sort(key=lambda offer: (not offer.contact.emergency, not is_live(offer.contact.channel)))  # stable
    notes = intake.notes_handed_on(offer.contact_id for offer in offers)
    return [_card(offer, levels, notes.get(offer.contact_id)) for offer in offers]


def _card(offer: Offer, levels: dict[str, int], note: Message | None) -> Card:
    contact, now = offer.contact, clock.now()
    about = contact.service.name if contact.service else offer.queue.name
    title = gettext("%(channel)s, %(service)s") % {
        "channel": owed_label(contact.data) or wording.channel_label(contact.channel),
        "service": wording.text_in(about, offer.queue.code),
    }
    return Card(
        id=offer.pk,
        title=title,
        channel=contact.channel,
        sound="emergency" if contact.emergency else class_of(contact.channel),
        waited=_waited(
            hand.name_of(contact), (now - (contact.queued_at or contact.arrived_at)).total_seconds()
        ),
        why=wording.reasons_in_words(offer.reasons, levels),
        seconds=max(0, round((offer.expires_at - now).total_seconds())),
        total=max(1, round((offer.expires_at - offer.made_at).total_seconds())),
        note=_handed_on(note) if note else "",
    )


def _handed_on(note: Message) -> str:
    """What was written for the next one, with who wrote it; what the exchange itself says stands alone."""
    if not note.author_name:
        return note.body
    return gettext("%(name)s: %(note)s") % {"name": note.author_name, "note": note.body}


def _waited(name: str, seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return gettext("%(name)s has just come") % {"name": name}
    if minutes < 120:
        words = ngettext(
            "%(name)s has waited %(count)s minute", "%(name)s has waited %(count)s minutes", minutes
        )
        return words % {"name": name, "count": minutes}
    return gettext("%(name)s has waited %(count)s hours") % {"name": name, "count": minutes // 60}


def gone_words(offer: Offer | None) -> str:
    """Why an offer cannot be answered any more, with the time: "went back at 10:40, to its own place"."""
    if offer is None or offer.answered_at is None:
        return gettext("This offer is gone.")
    at = wording.clock_time(offer.answered_at)
    words = {
        "accepted": gettext("This offer was accepted at %(at)s.") % {"at": at},
        "declined": gettext("This offer was declined at %(at)s.") % {"at": at},
        "timed_out": gettext(
            "This offer went back at %(at)s, to its own place. You are set to not responding. Are you there?"
        )
        % {"at": at},
        "withdrawn": gettext(
            "This offer was taken back at %(at)s: the resident left, or it went to a colleague."
        )
        % {"at": at},
    }
    return words.get(offer.state, gettext("This offer is gone."))
