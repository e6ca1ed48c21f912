"""All writes of the company in calls."""

from civicline.channels.voice.company.services.parties import (
    answered,
    ask,
    dialled,
    end,
    end_all,
    forget,
    move,
    never_rang,
    set_aside,
)
from civicline.channels.voice.company.services.rules import set_listening_rule

__all__ = [
    "answered",
    "ask",
    "dialled",
    "end",
    "end_all",
    "forget",
    "move",
    "never_rang",
    "set_aside",
    "set_listening_rule",
]
