"""How one's own telephone stands, for the bar above every page of those who take calls or listen to them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext

from civicline.channels.voice import selectors as voice
from civicline.channels.voice.video import selectors as video
from civicline.people import selectors as people
from civicline.web.staff import user_of

ECHO = "sip:echo@civicline.invalid"
"""What a telephone is tried with: whoever calls it hears themselves."""


def standing(request: HttpRequest) -> dict[str, Any] | None:
    """The telephone of who asks, for the bar above and for the set-up; None where nobody is called."""
    agent = people.own_agent(user_of(request)) if settings.CIVICLINE.voice_mode != "off" else None
    phone = voice.phone_of(agent.pk) if agent is not None else None
    if phone is None:
        return None
    in_browser = phone.kind == "browser"
    label = gettext("Telephone") if in_browser else gettext("Desk phone %(name)s") % {"name": phone.name}
    seen = in_browser and agent is not None and video.has_camera(agent.pk)
    return {"kind": phone.kind, "name": phone.name, "label": label, "echo": ECHO, "video": seen}
