"""Contacts in words: the ways they come in, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNELS: dict[str, Promise] = {
    "voice": _("Call"),
    "voicemail": _("Voice message"),
    "chat": _("Chat"),
    "webform": _("Form"),
    "open311": _("Report"),
    "email": _("Email"),
    "sms": _("Text message"),
    "letter": _("Letter"),
    "counter": _("Counter"),
    "api": _("Message"),
}
STATES: dict[str, Promise] = {
    "received": _("arrived"),
    "queued": _("waiting"),
    "offered": _("being offered"),
    "connected": _("in hand"),
    "wrap_up": _("wrap-up"),
    "parked": _("set aside"),
    "closed": _("closed"),
    "abandoned": _("left the line"),
}


OWED: Mapping[str, Promise] = {
    "callback": _("Call back"),
    "planned": _("Planned call"),
    "direct": _("Call to a resident"),
}
"""Calls that we owe somebody, or place ourselves, as `Contact.data` says under "owed"."""


def owed_label(data: Mapping[str, Any]) -> str:
    """What kind of call of ours a contact is, from its data; "" when the resident called."""
    return str(OWED.get(str(data.get("owed", "")), ""))


def channel_label(code: str) -> str:
    """A channel in words; one that we do not know, by its code."""
    return str(CHANNELS.get(code, code))
