"""What stands before every page of recordings: who asks, about which one, refusals told in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.recordings import selectors
from civicline.kernel.errors import NotFound
from civicline.web.rail import (
    AUDIT,
    DESK,
    LIVE,
    RECORDINGS,
    SET_UP,
    Way,
    of_administration,
    only_keeps_house,
    rail,
)
from civicline.web.staff import View, card, guard, load_contact, refusal_page, user_of

if TYPE_CHECKING:
    from civicline.channels.voice.models import Recording

__all__ = ["frame", "load_contact", "load_message", "load_recording", "page", "recordings_view", "user_of"]


def recordings_view(action: str, *, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view of recordings by the permission table."""
    return guard(action, tell=refusal_page, obj=obj)


def load_recording(_request: HttpRequest, recording_id: UUID) -> Recording:
    """The recording of an address, for the permission rules: it has the agent who spoke."""
    found = selectors.find_recording(recording_id)
    if found is None:
        raise NotFound(_("There is no such recording."), code="recording-unknown")
    return found


class _Message:
    """A voice message seen with the eyes of its contact: who may read the one may hear the other."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.pk = recording.contact_id
        self.agent_id = recording.contact.agent_id
        self.queue_id = recording.contact.queue_id


def load_message(request: HttpRequest, recording_id: UUID) -> _Message:
    """A voice message; calls are not heard this way."""
    found = load_recording(request, recording_id)
    if found.kind != "message":
        raise NotFound(_("There is no such recording."), code="recording-unknown")
    return _Message(found)


WAYS = (
    RECORDINGS,
    Way("recording_rules", _("Rules"), "sliders", "recordings:rules", "config.read"),
    LIVE,
    DESK,
    AUDIT,
    SET_UP,
)


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    nav = of_administration(user, section) if only_keeps_house(user) else rail(user, WAYS, section)
    return {
        "staff": card(user),
        "nav": nav,
        "home_url": reverse("staff_home"),
        "told": [{"text": str(one), "tags": one.tags} for one in messages.get_messages(request)],
    }


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    section: str = "recordings",
    status: int = 200,
) -> HttpResponse:
    """Draw one whole page."""
    response = render(request, template, frame(request, section) | context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response
