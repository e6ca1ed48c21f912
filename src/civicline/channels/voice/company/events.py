"""Events of the company in a call. Moves between states are named by `engine.parties`."""

from civicline.engine.parties import PARTY
from civicline.kernel.events import EventType

PARTY_ASKED = EventType("call.party_asked", version=1)
"""Somebody was rung to come into a call. data: party, kind, agent or outside, by, wish."""

LISTENING_RULE_CHANGED = EventType("listening_rule.changed", version=1)
"""data: sign."""

MOVES = {name: EventType(name, version=1) for name in sorted({move.event for move in PARTY.moves})}
"""The event of each move of the table."""
