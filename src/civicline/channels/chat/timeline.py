"""What was said and what happened in one chat, in order, as its resident sees it.

Messages come from intake; "Nadia has joined" and the like from the event log: nothing is stored twice. Every entry has
an id, so a page that fetches what is new puts it where a fresh page would have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from civicline.channels.chat import wording
from civicline.channels.conversations import Entry, Move, file_note, in_order, in_turns, minutes_waited, moves
from civicline.intake import events as happened
from civicline.intake import selectors as intake

if TYPE_CHECKING:
    from civicline.intake.models import Attachment, Contact, Message


def entries(contact: Contact) -> list[Entry]:
    """Everything of one chat, oldest first."""
    return in_order(_messages(contact), _events(contact))


def _messages(contact: Contact) -> Iterable[Entry]:
    for message, follows in in_turns(intake.list_messages(contact.id)):
        if message.direction == "system":
            words = wording.system_words(str(message.data.get("code", "")))
            if words:
                yield Entry(
                    f"m-{message.number}", message.at, message.number, words, kind="attention", icon="info"
                )
        else:
            yield _said(contact, message, follows)


def _said(contact: Contact, message: Message, follows: bool) -> Entry:
    mine = message.direction == "in"
    return Entry(
        id=f"m-{message.number}",
        at=message.at,
        number=message.number,
        text=wording.shown(message.body),
        side="me" if mine else "them",
        who="" if mine else wording.given_name(message.author_name),
        # One's own messages carry their state each; a name is said once.
        first=mine or not follows,
        state=_state(message, contact.connected_at is not None) if mine else "",
        language=message.language if not mine else "",
        key=message.client_key or "",
        files=tuple(_file(contact, attachment) for attachment in message.attachments.all()),
    )


def _state(message: Message, with_agent: bool) -> str:
    """What became of a resident's words: stored (sent), in the hands of a colleague (delivered), read."""
    if message.read_at is not None:
        return "read"
    return "delivered" if with_agent else "sent"


def _file(contact: Contact, attachment: Attachment) -> dict[str, str]:
    return {
        "name": wording.shown(attachment.name),
        "href": reverse("chat:file", args=[contact.id, attachment.id]),
        "note": file_note(attachment),
    }


def _events(contact: Contact) -> Iterable[Entry]:
    for move in moves(contact, _WORDS):
        told = _WORDS[move.name](move)
        if told is not None:
            strong, text, kind, icon = told
            yield Entry(move.id, move.at, 0, text, strong=strong, kind=kind, icon=icon)


Told = tuple[str, str, str, str]


def _joined(move: Move) -> Told | None:
    name = wording.given_name(move.agent)
    strong = (
        gettext("%(name)s from %(team)s has joined.") % {"name": name, "team": move.queue}
        if move.queue
        else gettext("%(name)s has joined.") % {"name": name}
    )
    return strong, _waited(move), "ok", "ok"


def _waited(move: Move) -> str:
    """What was told and what became of it, in one sentence; the reading is done by the desk."""
    minutes = minutes_waited(move.data)
    read = gettext("They have read the chat.")
    if minutes < 1:
        return read
    waited = _waited_words(minutes)
    low, high = move.data.get("told_low_s"), move.data.get("told_high_s")
    if low is None or high is None:
        return f"{read} {waited}."
    said = {"low": round(low / 60), "high": round(high / 60)}
    told = gettext("we said %(low)s to %(high)s minutes") % said
    if minutes * 60 > high:
        return f"{read} {waited}; {told}. " + gettext("We are sorry.")
    return f"{read} {waited}; {told}."


def _waited_words(minutes: int) -> str:
    """In the largest unit that still says something: minutes up to two hours, hours up to two days."""
    if minutes < 120:
        words = ngettext("You waited %(count)s minute", "You waited %(count)s minutes", minutes)
        return words % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("You waited %(count)s hour", "You waited %(count)s hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("You waited %(count)s day", "You waited %(count)s days", days) % {"count": days}


def _transferred(move: Move) -> Told | None:
    if move.data.get("to_agent"):
        name = {"name": wording.given_name(move.to_agent)}
        if move.data.get("partner"):
            strong = gettext("You are being passed to %(name)s of a public body that helps us.") % name
        else:
            strong = gettext("You are being passed to %(name)s.") % name
    elif move.queue:
        strong = gettext("You are being passed to %(team)s.") % {"team": move.queue}
    else:
        return None
    return strong, gettext("They read the chat first, so you need not say it again."), "", "transfer"


def _ended(move: Move) -> Told | None:
    if move.data.get("ended_by") == "resident":
        return None  # the message "You ended the chat" says so
    return gettext("This chat has ended."), "", "", "check"


def _abandoned(move: Move) -> Told | None:
    return gettext("You have left the line."), gettext("What you wrote is kept."), "", "check"


_WORDS = {
    happened.CONTACT_CONNECTED.name: _joined,
    happened.CONTACT_TRANSFERRED.name: _transferred,
    happened.CONTACT_WRAP_UP.name: _ended,
    happened.CONTACT_ABANDONED.name: _abandoned,
}
