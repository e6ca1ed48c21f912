"""Events of calls with a picture."""

from civicline.kernel.events import EventType

VIDEO_RULE_CHANGED = EventType("video_rule.changed", version=1)
"""data: queue, offered."""

CAMERA_CHOSEN = EventType("phone.camera_chosen", version=1)
"""An agent takes calls with a picture, or does so no more. data: wanted."""

PICTURE_TURNED = EventType("call.picture_turned", version=1)
"""Somebody's camera was turned on or off in a call. data: side (caller, agent), on."""

SIGN_WAIVED = EventType("call.sign_waived", version=1)
"""The caller agreed to go on in writing with whoever is free. data: sign."""
