"""The staff as it was: who was there when, what they answered, how long they needed between calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from civicline.cli.headline.calls import NOBODY, Call, Days
from civicline.engine.simulation import (
    Agent,
    Callback,
    Queue,
    Scenario,
    Shift,
    Spread,
    Trace,
    Traced,
    empirical,
    patience,
)
from civicline.engine.simulation.values import DAY

Stretches = dict[str, list[tuple[float, float]]]
ADVANCE: float = 90.0
"""An urgent call goes before one that came up to so many seconds earlier (Brown et al. 2005, section 2)."""
ENOUGH = 300
"""A kind of call with fewer waits than this takes the patience of all."""
ON_THE_LINE = 120.0
"""Who takes the next call within so many seconds was on the line in between; longer, and they were not."""


def stretches(calls: Iterable[Call], gap: float) -> Stretches:
    """For each server: from a call's start to a call's end, joined where no more than `gap` seconds lie between."""
    talks: Stretches = defaultdict(list)
    for call in calls:
        if call.answered and call.started is not None and call.server != NOBODY:
            talks[call.server].append((call.started, call.started + call.talked))
    found: Stretches = {}
    for server, own in talks.items():
        own.sort()
        joined = [own[0]]
        for begins, ends in own[1:]:
            before = joined[-1]
            if begins - before[1] > gap:
                joined.append((begins, ends))
            else:
                joined[-1] = (before[0], max(before[1], ends))
        found[server] = [(begins, ends) for begins, ends in joined if ends > begins]
    return found


def hours(found: Stretches) -> float:
    """Hours in all stretches."""
    return sum(ends - begins for own in found.values() for begins, ends in own) / 3600


def between_calls(days: Days) -> Spread:
    """Seconds that an agent needs between two calls: the gaps before a call that was waiting already."""
    gaps = []
    for calls in days.values():
        talks: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for call in calls:
            if call.started is not None and call.server != NOBODY and call.talked > 0:
                talks[call.server].append((call.started, call.started + call.talked, call.at))
        for own in talks.values():
            own.sort()
            for before, after in pairwise(own):
                gap = after[0] - before[1]
                if after[2] <= before[1] and 0 <= gap <= ON_THE_LINE:
                    gaps.append(gap)
    return empirical(tuple(gaps) or (0.0,))


class Habits:
    """What the whole log tells of its callers: patience (Kaplan-Meier) and talk by kind, gaps between calls."""

    def __init__(self, days: Days) -> None:
        calls = [call for own in days.values() for call in own]
        self.gaps = between_calls(days)
        self.queues = sorted({(call.queue, call.kind, call.urgent) for call in calls})
        everybody = patience([c.waited for c in calls], [not c.answered for c in calls])
        self.patience: dict[str, Spread] = {}
        self.talk: dict[str, Spread] = {}
        for queue, kind, _ in self.queues:
            own = [c for c in calls if c.queue == queue]
            enough = len(own) >= ENOUGH
            self.patience[queue] = (
                patience([c.waited for c in own], [not c.answered for c in own]) if enough else everybody
            )
            talks = [c.talked for c in calls if c.kind == kind and c.talked > 0]
            self.talk[queue] = empirical(tuple(talks or [c.talked for c in calls if c.talked > 0] or [0.0]))


def days_of(
    days: Sequence[Sequence[Call]],
    habits: Habits,
    agents: tuple[Agent, ...],
    *,
    title: str,
    callback: Callback | None = None,
) -> Scenario:
    """Every day's calls exactly as they came, one day after the other; talks as they were where the log knows them."""
    queues = []
    for queue, _, urgent in habits.queues:
        own = tuple(
            Traced(number * DAY + call.at, service=call.talked if call.answered and call.talked > 0 else None)
            for number, calls in enumerate(days)
            for call in calls
            if call.queue == queue
        )
        queues.append(
            Queue(
                queue,
                Trace(own),
                habits.talk[queue],
                patience=habits.patience[queue],
                wrap_up=habits.gaps,
                priority=1 if urgent else 0,
                ageing_seconds=ADVANCE,
                callback=callback,
            )
        )
    return Scenario(tuple(queues), agents, title=title, days=len(days))


def moved(agents: Iterable[Agent], number: int) -> tuple[Agent, ...]:
    """The agents of one day, on the day of this number (0 is the first); nobody of another day is the same."""
    later = number * DAY
    return tuple(
        replace(
            agent,
            agent_id=f"day {number + 1} {agent.agent_id}",
            shifts=tuple(
                replace(
                    shift,
                    start=shift.start + later,
                    end=shift.end + later,
                    breaks=tuple((begins + later, ends + later) for begins, ends in shift.breaks),
                )
                for shift in agent.shifts
            ),
        )
        for agent in agents
    )


def staff_of(calls: list[Call], habits: Habits) -> tuple[Agent, ...]:
    """The servers of a day while they were on the line, each for the types that they answered on that day."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        if call.answered:
            kinds[call.server].add(call.kind)
    return tuple(
        Agent(
            server,
            frozenset(queue for queue, kind, _ in habits.queues if kind in kinds[server]),
            tuple(Shift(begins, ends) for begins, ends in own),
        )
        for server, own in sorted(stretches(calls, ON_THE_LINE).items())
        if own
    )
