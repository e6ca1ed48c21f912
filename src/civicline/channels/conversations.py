"""What a conversation is made of, for both who read it: messages in turns, moves with the names in them, files.

The resident's chat (`channels.chat.timeline`) and the agent's desk (`web.desk.thread`) say it in their own words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import get_language, gettext, ngettext

from civicline.kernel import selectors as kernel
from civicline.kernel.texts import localized
from civicline.people import selectors as people
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Attachment, Contact, Message

SAME_BREATH: Final = timedelta(minutes=3)
"""Messages of one person that follow within so long stand under one name."""
AGENTS = ("agent", "from_agent", "to_agent")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a conversation, at the place that its `id` has on every page that shows it.

    side: me, them; empty for what happened between messages. kind: what sort of line, in the words of the page.
    """

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


@dataclass(frozen=True, slots=True)
class Move:
    """Something that happened to a contact, and the names it speaks of; empty where nobody is meant or known."""

    id: str
    name: str
    at: datetime
    data: Mapping[str, Any]
    agent: str
    from_agent: str
    to_agent: str
    queue: str


def in_order(*lines: Iterable[Entry]) -> list[Entry]:
    """Lines of all sorts as one conversation, oldest first."""
    return sorted((line for some in lines for line in some), key=lambda line: line.order)


def in_turns(messages: Iterable[Message]) -> Iterable[tuple[Message, bool]]:
    """Each message, and whether it goes on where the one before stopped: same side, same person, same breath."""
    before: Message | None = None
    for message in messages:
        follows = (
            before is not None
            and before.direction == message.direction
            and before.author_id == message.author_id
            and message.at - before.at < SAME_BREATH
        )
        yield message, follows
        before = message


def moves(contact: Contact, wanted: Collection[str]) -> list[Move]:
    """What happened to a contact, of the events named, oldest first; in three queries however much it was."""
    rows = [row for row in kernel.what_happened_to(contact.pk) if row.name in wanted]
    names = _agents_of(rows)
    queues = routing.queue_names() if rows else {}
    language = get_language() or "en"
    return [
        Move(
            f"e-{row.pk}",
            row.name,
            row.at,
            row.data,
            names.get(str(row.data.get("agent")), ""),
            names.get(str(row.data.get("from_agent")), ""),
            names.get(str(row.data.get("to_agent")), ""),
            localized(queues.get(row.data.get("queue") or 0, {}), language),
        )
        for row in rows
    ]


def _agents_of(rows: Sequence[Any]) -> dict[str, str]:
    wanted = {str(row.data[key]) for row in rows for key in AGENTS if row.data.get(key)}
    if not wanted:
        return {}
    return {str(agent_id): name for agent_id, name in people.names_of(map(UUID, wanted)).items()}


def minutes_waited(data: Mapping[str, Any]) -> int:
    """How long somebody waited until they were connected, in whole minutes."""
    return round(float(data.get("waited_s") or 0) / 60)


def time_waited(minutes: int) -> str:
    """A wait as staff read it: "under 1 min", "7 min", from two hours on "9 h 57 min", from two days on "3 days"."""
    hours, rest = divmod(minutes, 60)
    if minutes < 1:
        return gettext("under 1 min")
    if hours < 2:
        return gettext("%(count)s min") % {"count": minutes}
    if hours >= 48:
        days = round(hours / 24)
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if not rest:
        return gettext("%(count)s h") % {"count": hours}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def file_note(attachment: Attachment) -> str:
    """Kind and size of a file in words."""
    kinds = {
        "application/pdf": "PDF",
        "text/plain; charset=utf-8": gettext("Text"),
        "audio/wav": gettext("Voice message"),
    }
    kind = kinds.get(attachment.content_type, gettext("Picture"))
    return gettext("%(kind)s, %(size)s KB") % {"kind": kind, "size": max(1, round(attachment.size / 1_000))}
