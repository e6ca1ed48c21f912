"""How many contacts of which kind one agent may hold at once: a table, not code.

Default: a live voice contact (or a person at the counter) is exclusive; chats up to the agent's own number;
written work up to the agent's own number, never begun while a live contact is in hand, and interrupted
by live ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from civicline.engine.routing.values import RoutingError


@dataclass(frozen=True, slots=True)
class CapacityRule:
    """One class of channels.

    A contact of class `name` fits when the agent holds fewer than their capacity of that class, and none of
    the classes in `blocked_by`. `preemptible`: an emergency may make it step aside. `interruptible`: a
    contact of another class may be offered on top of it (told in `Decision.interrupts`).
    """

    name: str
    channels: frozenset[str]
    blocked_by: frozenset[str] = frozenset()
    preemptible: bool = False
    interruptible: bool = False


DEFAULT_RULES: tuple[CapacityRule, ...] = (
    CapacityRule("voice", frozenset({"voice", "video", "counter"}), frozenset({"voice", "chat"})),
    CapacityRule("chat", frozenset({"chat", "sms", "messaging"}), frozenset({"voice"})),
    CapacityRule(
        "written",
        frozenset({"written", "webform", "email", "open311", "letter", "task"}),
        frozenset({"voice", "chat"}),
        preemptible=True,
        interruptible=True,
    ),
)

Counts = tuple[int, ...]
"""One number per class of the table, in the table's order."""


class Standing:
    """How full an agent is: counts per class, parked work left out. One object for each state, linked.

    `parkable`: the part of `load` that may step aside for an emergency. `bits`: the slots in which one more
    contact fits. `count`: contacts in all; `interruptible`: those that a live contact interrupts.
    """

    __slots__ = ("bits", "capacity", "count", "interruptible", "less", "load", "more", "parkable")

    def __init__(
        self, capacity: Counts, load: Counts, parkable: Counts, *, bits: int, interruptible: int
    ) -> None:
        self.capacity = capacity
        self.load = load
        self.parkable = parkable
        self.bits = bits
        self.count = sum(load)
        self.interruptible = interruptible
        self.more: dict[int, Standing] = {}
        self.less: dict[int, Standing] = {}


class CapacityTable:
    """The rules in force, made ready for counting.

    A *slot* is what an agent can be open for: each class, and after them each class as an emergency takes it,
    with preemptible work out of the way. A channel that no rule names counts as `otherwise`.
    """

    def __init__(self, rules: tuple[CapacityRule, ...] = DEFAULT_RULES, otherwise: str = "written") -> None:
        self.rules = rules
        self.names = tuple(rule.name for rule in rules)
        if len(set(self.names)) < len(rules) or otherwise not in self.names:
            raise RoutingError(
                "Each class of the capacity table needs its own name, and one is for the rest."
            )
        self._index = {name: at for at, name in enumerate(self.names)}
        self._by_channel = {channel: self._index[rule.name] for rule in rules for channel in rule.channels}
        self._by_channel |= self._index
        self._otherwise = self._index[otherwise]
        self._blocks = tuple(tuple(self._index[b] for b in sorted(rule.blocked_by)) for rule in rules)
        self._standings: dict[tuple[Counts, Counts, Counts], Standing] = {}
        # Only where work can step aside does an emergency find agents that others do not.
        yields = [rule.preemptible for rule in rules]
        self._urgent = tuple(
            at
            for at, blocks in enumerate(self._blocks)
            if yields[at] or any(yields[other] for other in blocks)
        )
        self.slots = len(rules) + len(self._urgent)

    def class_of(self, channel: str) -> int:
        """Index of the class that `channel` (or a class by its name) belongs to."""
        return self._by_channel.get(channel, self._otherwise)

    def capacities(self, capacity: Mapping[str, int]) -> Counts:
        """Numbers per class. RoutingError for a class that is not in the table, or a number below zero."""
        for name, number in capacity.items():
            if name not in self._index or number < 0:
                known = ", ".join(self.names)
                raise RoutingError(f"Capacity {name}={number} cannot be. Name {known}, with 0 or more.")
        return tuple(capacity.get(name, 0) for name in self.names)

    def slots_for(self, of_class: int, *, urgent: bool) -> tuple[int, ...]:
        """The slots in which a contact of this class may be offered, the one to try first in front."""
        if urgent and of_class in self._urgent:
            return (of_class, len(self.rules) + self._urgent.index(of_class))
        return (of_class,)

    def empty(self, capacity: Counts) -> Standing:
        """The standing of an agent with nothing in hand."""
        nothing = (0,) * len(self.rules)
        return self._standing(capacity, nothing, nothing)

    def after(self, standing: Standing, of_class: int, *, parkable: bool, change: int) -> Standing:
        """The standing with one more (`change` 1) or one less (-1) contact of a class in hand."""
        links = standing.more if change > 0 else standing.less
        kind = 2 * of_class + parkable
        found = links.get(kind)
        if found is None:
            load, aside = list(standing.load), list(standing.parkable)
            load[of_class] += change
            aside[of_class] += change * parkable
            found = links[kind] = self._standing(standing.capacity, tuple(load), tuple(aside))
        return found

    def _standing(self, capacity: Counts, load: Counts, parkable: Counts) -> Standing:
        key = (capacity, load, parkable)
        if key not in self._standings:
            left = tuple(held - aside for held, aside in zip(load, parkable, strict=True))
            bits, urgent = self._fits(capacity, load), self._fits(capacity, left)
            for at, of_class in enumerate(self._urgent):
                bits |= (urgent >> of_class & 1) << (len(self.rules) + at)
            yielding = sum(held for held, rule in zip(load, self.rules, strict=True) if rule.interruptible)
            self._standings[key] = Standing(capacity, load, parkable, bits=bits, interruptible=yielding)
        return self._standings[key]

    def _fits(self, capacity: Counts, load: Counts) -> int:
        bits = 0
        for at, blocks in enumerate(self._blocks):
            if load[at] < capacity[at] and not any(load[other] for other in blocks):
                bits |= 1 << at
        return bits

    def must_park(self, of_class: int, standing: Standing) -> Counts:
        """How many of each class have to step aside for one more contact of this class."""
        load = standing.load
        aside = [0] * len(self.rules)
        for other in self._blocks[of_class]:
            aside[other] = load[other]
        aside[of_class] = max(aside[of_class], load[of_class] + 1 - standing.capacity[of_class])
        return tuple(aside)
