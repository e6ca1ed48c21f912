"""A call with a picture: taken in and put into its line, written in, and gone on with in another way.

Who calls so signs and may hear nothing: no menu is spoken to them, the page has asked what a menu would have asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import tickets
from civicline.channels.voice.adapter import PHONE_SKILL
from civicline.channels.voice.asterisk.endpoints import REALM, VIDEO
from civicline.channels.voice.services.browser_lines import DOOR, BrowserLine, guest_line
from civicline.channels.voice.services.calls import Arrived, arrive, get, moved
from civicline.channels.voice.video import selectors
from civicline.channels.voice.video import services as video
from civicline.channels.voice.video.models import Visit
from civicline.intake import selectors as intake_selectors
from civicline.intake import services as intake
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.routing import services as routing
from civicline.routing.services.work import in_hand_of

if TYPE_CHECKING:
    from civicline.config.options import Configuration

LIVE: Final = frozenset({"received", "queued", "offered", "connected", "parked"})
LONGEST_TEXT: Final = 2_000


class VisitOver(NotFound):
    """The page shows the ticket of a call that is not there."""

    default_code = "video-over"
    default_text = _("This call is over.")


def mark_of(ticket: tickets.Ticket) -> str:
    """What is dialled for a visit: it follows from who holds the ticket, and the ticket cannot be made from it."""
    return hashlib.sha256(f"video:{ticket.holder}".encode()).hexdigest()[:24]


def video_line(
    *, conf: Configuration, language: str, queue_id: int, sign: str, sound: bool, again: str = ""
) -> BrowserLine:
    """A line for a resident who calls with a picture. Raises as `guest_line`, and `NotInSign`, `ClosedNow`."""
    line = guest_line(conf=conf, language=language, again=again, seen=True)
    ticket = tickets.read(line.ticket)
    if ticket is None:
        raise VisitOver
    mark = mark_of(ticket)
    video.make_visit(mark=mark, queue_id=queue_id, sign=sign, language=language, sound=sound)
    return replace(line, dial=f"sip:{VIDEO}-{language or 'en'}-{mark}@{REALM}")


def visit_of(shown: str) -> Visit:
    """The visit of a page that shows its ticket, or the address with it. Raises `VisitOver`."""
    ticket = tickets.read(shown.removeprefix(DOOR), age=tickets.REMEMBERED_S)
    found = selectors.visit(mark_of(ticket)) if ticket is not None and ticket.kind == tickets.GUEST else None
    if found is None:
        raise VisitOver
    return found


@writes
def arrive_with_picture(*, raw: Mapping[str, Any], mark: str) -> Arrived | None:
    """Take in a call of a visit and put it into its line at once; None for a mark that nobody was given."""
    visit = selectors.visit(mark)
    if visit is None or (visit.call is not None and visit.call.channel != raw["channel"]):
        return None
    arrived = arrive(raw={**raw, "language": visit.language}, in_line=False)
    if visit.call is not None:
        return arrived
    Visit.objects.filter(pk=mark).update(call_id=arrived.call_id)
    contact = intake_selectors.find_contact(arrived.contact_id)
    if contact is not None and contact.state == "received":
        routing.enqueue(
            contact_id=contact.id,
            queue=visit.queue,
            reason="video",
            skills=_needs(visit.sign),
            languages=[visit.sign],
            data={**contact.data, selectors.PICTURE: visit.sign},
        )
        moved(get(arrived.call_id), "queued")
    return arrived


def _needs(sign: str) -> list[list[Any]]:
    """Whoever signs and is seen. As skills and not as languages alone: a ring may drop languages, and nobody who
    signs is helped by somebody who does not, unless they say so.
    """
    return [list(PHONE_SKILL), list(selectors.VIDEO_SKILL), [sign, selectors.SIGN_LEVEL]]


@writes
def go_on_in_writing(*, visit: Visit) -> None:
    """With the caller's consent: whoever of the queue is free takes the call, and both write. The place is kept."""
    contact = _contact(visit)
    if contact.state not in ("queued", "offered"):
        raise Conflict(
            code="call-moved", text=_("The call has changed in the meantime."), state=contact.state
        )
    video.waive_sign(visit=visit)
    intake.change_contact(
        contact_id=contact.id, reason="sign_waived", skills=[list(PHONE_SKILL)], languages=[visit.language]
    )


@writes
def write_beside(*, visit: Visit, text: str, key: str) -> None:
    """A line that the caller writes beside the picture; `key` makes a repeat harmless. Raises `Invalid`."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise Invalid(fields={"text": _("Write something, but not more than 2,000 characters.")})
    contact = _contact(visit)
    intake.add_message(
        contact_id=contact.id, direction="in", body=text, client_key=key[:64] or None,
        language=visit.language,
    )  # fmt: skip


def _contact(visit: Visit) -> Any:
    contact = intake_selectors.find_contact(visit.call.contact_id) if visit.call is not None else None
    if contact is None or contact.state not in LIVE:
        raise VisitOver
    return contact


def turn_caller_picture(*, visit: Visit, on: bool) -> None:
    """The caller turned their camera on or off."""
    if visit.call is not None:
        video.turn_picture(call_id=visit.call.pk, side=video.CALLER, on=on)


@writes
def turn_own_picture(*, contact_id: UUID, agent_id: UUID, on: bool) -> None:
    """The agent turned their camera on or off. Raises `Forbidden`, `NotFound`."""
    in_hand_of(contact_id, agent_id)
    call = selectors.call_with_picture(contact_id)
    if call is None:
        raise NotFound(code="call-unknown", text=_("There is no such call."))
    video.turn_picture(call_id=call, side=video.AGENT, on=on)
