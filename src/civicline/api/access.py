"""Who calls: nobody, another system with its token, or a resident with the secret of one contact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

from civicline.api import limits, selectors, services
from civicline.api.problems import Problem
from civicline.api.services.tokens import USED_EVERY
from civicline.intake import selectors as intake
from civicline.kernel import actors, clock, ids
from civicline.kernel.limits import Allowance

if TYPE_CHECKING:
    from civicline.api.models import ApiToken
    from civicline.intake.models import Contact

CHALLENGE = 'Bearer realm="civicline", Contact realm="civicline"'
TRIES_PER_MINUTE = 30
MOST_SECRET = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """One who calls. At most one of `token` and `secret` is there."""

    address: str
    token: ApiToken | None = None
    secret: str = ""

    @property
    def actor(self) -> actors.Actor:
        """For the log and the audit."""
        if self.token is not None:
            return actors.Actor("token", str(self.token.pk), self.token.name)
        return actors.Actor("resident")

    def spend(self, *, contact: bool) -> Allowance:
        """Count this call; `contact`: it is of a kind that a contact's secret opens. Raises a 429 `Problem`.

        Residents count by their secret, so that a library or an office with one address serves many of them. Elsewhere
        a secret proves nothing, and secrets made up to get past the limit of the address must not.
        """
        if self.token is not None:
            return limits.spend(f"token:{self.token.pk}", self.token.rate_per_minute)
        if self.secret and contact:
            mark = ids.hash_secret(self.secret)[:32]
            return limits.spend(f"resident:{mark}", limits.RESIDENT_PER_MINUTE)
        return limits.spend(f"address:{self.address}", limits.PUBLIC_PER_MINUTE)

    def may(self, scope: str) -> bool:
        """Whether the token has this scope."""
        return self.token is not None and scope in self.token.scopes


def who_calls(request: HttpRequest) -> Caller:
    """Return the caller. Raises a 401 `Problem` for words that open nothing, also where none are needed."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    given = request.headers.get("Authorization", "").strip()
    if not given:
        return Caller(address)
    scheme, _, words = given.partition(" ")
    words = words.strip()
    if scheme.lower() == "contact" and words and len(words) <= MOST_SECRET:
        return Caller(address, secret=words)
    token = selectors.find_token(words) if scheme.lower() == "bearer" else None
    if token is None:
        limits.spend(f"try:{address}", TRIES_PER_MINUTE)
        raise unauthorized("This token is unknown, expired or revoked.", invalid=True)
    if token.last_used_at is None or clock.now() - token.last_used_at > USED_EVERY:
        services.token_used(token_id=token.pk)
    return Caller(address, token=token)


def unauthorized(detail: str, *, invalid: bool = False) -> Problem:
    """The 401 that says how to show who one is."""
    challenge = CHALLENGE
    if invalid:
        challenge = CHALLENGE.replace('"civicline",', '"civicline", error="invalid_token",', 1)
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": challenge})


def allow(caller: Caller, *, scope: str, contact: bool) -> None:
    """Refuse a caller without the scope. `contact`: the secret of a contact will do, and is looked at later."""
    if caller.may(scope) or (contact and caller.secret):
        return
    if caller.token is not None:
        detail = f"This token lacks the scope {scope}."
        raise Problem("forbidden", detail, members={"scope": scope})
    if caller.secret:
        raise Problem("forbidden", "The secret of a contact does not open this.", members={"scope": scope})
    raise unauthorized("Send a token: Authorization: Bearer cvl_...")


def open_contact(caller: Caller, contact: Contact | None) -> Contact:
    """Return the contact when this caller may see it. To whom it is closed, it is not there (no enumeration)."""
    if caller.token is not None and contact is not None:
        return contact
    if caller.secret and intake.opens(contact, caller.secret) and contact is not None:
        return contact
    if caller.secret:
        limits.spend(f"try:{caller.address}", TRIES_PER_MINUTE)
    raise Problem("not-found", "There is no such contact for you.")
