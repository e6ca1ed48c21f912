"""The page from which residents call with their browser, and the line that it asks for."""

from __future__ import annotations

import json
from typing import Final

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.channels.voice import services as voice
from civicline.channels.voice.video import selectors as video
from civicline.kernel.errors import Refused
from civicline.web.portal import limits
from civicline.web.portal.pages import draw, portal_page

KEYS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
LONGEST_TICKET: Final = 2_000
WORDS: Final = {
    "asking": _("Allow the microphone in the question that your browser shows now."),
    "connecting": _("Calling ..."),
    "talking": _("You are on the line. Listen to the menu, and press the keys that it names."),
    "lost": _("The sound is interrupted. We try to bring it back; stay on the line."),
    "over": _("The call has ended."),
    "failed": _("The call did not get through. Your network may not let calls pass."),
    "busy": _("All our lines are taken just now. Try again in some minutes."),
    "poor": _("The connection is bad: we may not understand each other well."),
    "muted": _("We do not hear you now."),
    "unmuted": _("We hear you again."),
    "pressed": _("{key} pressed"),
    "again": _("Call again"),
    "no-webrtc": _("This browser cannot make calls. A newer one can, and the other ways below work now."),
    "insecure": _("Calls work only over a secure address (https), and this one is not."),
    "microphone-none": _("We found no microphone. Connect one and try again."),
    "microphone-refused": _(
        "Your browser does not let this page use the microphone. Allow it beside the address, then call again."
    ),
    "microphone-busy": _("Another program uses the microphone. Close it and try again."),
}
"""What the script says, by what happened; the keys are its own."""


@portal_page
def call(request: HttpRequest) -> HttpResponseBase:
    """Explains, and calls; without a script or a microphone it names the other ways."""
    context = {
        "title": gettext("Call us from this page"),
        "is_on": settings.CIVICLINE.voice_guests,
        "keys": KEYS,
        "in_sign": settings.CIVICLINE.voice_guests and video.can_be_called(),
        "words": json.dumps({key: str(text) for key, text in WORDS.items()}, ensure_ascii=False),
    }
    return draw(request, "portal/call.html", context)


@require_POST
@portal_page
def line(request: HttpRequest) -> HttpResponseBase:
    """Ticket, name and secret for one visit; a refusal as {"code", "detail"}."""
    try:
        limits.spend(limits.CALLS, limits.address_of(request))
        again = request.POST.get("again", "")[:LONGEST_TICKET]
        found = voice.guest_line(
            conf=settings.CIVICLINE, language=(get_language() or "").partition("-")[0], again=again
        )
    except Refused as refused:
        told = {"code": refused.code, "detail": refused.message()}
        return JsonResponse(told, status=refused.status)
    return JsonResponse(found.as_plain())
