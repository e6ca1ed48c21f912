"""What Civicline adds around every page: an id for the logs, the content security policy, and who is acting."""

import re
from collections.abc import Callable
from typing import Any

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.log import log_response

from civicline.kernel import actors
from civicline.kernel.ids import new_id

Handler = Callable[[HttpRequest], HttpResponseBase]
SECOND_FACTOR = "second_factor"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
SUBJECTS = ("contact_id", "case_id")
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), interest-cohort=()"


def policy(sources: dict[str, list[str]]) -> str:
    """Return the value of the Content-Security-Policy header."""
    return "; ".join(f"{directive} {' '.join(allowed)}" for directive, allowed in sources.items())


class RequestContext:
    """Gives each request an id (or keeps the proxy's), binds it to every log line and sends it back."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.match(given) else new_id().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                response = self.get_response(request)
                if response.status_code >= 400 and isinstance(response, HttpResponse):
                    # Django would say it when nothing is bound any more.
                    log_response(
                        "%s: %s", response.reason_phrase, request.path, response=response, request=request
                    )
            finally:
                structlog.contextvars.unbind_contextvars(*SUBJECTS)  # the thread goes on to other pages
        response.headers["X-Request-ID"] = request_id
        return response

    def process_view(
        self, _request: HttpRequest, _view: Callable[..., Any], _args: Any, named: dict[str, Any]
    ) -> None:
        """Bind what the address is about."""
        about = {name: str(named[name]) for name in SUBJECTS if name in named}
        structlog.contextvars.bind_contextvars(**about)


class ContentSecurityPolicy:
    """Sends the policy with every answer that has none of its own; nothing inline is ever allowed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.header = policy(settings.CONTENT_SECURITY_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.header)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class ActingPerson:
    """Names who is acting, for events and audit, and speaks the signed-in person's language.

    Residents have no account: their pages show a secret, and the services they call name them more exactly.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            with actors.acting_as(actors.Actor(kind="resident")):
                return self.get_response(request)
        if not translation.get_language_from_path(request.path_info):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        with (
            actors.acting_as(actors.Actor(kind="staff", id=str(user.pk), name=user.name)),
            structlog.contextvars.bound_contextvars(user_id=str(user.pk)),
        ):
            response = self.get_response(request)
        if isinstance(response, HttpResponse):
            response.headers.setdefault(
                "Cache-Control", "no-store"
            )  # a shared screen keeps no pages of staff
        return response


class SecondFactor:
    """Where the installation asks for it, staff set up a passkey or one-time codes before they see anything else.

    A sign-in through the town's identity provider is trusted to have asked for its own.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        required = settings.CIVICLINE.sign_in_second_factor == "required"
        if not required or request.path_info.startswith("/accounts/") or not request.user.is_authenticated:
            return self.get_response(request)
        if not request.session.get(SECOND_FACTOR):
            methods = {record.get("method") for record in get_authentication_records(request)}
            if not (methods & {"mfa", "socialaccount"} or is_mfa_enabled(request.user)):
                return redirect("mfa_index")
            request.session[SECOND_FACTOR] = True
        return self.get_response(request)
