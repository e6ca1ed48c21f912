"""A real day as a scenario: who came and who was there as the log tells it, so that it can be lived again.

Each contact comes at its own second. Who was answered takes as long as it did, and has more patience than it needed;
who gave up gives up after as long, unless somebody is quicker this time. What nobody knows is drawn: how long the
work of the lost would have taken (from that of the same line), and how long the patient would have stayed (Kaplan and
Meier over the day). The measures of the real day (`measured`) are those of the simulator, so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from civicline.engine.routing import Ring
from civicline.engine.simulation.spreads import SimulationError, Spread, empirical, exponential
from civicline.engine.simulation.survival import patience
from civicline.engine.simulation.values import DAY, Agent, Queue, Scenario, Trace, Traced

Fate = Literal["answered", "left", "waiting"]

USUAL_SECONDS: Final = 300.0
"""How long work takes where a whole day tells of none that was finished."""


@dataclass(frozen=True, slots=True)
class Came:
    """One contact as the log tells it. Times are seconds, `at` from midnight.

    `waited`: until somebody took it, until it left, or until the end of the log ("waiting"). `handled`: in
    somebody's hand, wrap-up included; None where it is not known. `line`: the promise it is counted by.
    """

    contact_id: str
    line: str
    at: float
    waited: float
    fate: Fate
    handled: float | None = None
    channel: str = "chat"
    language: str = ""
    priority: int = 0
    skills: tuple[tuple[str, int], ...] = ()
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """What one line promises, how its requirements relax, and how long an offer of it rings. Seconds."""

    within_seconds: float = 180.0
    short_seconds: float = 5.0
    ageing_seconds: float = 300.0
    rings: tuple[Ring, ...] = ()
    offer_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day of the log. `people` serve lines by name, and have the stretches in which they were there as shifts.

    `until`: second of the day at which the log ends. `answer_seconds`: how long offers rang on average.
    """

    came: tuple[Came, ...]
    people: tuple[Agent, ...]
    promises: Mapping[str, Promise]
    until: float = DAY
    answer_seconds: float = 0.0
    interval_seconds: float = 1800.0


class Measured(NamedTuple):
    """What really was, as the simulator counts it: contacts, shares from 0 to 1, seconds.

    Who still waits at the end counts as not answered, here as there.
    """

    offered: int
    answered: int
    abandoned: int
    service_level: float
    abandonment: float
    mean_wait: float
    mean_handle: float


def measured(day: PastDay, lines: Collection[str] | None = None) -> Measured:
    """The real figures of some lines, or of all."""
    own = [one for one in day.came if lines is None or one.line in lines]
    answered = [one for one in own if one.fate == "answered"]
    within = sum(one.waited <= day.promises[one.line].within_seconds for one in answered)
    known = [one.handled for one in answered if one.handled is not None]
    return Measured(
        len(own),
        len(answered),
        len(own) - len(answered),
        _mean(within, len(own)),
        _mean(len(own) - len(answered), len(own)),
        _mean(sum(one.waited for one in own), len(own)),
        _mean(sum(known), len(known)),
    )


