"""What stands before every page of administration: who asks, and refusals told as a page with a sentence."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from civicline.kernel.errors import Refused
from civicline.web.staff import View, guard, user_of, words_of

__all__ = ["admin_view", "refusal", "user_of", "words_of"]


def admin_view(action: str) -> Callable[[View], View]:
    """Guard a view by the permission table, and tell every refusal as a page with a sentence."""
    return guard(action, tell=refusal)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a page of its own."""
    context = {"status": refused.status, "reason": words_of(refused), "back": reverse("staff_home")}
    return render(request, "shells/error.html", context, status=refused.status)
