"""The call at a conversation, as whoever has it in hand sees it: how it stands, who calls, what they chose before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from civicline.channels.voice import selectors as voice
from civicline.channels.voice.flows.trail import Chosen, trail
from civicline.channels.voice.recordings import selectors as recordings
from civicline.kernel import selectors as log
from civicline.web.desk import picture, wording
from civicline.web.desk.access import user_of

if TYPE_CHECKING:
    from civicline.channels.voice.asterisk.endpoints import PhoneLine
    from civicline.channels.voice.models import Call
    from civicline.intake.models import Contact

RINGS, DIALS, TALKS, HELD, ASIDE = "rings", "dials", "talks", "held", "aside"
_STANDING = {
    "queued": RINGS,
    "offered": RINGS,
    "callback": RINGS,
    "dialling": DIALS,
    "talking": TALKS,
    "held": HELD,
}


@dataclass(frozen=True, slots=True)
class Panel:
    """A call in one's own hands.

    state    rings (accepted here, and the telephone is still to be picked up), dials (theirs rings), talks, held,
             aside (for an emergency).
    since    first word with an agent; None before it.     held_since  since when the caller hears music.
    phone    where it rings: browser or sip, with its extension; None for nobody's.
    silent   payment data is given: silence is recorded, and keys are hidden.
    pressed  what the caller pressed in this talk, the last keys; • for one that is hidden.
    from_page  called from our own page, where nobody has a number.
    path     what the caller pressed in the menu.          said  the state as one sentence, for screen readers.
    """

    id: str
    state: str
    words: str
    said: str
    number: str
    from_page: bool
    language: str
    since: datetime | None
    held_since: datetime | None
    muted: bool
    recorded: bool
    silent: bool
    pressed: str
    phone: PhoneLine | None
    path: tuple[Chosen, ...]
    picture: picture.Picture | None = None

    @property
    def on(self) -> bool:
        """Whether caller and agent are connected, be it on hold."""
        return self.state not in (RINGS, DIALS)


def panel(request: HttpRequest, contact: Contact) -> Panel | None:
    """The panel of a contact that is a call, in the hands of who asks; None for all others."""
    if contact.channel != "voice" or contact.agent_id != user_of(request).pk:
        return None
    if contact.state not in ("connected", "parked"):
        return None
    call = voice.call_of_contact(contact.pk)
    state = _STANDING.get(call.state, "") if call is not None else ""
    if call is None or not state:
        return None
    if state in (TALKS, HELD) and contact.state == "parked":
        state = ASIDE
    recorded, silent = recordings.is_recorded(contact.pk)
    phone = voice.phone_of(user_of(request).pk)
    words, seen = _words(state, phone), picture.picture_of(contact, user_of(request).pk)
    return Panel(
        id=str(call.pk),
        state=state,
        words=words,
        said=f"{words}. {gettext('The caller does not hear you')}." if call.muted else f"{words}.",
        number=call.number,
        from_page=voice.is_from_page(contact),
        language=seen.sign if seen else wording.language_name(call.language) if call.language else "",
        since=call.talking_at,
        held_since=_held_since(contact) if state == HELD else None,
        muted=call.muted,
        recorded=recorded,
        silent=silent or call.paying,
        pressed=call.pressed,
        phone=phone,
        path=tuple(_path(call)),
        picture=seen,
    )


def _words(state: str, phone: PhoneLine | None) -> str:
    if state == RINGS:
        in_browser = phone is not None and phone.kind == "browser"
        return gettext("Connecting") if in_browser else gettext("Pick up your telephone")
    words = {
        DIALS: gettext("Their telephone rings"),
        TALKS: gettext("On the call"),
        HELD: gettext("On hold, music plays"),
        ASIDE: gettext("Set aside, music plays"),
    }
    return words[state]


def _held_since(contact: Contact) -> datetime | None:
    moments = [row.at for row in log.events_of_contact(contact.pk) if row.name == "call.held"]
    return max(moments, default=None)


def _path(call: Call) -> list[Chosen]:
    chosen = trail(call.flow, get_language() or "en")
    return [
        Chosen(one.key, wording.language_name(one.words)) if one.words in wording.LANGUAGE_TAGS else one
        for one in chosen
    ]
