"""Pages for what goes wrong before or behind a view, in the town's look; `config.urls` names them."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from structlog.contextvars import get_contextvars

from civicline.kernel.db import refusal_of
from civicline.kernel.errors import RETRY_AFTER_S, Unavailable
from civicline.web.portal.pages import preferred, refusal, town

LAST_RESORT = (
    "<!doctype html><html lang='en'><title>Something went wrong</title><h1>Something went wrong on our side</h1>"
    "<p>That was our mistake. Try again in a few minutes. In danger? Call 112.</p>"
)


def front_door(request: HttpRequest) -> HttpResponseBase:
    """Send somebody who names no language to the pages in theirs."""
    with translation.override(preferred(request)):
        response = HttpResponseRedirect(reverse("portal:home"))
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return refusal(request, 400, "")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, for whoever asks: staff without the right, or a form from another site."""
    return refusal(request, 403, "")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return refusal(request, 404, "")


def form_from_elsewhere(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: an old page, cookies switched off, or another site's page."""
    return refusal(request, 403, "", told="form", back=came_from(request))


def came_from(request: HttpRequest) -> str:
    """Our own page that somebody was on, without its host; "" when the browser tells of none, or of another site's."""
    told = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}):
        return ""
    page = urlsplit(told)
    here = page.path + (f"?{page.query}" if page.query else "")
    return here if url_has_allowed_host_and_scheme(here, None) else ""  # "//elsewhere" would be another site


def unavailable(request: HttpRequest, refused: Unavailable) -> HttpResponse:
    """503 in words, from what is in memory only."""
    context = {"status": 503, "reason": refused.message(), "town": town(), "back": ""}
    page = render_to_string("shells/error.html", context)
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})


def server_error(request: HttpRequest) -> HttpResponse:
    """500: told even when our own templates are what fails. Never says what went wrong inside.

    503 when the database is what is away: also what stands before the views (sessions) reads it.
    """
    cause = sys.exc_info()[1]
    refused = refusal_of(cause) if isinstance(cause, Exception) else None
    if isinstance(refused, Unavailable):
        return unavailable(request, refused)
    try:
        reference = str(get_contextvars().get("request_id", ""))[:12]
        context = {"status": 500, "reason": "", "reference": reference, "town": town(), "back": ""}
        return HttpResponse(render_to_string("shells/error.html", context), status=500)
    except Exception:
        return HttpResponse(LAST_RESORT, status=500)
