"""The picture of a call at the desk: whether there is one, whose camera is on, and turning one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from civicline.channels.voice import services
from civicline.channels.voice.video import selectors as video
from civicline.channels.voice.video import services as video_services
from civicline.web.desk import pages, wording
from civicline.web.desk.access import desk_view, load_contact, own_agent_id, wants_parts

if TYPE_CHECKING:
    from uuid import UUID

    from civicline.intake.models import Contact


@dataclass(frozen=True, slots=True)
class Picture:
    """A call that came with a picture.

    sign     the caller's sign language.        waived  they agreed to go on without it.
    caller   their camera is on.                own     the agent's is.
    seen     the agent's telephone has a picture at all.
    """

    sign: str
    waived: bool
    caller: bool
    own: bool
    seen: bool


def picture_of(contact: Contact, agent_id: UUID) -> Picture | None:
    """The picture of a call in this agent's hands; None for a call without one, which asks no more than its contact."""
    visit = video.visit_of_contact(contact.pk) if contact.data.get(video.PICTURE) else None
    if visit is None:
        return None
    return Picture(
        sign=wording.language_name(visit.sign),
        waived=visit.waived,
        caller=visit.caller_picture,
        own=visit.agent_picture,
        seen=video.is_seen(agent_id),
    )


@require_POST
@desk_view("call.handle", obj=load_contact)
def camera(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The agent turned their camera on (`on` is 1) or off: the caller is told so in words."""
    on = request.POST.get("on") == "1"
    services.turn_own_picture(contact_id=contact.pk, agent_id=own_agent_id(request), on=on)
    words = gettext("Your camera is on.") if on else gettext("Your camera is off, and the caller is told so.")
    if wants_parts(request):
        return JsonResponse({"words": words})
    return pages.done(request, words, reverse("desk:contact", args=[contact.pk]))


@require_POST
@desk_view("desk.use")
def choose(request: HttpRequest) -> HttpResponseBase:
    """Take calls with a picture in this browser (`video` is 1), or do not."""
    wanted = request.POST.get("video") == "1"
    video_services.choose_camera(agent_id=own_agent_id(request), wanted=wanted)
    words = (
        gettext("Video calls are offered to you from now on.")
        if wanted
        else gettext("No video call is offered to you from now on.")
    )
    if wants_parts(request):
        return JsonResponse({"words": words})
    return pages.done(request, words, reverse("desk:telephone"))
