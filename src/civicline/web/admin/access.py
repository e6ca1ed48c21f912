"""What stands before every page of administration: who asks, and refusals told in words for people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from civicline.kernel.errors import Invalid, Refused
from civicline.people.permissions import permitted

if TYPE_CHECKING:
    from civicline.people.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def admin_view(action: str) -> Callable[[View], View]:
    """Guard a view by the permission table, and tell every refusal as a page with a sentence."""

    def guard(view: View) -> View:
        allowed = permitted(action)(view)

        @wraps(allowed)
        def guarded(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
            try:
                return allowed(request, *args, **ids)
            except Refused as refused:
                return refusal(request, refused)

        return guarded  # type: ignore[return-value]  # same signature towards Django

    return guard


def words_of(refused: Refused) -> str:
    """Everything a refusal has to say, in one text."""
    fields = list(refused.field_messages().values()) if isinstance(refused, Invalid) else []
    return " ".join(fields) or refused.message()


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """A refusal as a page of its own."""
    context = {"status": refused.status, "reason": words_of(refused), "back": reverse("staff_home")}
    return render(request, "shells/error.html", context, status=refused.status)


def user_of(request: HttpRequest) -> User:
    """The signed-in member of staff; only for views behind `admin_view`."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the guard let nobody else in
