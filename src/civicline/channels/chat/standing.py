"""How a chat stands just now: waiting at a place, with somebody, left as a message, or over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext

from civicline.channels.chat import wording
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.intake.models import Contact

ENDED = frozenset({"wrap_up", "closed", "abandoned"})
WAITING = frozenset({"received", "queued", "offered"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the head of the page says.

    phase: joining, waiting, called, talking, left (as a message), ended. `wait` in seconds, None when not known.
    """

    phase: str
    service: str
    agent: str = ""
    team: str = ""
    position: int | None = None
    wait: tuple[int, int] | None = None
    told_at: datetime | None = None
    on_course: bool = True
    reason: str = ""
    due_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the resident can still write."""
        return self.phase != "ended"

    @property
    def title(self) -> str:
        """The page's title: it changes with what matters most."""
        if self.phase == "waiting" and self.position is not None:
            return gettext("Web chat: place %(position)s in line") % {"position": self.position}
        return {
            "called": gettext("Web chat: it is your turn"),
            "talking": gettext("Web chat with %(name)s") % {"name": self.agent},
            "left": gettext("Your message is with us"),
            "ended": gettext("Web chat: ended"),
        }.get(self.phase, gettext("Web chat"))

    @property
    def heading(self) -> str:
        """The heading of the conversation."""
        if self.phase == "talking" and self.agent:
            # Text of the page's own direction: the name stands first, in whatever letters it is written.
            parts = {"name": self.agent, "team": self.team}
            return gettext("%(name)s, %(team)s") % parts if self.team else self.agent
        return (
            gettext("%(service)s chat") % {"service": self.service} if self.service else gettext("Web chat")
        )


def standing(contact: Contact) -> Standing:
    """Return how this chat stands, read anew."""
    service = localized(contact.service.name, get_language() or "en") if contact.service else ""
    if contact.state in ENDED:
        return Standing("ended", service)
    if contact.state in ("connected", "parked"):
        return Standing(
            "talking",
            service,
            agent=wording.given_name(contact.agent.user.name) if contact.agent else "",
            team=localized(contact.queue.name, get_language() or "en") if contact.queue else "",
        )
    if contact.channel != "chat":
        return Standing("left", service, due_at=contact.due_at)
    if contact.state == "received":
        return Standing("joining", service)
    return _waiting(contact, service)


def _waiting(contact: Contact, service: str) -> Standing:
    told = routing.get_wait(contact)
    seconds = (told.range.low_minutes * 60, told.range.high_minutes * 60) if told.range else None
    return Standing(
        "called" if contact.state == "offered" else "waiting",
        service,
        position=told.position,
        wait=seconds,
        told_at=told.at if seconds else None,
        on_course=_on_course(contact, seconds, told.at),
        reason=_words(told.reason),
    )


def _on_course(contact: Contact, wait: tuple[int, int] | None, now: datetime) -> bool:
    """Whether what was told at the start can still come true."""
    if contact.told_high_s is None or contact.queued_at is None or wait is None:
        return True
    return now + timedelta(seconds=wait[0]) <= contact.queued_at + timedelta(seconds=contact.told_high_s)


def _words(reason: str) -> str:
    return {
        "closed": gettext("We close now. Leave it as a message and we answer in writing."),
        "nobody_staffed": gettext("Nobody is at the desk just now. You can leave it as a message."),
        "nobody_answers": gettext(
            "Our desk does not answer just now, so we cannot say how long. Your place is kept. "
            "You can leave it as a message instead."
        ),
        "staff_leaves": gettext("The last colleague leaves soon. You can leave it as a message."),
    }.get(reason, "")
