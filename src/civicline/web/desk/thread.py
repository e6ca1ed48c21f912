"""One conversation as its agent sees it: words of both sides, notes, and what happened between them, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from civicline.channels.conversations import (
    Entry,
    Move,
    file_note,
    in_order,
    in_turns,
    minutes_waited,
    moves,
    time_waited,
)
from civicline.intake import events as happened
from civicline.web.desk import company, hand, wording

CALL_ENDED = "call.ended"
"""Told of calls that reached nobody alone: the end of any other one is its wrap-up."""
PARTY_LEFT = "call.party_left"
"""Told of those asked into a call: whoever waits for them looks here, because their line in the panel is gone."""

NOT_REACHED = "callback.not_reached"
"""Told with the time of the next try."""
RESTS: dict[str, Promise | str] = {
    "callback_rests": "",
    "passed_outside": _("Passed on to a number outside."),
}
"""Why a contact is with nobody, told otherwise than what is set aside; "" where another line says it."""

if TYPE_CHECKING:
    from civicline.intake.models import Attachment, Contact, Message
    from civicline.people.models import User


def entries(contact: Contact, reader: User, messages: Sequence[Message]) -> list[Entry]:
    """Everything of one contact, oldest first, with a line for each new day. kind: message, note, event, day."""
    return list(_with_days(in_order(_said(contact, reader, messages), _events(contact))))


def _with_days(lines: Iterable[Entry]) -> Iterable[Entry]:
    day: date | None = None
    for line in lines:
        today = timezone.localtime(line.at).date()
        if today != day:
            yield Entry(f"day-{today.isoformat()}", line.at, 0, "", kind="day")
            day = today
        yield line


def _said(contact: Contact, reader: User, messages: Sequence[Message]) -> Iterable[Entry]:
    them = hand.speaker_of(contact)
    for message, follows in in_turns(messages):
        key = f"m-{message.number}"
        if message.direction == "system":
            words = _system_words(contact, message)
            if words:
                yield Entry(key, message.at, message.number, words, kind="event")
        elif message.direction == "note":
            own = message.author_id == reader.pk
            who = (
                gettext("Your note")
                if own
                else gettext("Note by %(name)s") % {"name": message.author_name or gettext("a colleague")}
            )
            yield Entry(key, message.at, message.number, message.body, kind="note", who=who)
        else:
            yield _message(message, follows, reader, them)


def _message(message: Message, follows: bool, reader: User, them: str) -> Entry:
    ours = message.direction == "out"
    who = gettext("You") if message.author_id == reader.pk else message.author_name
    return Entry(
        id=f"m-{message.number}",
        kind="message",
        at=message.at,
        number=message.number,
        text=message.body,
        side="me" if ours else "them",
        who=who if ours else them,
        first=ours or not follows,
        state=_delivery(message) if ours else "",
        language=message.language,
        files=(*_voice(message), *(file_line(attachment) for attachment in message.attachments.all())),
    )


def _voice(message: Message) -> tuple[dict[str, str], ...]:
    """A voice message as a link to its player."""
    key = str(message.data.get("recording", ""))
    if not key:
        return ()
    href = reverse("recordings:message", args=[key])
    return ({"name": gettext("Hear the message"), "href": href, "note": ""},)


def _system_words(contact: Contact, message: Message) -> str:
    code = str(message.data.get("code", ""))
    if code == "resident_left" and contact.channel == "voice":
        return gettext("The caller hung up.")
    return str(wording.SYSTEM.get(code, message.body))


def _delivery(message: Message) -> str:
    delivery = getattr(message, "delivery", None)
    if delivery is None:
        return ""
    return wording.DELIVERY.get(delivery.state, str(delivery.state))


def file_line(attachment: Attachment) -> dict[str, str]:
    """A file as a link: name, address, kind and size."""
    return {
        "name": attachment.name,
        "href": reverse("desk:file", args=[attachment.pk]),
        "note": file_note(attachment),
    }


_TOLD = {
    happened.CONTACT_CONNECTED.name,
    happened.CONTACT_TRANSFERRED.name,
    happened.CONTACT_WRAP_UP.name,
    happened.CONTACT_REOPENED.name,
    happened.CONTACT_PARKED.name,
    happened.CONTACT_RESUMED.name,
    happened.CONTACT_CLOSED.name,
    happened.CONTACT_ABANDONED.name,
    CALL_ENDED,
    PARTY_LEFT,
    NOT_REACHED,
}


def _events(contact: Contact) -> Iterable[Entry]:
    told = moves(contact, _TOLD)
    names = company.names_asked_in(move.data["party"] for move in told if move.name == PARTY_LEFT)
    last = ""
    for move in told:
        if move.name == PARTY_LEFT:
            why, name = wording.ASKED_IN.get(move.data.get("reason", "")), names.get(move.data["party"])
            if why and name:
                yield Entry(move.id, move.at, 0, str(why) % {"name": name}, kind="event", icon="phone")
            continue
        if move.name in (CALL_ENDED, NOT_REACHED) and move.data.get("outcome") not in wording.UNREACHED:
            continue
        if move.name == happened.CONTACT_PARKED.name and RESTS.get(move.data.get("reason", "")) == "":
            continue
        before, last = last, move.name
        if (before, last) == (happened.CONTACT_TRANSFERRED.name, happened.CONTACT_RESUMED.name):
            continue  # from hand to hand: the line before says so
        icon, words = _happened(move)
        yield Entry(move.id, move.at, 0, words, kind="event", icon=icon)


def _next_try(move: Move) -> str:
    why = str(wording.UNREACHED[move.data["outcome"]])
    if not move.data.get("until"):
        return why
    at = date_format(timezone.localtime(datetime.fromisoformat(move.data["until"])), "SHORT_DATETIME_FORMAT")
    return f"{why} {gettext('We call again on %(at)s.') % {'at': at}}"


def _happened(move: Move) -> tuple[str, str]:
    if move.name == CALL_ENDED:
        return "phone", str(wording.UNREACHED[move.data["outcome"]])
    if move.name == NOT_REACHED:
        return "phone", _next_try(move)
    if move.name == happened.CONTACT_PARKED.name and (rests := RESTS.get(move.data.get("reason", ""))):
        return "phone", str(rests)
    if move.name == happened.CONTACT_CONNECTED.name:
        name = move.agent or gettext("A colleague")
        waited = {"name": name, "time": time_waited(minutes_waited(move.data))}
        return "check", gettext("%(name)s took this after %(time)s.") % waited
    if move.name == happened.CONTACT_TRANSFERRED.name:
        giver = move.from_agent or gettext("A colleague")
        to = move.to_agent or move.queue
        if move.data.get("partner"):
            lent = gettext("%(name)s passed this to %(to)s, whom a partner body lends us.")
            return "transfer", lent % {"name": giver, "to": to}
        if move.data.get("assigned_by") and move.data["assigned_by"] == move.data.get("to_agent"):
            return "transfer", gettext("%(to)s took this over from %(name)s.") % {"name": giver, "to": to}
        return "transfer", gettext("%(name)s passed this to %(to)s.") % {"name": giver, "to": to}
    words = {
        happened.CONTACT_WRAP_UP.name: ("pause", gettext("The conversation is over. Wrap-up began.")),
        happened.CONTACT_REOPENED.name: ("refresh", gettext("Back from wrap-up into the conversation.")),
        happened.CONTACT_PARKED.name: ("pause", gettext("Set aside for an emergency.")),
        happened.CONTACT_RESUMED.name: ("refresh", gettext("Taken up again.")),
        happened.CONTACT_ABANDONED.name: ("x", gettext("The resident left before it was answered.")),
    }
    if move.name in words:
        return words[move.name]
    outcome = wording.OUTCOMES.get(str(move.data.get("disposition", "")), "")
    return "ok", gettext("Closed. %(outcome)s") % {"outcome": outcome}
