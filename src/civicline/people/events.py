"""What people's services tell the rest of the house, in the past tense."""

from civicline.kernel.events import EventType

RESIDENT_SAVED = EventType("resident.saved")
"""data: created (bool), changed (names of fields, never their values)."""

RESIDENT_ERASED = EventType("resident.erased")
"""data: counts {step: rows}."""

PRESENCE_CHANGED = EventType("agent.presence_changed")
"""data: from, to, reason, since (ISO 8601), by ("agent", "supervisor", "system")."""

STAFF_CREATED = EventType("staff.created")
"""data: roles."""

STAFF_CHANGED = EventType("staff.changed")
"""data: changed (names of fields): is_active, name, capacity, skills, roles ..."""
