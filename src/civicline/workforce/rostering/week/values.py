"""What a week's plan is made of, and what comes out. Plain values: minutes, days from 0, names as keys.

Time runs in minutes from the first day's midnight; a day is a number from 0. A pattern may run past midnight (it
belongs to the day it begins on). Local clock time throughout: who plans the week of a clock change decides what
those hours are worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DAY: Final = 1440
OFFICE: Final = "office"
HOME: Final = "home"


@dataclass(frozen=True, slots=True)
class Break:
    """A pause of `minutes`, `after` so many minutes of the shift. An unpaid one does not count as working time."""

    after: int
    minutes: int
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A shift as offered: its beginning (minute of the day), length with breaks, and breaks.

    `unpopular` is what working it adds to a person's history (0: nobody minds; nights and late shifts more).
    `days`: weekdays of the plan it is offered on, None for all. `skills`: needed to work it, besides any demand.
    """

    key: str
    start: int
    minutes: int
    breaks: tuple[Break, ...] = ()
    unpopular: float = 0.0
    days: frozenset[int] | None = None
    skills: frozenset[str] = frozenset()

    @property
    def paid_minutes(self) -> int:
        """Working time: the length without unpaid breaks."""
        return self.minutes - sum(pause.minutes for pause in self.breaks if not pause.paid)

    @property
    def end(self) -> int:
        """Minute at which it ends, above 1440 when it runs past midnight."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Contract:
    """What law and contract say of one person, per week. Rest is between the end of one shift and the next's start.

    The defaults are the minimum of the European working time directive 2003/88/EC (11 hours' rest a day, 24 hours'
    weekly rest, 48 hours a week), with 40 hours as usual.
    """

    max_minutes: int = 2400
    min_minutes: int = 0
    max_minutes_day: int = 600
    rest_minutes: int = 660
    max_days: int = 5
    max_consecutive: int = 6
    weekends: int = 1
    """How many weekend days (those named by Demand.weekend) the person may work in this week: 0, 1 or 2."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`weight` above 0: would like; below 0: would rather not. No pattern: any work on that day."""

    day: int
    pattern: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Training:
    """`minutes` of learning within one of the person's shifts, on one of `days`, between `earliest` and `latest`."""

    key: str
    minutes: int
    days: frozenset[int]
    earliest: int = 0
    latest: int = DAY


@dataclass(frozen=True, slots=True)
class Person:
    """One who can be planned. `away`: (first minute, last minute) since the plan's start, holidays and such.

    `places`: where the person may work, of "office" and "home"; `site`: whose seats it takes in the office;
    `prefers`: where the person would rather work, by day, among those who have the choice.
    `fixed`: what was decided by hand, by day: the key of
    a pattern, or None for a day off; the plan keeps it.
    """

    key: str
    name: str
    skills: frozenset[str]
    contract: Contract = Contract()
    days_off: frozenset[int] = frozenset()
    away: tuple[tuple[int, int], ...] = ()
    patterns: frozenset[str] | None = None
    wishes: tuple[Wish, ...] = ()
    trainings: tuple[Training, ...] = ()
    places: tuple[str, ...] = (OFFICE,)
    site: str = ""
    prefers: Mapping[int, str] = field(default_factory=dict)
    on_call: bool = False
    fixed: Mapping[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier weeks left: for fairness, and for rest across the plan's first midnight.

    `unpopular`: the sum of Pattern.unpopular (and of weekend shifts and days on call) so far; `worked_days`: the
    unbroken run of working days up to the eve of the plan; `last_end`: minute of the last shift's end before the plan,
    0 being its start (so -120 is 22:00 on the eve), None when long ago.
    """

    unpopular: float = 0.0
    worked_days: int = 0
    last_end: int | None = None


@dataclass(frozen=True, slots=True)
class OnCall:
    """A duty to be reachable: `people` of those who may (Person.on_call) and have the skills, outside their shifts."""

    key: str
    day: int
    start: int
    minutes: int
    people: int = 1
    skills: frozenset[str] = frozenset()
    unpopular: float = 1.0


@dataclass(frozen=True, slots=True)
class Demand:
    """People required at work, for each skill one number per interval: days * 1440 / interval of them.

    A person with several skills works for one of them at a time; the plan shares her out as it serves best.
    `seats`: places in the office at any time, None for enough; `sites`: those of each named site.
    `weekend`: days that count as such.
    """

    interval: int
    days: int
    required: Mapping[str, tuple[float, ...]]
    under: float = 1.0
    over: float = 0.3
    """What one person too few, and one too many, cost for one interval."""
    seats: int | None = None
    sites: Mapping[str, int] = field(default_factory=dict)
    weekend: frozenset[int] = frozenset({5, 6})
    on_call: tuple[OnCall, ...] = ()

    @property
    def intervals(self) -> int:
        """How many there are in the whole plan."""
        return self.days * DAY // self.interval

    def seats_at(self, site: str) -> int | None:
        """The seats of a site, None for enough."""
        return self.sites.get(site, self.seats)


@dataclass(frozen=True, slots=True)
class Rules:
    """How the goals weigh against each other (in units of one person too few for one interval)."""

    wish: float = 1.0
    fairness: float = 0.5
    """For each unit of Pattern.unpopular and each shift of a weekend, times (1 + the person's history above the
    team's least)."""
    paid_hour: float = 0.05
    """For each paid hour: of two plans that serve alike, the shorter."""


@dataclass(frozen=True, slots=True)
class Session:
    """A training that found its place: minutes since the plan's start."""

    training: str
    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's work on one day. `start` in minutes since the plan's start; `place` is "office" or "home"."""

    person: str
    day: int
    pattern: str
    start: int
    minutes: int
    place: str
    breaks: tuple[Break, ...] = ()
    sessions: tuple[Session, ...] = ()

    @property
    def end(self) -> int:
        """Minutes since the plan's start."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call."""

    duty: str
    person: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be: `code` and `values` for those who translate, `text` in plain English."""

    code: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Plan:
    """A roster that keeps every rule. Cover is per skill and interval; costs by goal; `notes` say what stayed open."""

    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]
    covered: Mapping[str, tuple[float, ...]]
    under: float
    """People too few, summed over skills and intervals."""
    over: float
    costs: Mapping[str, float]
    notes: tuple[Reason, ...]
    seconds: float
    bound: float | None = None
    """No plan can cost less than this, where it is known."""

    @property
    def cost(self) -> float:
        """The sum of the costs."""
        return sum(self.costs.values())


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No roster can keep all rules; `reasons` say which rule with which."""

    reasons: tuple[Reason, ...]


class WeekError(ValueError):
    """A demand, a person or a pattern that contradicts itself; the words say which and where.

    `reasons`: the same with codes, for those who translate.
    """

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(" ".join(reason.text for reason in reasons))
        self.reasons = reasons
