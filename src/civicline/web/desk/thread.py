"""One conversation as its agent sees it: words of both sides, notes, and what happened between them, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from civicline.intake import events as happened
from civicline.kernel import selectors as kernel
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.web.desk import hand, wording

if TYPE_CHECKING:
    from civicline.intake.models import Attachment, Contact, Message
    from civicline.people.models import User

SAME_BREATH: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. kind: message, note, event, day. `side` of a message: me (the house), them."""

    id: str
    kind: str
    at: datetime
    number: int
    text: str
    side: str = ""
    who: str = ""
    first: bool = True
    state: str = ""
    icon: str = "info"
    strong: str = ""
    language: str = ""
    files: tuple[dict[str, str], ...] = field(default=())


def entries(contact: Contact, reader: User, messages: Sequence[Message]) -> list[Entry]:
    """Everything of one contact, oldest first, with a line for each new day."""
    said = list(_said(contact, reader, messages))
    lines = sorted([*said, *_events(contact)], key=lambda line: (line.at, line.number, line.id))
    return list(_with_days(lines))


def _with_days(lines: Iterable[Entry]) -> Iterable[Entry]:
    day: date | None = None
    for line in lines:
        today = timezone.localtime(line.at).date()
        if today != day:
            yield Entry(f"day-{today.isoformat()}", "day", line.at, 0, "")
            day = today
        yield line


def _said(contact: Contact, reader: User, messages: Sequence[Message]) -> Iterable[Entry]:
    before: Message | None = None
    them = hand.name_of(contact)
    for message in messages:
        key = f"m-{message.number}"
        if message.direction == "system":
            words = str(wording.SYSTEM.get(str(message.data.get("code", "")), message.body))
            if words:
                yield Entry(key, "event", message.at, message.number, words)
        elif message.direction == "note":
            own = message.author_id == reader.pk
            who = (
                gettext("Your note")
                if own
                else gettext("Note by %(name)s") % {"name": message.author_name or gettext("a colleague")}
            )
            yield Entry(key, "note", message.at, message.number, message.body, who=who)
        else:
            yield _message(message, before, reader, them)
        before = message


def _message(message: Message, before: Message | None, reader: User, them: str) -> Entry:
    ours = message.direction == "out"
    follows = (
        before is not None
        and before.direction == message.direction
        and before.author_id == message.author_id
        and message.at - before.at < SAME_BREATH
    )
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
        files=tuple(file_line(attachment) for attachment in message.attachments.all()),
    )


def _delivery(message: Message) -> str:
    delivery = getattr(message, "delivery", None)
    if delivery is None:
        return ""
    return wording.DELIVERY.get(delivery.state, str(delivery.state))


def file_line(attachment: Attachment) -> dict[str, str]:
    """A file as a link: name, address, kind and size."""
    kinds = {"application/pdf": "PDF", "text/plain; charset=utf-8": gettext("Text")}
    kind = kinds.get(attachment.content_type, gettext("Picture"))
    size = max(1, round(attachment.size / 1_000))
    return {
        "name": attachment.name,
        "href": reverse("desk:file", args=[attachment.pk]),
        "note": gettext("%(kind)s, %(size)s KB") % {"kind": kind, "size": size},
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
}


def _events(contact: Contact) -> Iterable[Entry]:
    rows = [row for row in kernel.events_of_contact(contact.pk) if row.name in _TOLD]
    names = _names(rows)
    queues = (
        {queue.pk: wording.text_in(queue.name, queue.code) for queue in routing.list_queues()} if rows else {}
    )
    for row in rows:
        icon, words = _happened(row.name, row.data, names, queues)
        yield Entry(f"e-{row.pk}", "event", row.at, 0, words, icon=icon)


def _names(rows: Iterable[Any]) -> dict[str, str]:
    wanted = {
        str(row.data[key]) for row in rows for key in ("agent", "from_agent", "to_agent") if row.data.get(key)
    }
    if not wanted:
        return {}
    return {
        str(row.pk): row.user.name
        for row in people.list_agents(active=False).filter(pk__in=[UUID(one) for one in wanted])
    }


def _happened(
    name: str, data: dict[str, Any], names: dict[str, str], queues: dict[int, str]
) -> tuple[str, str]:
    agent = names.get(str(data.get("agent")), gettext("A colleague"))
    if name == happened.CONTACT_CONNECTED.name:
        minutes = round(float(data.get("waited_s") or 0) / 60)
        return "check", gettext("%(name)s took this after %(count)s min.") % {"name": agent, "count": minutes}
    if name == happened.CONTACT_TRANSFERRED.name:
        giver = names.get(str(data.get("from_agent")), gettext("A colleague"))
        to = names.get(str(data.get("to_agent"))) or queues.get(data.get("queue") or 0, "")
        return "transfer", gettext("%(name)s passed this to %(to)s.") % {"name": giver, "to": to}
    words = {
        happened.CONTACT_WRAP_UP.name: ("pause", gettext("The conversation is over. Wrap-up began.")),
        happened.CONTACT_REOPENED.name: ("refresh", gettext("Back from wrap-up into the conversation.")),
        happened.CONTACT_PARKED.name: ("pause", gettext("Set aside for an emergency.")),
        happened.CONTACT_RESUMED.name: ("refresh", gettext("Taken up again.")),
        happened.CONTACT_ABANDONED.name: ("x", gettext("The resident left before it was answered.")),
    }
    if name in words:
        return words[name]
    outcome = wording.OUTCOMES.get(str(data.get("disposition", "")), "")
    return "ok", gettext("Closed. %(outcome)s") % {"outcome": outcome}
