"""Events of a call, by name and version. Moves between states are named by `engine.calls`."""

from civicline.engine.callbacks import CALLBACK
from civicline.engine.calls import CALL
from civicline.kernel.events import EventType

CALL_ARRIVED = EventType("call.arrived", version=1)
RECORDING_STARTED = EventType("call.recording_started", version=1)
RECORDING_KEPT = EventType("call.recording_kept", version=1)
RECORDING_CONSENT = EventType("call.recording_consent", version=1)
RECORDING_SILENCED = EventType("call.recording_silenced", version=1)
RECORDING_RESUMED = EventType("call.recording_resumed", version=1)
KEY_PRESSED = EventType("call.key_pressed", version=1)
FACTS_LEARNED = EventType("call.facts_learned", version=1)
MUTED = EventType("call.muted", version=1)
PHONE_FAILED = EventType("call.phone_failed", version=1)
PHONE_SAVED = EventType("phone.saved", version=1)
PHONE_REMOVED = EventType("phone.removed", version=1)

MOVES = {name: EventType(name, version=1) for name in sorted({move.event for move in CALL.moves})}
"""The event of each move of the table."""

CALLBACK_ASKED = EventType("callback.asked", version=1)
CALLBACK_TOLD = EventType("callback.told", version=1)
RULE_SAVED = EventType("calling.rule_saved", version=1)
NO_CALL_CHANGED = EventType("calling.no_call_changed", version=1)

OWED = {name: EventType(name, version=1) for name in sorted({move.event for move in CALLBACK.moves})}
"""The event of each move of a call that is owed."""
