"""What the router is told and what it answers: frozen values, times in seconds (UTC epoch, float).

The words are those of docs/design.md section 1. A *pool* is a group of agents: the agents of a queue, of an
overflow queue or of a partner body; all three are named by one string, so that a ring can add any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple

ANY_QUEUE = "*"
"""An agent whose `queues` hold this takes contacts from every queue."""

LOWEST_LEVEL = 1
HIGHEST_LEVEL = 5


class RoutingError(ValueError):
    """The router was told something that cannot be true; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one contact needs from an agent.

    `skills` are (skill id, least level 1-5), all of them needed; `languages` in order of preference, any one
    of them will do, empty means any language; `channel` is the contact's ("voice", "chat", "email", ...).
    """

    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    channel: str = "chat"

    def __post_init__(self) -> None:
        """Refuse levels outside 1-5 and a skill that is named twice."""
        for skill, level in self.skills:
            if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
                raise RoutingError(f"The level of skill {skill} is {level}. Give a level from 1 to 5.")
        if len({skill for skill, _ in self.skills}) < len(self.skills):
            raise RoutingError("A skill is asked for twice. Name each skill once.")


@dataclass(frozen=True, slots=True)
class Ring:
    """How the need relaxes once a contact has been in its queue for `after_seconds`.

    Rings add up: what an earlier ring allowed stays allowed. `level_drop` lowers every least level by so
    much,
    `min_level` lowers every least level to at most that; neither goes below 1, so a skill (or a certificate)
    is never waived. `overflow_queues` adds the agents of other queues or partner bodies. `drop_languages`
    accepts any language, those asked for still first.
    """

    after_seconds: float
    level_drop: int = 0
    min_level: int | None = None
    overflow_queues: tuple[str, ...] = ()
    drop_languages: bool = False


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """The promises of one queue.

    `ageing_seconds`: one step of priority is worth so many seconds of waiting (the weight in the static key
    `arrived - priority x weight`), so that any contact overtakes any priority in the end.
    `offer_seconds`: how long an agent has to answer. `preferred_seconds`: how long a contact waits for its
    preferred agent alone, while that agent is there; after that anyone may take it, the preferred agent first
    if free. `decline_seconds`: how long an agent who declined a contact is not offered it again.
    `emergency`: all its contacts are of the emergency class: first always, may preempt written work.
    """

    queue_id: str
    rings: tuple[Ring, ...] = ()
    ageing_seconds: float = 60.0
    offer_seconds: float = 20.0
    preferred_seconds: float = 0.0
    decline_seconds: float = 30.0
    emergency: bool = False

    def __post_init__(self) -> None:
        """Refuse rings out of order and times below zero."""
        times = (self.ageing_seconds, self.offer_seconds, self.preferred_seconds, self.decline_seconds)
        if min(times) < 0 or any(ring.after_seconds < 0 for ring in self.rings):
            raise RoutingError(f"Queue {self.queue_id} has a time below zero. Give seconds from 0 upwards.")
        after = [ring.after_seconds for ring in self.rings]
        if after != sorted(after):
            raise RoutingError(
                f"The rings of queue {self.queue_id} are out of order. Put the earliest first."
            )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One contact in a queue.

    `arrived` fixes its place and is kept for ever (a callback or a transfer keeps it); `entered` starts the
    clocks of rings and preference, and is `arrived` unless told. A larger `priority` is more urgent.
    """

    contact_id: str
    queue_id: str
    requirement: Requirement
    arrived: float
    priority: int = 0
    preferred_agent: str | None = None
    emergency: bool = False
    entered: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time that is no time."""
        if not (isfinite(self.arrived) and isfinite(self.arrived if self.entered is None else self.entered)):
            raise RoutingError(f"Contact {self.contact_id} has no proper time of arrival. Give seconds.")


@dataclass(frozen=True, slots=True)
class AgentState:
    """One agent: what they can do, where they belong, what they hold.

    `queues`: pools they serve (queues and partner bodies), or ANY_QUEUE. `capacity`: how many contacts per
    class of channel (see `capacity.py`; default classes voice, chat, written), none named means 0.
    `in_hand`: (contact id, channel) of accepted contacts; None keeps what the router already knows.
    """

    agent_id: str
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=dict)
    available: bool = True
    idle_since: float = 0.0
    in_hand: tuple[tuple[str, str], ...] | None = None


class Decision(NamedTuple):
    """One offer: `contact_id` is reserved for `agent_id` until `expires_at`, and why.

    `rule`: "preferred", "language", "level", "longest_idle", "only_candidate" or "assigned" (by a person),
    which decided between the candidates. `candidates`: free agents who could have had it, the chosen
    one included. `level`: sum of the agent's levels in the skills needed. `place_key`: (0 emergency or 1,
    arrived minus priority x weight): smaller is earlier. `ring`: 0 is the need as asked for, 1 the first ring, ...
    `parks`: written contacts that step aside so that this emergency fits. `interrupts`: written contacts in
    hand that a live contact interrupts.
    """

    contact_id: str
    queue_id: str
    agent_id: str
    at: float
    expires_at: float
    rule: str
    candidates: int
    level: int
    language: str | None
    ring: int
    place_key: tuple[int, float]
    waited: float
    idle: float
    need: NeedTold
    parks: tuple[str, ...] = ()
    interrupts: tuple[str, ...] = ()

    def explain(self) -> dict[str, Any]:
        """Plain data (codes and parameters, JSON-ready) for the log and for a translated sentence."""
        return {
            "code": f"routing.{self.rule}",
            "contact": self.contact_id,
            "queue": self.queue_id,
            "agent": self.agent_id,
            "at": self.at,
            "expires_at": self.expires_at,
            "need": self.need.explain(),
            "ring": self.ring,
            "candidates": self.candidates,
            "level": self.level,
            "language": self.language,
            "emergency": self.place_key[0] == 0,
            "key": self.place_key[1],
            "waited_seconds": self.waited,
            "idle_seconds": self.idle,
            "parks": list(self.parks),
            "interrupts": list(self.interrupts),
        }


class NeedTold(NamedTuple):
    """The need that was matched, after relaxing."""

    channel_class: str
    skills: tuple[tuple[str, int], ...]
    languages: tuple[str, ...]
    any_language: bool
    pools: tuple[str, ...]

    def explain(self) -> dict[str, Any]:
        """Plain data, JSON-ready."""
        return {
            "channel_class": self.channel_class,
            "skills": [{"skill": skill, "min_level": level} for skill, level in self.skills],
            "languages": list(self.languages),
            "any_language": self.any_language,
            "pools": list(self.pools),
        }


class PositionChange(NamedTuple):
    """Why contacts in `queue_id` moved back: `cause` took `place` (1 is first) before `affected` others.

    `reason`: "emergency", "priority", "earlier_arrival" (it kept an older place: transfer, callback, restart)
    or "changed" (its own priority or arrival was changed, and it moved back itself to `place`; affected 1).
    """

    queue_id: str
    cause: str
    reason: str
    place: int
    affected: int


class OfferView(NamedTuple):
    """An offer that is open now."""

    contact_id: str
    agent_id: str
    expires_at: float


class QueueView(NamedTuple):
    """A queue as it stands: contacts in order, those on offer included (they keep their place)."""

    queue_id: str
    contacts: tuple[str, ...]
    offered: int


class Snapshot(NamedTuple):
    """The whole router as plain values, in a fixed order."""

    queues: tuple[QueueView, ...]
    offers: tuple[OfferView, ...]
    in_hand: tuple[tuple[str, str], ...]
    parked: tuple[str, ...]
    free_agents: tuple[str, ...]
