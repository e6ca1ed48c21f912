"""Calling the town in sign language: the page with the two pictures, its line, and what it asks while it is on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.channels.voice import services as voice
from civicline.channels.voice.video import selectors as video
from civicline.intake import services as intake
from civicline.kernel.actors import Actor, acting_as
from civicline.kernel.errors import Refused
from civicline.kernel.texts import localized
from civicline.web.portal import limits
from civicline.web.portal.calling import LONGEST_TICKET
from civicline.web.portal.pages import draw, portal_page
from civicline.web.portal.video_standing import standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from civicline.channels.voice.video.models import Visit

WORDS: Final = {
    "idle": _("Nobody sees you yet. Turn the camera on first and look how you are seen."),
    "asking": _("Allow the camera in the question that your browser shows now."),
    "seen": _("This is how we will see you. Is there light on your hands and your face?"),
    "connecting": _("Calling ..."),
    "lost": _("The picture is interrupted. We try to bring it back; stay on the line."),
    "over": _("The call has ended."),
    "failed": _("The call did not get through. Your network may not let calls pass."),
    "busy": _("All our lines are taken just now. Try again in some minutes."),
    "away": _("This page cannot reach us just now. The call goes on; we try again."),
    "again": _("Call again"),
    "you-off": _("Your camera is off. Nobody sees you."),
    "you-on": _("Your camera is on."),
    "they-off": _("Their camera is off."),
    "they-none": _("No picture: they have no camera."),
    "they-still": _("The picture stands still. We wait for the network."),
    "you": _("You"),
    "unnamed": _("Camera {number}"),
    "full": _("Show the picture on the whole screen"),
    "small": _("Back to the page"),
    "sent": _("Sent."),
    "not-sent": _("This was not sent. It is still in the box: try again."),
    "waived": _("You will be called by whoever is free. Write to each other below the picture."),
    "connected-title": _("Connected: {title}"),
    "no-webrtc": _("This browser cannot make calls. A newer one can, and the other ways below work now."),
    "insecure": _("Calls work only over a secure address (https), and this one is not."),
    "camera-none": _(
        "We found no camera. Connect one and try again, or use another way: chat works without one."
    ),
    "camera-refused": _(
        "Your browser does not let this page use the camera. Allow it beside the address, then try again."
    ),
    "camera-busy": _("Another program uses the camera. Close it and try again."),
    "camera-insecure": _("Calls work only over a secure address (https), and this one is not."),
    "microphone": _("We found no microphone that may be used. You are called with the picture alone."),
}
"""What the script says, by what happened; the keys are its own."""


@portal_page
def call(request: HttpRequest) -> HttpResponseBase:
    """Explains, shows one's own picture, and calls; where nothing is offered it names the other ways."""
    language = get_language() or "en"
    offered = video.offered() if settings.CIVICLINE.voice_guests else []
    signs = sorted((localized(name, language) or tag, tag) for tag, name in video.sign_languages().items())
    context = {
        "title": gettext("Call us in sign language"),
        "queues": [
            (one.queue.code, localized(one.queue.name, language), one.open, one.opens_at) for one in offered
        ],
        "first_open": next((one.queue.code for one in offered if one.open), ""),
        "signs": signs,
        "is_on": bool(offered and signs),
        "words": json.dumps({key: str(text) for key, text in WORDS.items()}, ensure_ascii=False),
    }
    return draw(request, "portal/video.html", context)


@require_POST
@portal_page
def line(request: HttpRequest) -> HttpResponseBase:
    """Ticket, name and secret for one visit with a picture; a refusal as {"code", "detail"}."""
    try:
        limits.spend(limits.CALLS, limits.address_of(request))
        code = request.POST.get("queue", "")
        wanted = next((one.queue.pk for one in video.offered() if one.queue.code == code), 0)
        found = voice.video_line(
            conf=settings.CIVICLINE,
            language=(get_language() or "").partition("-")[0],
            queue_id=wanted,
            sign=request.POST.get("sign", "")[:12],
            sound=request.POST.get("sound") == "1",
            again=request.POST.get("again", "")[:LONGEST_TICKET],
        )
    except Refused as refused:
        return _refused(refused)
    return JsonResponse(found.as_plain())


def _refused(refused: Refused) -> JsonResponse:
    return JsonResponse({"code": refused.code, "detail": refused.message()}, status=refused.status)


def _of_visit(request: HttpRequest, do: Callable[[Visit], Any] = lambda _visit: None) -> JsonResponse:
    """Do something for the visit whose ticket is shown, and answer how it stands then."""
    try:
        limits.spend(limits.LOOKS_IN, limits.address_of(request))
        visit = voice.visit_of(request.POST.get("ticket", "")[:LONGEST_TICKET])
        with acting_as(Actor("resident", visit.mark[:8])):
            do(visit)
        visit = voice.visit_of(request.POST.get("ticket", "")[:LONGEST_TICKET])
    except Refused as refused:
        return _refused(refused)
    after = request.POST.get("after", "0")
    return JsonResponse(standing(visit, int(after) if after.isdecimal() and len(after) < 9 else 0))


@require_POST
@portal_page
def now(request: HttpRequest) -> HttpResponseBase:
    """How the call stands; `after`: the last written line that the page has, which is then delivered."""

    def got(visit: Visit) -> None:
        after = request.POST.get("after", "0")
        if visit.call is not None and after.isdecimal() and len(after) < 9:
            intake.mark_read(contact_id=visit.call.contact_id, up_to=int(after), reader="resident")

    return _of_visit(request, got if request.POST.get("news") == "1" else lambda _visit: None)


@require_POST
@portal_page
def camera(request: HttpRequest) -> HttpResponseBase:
    """The caller turned their camera on (`on` is 1) or off."""
    on = request.POST.get("on") == "1"
    return _of_visit(request, lambda visit: voice.turn_caller_picture(visit=visit, on=on))


@require_POST
@portal_page
def say(request: HttpRequest) -> HttpResponseBase:
    """A line written beside the picture: `text`, and `key` so that a repeat is none."""
    text, key = request.POST.get("text", ""), request.POST.get("key", "")
    return _of_visit(request, lambda visit: voice.write_beside(visit=visit, text=text, key=key))


@require_POST
@portal_page
def waive(request: HttpRequest) -> HttpResponseBase:
    """The caller agrees to go on in writing, with whoever is free."""
    return _of_visit(request, lambda visit: voice.go_on_in_writing(visit=visit))
