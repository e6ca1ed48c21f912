"""Calls that we owe: what may become of one, and when the next try is due. Pure; times are aware datetimes.

rule = Rule(tries=3, pause_s=900)
after_try(rule, tries=1, outcome="busy", now=now, hours=calendar)     # Again(now + 3 minutes, or the next opening)
after_try(rule, tries=3, outcome="no_answer", now=now, hours=calendar)  # GivenUp("no_answer")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from civicline.engine import hours
from civicline.engine.lifecycle import Move, Table

Outcome = Literal["busy", "no_answer", "refused", "no_such_number", "not_reached", "agent_left", "lost"]
OPEN: Final = ("planned", "waiting", "dialling", "resting")
"""Still owed."""

CALLBACK: Final = Table(
    "callback",
    states=("waiting", "planned", "dialling", "resting", "reached", "given_up", "cancelled"),
    initial="waiting",
    moves=(
        Move("planned", "waiting", "callback.due"),
        Move("waiting", "dialling", "callback.dialled"),
        Move("waiting", "resting", "callback.rested"),
        Move("resting", "waiting", "callback.due"),
        Move("dialling", "resting", "callback.not_reached"),
        Move("dialling", "reached", "callback.reached"),
        Move("waiting", "reached", "callback.reached"),
        *(Move(origin, "given_up", "callback.given_up") for origin in ("waiting", "dialling", "resting")),
        *(Move(origin, "cancelled", "callback.cancelled") for origin in OPEN),
    ),
)
"""`waiting`: its contact is in the line. `resting`: set aside until the next try is due. One for a time that was
agreed on begins as `planned`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How we call back. Seconds.

    tries    how often at most.                     ring_s   how long it rings outside.
    pause_s  from a try nobody answered to the next; `busy_s` when the line was busy, or the try was ours to lose.
    """

    tries: int = 3
    pause_s: int = 900
    busy_s: int = 180
    ring_s: int = 30

    def __post_init__(self) -> None:
        """ValueError, with a sentence, for a rule that never calls or calls without a pause."""
        if self.tries < 1 or self.ring_s < 1 or min(self.pause_s, self.busy_s) < 0:
            raise ValueError("A rule of calling back has a number below its least. Give at least one try.")


@dataclass(frozen=True, slots=True)
class Again:
    """The next try is due then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """No further try; the code of the last outcome, or "no_hours" when calling hours never come again."""

    reason: str


SOON: Final = frozenset({"busy", "agent_left", "lost"})
NEVER: Final = frozenset({"no_such_number"})


def allowed_from(now: datetime, calendar: hours.Calendar | None) -> datetime | None:
    """The first moment from now on within calling hours; None when there is none. No calendar: at any time."""
    if calendar is None or hours.is_open(calendar, now):
        return now
    return hours.next_opening(calendar, now)


def after_try(
    rule: Rule, *, tries: int, outcome: str, now: datetime, calendar: hours.Calendar | None = None
) -> Again | GivenUp:
    """What follows a try that did not reach anybody, the one of number `tries` (1 is the first)."""
    if outcome in NEVER or tries >= rule.tries:
        return GivenUp(outcome)
    pause = rule.busy_s if outcome in SOON else rule.pause_s
    at = allowed_from(now + timedelta(seconds=pause), calendar)
    return GivenUp("no_hours") if at is None else Again(at)


_BY_CAUSE: Final = {
    1: "no_such_number", 22: "no_such_number", 28: "no_such_number",
    17: "busy", 18: "no_answer", 19: "no_answer", 21: "refused", 16: "no_answer", 0: "no_answer",
}  # fmt: skip


def outcome_of(cause: int) -> str:
    """What a Q.850 cause (ITU-T Q.850, 2.2.7) of a leg that nobody answered means for the next try."""
    return _BY_CAUSE.get(cause, "not_reached")
