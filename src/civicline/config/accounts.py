"""How staff sign in: accounts are made by an administrator, never by whoever comes along."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from civicline.config import settings as configured
from civicline.web.admin import own


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # django-allauth has no type information
    """Signing up is closed; signing in leads to where the person works."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first place this person works."""
        user: Any = request.user
        return own.first_place(user) or reverse("preferences")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own account."""
        return False


class StaffIdentities(DefaultSocialAccountAdapter):  # type: ignore[misc]  # django-allauth has no type information
    """An identity from a provider opens an account an administrator has made, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes their own account through a provider either."""
        return False


def display_name(user: AbstractBaseUser) -> str:
    """Return the name shown for a signed-in person."""
    return str(user)


def attempted_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Return the account a sign-in was tried for: what lock-out counts by, together with the address."""
    given = credentials or {}
    name = given.get("email") or given.get("username") or given.get("login")
    if not name and request is not None:
        name = request.POST.get("login", "")
    return str(name or "").strip().lower()


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """Return the page that says how long the lock-out lasts and who can help."""
    minutes = configured.CIVICLINE.sign_in_lockout_minutes
    context = {
        "title": gettext("Signing in is locked"),
        "message": ngettext(
            "There were too many wrong passwords. Wait %(minutes)d minute, then try again. "
            "Your administrator can help you.",
            "There were too many wrong passwords. Wait %(minutes)d minutes, then try again. "
            "Your administrator can help you.",
            minutes,
        )
        % {"minutes": minutes},
    }
    page = render_to_string("account/locked_out.html", context, request)
    return HttpResponse(page, status=429, headers={"Retry-After": str(minutes * 60)})
