"""How many contacts of which kind one agent may hold at once: a table, not code.

Default: a live voice contact (or a person at the counter) is exclusive; chats up to the agent's own number;
written work up to the agent's own number, never begun while a live contact is in hand, and interrupted by live ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CapacityRule:
    """One class of channels.

    A contact of class `name` fits when the agent holds fewer than their capacity of that class, and none of the
    classes in `blocked_by`. `preemptible`: an emergency may make it step aside. `interruptible`: a live contact
    of another class may be offered on top of it (told in `Decision.interrupts`).
    """

    name: str
    channels: frozenset[str]
    blocked_by: frozenset[str] = frozenset()
    preemptible: bool = False
    interruptible: bool = False


def _by_name(rules: tuple[CapacityRule, ...]) -> Mapping[str, CapacityRule]:
    return MappingProxyType({rule.name: rule for rule in rules})


DEFAULT_RULES: Mapping[str, CapacityRule] = _by_name(
    (
        CapacityRule(
            "voice", frozenset({"voice", "video", "counter"}), blocked_by=frozenset({"voice", "chat"})
        ),
        CapacityRule("chat", frozenset({"chat", "sms", "messaging"}), blocked_by=frozenset({"voice"})),
        CapacityRule(
            "written",
            frozenset({"written", "webform", "email", "open311", "letter", "task"}),
            blocked_by=frozenset({"voice", "chat"}),
            preemptible=True,
            interruptible=True,
        ),
    )
)


@dataclass(frozen=True)
class CapacityTable:
    """The rules in force, and the class of each channel. An unlisted channel is handled as written work."""

    rules: Mapping[str, CapacityRule] = field(default_factory=lambda: DEFAULT_RULES)
    otherwise: str = "written"

    def class_of(self, channel: str) -> str:
        """Name of the class that `channel` belongs to."""
        for rule in self.rules.values():
            if channel in rule.channels:
                return rule.name
        return self.otherwise
