"""The lines as they stand: who waits in which order, who could take them, how long contacts took lately.

Read in a fixed number of queries and shared for a second: portal, chat pages and boards ask far more often than
anything changes that a range in whole minutes would show. How long contacts took in the last day is shared for ten,
and so is what staff can do and which queues they belong to.

Reading takes as long as a dozen writes. So whoever stands inside a write, where all others wait behind, is content
with what is a few seconds old and leaves the reading to the next one who asks outside.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from civicline.engine.experience import Experience, Turn
from civicline.engine.waits import Calibration, UnknownWait, WaitRange
from civicline.intake import selectors as intake
from civicline.kernel import clock, db
from civicline.kernel.readings import Reading
from civicline.people.selectors import AgentFacts, agent_states, signed_in_states
from civicline.routing.channels import class_of
from civicline.routing.models import Queue, QueueMember, WaitCalibration
from civicline.routing.past import learned_by, turns_now

FRESH_S = 1.0
STALE_S = 5.0
HISTORY = timedelta(hours=24)
HISTORY_FRESH_S = 10.0
STAFF_FRESH_S = 10.0
HISTORY_ROWS = 2000
RECENT = 100
WORKING = frozenset({"available", "with_resident", "wrap_up"})
SILENT = frozenset({"not_responding"})


_MEMBERSHIPS = Reading(lambda: QueueMember.objects.values_list("agent_id", "queue_id"))


class Place(NamedTuple):
    """One contact in a line; sorting places gives the order of the line, as the engine has it."""

    order: tuple[int, float, str]
    contact_id: UUID
    channel_class: str
    since: datetime
    offered: bool


@dataclass(frozen=True)
class Member:
    """An agent who serves a queue now: how many contacts of each class they could hold, and hold."""

    facts: AgentFacts
    held: Mapping[str, int]
    queues: int  # between how many queues with people waiting their time is shared

    def slots(self, channel_class: str) -> int:
        """How many contacts of the class this person works on at once."""
        return self._capacity(channel_class) if self.facts.state in WORKING else 0

    def silent(self, channel_class: str) -> int:
        """How many they would work on if their desk answered."""
        return self._capacity(channel_class) if self.facts.state in SILENT else 0

    def _capacity(self, channel_class: str) -> int:
        return int(self.facts.capacity.get(channel_class, 0))

    def free(self, channel_class: str) -> int:
        """How many more they could take now."""
        if not self.facts.available or (channel_class != "voice" and self.held.get("voice")):
            return 0
        return max(0, self.slots(channel_class) - self.held.get(channel_class, 0))

    def fits(self, skills: Iterable[tuple[str, int]], languages: Iterable[str]) -> bool:
        """Whether they have these skills at their least levels and one of the languages (none asked: any)."""
        wanted = tuple(languages)
        return all(self.facts.skills.get(skill, 0) >= level for skill, level in skills) and (
            not wanted or any(language in self.facts.languages for language in wanted)
        )


@dataclass(frozen=True)
class Line:
    """One queue now."""

    queue: Queue
    places: tuple[Place, ...]
    members: tuple[Member, ...]
    service_seconds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # by class of channel
    abandon_rate: float = 0.0
    calibration: Calibration = field(default_factory=Calibration)
    experience: Experience | None = None
    turns: Mapping[UUID, Turn] = field(default_factory=dict)  # of the last hour, in a line with experience
    ranges: dict[Hashable, WaitRange | UnknownWait] = field(default_factory=dict, repr=False, compare=False)
    """Worked out for this reading already, by what was asked; kept by `routing.waits`."""

    def position(self, contact_id: UUID) -> int | None:
        """Place of a contact among those of its class, 1 is first; None when it is not in the line."""
        mine = next((place for place in self.places if place.contact_id == contact_id), None)
        if mine is None:
            return None
        same = (place for place in self.places if place.channel_class == mine.channel_class)
        return 1 + sum(1 for place in same if place.order < mine.order)

    def waiting(self, channel_class: str | None = None) -> tuple[Place, ...]:
        """Those who wait, in order; of one class of channels or of all."""
        return tuple(place for place in self.places if channel_class in (None, place.channel_class))


class _History(NamedTuple):
    handled: dict[int, dict[str, tuple[float, ...]]]
    abandon_rates: dict[int, float]


class _Staff(NamedTuple):
    """Who is signed in, with what they can do (None: takes no contacts), and the queues each belongs to."""

    read_at: float
    facts: dict[UUID, AgentFacts | None]
    belongs: dict[UUID, list[int]]


_reading = threading.Lock()
_kept: tuple[float, dict[int, Line]] | None = None
_kept_history: tuple[float, _History] | None = None
_kept_staff: _Staff | None = None


def forget_lines() -> None:
    """Read afresh next time (tests, and after a change that must show at once)."""
    global _kept, _kept_history, _kept_staff  # noqa: PLW0603 -- one cached reading per process is the point
    _kept = _kept_history = _kept_staff = None


def lines() -> dict[int, Line]:
    """All active queues by id, at most a second old; a few seconds inside a write, or while another thread reads.

    One thread reads at a time: under load everybody would find them too old at the same moment.
    """
    global _kept  # noqa: PLW0603
    kept, now = _kept, clock.monotonic()
    if kept is not None and now - kept[0] < FRESH_S:
        return kept[1]
    if kept is not None and now - kept[0] < STALE_S:
        if db.in_write() or not _reading.acquire(blocking=False):
            return kept[1]
    else:
        _reading.acquire()
    try:
        kept = _kept
        if kept is None or clock.monotonic() - kept[0] >= FRESH_S:
            kept = _kept = (clock.monotonic(), read_lines())
        return kept[1]
    finally:
        _reading.release()


def read_lines() -> dict[int, Line]:
    """All active queues by id, from the database."""
    queues = list(
        Queue.objects.filter(active=True)
        .select_related("calendar", "calibration", "experience")
        .prefetch_related("rings")
    )
    places = _places({queue.pk: queue for queue in queues})
    members = _members({queue_id for queue_id, line in places.items() if line})
    history = _recent_history()
    learned = {queue.pk: experience for queue in queues if (experience := learned_by(queue)) is not None}
    turns = turns_now() if learned else {}
    return {
        queue.pk: Line(
            queue=queue,
            places=tuple(sorted(places.get(queue.pk, []))),
            members=tuple(members.get(queue.pk, [])),
            service_seconds=history.handled.get(queue.pk, {}),
            abandon_rate=history.abandon_rates.get(queue.pk, 0.0),
            calibration=calibration_of(queue),
            experience=learned.get(queue.pk),
            turns=turns.get(queue.pk, {}) if queue.pk in learned else {},
        )
        for queue in queues
    }


def calibration_of(queue: Queue) -> Calibration:
    """What the queue's told ranges taught so far; a fresh one before the first."""
    stored: WaitCalibration | None = getattr(queue, "calibration", None)
    return Calibration(**stored.state) if stored else Calibration()


