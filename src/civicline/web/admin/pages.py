"""What every page of administration shows around its content: who is signed in and the ways to the other pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext

from civicline.kernel.texts import localized
from civicline.web.admin.access import user_of
from civicline.web.rail import of_administration
from civicline.web.staff import card


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """A whole page in the staff shell; `section` is the entry of the rail it belongs to."""
    return render(request, template, frame(request, section) | context, status=status)


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """The context of the staff shell."""
    user = user_of(request)
    return {
        "staff": card(user),
        "nav": of_administration(user, section),
        "nav_low": [
            {
                "label": gettext("Your settings"),
                "icon": "gear",
                "href": reverse("preferences"),
                "current": section == "preferences",
            }
        ],
        "home_url": reverse("staff_home"),
        "languages": list(settings.LANGUAGES),
    }


def text_of(texts: dict[str, str]) -> str:
    """A text in the reader's language, or the nearest there is."""
    return localized(texts, get_language() or settings.LANGUAGE_CODE)


def address_or_none(name: str) -> str | None:
    """The address of a named view that an installation may have left out."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
