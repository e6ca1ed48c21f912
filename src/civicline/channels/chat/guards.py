"""What stands before every page of the chat: who posts, whose chat it is, in which language, in whose frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from civicline.channels.chat import keys, limits
from civicline.channels.chat.pages import town
from civicline.intake import selectors as intake
from civicline.kernel import actors
from civicline.kernel.errors import Refused

View = Callable[..., HttpResponseBase]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Elsewhere(Refused):
    """Another site's page tried to act in a resident's name."""

    status = 403
    default_code = "other-site"


class Lost(Refused):
    """There is no such chat, or it is not this browser's: the two are told in the same words."""

    status = 404
    default_code = "not-found"


def chat_page(view: View) -> View:
    """Guard a page that needs no chat yet."""

    @csrf_exempt  # `_must_be_ours` in its place: a token's cookie would not reach us from inside another site
    @xframe_options_exempt  # `frame-ancestors` in its place: it can name several sites
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        embedded = is_embedded(request)
        with translation.override(_language(request)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            try:
                _must_be_ours(request)
                response = view(request, *args, **named)
            except RequestDataTooBig:
                response = refusal(
                    request, 413, gettext("The text is too long to be read. Send it as a file instead.")
                )
            except Refused as refused:
                retry_after = refused.retry_after if isinstance(refused, limits.TooOften) else 0
                response = refusal(request, refused.status, refused.message(), retry_after)
        _frame(response, embedded)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return guarded


def own_chat(view: View) -> View:
    """Guard a page of one chat: `view(request, contact)` runs only for the browser that holds its secret."""

    @wraps(view)
    def opened(request: HttpRequest, contact_id: UUID, **named: Any) -> HttpResponseBase:
        contact = intake.get_contact(contact_id)
        if not intake.opens(contact, keys.shown(request)) or contact is None:
            limits.spend(limits.TRIES, limits.address_of(request))
            raise Lost(
                gettext(
                    "We cannot find this chat. It may be in another browser, or have been too long ago. "
                    "Start a new one and give us its reference: we find it again."
                )
            )
        with actors.acting_as(actors.Actor("resident", str(contact.resident_id or contact.id))):
            return view(request, contact, **named)

    return chat_page(opened)


def is_embedded(request: HttpRequest) -> bool:
    """Whether the page is shown inside another site's page, by its own word; it opens nothing but the frame."""
    return request.GET.get("embed") == "1"


def wants_parts(request: HttpRequest) -> bool:
    """Whether the page's script asks, not a person's navigation."""
    return request.headers.get("Accept", "").startswith("application/json")


def refusal(request: HttpRequest, status: int, words: str, retry_after: int = 0) -> HttpResponseBase:
    """Answer "no" in words, to a person or to the page's script."""
    response: HttpResponseBase
    if wants_parts(request):
        response = JsonResponse({"problem": words}, status=status)
    else:
        back = reverse("chat:start") if status == 404 else request.get_full_path()
        context = {"status": status, "reason": words, "town": town(), "back": back}
        page = render_to_string("shells/error.html", context | {"retry_after": retry_after})
        response = HttpResponse(page, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _must_be_ours(request: HttpRequest) -> None:
    """Refuse writes that a browser says come from another site's page. Programs say nothing and hold no cookies.

    Every browser of the last five years sends Origin with a POST; `Sec-Fetch-Site` stands in where settings blank it.
    """
    if request.method in SAFE:
        return
    origin = request.headers.get("Origin", "")
    if origin and origin != "null":
        page = urlsplit(origin)
        ours = page.scheme in {"http", "https"} and page.netloc.lower() == request.get_host().lower()
    else:
        site = request.headers.get("Sec-Fetch-Site", "")
        ours = site in {"same-origin", "none"} or (not origin and not site)
    if not ours:
        raise Elsewhere(gettext("This came from another site's page. Open the chat itself and try again."))


def _language(request: HttpRequest) -> str:
    """The language asked for in the address, else kept with this chat, else that of the browser."""
    known = {code for code, _ in settings.LANGUAGES}
    for asked in (request.GET.get("lang", ""), request.COOKIES.get(keys.LANGUAGE, "")):
        for code in (asked.lower(), asked.lower().split("-")[0]):
            if code in known:
                return code
    return translation.get_language() or settings.LANGUAGE_CODE


def _frame(response: HttpResponseBase, embedded: bool) -> None:
    """Say who may show this page in a frame: the sites that the body named, and only pages made for it."""
    sources = dict(settings.CONTENT_SECURITY_POLICY)
    if embedded and settings.CIVICLINE.embed_origins:
        sources["frame-ancestors"] = ["'self'", *settings.CIVICLINE.embed_origins]
    policy = "; ".join(f"{directive} {' '.join(allowed)}" for directive, allowed in sources.items())
    response.headers["Content-Security-Policy"] = policy
