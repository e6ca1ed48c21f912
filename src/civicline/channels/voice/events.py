"""Events of a call, by name and version. Moves between states are named by `engine.calls`."""

from civicline.engine.calls import CALL
from civicline.kernel.events import EventType

CALL_ARRIVED = EventType("call.arrived", version=1)
RECORDING_STARTED = EventType("call.recording_started", version=1)
RECORDING_KEPT = EventType("call.recording_kept", version=1)
FACTS_LEARNED = EventType("call.facts_learned", version=1)
MUTED = EventType("call.muted", version=1)
PHONE_FAILED = EventType("call.phone_failed", version=1)
PHONE_SAVED = EventType("phone.saved", version=1)
PHONE_REMOVED = EventType("phone.removed", version=1)

MOVES = {name: EventType(name, version=1) for name in sorted({move.event for move in CALL.moves})}
"""The event of each move of the table."""
