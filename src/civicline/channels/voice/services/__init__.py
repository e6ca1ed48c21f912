"""All writes of the telephone: calls and the telephones of the people."""

from civicline.channels.voice.services.browser_lines import BrowserLine, agent_line, guest_line
from civicline.channels.voice.services.calls import (
    Arrived,
    arrive,
    caller_gone,
    close_of_contact,
    end_call,
    enter_line,
    keep_place,
    learn,
    line_returned,
    phone_answered,
    phone_failed,
    phone_rang,
    recording_kept,
    recording_started,
    talking,
)
from civicline.channels.voice.services.messages import take_messages
from civicline.channels.voice.services.phones import TELEPHONE, remove_phone, save_phone
from civicline.channels.voice.services.verbs import hang_up, hold, mute, resume, unmute

__all__ = [
    "TELEPHONE",
    "Arrived",
    "BrowserLine",
    "agent_line",
    "arrive",
    "caller_gone",
    "close_of_contact",
    "end_call",
    "enter_line",
    "guest_line",
    "hang_up",
    "hold",
    "keep_place",
    "learn",
    "line_returned",
    "mute",
    "phone_answered",
    "phone_failed",
    "phone_rang",
    "recording_kept",
    "recording_started",
    "remove_phone",
    "resume",
    "save_phone",
    "take_messages",
    "talking",
    "unmute",
]
