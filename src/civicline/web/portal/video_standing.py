"""How a call with a picture stands, in words for somebody who may hear nothing of it: everything told is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language, gettext

from civicline.channels.chat.pages import in_words
from civicline.channels.chat.wording import given_name
from civicline.channels.voice.video import selectors as video
from civicline.intake import selectors as intake
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.channels.voice.video.models import Visit
    from civicline.intake.models import Contact

CALLING, WAITING, RINGING, TALKING, HELD, OVER = "calling", "waiting", "ringing", "talking", "held", "over"
ON, OFF, NONE = "on", "off", "none"
"""The agent's picture: to be seen, turned off by them, or not there at all."""
MOST_LINES: Final = 200


def standing(visit: Visit, after: int = 0) -> dict[str, Any]:
    """What the page shows now; `after`: the number of the last written line that it has."""
    call = visit.call
    contact = intake.find_contact(call.contact_id) if call is not None else None
    if call is None or contact is None:
        return _told(CALLING, gettext("Calling ..."), "")
    phase = _phase(contact, call.state)
    lines = [
        {
            "number": one.number,
            "side": "me" if one.direction == "in" else "them",
            "who": given_name(one.author_name) if one.author_name else "",
            "text": one.body,
        }
        for one in intake.list_messages(contact.pk, after=after)
        if one.direction in ("in", "out")
    ]
    return _words(phase, contact, visit) | {"lines": lines[-MOST_LINES:], "waived": visit.waived}


def _phase(contact: Contact, call_state: str) -> str:
    if contact.state in ("received", "queued"):
        return WAITING
    if contact.state == "offered" or (contact.state == "connected" and call_state in ("queued", "offered")):
        return RINGING
    if contact.state in ("connected", "parked"):
        return HELD if call_state == "held" or contact.state == "parked" else TALKING
    return OVER


def _told(phase: str, title: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "phase": phase,
        "title": title,
        "text": text,
        "lines": [],
        "picture": NONE,
        "may_waive": False,
    } | more


def _words(phase: str, contact: Contact, visit: Visit) -> dict[str, Any]:
    if phase == WAITING:
        return _waiting(contact, visit)
    if phase == RINGING:
        return _told(phase, gettext("It is your turn"), gettext("We are calling somebody for you."))
    if phase == OVER:
        return _told(phase, gettext("The call has ended."), "")
    name = given_name(contact.agent.user.name) if contact.agent else gettext("A colleague")
    picture = _picture(contact, visit)
    if phase == HELD:
        text = gettext("%(name)s will be back. Until then nobody sees you.") % {"name": name}
        return _told(phase, gettext("Please wait a moment"), text, picture=picture, who=name)
    title = gettext("You are connected with %(name)s") % {"name": name}
    return _told(phase, title, _of_picture(picture, name), picture=picture, who=name)


def _picture(contact: Contact, visit: Visit) -> str:
    if contact.agent_id is None or not video.is_seen(contact.agent_id):
        return NONE
    return ON if visit.agent_picture else OFF


def _of_picture(picture: str, name: str) -> str:
    words = {
        NONE: gettext(
            "%(name)s has no camera, so you do not see them. Write to each other below, or end the call and use "
            "chat or a relay service."
        ),
        OFF: gettext("%(name)s has turned the camera off. You can write below."),
    }
    return words[picture] % {"name": name} if picture in words else ""


def _waiting(contact: Contact, visit: Visit) -> dict[str, Any]:
    wait = routing.get_wait(contact)
    title = (
        gettext("You are number %(place)s in line") % {"place": wait.position}
        if wait.position is not None
        else gettext("You are in line")
    )
    if visit.waived:
        return _told(WAITING, title, _range(wait.range))
    who = video.signers(visit.queue_id, visit.sign)
    name = localized(video.sign_languages().get(visit.sign, {}), get_language() or "en") or visit.sign
    if not any(one.there for one in who):
        text = gettext(
            "Nobody who signs %(language)s is at work just now, so we cannot say how long it takes. Stay, or choose "
            "below how to go on."
        ) % {"language": name}
        return _told(WAITING, title, text, may_waive=True)
    return _told(WAITING, title, _range(wait.range), may_waive=True)


def _range(told: Any) -> str:
    if told is None:
        return gettext("We cannot say yet how long it takes. Your place is kept.")
    words = in_words("wait_words", (told.low_minutes * 60, told.high_minutes * 60), "words")
    return gettext("It will probably take %(wait)s.") % {"wait": words}
