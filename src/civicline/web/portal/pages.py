"""What every page for residents shares: the body's name, refusals in words, the language kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from civicline.kernel.errors import Invalid, Refused
from civicline.web.portal import limits

View = Callable[..., HttpResponseBase]
MOST_DRAWN = 500


def town() -> dict[str, str]:
    """The public body, as the shells of the pages want it."""
    return {
        "name": settings.CIVICLINE.town_name,
        "tagline": "",
        "badge": "",
        "home": reverse("portal:home"),
        "emergency": getattr(settings.CIVICLINE, "town_emergency", "112"),
        "phone": settings.CIVICLINE.town_phone,
        "email": settings.CIVICLINE.town_email,
        "call": reverse("portal:call") if settings.CIVICLINE.voice_guests else "",
        "example": f"{settings.CIVICLINE.town_reference_prefix}-4K7-291",
    }


def draw(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Draw a page with a form that is posted: its token comes in a cookie."""
    shared = {"town": town(), "language_links": language_links(request)}
    return HttpResponse(render_to_string(template, shared | context, request), status=status)


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Draw a page that is only read: without a token, hence without a cookie."""
    shared = {"town": town(), "language_links": language_links(request), "request": request}
    return HttpResponse(render_to_string(template, shared | context), status=status)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page as it was drawn, and the readings that it shows."""

    readings: tuple[object, ...]
    page: bytes


_drawn: dict[tuple[str, str, str | None], _Drawn] = {}


def shared(
    request: HttpRequest, template: str, readings: tuple[object, ...], context: Callable[[], dict[str, Any]]
) -> HttpResponse:
    """Draw a page that says the same to everyone in one language, once for all readers of the same `readings`.

    `readings` are what it is made of (a catalogue, the waits): the page is drawn anew when one of them is another
    object than before. An address with a query is drawn for itself, because the links to other languages carry it.
    """
    if request.META.get("QUERY_STRING"):
        return show(request, template, context())
    key = (template, request.path_info, translation.get_language())
    kept = _drawn.get(key)
    if kept is None or any(was is not now for was, now in zip(kept.readings, readings, strict=True)):
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        kept = _drawn[key] = _Drawn(readings, show(request, template, context()).content)
    return HttpResponse(kept.page)


def language_links(request: HttpRequest) -> Callable[[], list[dict[str, Any]]]:
    """This page's address in each language. Ours begin with it: nothing is looked up, a tenth of a page's time."""
    here = translation.get_language()
    rest = request.get_full_path()[len(f"/{here}/") :]

    def links() -> list[dict[str, Any]]:
        return [
            {**known, "href": f"/{known['code']}/{rest}", "current": known["code"] == here}
            for known in _languages()
        ]

    return links


@cache
def _languages() -> list[dict[str, Any]]:
    infos = [translation.get_language_info(code) for code, _name in settings.LANGUAGES]
    return [
        {
            "code": one["code"],
            "name": str(one["name_local"]).capitalize(),
            "dir": "rtl" if one["bidi"] else "ltr",
        }
        for one in infos
    ]


def portal_page(view: View) -> View:
    """Guard a page: refusals are told in words under the town's name; what is private is kept by nobody."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **named)
        except RequestDataTooBig:
            response = refusal(
                request, 413, gettext("The text is too long to be read. Send it as a file instead.")
            )
        except (TooManyFieldsSent, TooManyFilesSent):
            response = refusal(request, 400, gettext("There is more in this form than we asked for."))
        except SuspiciousOperation:
            response = refusal(request, 400, "")
        except Refused as refused:
            wait = refused.retry_after if isinstance(refused, limits.TooOften) else 0
            words = refused.message()
            if isinstance(refused, Invalid) and refused.fields:
                words = " ".join(refused.field_messages().values())
            response = refusal(request, refused.status, words, wait)
        _keep_language(request, response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def refusal(
    request: HttpRequest, status: int, words: str, retry_after: int = 0, *, told: str = "", back: str = ""
) -> HttpResponse:
    """Say no: what did not happen, what is safe, what to do.

    `told`: words of the page that are not those of the status ("form"). `back`: an own page to go back to.
    """
    context = {"status": status, "reason": words, "retry_after": retry_after, "town": town()}
    context |= {"kind": told, "back": back}
    page = render_to_string("shells/error.html", context | {"front": reverse("portal:home")})
    response = HttpResponse(page, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _keep_language(request: HttpRequest, response: HttpResponseBase) -> None:
    """Remember a language that was chosen against what the browser asks for; otherwise keep no cookie at all."""
    here = translation.get_language_from_path(request.path_info)
    if here is None or response.status_code >= 400:
        return
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    if here != preferred(request):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            here,
            max_age=365 * 86_400,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def preferred(request: HttpRequest) -> str:
    """The language that somebody gets who names none in the address: their cookie, their browser, ours."""
    return translation.get_language_from_request(request, check_path=False)
