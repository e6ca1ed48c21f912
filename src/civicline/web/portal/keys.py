"""How a resident's browser proves that a form or a case is theirs: cookies, out of reach of scripts.

The secret comes once by a link or a form, goes into an HttpOnly cookie that is sent to the pages of that one form or
case only, and the browser is sent on, so that it stays neither in the address nor in what other sites are told.
"""

from __future__ import annotations

from http.cookies import Morsel
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import translation

from civicline.intake.services import DRAFT_DAYS

DRAFT: Final = "form_secret"
CASE: Final = "case_secret"
DRAFT_SECONDS: Final = DRAFT_DAYS * 86_400
CASE_SECONDS: Final = 2 * 86_400


def give_draft(response: HttpResponseBase, draft_id: UUID, secret: str) -> None:
    """Let this browser go on with a form."""
    _give(response, DRAFT, secret, f"form/{draft_id}/", DRAFT_SECONDS)


def give_case(response: HttpResponseBase, reference: str, secret: str) -> None:
    """Let this browser see a case (or a contact)."""
    _give(response, CASE, secret, f"status/{reference}/", CASE_SECONDS)


def forget_case(response: HttpResponseBase, reference: str) -> None:
    """Close a case on this browser: for people at a shared computer."""
    _give(response, CASE, "", f"status/{reference}/", 0)


def draft_secret(request: HttpRequest) -> str:
    """The secret that came along for a form, or ""."""
    return request.COOKIES.get(DRAFT, "")


def case_secret(request: HttpRequest) -> str:
    """The secret that came along for a case, or ""."""
    return request.COOKIES.get(CASE, "")


def _give(response: HttpResponseBase, name: str, value: str, below: str, seconds: int) -> None:
    """One cookie for each language's address: a reader who changes the language stays where they are."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            path = reverse("portal:home") + below
        morsel: Morsel[str] = Morsel()
        morsel.set(name, value, value)
        morsel["path"] = path
        morsel["max-age"] = seconds
        morsel["httponly"] = True
        morsel["samesite"] = "Lax"
        if settings.SESSION_COOKIE_SECURE:
            morsel["secure"] = True
        # Django's jar is keyed by name, and ours holds one name under several paths: hence a key of its own.
        dict.__setitem__(response.cookies, f"{name} {code}", morsel)
