"""A day's log as the simulator's driver is told it: the same happenings in, the same decisions out.

The log keeps what was decided (`offer.made`, with its reasons) and everything it was decided on: who came and with
which needs, who was there, what became of each offer. Queues and abilities are those of today, which the log does
not repeat; replay a stretch in which they did not change. A round decides on what the dispatcher had heard when it
began: where something was written in the very moment of a round, and heard after it, the log alone cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from civicline.engine.routing import AgentState, QueuePolicy, Requirement, Waiting
from civicline.engine.simulation import Happening

if TYPE_CHECKING:
    from civicline.kernel.models import Event

_ANSWERS = {
    "offer.accepted": "accepted",
    "offer.declined": "declined",
    "offer.timed_out": "timed_out",
    "offer.withdrawn": "withdrawn",
}


@dataclass
class _Floor:
    """What the log has told so far: where each contact is, and what everybody holds."""

    agents: dict[str, AgentState]
    channel: dict[str, str] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    offered_to: dict[str, str] = field(default_factory=dict)
    hands: dict[str, dict[str, str]] = field(default_factory=dict)
    round_at: float | None = None
    resting: set[str] = field(default_factory=set)

    def holder(self, contact: str) -> str | None:
        """Whose hand a contact is in."""
        return next((agent for agent, hand in self.hands.items() if contact in hand), None)


def happenings(
    events: Iterable[Event], policies: Iterable[QueuePolicy], agents: Iterable[AgentState]
) -> list[Happening]:
    """The log, in the order in which it was written, as happenings of the driver.

    `agents` as they were before the first event. A run of offers with one moment is one round of the
    dispatcher: it stands before everything that became of them.
    """
    floor = _Floor({agent.agent_id: agent for agent in agents})
    told = [Happening(float("-inf"), "policy", policy=policy) for policy in policies]
    told += [
        Happening(float("-inf"), "staff", agent.agent_id, agent=agent) for agent in floor.agents.values()
    ]
    for event in events:
        if event.name == "offer.made":
            told += _round(event, floor)
            continue
        floor.round_at = None
        reading = _READINGS.get(event.name)
        if reading is not None:
            told += reading(event, floor)
    return told


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


def _round(event: Event, floor: _Floor) -> Iterator[Happening]:
    at = float(event.data["reasons"]["at"])
    floor.offered_to[str(event.contact_id)] = event.data["agent"]
    if floor.round_at != at:
        floor.round_at = at
        yield Happening(at, "decide")


def _received(event: Event, floor: _Floor) -> Iterator[Happening]:
    floor.arrived[str(event.contact_id)] = _seconds(event.at)
    return iter(())


def _queued(event: Event, floor: _Floor) -> Iterator[Happening]:
    contact, data, at = str(event.contact_id), event.data, _seconds(event.at)
    floor.channel[contact] = data["channel"]
    waiting = Waiting(
        contact,
        str(data["queue"]),
        Requirement(
            tuple((skill, int(level)) for skill, level in data["skills"]),
            tuple(data["languages"]),
            data["channel"],
        ),
        floor.arrived.get(contact, at),
        int(data["priority"]),
        emergency=bool(data["emergency"]),
        entered=at,
    )
    floor.waiting[contact] = waiting
    yield Happening(at, "line", contact, waiting=waiting)


def _answered(event: Event, floor: _Floor) -> Iterator[Happening]:
    contact = str(event.contact_id)
    agent = floor.offered_to.pop(contact, None)
    if agent is not None:
        if event.name == "offer.accepted":
            floor.hands.setdefault(agent, {})[contact] = floor.channel[contact]
        yield Happening(_seconds(event.at), _ANSWERS[event.name], contact)


def _ended(event: Event, floor: _Floor) -> Iterator[Happening]:
    """Closed, abandoned, or set aside for an emergency: out of the hand, or out of the line."""
    contact, at = str(event.contact_id), _seconds(event.at)
    agent = floor.holder(contact)
    if event.data.get("reason") == "callback_rests":
        floor.resting.add(contact)
    floor.offered_to.pop(contact, None)
    if agent is not None:
        del floor.hands[agent][contact]
        floor.agents[agent] = replace(floor.agents[agent], idle_since=at)
    yield Happening(at, "left" if agent is None else "finished", contact)


def _returned(event: Event, floor: _Floor) -> Iterator[Happening]:
    """Back to its own place from the hand of an agent who is gone. From an offer: what became of that says so."""
    contact = str(event.contact_id)
    rested = contact in floor.resting
    floor.resting.discard(contact)
    if floor.holder(contact) is not None:
        yield from _ended(event, floor)
        rested = True
    if rested and contact in floor.waiting:
        yield Happening(_seconds(event.at), "line", contact, waiting=floor.waiting[contact])


def _resumed(event: Event, floor: _Floor) -> Iterator[Happening]:
    """What was set aside is in its agent's hand again."""
    contact, agent = str(event.contact_id), str(event.data.get("agent", ""))
    if agent in floor.agents:
        floor.hands.setdefault(agent, {})[contact] = floor.channel.get(contact, "written")
        yield _staff(agent, floor, _seconds(event.at))


def _presence(event: Event, floor: _Floor) -> Iterator[Happening]:
    agent, data = event.subject_id, event.data
    if agent in floor.agents:
        available = data["to"] == "available"
        since = datetime.fromisoformat(data["since"]).timestamp()
        before = floor.agents[agent]
        floor.agents[agent] = replace(
            before, available=available, idle_since=since if available else before.idle_since
        )
        yield _staff(agent, floor, _seconds(event.at))


def _staff(agent: str, floor: _Floor, at: float) -> Happening:
    hand = tuple(sorted(floor.hands.get(agent, {}).items()))
    return Happening(at, "staff", agent, agent=replace(floor.agents[agent], in_hand=hand))


_Reading = Callable[["Event", _Floor], Iterator[Happening]]

_READINGS: dict[str, _Reading] = {
    "contact.received": _received,
    "contact.queued": _queued,
    "contact.closed": _ended,
    "contact.abandoned": _ended,
    "contact.parked": _ended,
    "contact.returned_to_queue": _returned,
    "contact.resumed": _resumed,
    "agent.presence_changed": _presence,
    **dict.fromkeys(_ANSWERS, _answered),
}


def decided(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The reasons of every offer in the log, in order."""
    return [dict(event.data["reasons"]) for event in events if event.name == "offer.made"]
