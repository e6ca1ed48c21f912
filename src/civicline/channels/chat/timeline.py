"""What was said and what happened in one chat, in order, as its resident sees it.

Messages come from intake; "Nadia has joined" and the like from the event log: nothing is stored twice. Every entry has
an id, so a page that fetches what is new puts it where a fresh page would have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from civicline.channels.chat import wording
from civicline.intake import events as happened
from civicline.intake import selectors as intake
from civicline.kernel import selectors as kernel
from civicline.kernel.errors import NotFound
from civicline.kernel.texts import localized
from civicline.people import selectors as people
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Attachment, Contact, Message

SAME_BREATH: Final = timedelta(minutes=3)
"""Messages of one person that follow within so long stand under one name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation. `side`: me, them; empty for what happened between messages."""

    id: str
    at: datetime
    number: int
    text: str
    side: str = ""
    who: str = ""
    first: bool = True
    state: str = ""
    kind: str = ""
    strong: str = ""
    icon: str = "info"
    language: str = ""
    key: str = ""
    files: tuple[dict[str, str], ...] = field(default=())

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Where it stands: what happened at the same instant as a message comes before it."""
        return self.at, self.number, self.id


def entries(contact: Contact) -> list[Entry]:
    """Everything of one chat, oldest first."""
    with_agent = contact.connected_at is not None
    said = list(_messages(contact, with_agent))
    between = list(_events(contact))
    return sorted([*said, *between], key=lambda entry: entry.order)


def _messages(contact: Contact, with_agent: bool) -> Iterable[Entry]:
    before: Message | None = None
    for message in intake.list_messages(contact.id):
        if message.direction == "system":
            words = wording.system_words(str(message.data.get("code", "")))
            if words:
                yield Entry(
                    f"m-{message.number}", message.at, message.number, words, kind="attention", icon="info"
                )
        else:
            yield _said(contact, message, before, with_agent)
        before = message


def _said(contact: Contact, message: Message, before: Message | None, with_agent: bool) -> Entry:
    mine = message.direction == "in"
    follows = (
        before is not None
        and before.direction == message.direction
        and before.author_id == message.author_id
        and message.at - before.at < SAME_BREATH
    )
    return Entry(
        id=f"m-{message.number}",
        at=message.at,
        number=message.number,
        text=wording.shown(message.body),
        side="me" if mine else "them",
        who="" if mine else wording.given_name(message.author_name),
        # One's own messages carry their state each; a name is said once.
        first=mine or not follows,
        state=_state(message, with_agent) if mine else "",
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
    kinds = {"application/pdf": "PDF", "text/plain; charset=utf-8": gettext("Text")}
    kind = kinds.get(attachment.content_type, gettext("Picture"))
    size = max(1, round(attachment.size / 1_000))
    return {
        "name": wording.shown(attachment.name),
        "href": reverse("chat:file", args=[contact.id, attachment.id]),
        "note": gettext("%(kind)s, %(size)s KB") % {"kind": kind, "size": size},
    }


def _events(contact: Contact) -> Iterable[Entry]:
    for row in kernel.events_of_contact(contact.id):
        words = _WORDS.get(row.name)
        if words is None:
            continue
        told = words(contact, row.data)
        if told is not None:
            strong, text, kind, icon = told
            yield Entry(f"e-{row.pk}", row.at, 0, text, strong=strong, kind=kind, icon=icon)


Told = tuple[str, str, str, str]


def _joined(contact: Contact, data: dict[str, Any]) -> Told | None:
    name = agent_name(data.get("agent"))
    queue = queue_name(data.get("queue"))
    strong = (
        gettext("%(name)s from %(team)s has joined.") % {"name": name, "team": queue}
        if queue
        else gettext("%(name)s has joined.") % {"name": name}
    )
    return strong, _waited(data), "ok", "ok"


def _waited(data: dict[str, Any]) -> str:
    """What was told and what became of it, in one sentence; the reading is done by the desk."""
    minutes = round(float(data.get("waited_s") or 0) / 60)
    read = gettext("They have read the chat.")
    if minutes < 1:
        return read
    waited = ngettext("You waited %(count)s minute", "You waited %(count)s minutes", minutes) % {
        "count": minutes
    }
    low, high = data.get("told_low_s"), data.get("told_high_s")
    if low is None or high is None:
        return f"{read} {waited}."
    told = gettext("we said %(low)s to %(high)s") % {"low": round(low / 60), "high": round(high / 60)}
    if minutes * 60 > high:
        return f"{read} {waited}; {told}. " + gettext("We are sorry.")
    return f"{read} {waited}; {told}."


def _transferred(contact: Contact, data: dict[str, Any]) -> Told | None:
    name, queue = agent_name(data.get("to_agent")), queue_name(data.get("queue"))
    if data.get("to_agent"):
        strong = gettext("You are being passed to %(name)s.") % {"name": name}
    elif queue:
        strong = gettext("You are being passed to %(team)s.") % {"team": queue}
    else:
        return None
    return strong, gettext("They read the chat first, so you need not say it again."), "", "transfer"


def _ended(contact: Contact, data: dict[str, Any]) -> Told | None:
    if data.get("ended_by") == "resident":
        return None  # the message "You ended the chat" says so
    return gettext("This chat has ended."), "", "", "check"


def _abandoned(contact: Contact, data: dict[str, Any]) -> Told | None:
    return gettext("You have left the line."), gettext("What you wrote is kept."), "", "check"


_WORDS = {
    happened.CONTACT_CONNECTED.name: _joined,
    happened.CONTACT_TRANSFERRED.name: _transferred,
    happened.CONTACT_WRAP_UP.name: _ended,
    happened.CONTACT_ABANDONED.name: _abandoned,
}


def agent_name(agent_id: Any) -> str:
    """The given name of an agent, or "A colleague" when the account is gone."""
    try:
        return wording.given_name(people.get_user(UUID(str(agent_id))).name)
    except (NotFound, ValueError):
        return gettext("A colleague")


def queue_name(queue_id: Any) -> str:
    """The name of a queue in the reader's language, or an empty text."""
    if queue_id is None:
        return ""
    for queue in routing.list_queues():
        if queue.pk == queue_id:
            return localized(queue.name, get_language() or "en")
    return ""
