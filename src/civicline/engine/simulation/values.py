"""What a simulation is told: frozen values. Times are seconds from midnight of the first day, unless said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from civicline.engine.routing import Ring
from civicline.engine.simulation.spreads import SimulationError, Spread

DAY: Final = 86_400.0
LARGEST: Final = 5_000_000
"""The most contacts of one replication; more is a slip of the pen."""

Stretch = tuple[float, float]
"""From, until."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Contacts expected in each interval: a Poisson process whose rate changes from interval to interval."""

    counts: tuple[float, ...]
    interval_seconds: float = 900.0
    start: float = 0.0

    def __post_init__(self) -> None:
        """Refuse negative counts, and more than can be meant."""
        if not self.interval_seconds > 0:
            raise SimulationError("An interval of arrivals needs more than 0 seconds.")
        for at, count in enumerate(self.counts):
            if not (isfinite(count) and count >= 0):
                raise SimulationError(f"Interval {at + 1} expects {count:g} contacts. Give 0 or more.")
        if sum(self.counts) > LARGEST:
            raise SimulationError(f"More than {LARGEST:,} contacts are expected. Give fewer.")


@dataclass(frozen=True, slots=True)
class Traced:
    """One contact as it came. None: drawn like everybody's. `language` empty: any.

    `stayed`: it is known to have waited so long without giving up; its patience is drawn from what lies beyond.
    `at_most`: after so many seconds it counts as given up, whatever its patience, as when the log ends there.
    """

    at: float
    service: float | None = None
    patience: float | None = None
    wrap_up: float | None = None
    language: str = ""
    priority: int | None = None
    contact_id: str = ""
    stayed: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The arrivals of a real day, one by one."""

    contacts: tuple[Traced, ...]


@dataclass(frozen=True, slots=True)
class Surge:
    """More (or, below 1, fewer) contacts than planned between two moments; in all queues, or those named."""

    start: float
    end: float
    factor: float
    queues: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a surge that ends before it begins, and a factor below 0."""
        if not (self.end > self.start and 0 <= self.factor < 1000):
            raise SimulationError("A surge needs an end after its start, and a factor from 0 to 1000.")


