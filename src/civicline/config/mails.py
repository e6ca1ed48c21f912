"""The emails about signing in: few, short, in the reader's language, and never with an invitation to sign up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext


class Mail(NamedTuple):
    """One email as plain text."""

    subject: str
    body: str


def mail_of(name: str, facts: Mapping[str, Any]) -> Mail | None:
    """The email that django-allauth calls `name`, from what it knows; None for one that has no words of ours."""
    written = {
        "account/email/password_reset_key": _new_password,
        "account/email/unknown_account": _unknown,
    }.get(name)
    return written(facts) if written else None


def _new_password(facts: Mapping[str, Any]) -> Mail:
    town = settings.CIVICLINE.town_name
    return Mail(
        gettext("Choose a new password for Civicline"),
        _paragraphs(
            gettext("Somebody has asked for a new password for your account at %(town)s. Choose it here:")
            % {"town": town},
            str(facts["password_reset_url"]),
            gettext("The link works once, for three days."),
            gettext("Was it not you? Then do nothing: your password stays as it is."),
        ),
    )


def _unknown(facts: Mapping[str, Any]) -> Mail:
    town = settings.CIVICLINE.town_name
    return Mail(
        gettext("We know no account with this address"),
        _paragraphs(
            gettext(
                "Somebody has asked for a new password at %(town)s for %(email)s. No account has this address."
            )
            % {"town": town, "email": facts["email"]},
            gettext("Do you work with Civicline? Then try your other address, or ask your administrator."),
            gettext("Was it not you? Then do nothing."),
        ),
    )


def _paragraphs(*lines: str) -> str:
    return "\n\n".join(lines) + "\n"
