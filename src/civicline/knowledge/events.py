"""What happens to canned texts."""

from civicline.kernel.events import EventType

CANNED_TEXT_SAVED = EventType("canned_text.saved")
"""data: code, created (bool), changed (names of fields)."""

CANNED_TEXT_USED = EventType("canned_text.used")
"""data: code, language. With the contact it was used in."""
