"""Pages about the site itself."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from civicline.channels.voice.video import selectors as video
from civicline.web.portal.pages import portal_page, show


@portal_page
def accessibility(request: HttpRequest) -> HttpResponseBase:
    """What was tested, what is not right yet, and whom to tell."""
    in_sign = settings.CIVICLINE.voice_guests and video.can_be_called()
    return show(
        request,
        "portal/accessibility.html",
        {"title": gettext("Accessibility statement"), "in_sign": in_sign},
    )


@portal_page
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What we keep of a resident, how long, and their rights."""
    return show(request, "portal/privacy.html", {"title": gettext("Your data")})
