"""What every page of the chat shows: the body's name, the languages, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import get_language_info


def town() -> dict[str, str]:
    """The public body, as the shells of the pages want it."""
    return {
        "name": settings.CIVICLINE.town_name,
        "tagline": "",
        "badge": "",
        "home": "/",
        "emergency": getattr(settings.CIVICLINE, "town_emergency", "112"),
        "phone": settings.CIVICLINE.town_phone,
    }


def in_words(how: str, value: Any, style: str) -> str:
    """`value` as the pages' own filter says it: "datetime_local", "wait_words" (see the settings of the templates)."""
    return str(engines["jinja2"].env.filters[how](value, style))  # type: ignore[attr-defined]  # Jinja2's own engine


def address_or(name: str, otherwise: str, *args: Any) -> str:
    """The address of a page of another room that an installation may lack."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return otherwise


def with_query(request: HttpRequest, address: str, **more: str) -> str:
    """`address` in the same frame and language as this page."""
    kept = {name: request.GET[name] for name in ("embed", "lang", "parent") if request.GET.get(name)}
    query = urlencode(kept | more)
    return f"{address}?{query}" if query else address


def language_links(request: HttpRequest) -> Callable[[], list[dict[str, Any]]]:
    """The languages of this installation, each with this page's address in it."""

    def links() -> list[dict[str, Any]]:
        found = []
        for code, _ in settings.LANGUAGES:
            info = get_language_info(code)
            query = request.GET.copy()
            query["lang"] = code
            found.append(
                {
                    "code": code,
                    "name": str(info["name_local"]).capitalize(),
                    "dir": "rtl" if info["bidi"] else "ltr",
                    "href": f"{request.path}?{query.urlencode()}",
                    "current": code == translation.get_language(),
                }
            )
        return found

    return links


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Draw one page of the chat. Without the request, hence without a token that would set a cookie of its own."""
    shared = {
        "town": town(),
        "language_links": language_links(request),
        "embedded": request.GET.get("embed") == "1",
        "parent": request.GET.get("parent", "") if _is_known_site(request.GET.get("parent", "")) else "",
    }
    return HttpResponse(render_to_string(template, shared | context), status=status)


def _is_known_site(origin: str) -> bool:
    return origin in settings.CIVICLINE.embed_origins
