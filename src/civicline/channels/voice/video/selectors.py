"""Reads of calls with a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from civicline.channels.voice.models import Phone
from civicline.channels.voice.video.models import Camera, VideoRule, Visit
from civicline.engine import hours
from civicline.intake import selectors as intake
from civicline.kernel import clock, rows
from civicline.people import selectors as people
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from datetime import datetime

    from civicline.routing.models import Queue

VIDEO_SKILL: Final = ("video", 5)
"""Who takes calls with a picture. The highest level, so that no ring that relaxes levels does away with it."""
SIGN_LEVEL: Final = 1
"""Whoever signs at all may be offered the call; those with the higher level come first, as the engine has it."""
PICTURE: Final = "picture"
"""Where `Contact.data` says that a call came with a picture."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A queue that is called with a picture, as it is now. `opens_at`: when it opens again, while it is closed."""

    queue: Queue
    open: bool
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs and whose telephone has a picture. `there`: at work now, free or not."""

    agent_id: UUID
    there: bool


def is_offered(queue_id: int) -> bool:
    """Whether this queue is called with a picture."""
    return rows.one(VideoRule, where={"queue_id": queue_id, "offered": True}) is not None


def offered() -> list[Offered]:
    """The queues that are called with a picture, in their order."""
    wanted = set(VideoRule.objects.filter(offered=True).values_list("queue_id", flat=True))
    now = clock.now()
    found = []
    for queue in routing.list_queues() if wanted else ():
        if queue.pk in wanted:
            status = hours.status(intake.hours_of(queue.calendar), now)
            found.append(Offered(queue, status.open, status.opens_at))
    return found


def can_be_called() -> bool:
    """Whether anything is offered in any sign language."""
    return rows.key(VideoRule, where={"offered": True}) is not None and bool(sign_languages())


def sign_languages() -> dict[str, dict[str, str]]:
    """The sign languages of the house, {language: name} by tag, as its administrators named them."""
    return people.skill_names("signed")


def signers(queue_id: int, sign: str) -> list[Signer]:
    """Who serves this queue, signs this language and can be seen."""
    members = routing.members_of(queue_id)
    return [
        Signer(one.agent_id, one.state in ("available", "with_resident", "wrap_up"))
        for one in people.agent_states(members)
        if one.skills.get(sign, 0) >= SIGN_LEVEL and VIDEO_SKILL[0] in one.skills
    ]


def visit(mark: str) -> Visit | None:
    """Who dialled this mark, with their queue."""
    return Visit.objects.select_related("queue", "call").filter(pk=mark).first() if mark else None


def visit_of_call(call_id: UUID) -> Visit | None:
    """Who is on this call with a picture; None for a call without one."""
    return rows.one(Visit, where={"call_id": call_id})


def visit_of_contact(contact_id: UUID) -> Visit | None:
    """Who is on the call of this contact with a picture; None for a call without one."""
    return Visit.objects.select_related("call", "queue").filter(call__contact_id=contact_id).first()


def call_with_picture(contact_id: UUID) -> UUID | None:
    """The call of a contact, when it is one with a picture."""
    return Visit.objects.filter(call__contact_id=contact_id).values_list("call_id", flat=True).first()


def has_camera(agent_id: UUID) -> bool:
    """Whether this agent chose to take calls with a picture."""
    return rows.one(Camera, where={"agent_id": agent_id}) is not None


def is_seen(agent_id: UUID) -> bool:
    """Whether a caller would see this agent: they take calls with a picture, and in the browser."""
    phone = rows.one(Phone, where={"agent_id": agent_id})
    return phone is not None and phone.kind == Phone.Kind.BROWSER and has_camera(agent_id)