def waits_by_interval(day: PastDay, lines: Collection[str] | None = None) -> tuple[list[int], list[float]]:
    """Contacts of some lines, or all, in each interval of the day, and their mean wait in seconds (0 without any)."""
    slots = int(-(-DAY // day.interval_seconds))
    counts, seconds = [0] * slots, [0.0] * slots
    for one in day.came:
        if lines is not None and one.line not in lines:
            continue
        at = min(slots - 1, max(0, int(one.at // day.interval_seconds)))
        counts[at] += 1
        seconds[at] += one.waited
    return counts, [_mean(total, count) for total, count in zip(seconds, counts, strict=True)]


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0


def past_scenario(day: PastDay, title: str = "") -> Scenario:
    """The day as a scenario of the simulator. Raises SimulationError when nobody came, or a line has no promise.

    Contacts of one line with other needs (channel, skills, emergency) are queues of their own, named
    `line/1`, `line/2`, ... : `line_of` tells the line again.
    """
    if not day.came:
        raise SimulationError("Nobody came on this day.")
    if missing := {one.line for one in day.came} - set(day.promises):
        raise SimulationError(f"There is no promise for {', '.join(sorted(missing))}.")
    kinds = _kinds(day.came)
    own = {line: frozenset(name for name in kinds if line_of(name) == line) for line in day.promises}
    names = {line: found for line, found in own.items() if found}
    queues = tuple(_queue(day, name, alike, names) for name, alike in kinds.items())
    people = tuple(_served(one, names) for one in day.people)
    # Whoever answered did so while it rang; today's rules may let it ring for less than that day's did.
    answer = min(day.answer_seconds, *(queue.offer_seconds for queue in queues))
    return Scenario(queues, people, title, interval_seconds=day.interval_seconds, answer_seconds=answer)


def line_of(queue_id: str) -> str:
    """The line of a queue of `past_scenario`."""
    return queue_id.rsplit("/", 1)[0]


def _kinds(came: Sequence[Came]) -> dict[str, list[Came]]:
    """Contacts with the same needs together, by the name of their queue."""
    found: dict[tuple[str, str, tuple[tuple[str, int], ...], bool], list[Came]] = {}
    for one in sorted(came, key=lambda one: (one.at, one.contact_id)):
        found.setdefault((one.line, one.channel, one.skills, one.emergency), []).append(one)
    numbers: dict[str, int] = {}
    kinds = {}
    for (line, *_), own in sorted(found.items()):
        numbers[line] = numbers.get(line, 0) + 1
        kinds[f"{line}/{numbers[line]}"] = own
    return kinds


def _queue(day: PastDay, name: str, own: list[Came], names: Mapping[str, frozenset[str]]) -> Queue:
    first, promise = own[0], day.promises[own[0].line]
    line = [one for one in day.came if one.line == first.line]
    return Queue(
        queue_id=name,
        arrivals=Trace(tuple(_traced(one, day.until) for one in own)),
        service=_work(own) or _work(line) or _work(day.came) or exponential(USUAL_SECONDS),
        patience=_patience(line),
        channel=first.channel,
        skills=first.skills,
        emergency=first.emergency,
        ageing_seconds=promise.ageing_seconds,
        rings=tuple(_ring(ring, names) for ring in promise.rings),
        within_seconds=promise.within_seconds,
        short_seconds=promise.short_seconds,
        offer_seconds=promise.offer_seconds,
    )


def _ring(ring: Ring, names: Mapping[str, frozenset[str]]) -> Ring:
    """A ring that reaches the people of another line reaches those of all its queues."""
    others = sorted(name for line in ring.overflow_queues for name in names.get(line, {line}))
    return replace(ring, overflow_queues=tuple(others))


def _traced(one: Came, until: float) -> Traced:
    left = one.fate == "left"
    return Traced(
        at=one.at,
        service=one.handled if one.fate == "answered" else None,
        patience=one.waited if left else None,
        language=one.language,
        priority=one.priority,
        contact_id=one.contact_id,
        stayed=None if left else one.waited,
        at_most=max(0.0, until - one.at),
    )


def _work(own: Sequence[Came]) -> Spread | None:
    known = tuple(one.handled for one in own if one.fate == "answered" and one.handled is not None)
    return empirical(known) if known else None


def _patience(line: Sequence[Came]) -> Spread | None:
    """Kaplan and Meier over a line; None where nobody gave up, who knows how long they would have stayed."""
    gave_up = [one.fate == "left" for one in line]
    return patience([one.waited for one in line], gave_up) if any(gave_up) else None


def _served(one: Agent, names: Mapping[str, frozenset[str]]) -> Agent:
    return replace(one, queues=frozenset(name for line in one.queues for name in names.get(line, {line})))
