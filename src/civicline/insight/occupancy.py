"""Occupancy from events: how much of the time in which contacts could be taken was spent on contacts.

Two logs are laid over each other for each agent. Presence events say when they were available. Contact events say
when something was in their hands: from `contact.connected` (resumed, reopened) to wrap-up, and from there to closure,
return, transfer or setting aside. Then, second by second:

    talk       at least one contact in conversation. Three chats at once are one busy second, not three.
    wrap-up    none in conversation, at least one in wrap-up.
    available  nothing in hand, and presence says available.

Occupancy = (talk + wrap-up) / (talk + wrap-up + available). Breaks, training, not responding and signed out count
nowhere. Nobody is on hold in writing, so hold is nought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from civicline.engine.measures import WorkTime
from civicline.intake import events as intake
from civicline.kernel import selectors as kernel
from civicline.people.events import PRESENCE_CHANGED

_TALK = {intake.CONTACT_CONNECTED.name, intake.CONTACT_RESUMED.name, intake.CONTACT_REOPENED.name}
_WRAP = intake.CONTACT_WRAP_UP.name
_GONE = {
    intake.CONTACT_CLOSED.name,
    intake.CONTACT_RETURNED.name,
    intake.CONTACT_TRANSFERRED.name,
    intake.CONTACT_PARKED.name,
    intake.CONTACT_ABANDONED.name,
}
NAMES = tuple(sorted(_TALK | {_WRAP} | _GONE | {PRESENCE_CHANGED.name}))

Step = tuple[datetime, str, str, str]
"""(moment, event name, contact or "" for presence, agent)."""


@dataclass
class _Desk:
    """One agent while the log is read."""

    available: bool = False
    talking: set[str] = field(default_factory=set)
    wrapping: set[str] = field(default_factory=set)
    since: datetime | None = None
    talk: float = 0.0
    wrap: float = 0.0
    free: float = 0.0

    def advance(self, moment: datetime) -> None:
        """Book the time since the last step."""
        if self.since is not None and moment > self.since:
            seconds = (moment - self.since).total_seconds()
            if self.talking:
                self.talk += seconds
            elif self.wrapping:
                self.wrap += seconds
            elif self.available:
                self.free += seconds
        self.since = moment


def work_time(start: datetime, end: datetime, *, before: datetime) -> dict[UUID, WorkTime]:
    """Seconds of each agent in [start, end). The log is read from `before`, so that what had begun is known."""
    rows = kernel.events_named(NAMES, before, end).values_list(
        "name", "subject_id", "contact_id", "at", "data"
    )
    desks: dict[str, _Desk] = defaultdict(_Desk)
    holder: dict[str, str] = {}
    for name, subject, contact_id, at, data in rows:
        _step(desks, holder, _read(name, subject, contact_id, data), max(at, start), data)
    for desk in desks.values():
        desk.advance(end)
    return {
        UUID(agent): WorkTime(talk=desk.talk, wrap_up=desk.wrap, available=desk.free)
        for agent, desk in desks.items()
    }


def _read(name: str, subject: str, contact_id: UUID | None, data: Mapping[str, Any]) -> tuple[str, str, str]:
    if name == PRESENCE_CHANGED.name:
        return name, "", subject
    return name, str(contact_id), str(data.get("agent") or data.get("from_agent") or "")


def _step(
    desks: dict[str, _Desk],
    holder: dict[str, str],
    step: tuple[str, str, str],
    at: datetime,
    data: Mapping[str, Any],
) -> None:
    name, contact, agent = step
    if not contact:
        desks[agent].advance(at)
        desks[agent].available = data.get("to") == "available"
        return
    before = holder.get(contact)
    if before is not None:  # whatever comes, what it was before ends here
        desks[before].advance(at)
        desks[before].talking.discard(contact)
        desks[before].wrapping.discard(contact)
    if name in _GONE:
        holder.pop(contact, None)
        return
    agent = agent or before or ""
    if agent:
        desks[agent].advance(at)
        (desks[agent].wrapping if name == _WRAP else desks[agent].talking).add(contact)
        holder[contact] = agent


def total(times: Iterable[WorkTime]) -> WorkTime:
    """The sum over agents."""
    return sum(times, start=WorkTime())
