"""The net under every page: a refusal that a view did not tell itself becomes a page with its sentence, never a 500."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from civicline.kernel.db import refusal_of
from civicline.kernel.errors import RETRY_AFTER_S, Invalid, Refused, Unavailable


class Refusals:
    """Answers `Refused` in words, with its own status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal; anything else stays an error."""
        exception = refusal_of(exception)
        if not isinstance(exception, Refused):
            return None
        fields = list(exception.field_messages().values()) if isinstance(exception, Invalid) else []
        context = {
            "status": exception.status,
            "reason": " ".join(fields) or exception.message(),
            "back": "/staff/",
        }
        response = render(request, "shells/error.html", context, status=exception.status)
        if isinstance(exception, Unavailable):
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response
