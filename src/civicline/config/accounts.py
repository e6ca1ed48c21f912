"""How staff sign in: accounts are made by an administrator, never by whoever comes along."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from civicline.config import mails
from civicline.config import settings as configured
from civicline.kernel import actors, audit
from civicline.people import selectors as people
from civicline.web.admin import own

SESSION = "session"
WAYS = "account_authentication_methods"
"""Where django-allauth keeps in the session by which ways somebody has shown who they are."""


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]  # django-allauth has no type information
    """Signing up is closed; signing in leads to where the person works."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first place this person works."""
        user: Any = request.user
        return own.first_place(user) or reverse("preferences")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own account."""
        return False

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """An email of ours where we have words for it, and allauth's own where not."""
        ours = mails.mail_of(template_prefix, context)
        if ours is None:
            return super().render_mail(template_prefix, email, context, headers)  # type: ignore[no-any-return]  # untyped
        to = [email] if isinstance(email, str) else email
        return EmailMessage(ours.subject, ours.body, self.get_from_email(), to, headers=headers)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, every factor given; the audit keeps by which ways."""
        super().login(request, user)
        ways = [str(one.get("method", "")) for one in request.session.get(WAYS, [])]
        with actors.acting_as(actors.Actor("staff", str(user.pk), user.name)):
            audit.record("sign_in.done", object=(SESSION, user.pk), data={"by": ways})

    def logout(self, request: HttpRequest) -> None:
        """Sign out; the audit keeps it."""
        if request.user.is_authenticated:
            audit.record("sign_in.ended", object=(SESSION, request.user.pk))
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Somebody gave a wrong password. What was typed is not kept: it may be a password in the wrong field."""
        audit.record("sign_in.failed", object=(SESSION, _account_of(attempted_name(request, credentials))))


class StaffIdentities(DefaultSocialAccountAdapter):  # type: ignore[misc]  # django-allauth has no type information
    """An identity from a provider opens an account an administrator has made, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody makes their own account through a provider either."""
        return False

    def authenticate_by_email(self, sociallogin: Any) -> tuple[Any, str] | None:
        """The account with an address the provider vouches for; told without the address.

        With it django-allauth would take the account's password away for good, since elsewhere a stranger may have
        made the account beforehand. Here an administrator did, and the password was set by a link to that address.
        """
        found = super().authenticate_by_email(sociallogin)
        return (found[0], "") if found else None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Keep whose identity it is the first time: from then on its number counts, not its address."""
        known = sociallogin.account.pk is not None
        joining = sociallogin.state.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN
        if sociallogin.is_existing and sociallogin.user.is_active and not known and not joining:
            sociallogin.connect(request, sociallogin.user)


def _account_of(name: str) -> str:
    found = people.list_staff().filter(email=name).first()
    return str(found.pk) if found is not None else "unknown"


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
    audit.record("sign_in.locked_out", object=(SESSION, _account_of(attempted_name(request, credentials))))
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
    page = render_to_string("account/refused.html", context, request)
    return HttpResponse(page, status=429, headers={"Retry-After": str(minutes * 60)})
