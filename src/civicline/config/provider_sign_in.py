"""Signing in through the town's provider when the provider cannot be reached: said in words, with the other way in."""

from __future__ import annotations

import structlog
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.providers.openid_connect import views as openid
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from requests import RequestException

log = structlog.get_logger(__name__)


@login_not_required  # type: ignore[untyped-decorator]  # django-allauth has no type information
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider."""
    try:
        answer: HttpResponse = openid.login(request, provider_id)
    except RequestException as fault:
        return _away(request, provider_id, fault)
    return answer


@login_not_required  # type: ignore[untyped-decorator]  # django-allauth has no type information
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider with its code."""
    try:
        answer: HttpResponse = openid.callback(request, provider_id)
    except RequestException as fault:
        return _away(request, provider_id, fault)
    return answer


def _away(request: HttpRequest, provider_id: str, fault: RequestException) -> HttpResponse:
    log.warning("sign_in.provider_away", provider=provider_id, error=f"{type(fault).__name__}: {fault}"[:300])
    context = {
        "title": gettext("The sign-in of your organisation does not answer"),
        "message": gettext("Try again in a few minutes, or sign in with email and password, or a passkey."),
    }
    return render(
        request, "account/refused.html", context, status=503, content_type="text/html; charset=utf-8"
    )
