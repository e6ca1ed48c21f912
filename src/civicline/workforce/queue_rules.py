"""The routing rule of one queue, and the same rule changed: which queue's people help when, and how far ahead it goes.

Free of Django, so that the simulated day and the approved change are made by the same lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from civicline.engine.routing import Ring
from civicline.engine.simulation import Queue, Trace

LENT = "partner:"
"""Before the code of a queue: the people whom a partner body lends to it. Its last ring reaches them."""
PRIORITIES = range(-10, 11)
"""What the priority of a service may be."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What becomes otherwise in one queue.

    `helper`: the queue whose people help after `help_after` seconds (None: as now). `ahead`: steps of priority.
    """

    queue: str
    helper: str = ""
    help_after: int | None = None
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class QueueRule:
    """How a queue's need relaxes, and the priority of each service that leads to it."""

    rings: tuple[Ring, ...] = ()
    priorities: Mapping[str, int] | None = None

    def changed(self, change: RuleChange) -> QueueRule:
        """The rule with a change; the same once more changes its rings no further."""
        rings = self.rings
        if change.help_after is not None:
            rings = with_help(rings, change.help_after, {change.helper})
        told = {service: level + change.ahead for service, level in (self.priorities or {}).items()}
        return QueueRule(rings, told)

    def plain_rings(self) -> list[list[Any]]:
        """The rings as rows keep them: seconds, levels less, whose people help."""
        return [
            [int(ring.after_seconds), ring.level_drop, "".join(ring.overflow_queues)] for ring in self.rings
        ]

    def plain(self) -> dict[str, Any]:
        """As an answer of the simulator keeps it."""
        return {"rings": self.plain_rings(), "priorities": dict(self.priorities or {})}


def from_plain(told: Mapping[str, Any]) -> QueueRule:
    """The rule that `plain` told."""
    rings = tuple(
        Ring(float(after), drop, overflow_queues=(helper,) if helper else ())
        for after, drop, helper in told["rings"]
    )
    return QueueRule(rings, dict(told["priorities"]))


def with_help(
    rings: Sequence[Ring], after: float, helpers: Collection[str], lent: str = ""
) -> tuple[Ring, ...]:
    """Rings by which `helpers` (one queue's people) help after so many seconds, and not before or later.

    All else stays. A ring reaches the people of one other queue: where another helps at that second already, these
    come a second later. `lent`: the people whom a partner body lends; the last ring reaches them.
    """
    found: dict[float, Ring] = {}
    for ring in rings:
        others = tuple(pool for pool in ring.overflow_queues if pool != lent)
        rest = tuple(pool for pool in others if pool not in helpers)
        if rest or rest == others or _relaxes(ring):
            found[ring.after_seconds] = replace(ring, overflow_queues=rest)
    at = float(after)
    while at in found and found[at].overflow_queues:
        at += 1
    found[at] = replace(found.get(at, Ring(at)), overflow_queues=tuple(sorted(helpers)))
    return with_lent([found[key] for key in sorted(found)], lent)


def _relaxes(ring: Ring) -> bool:
    """Whether a ring does something beside reaching other people."""
    return bool(ring.level_drop or ring.drop_languages or ring.min_level is not None)


def with_lent(rings: Sequence[Ring], lent: str) -> tuple[Ring, ...]:
    """Rings the last of which reaches the people who are lent."""
    if not rings or not lent:
        return tuple(rings)
    last = rings[-1]
    return (*rings[:-1], replace(last, overflow_queues=(*last.overflow_queues, lent)))


def with_rule(queue: Queue, change: RuleChange, helpers: Collection[str]) -> Queue:
    """A queue of a scenario with a changed rule; `helpers` are the helping queue's names there."""
    rings, arrivals = queue.rings, queue.arrivals
    if change.help_after is not None:
        rings = with_help(rings, change.help_after, helpers, LENT + change.queue)
    if change.ahead and isinstance(arrivals, Trace):
        arrivals = Trace(
            tuple(
                one if one.priority is None else replace(one, priority=one.priority + change.ahead)
                for one in arrivals.contacts
            )
        )
    return replace(queue, rings=rings, arrivals=arrivals, priority=queue.priority + change.ahead)