@dataclass(frozen=True, slots=True)
class Callback:
    """A call back instead of waiting on the line, the place kept.

    Offered to a contact when the wait it may expect on arrival is above `above_seconds` (see `Floor`); taken
    by a share of them. Who takes it cannot abandon. `later_seconds`: how far behind its own place the
    call stands, so that those on the line go first while they are many (Armony and Maglaras 2004); 0 keeps
    the place exactly. `reached`: share who answer when called; a call that nobody answers takes the agent
    `attempt_seconds`, rests for `again_seconds` and comes back to the same place until there were `attempts`; after
    that the contact is counted as not reached. `most`: none is offered while so many are owed in all queues.
    """

    above_seconds: float
    accepted: float = 0.5
    reached: float = 1.0
    attempt_seconds: float = 30.0
    later_seconds: float = 0.0
    attempts: int = 1
    again_seconds: float = 900.0
    most: int | None = None

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1, and times below 0."""
        if not (0 <= self.accepted <= 1 and 0 <= self.reached <= 1):
            raise SimulationError("The shares of callbacks accepted and reached lie between 0 and 1.")
        if min(self.above_seconds, self.attempt_seconds, self.later_seconds, self.again_seconds) < 0:
            raise SimulationError("The times of a callback are 0 seconds or more.")
        if self.attempts < 1:
            raise SimulationError("A callback has at least one attempt.")
        if self.most is not None and self.most < 0:
            raise SimulationError("The most callbacks that may be owed are 0 or more.")


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: what comes, what it needs, what was promised.

    `arrivals`: rates or a trace. `patience` None: nobody gives up. `skills`: (skill, least level 1-5) of
    every contact. `languages`: (language, share of the contacts), the rest speaks any. `hours`: stretches in
    which it is open, none means always; who comes outside is counted as closed. `rings`, `priority`,
    `emergency` and `ageing_seconds` are the router's, and
    so is `offer_seconds`: how long an agent has to take an offer. `within_seconds`: the promise. Who gives up before
    `short_seconds` is also counted as a short abandonment. `self_service`: share solved without an
    agent. `room`: the most who may wait, the rest is sent to another way in and counted as diverted.
    """

    queue_id: str
    arrivals: Rates | Trace
    service: Spread
    patience: Spread | None = None
    wrap_up: Spread | None = None
    channel: str = "voice"
    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, float], ...] = ()
    priority: int = 0
    emergency: bool = False
    ageing_seconds: float = 60.0
    rings: tuple[Ring, ...] = ()
    hours: tuple[Stretch, ...] = ()
    within_seconds: float = 20.0
    short_seconds: float = 5.0
    self_service: float = 0.0
    callback: Callback | None = None
    room: int | None = None
    offer_seconds: float = 20.0

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1."""
        shares = [share for _, share in self.languages]
        if min([*shares, self.self_service]) < 0 or sum(shares) > 1 + 1e-9 or self.self_service > 1:
            raise SimulationError(
                f"The shares of queue {self.queue_id} lie between 0 and 1, languages in all."
            )


@dataclass(frozen=True, slots=True)
class Shift:
    """Paid time of one agent, less unpaid breaks; `breaks` lie within, a late contact is finished first."""

    start: float
    end: float
    breaks: tuple[Stretch, ...] = ()
    breaks_paid: bool = False

    def __post_init__(self) -> None:
        """Refuse a shift that ends before it begins."""
        if not self.end > self.start:
            raise SimulationError("A shift needs an end after its start.")
        for begins, ends in self.breaks:
            if not self.start <= begins < ends <= self.end:
                raise SimulationError("A break lies within its shift, and ends after its start.")

    @property
    def paid_seconds(self) -> float:
        """What is paid for it."""
        away = 0.0 if self.breaks_paid else sum(ends - begins for begins, ends in self.breaks)
        return self.end - self.start - away


@dataclass(frozen=True, slots=True)
class Agent:
    """One person: what they can do and when they are there.

    `queues`: whose contacts they take. `capacity`: contacts at once by class (voice, chat, written).
    `group`: occupancy is told by it. `hourly_cost` in the town's money.
    """

    agent_id: str
    queues: frozenset[str]
    shifts: tuple[Shift, ...]
    group: str = "all"
    site: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=lambda: {"voice": 1, "chat": 1, "written": 1})
    hourly_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A centre and its days.

    `absence`: share of agents who do not come on a day, paid all the same. `shrinkage`: share of their time
    that those present are away, in pauses of ten minutes on average. `answer_seconds`: how long an offer
    rings before the agent takes it. `paused_seconds`: the mean of such a pause.
    """

    queues: tuple[Queue, ...]
    agents: tuple[Agent, ...]
    title: str = ""
    days: int = 1
    interval_seconds: float = 900.0
    surges: tuple[Surge, ...] = ()
    absence: float = 0.0
    shrinkage: float = 0.0
    paused_seconds: float = 600.0
    answer_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be: no queues, equal names, shares outside 0 to 1."""
        if not self.queues or self.days < 1 or not self.interval_seconds > 0:
            raise SimulationError("A scenario needs a queue, a day and an interval above 0 seconds.")
        for kind, names in (
            ("queue", [queue.queue_id for queue in self.queues]),
            ("agent", [agent.agent_id for agent in self.agents]),
        ):
            twice = (
                next((name for at, name in enumerate(names) if name in names[:at]), None)
                if (len(set(names)) < len(names))
                else None
            )
            if twice is not None:
                raise SimulationError(f"Two of the {kind}s are named {twice}. Give each its own name.")
        if not (0 <= self.absence < 1 and 0 <= self.shrinkage < 1 and self.paused_seconds > 0):
            raise SimulationError("Absence and shrinkage are shares from 0 to below 1.")
        if self.answer_seconds < 0:
            raise SimulationError("An offer rings for 0 seconds or more.")
        for queue in self.queues:
            if self.answer_seconds > queue.offer_seconds:
                raise SimulationError(
                    f"Nobody would ever answer: an offer of queue {queue.queue_id} ends after "
                    f"{queue.offer_seconds:g} seconds, and people take {self.answer_seconds:g} to answer."
                )
