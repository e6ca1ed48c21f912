"""What happens to telephone menus."""

from civicline.kernel.events import EventType

FLOW_CHANGED = EventType("call_flow.changed")
"""The draft. data: code."""

FLOW_PUBLISHED = EventType("call_flow.published")
"""data: code, number of the version, from (the version that was copied; absent for a draft)."""

PROMPT_CHANGED = EventType("call_prompt.changed")
"""data: key, languages."""