def _places(queues: Mapping[int, Queue]) -> dict[int, list[Place]]:
    places: dict[int, list[Place]] = defaultdict(list)
    rows = intake.contacts_in_states(["queued", "offered"]).values_list(
        "id", "queue_id", "channel", "arrived_at", "queued_at", "priority", "emergency", "state"
    )
    for contact_id, queue_id, channel, arrived, queued, priority, emergency, state in rows:
        queue = queues.get(queue_id) if queue_id else None
        if queue is None:
            continue
        urgent = 0 if emergency or queue.emergency else 1
        key = arrived.timestamp() - priority * queue.ageing_seconds
        order = (urgent, key, str(contact_id))
        places[queue.pk].append(
            Place(order, contact_id, class_of(channel), queued or arrived, state == "offered")
        )
    return places


def _members(busy_queues: set[int]) -> dict[int, list[Member]]:
    facts, belongs = _staff()
    held: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = intake.contacts_in_states(["offered", "connected", "wrap_up"]).values_list("agent_id", "channel")
    for agent_id, channel in rows:
        if agent_id is not None:
            held[agent_id][class_of(channel)] += 1
    members: dict[int, list[Member]] = defaultdict(list)
    for agent_id, fact in facts.items():
        queue_ids = belongs.get(agent_id, [])
        shared, holds = max(1, len(busy_queues.intersection(queue_ids))), dict(held.get(agent_id, {}))
        for queue_id in queue_ids:
            members[queue_id].append(Member(fact, holds, shared))
    return members


def _staff() -> tuple[dict[UUID, AgentFacts], dict[UUID, list[int]]]:
    """Everybody who is signed in, as they are now, and their queues.

    What they can do and hold, and where they belong, is at most `STAFF_FRESH_S` old: it is a row for each skill and
    each queue of each of them, and changes by an administrator's hand.
    """
    global _kept_staff  # noqa: PLW0603
    kept, now, states = _kept_staff, clock.monotonic(), signed_in_states()
    if kept is None or now - kept.read_at >= STAFF_FRESH_S or not states.keys() <= kept.facts.keys():
        facts = {**dict.fromkeys(states), **{fact.agent_id: fact for fact in agent_states()}}
        kept = _kept_staff = _Staff(now, facts, _belonging())
    current = {
        agent_id: replace(fact, state=state, engaged=engaged)
        for agent_id, (state, engaged) in states.items()
        if (fact := kept.facts[agent_id]) is not None
    }
    return current, kept.belongs


def _belonging() -> dict[UUID, list[int]]:
    """The queues of each agent."""
    belongs: dict[UUID, list[int]] = defaultdict(list)
    for agent_id, queue_id in _MEMBERSHIPS():
        belongs[agent_id].append(queue_id)
    return belongs


def _recent_history() -> _History:
    """What `_history` reads, at most `HISTORY_FRESH_S` old: two thousand rows, of which few are new each second."""
    global _kept_history  # noqa: PLW0603
    kept, now = _kept_history, clock.monotonic()
    if kept is None or now - kept[0] >= HISTORY_FRESH_S:
        kept = _kept_history = (now, _history())
    return kept[1]


def _history() -> _History:
    """Handling times (newest first, up to `RECENT`) and abandonment per second waited, of the last 24 hours."""
    since = clock.now() - HISTORY
    rows = (
        intake.contacts_in_states(["closed", "abandoned"])
        .filter(closed_at__gte=since, queue__isnull=False)
        .order_by("-closed_at")
        .values_list("queue_id", "channel", "state", "queued_at", "connected_at", "closed_at")[:HISTORY_ROWS]
    )
    handled: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    waited: Counter[int] = Counter()
    left: Counter[int] = Counter()
    for queue_id, channel, state, queued, connected, closed in rows:
        if queue_id is None or queued is None or closed is None:
            continue
        until = connected or closed
        waited[queue_id] += max(1, round((until - queued).total_seconds()))
        if state == "abandoned":
            left[queue_id] += 1
        elif connected is not None:
            times = handled[queue_id][class_of(channel)]
            if len(times) < RECENT:
                times.append(max(1.0, (closed - connected).total_seconds()))
    return _History(
        {queue: {kind: tuple(times) for kind, times in kinds.items()} for queue, kinds in handled.items()},
        {queue: left[queue] / waited[queue] for queue in waited},
    )
