"""Planned beside done, for a day: presence and contacts from the event log, laid over the published shifts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from civicline.intake import events as intake
from civicline.kernel import clock
from civicline.kernel import selectors as kernel
from civicline.people.events import PRESENCE_CHANGED
from civicline.workforce.adherence import Kept, Span, kept_to_plan
from civicline.workforce.models import Schedule, Shift
from civicline.workforce.selectors.history import local_midnight

_BEGINS = {
    event.name
    for event in (
        intake.CONTACT_CONNECTED,
        intake.CONTACT_RESUMED,
        intake.CONTACT_REOPENED,
        intake.CONTACT_WRAP_UP,
    )
}
_ENDS = {
    event.name
    for event in (
        intake.CONTACT_CLOSED, intake.CONTACT_RETURNED, intake.CONTACT_TRANSFERRED, intake.CONTACT_PARKED,
        intake.CONTACT_ABANDONED,
    )
}  # fmt: skip
NAMES = tuple(sorted(_BEGINS | _ENDS | {PRESENCE_CHANGED.name}))
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One person's day: their shifts, what was kept, and what they do now."""

    agent_id: UUID
    name: str
    shifts: list[Shift]
    kept: Kept
    state: str
    busy: bool


def day_kept(day: date, agent_id: UUID | None = None) -> list[OwnDay]:
    """Everybody who has a published shift on this day, or one of them, by name. Three queries."""
    begin, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    rows = Shift.objects.filter(
        schedule__state=Schedule.State.PUBLISHED, agent__isnull=False, start__gte=begin, start__lt=end
    )
    if agent_id is not None:
        rows = rows.filter(agent_id=agent_id)
    shifts: dict[UUID, list[Shift]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for shift in rows.select_related("agent__user"):
        if shift.agent_id is not None and shift.agent is not None:
            shifts[shift.agent_id].append(shift)
            names[shift.agent_id] = shift.agent.user.name
    now = clock.now()
    states, busy = _log(begin - LOOK_BACK, min(now, end + LOOK_BACK)) if shifts else ({}, {})
    found = []
    for agent in sorted(shifts, key=lambda one: (names[one].casefold(), str(one))):
        own, spans = states.get(str(agent), []), busy.get(str(agent), [])
        kept = kept_to_plan(shifts[agent], own, spans, now)
        state = own[-1][1] if own else "signed_out"
        with_contact = bool(spans) and spans[-1][1] >= now
        found.append(OwnDay(agent, names[agent], shifts[agent], kept, state, with_contact))
    return found


def is_recorded(day: date) -> bool:
    """Whether the log can say who was there: a past day of which it knows nothing at all is nobody's fault."""
    begin, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    return end > clock.now() or kernel.events_named(NAMES, begin - LOOK_BACK, end).exists()


def _log(
    start: datetime, end: datetime
) -> tuple[dict[str, list[tuple[datetime, str]]], dict[str, list[Span]]]:
    """What agents said they do, and when they had a contact in hand, from the event log."""
    states: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    held: dict[str, list[Span]] = defaultdict(list)
    holding: dict[str, tuple[str, datetime]] = {}
    rows = kernel.events_named(NAMES, start, end).values_list(
        "name", "subject_id", "contact_id", "at", "data"
    )
    for name, subject, contact_id, at, data in rows:
        if name == PRESENCE_CHANGED.name:
            states[subject].append((at, str(data.get("to", "signed_out"))))
            continue
        contact = str(contact_id)
        before = holding.pop(contact, None)
        if before is not None:
            held[before[0]].append((before[1], at))
        if name in _BEGINS:
            agent = str(data.get("agent") or (before[0] if before else ""))
            if agent:
                holding[contact] = (agent, at)
    for agent, since in holding.values():
        held[agent].append((since, end))
    return states, {agent: _merged(spans) for agent, spans in held.items()}


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping stretches joined: three chats at once are one busy stretch."""
    merged: list[Span] = []
    for begin, finish in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], finish))
        else:
            merged.append((begin, finish))
    return merged
