"""What other sites get: the one-line script, and what its button says. See docs/integrate/chat-widget.md."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from civicline.channels.chat.guards import chat_page
from civicline.channels.chat.pages import in_words
from civicline.channels.chat.start import chat_waits, live_now, seconds_told

SCRIPT_SECONDS = 3_600  # a body may change the widget; its visitors have the new one within the hour


@require_GET
def script(request: HttpRequest) -> HttpResponseBase:
    """`/widget.js`: a stable address for a built file whose name changes with its content."""
    address = engines["jinja2"].env.globals["static"]("widget.js")  # type: ignore[attr-defined]  # Jinja2's own engine
    path = Path(settings.STATICFILES_DIRS[0]) / address.removeprefix(settings.STATIC_URL)
    response = FileResponse(path.open("rb"), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["ETag"] = f'"{path.name}"'
    return response


@require_GET
@chat_page
def offer(request: HttpRequest) -> HttpResponseBase:
    """What the button says, for the sites that the body named: open or closed, and the wait in words."""
    origin = request.headers.get("Origin", "")
    if origin and origin not in settings.CIVICLINE.embed_origins:
        return HttpResponse(status=403, headers={"Vary": "Origin"})
    code = request.GET.get("service", "")
    waits = [wait for wait in chat_waits() if not code or wait.service.code == code]
    ready = [wait for wait in waits if live_now(wait)]
    told = [seconds for wait in ready if (seconds := seconds_told(wait)) is not None]
    answer = {
        "open": bool(ready),
        "label": gettext("Chat with us") if ready else gettext("Leave a message"),
        "wait": in_words("wait_words", min(told), "words") if told else "",
        "title": gettext("Chat with %(town)s") % {"town": settings.CIVICLINE.town_name},
        "close": gettext("Close the chat"),
        "unread": gettext("New message"),
        "own_window": gettext("Open in a window of its own"),
    }
    response = JsonResponse(answer)
    response.headers["Vary"] = "Origin, Accept-Language"
    response.headers["Cache-Control"] = "public, max-age=30"
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
