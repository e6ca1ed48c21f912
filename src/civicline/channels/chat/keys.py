"""How a resident's browser proves that a chat is theirs: one cookie per address, out of reach of scripts.

The secret of a contact is in two HttpOnly cookies, one scoped to the chat's pages, one to its live socket. Inside
another site's page (the widget) they are partitioned: visitors of that site have a jar of their own for it.
See docs/adr/0006-widget.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from functools import cache
from http.cookies import Morsel
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, override

SECRET: Final = "chat_secret"  # noqa: S105 - a name; web.live reads the same cookie
OPEN: Final = "chat_open"
LANGUAGE: Final = "chat_language"
KEPT_SECONDS: Final = 14 * 86_400
FORM_SECONDS: Final = 2 * 86_400
STATUS: Final = "case_secret"  # the cookie of the portal's status pages: one's own contact opens there too
SIGNS: Final = (
    "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: 26 of them hold 130 bits and can be read aloud
)
_SALT: Final = "civicline.chat.form"
_ANY_REFERENCE: Final = "AA-000-000"  # of the right shape; its place in an address is taken by a real one


class _Partitioned(Morsel[str]):
    """A cookie with the attribute `Partitioned` (CHIPS), which Python 3.11 does not know yet."""

    def OutputString(self, attrs: Any = None) -> str:  # noqa: N802 -- as the standard library calls it
        return super().OutputString(attrs) + "; Partitioned"


def new_form_key() -> str:
    """Return a signed key for one form: it makes a second click harmless, and only we can have made it."""
    return signing.dumps(uuid4().hex, salt=_SALT)


def form_key(signed: str) -> str | None:
    """Return the key inside, or None when it is not ours or older than two days."""
    try:
        key: str = signing.loads(signed, salt=_SALT, max_age=FORM_SECONDS)
    except signing.BadSignature:
        return None
    return key


def secret_for(key: str) -> str:
    """Return the secret of the contact that this form starts: derived, so that a repeated post gets it again."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"chat secret {key}".encode(), hashlib.sha256)
    number = int.from_bytes(digest.digest()[:17], "big") >> 6
    return "".join(SIGNS[number >> shift & 31] for shift in range(125, -1, -5))


def for_the_eye(secret: str) -> str:
    """Return a secret in groups, as the status page takes it."""
    ends = (0, 5, 10, 14, 18, 22, 26)
    return "-".join(secret[start:end] for start, end in pairwise(ends)) if len(secret) == ends[-1] else secret


def give(
    response: HttpResponseBase, contact_id: UUID, reference: str, secret: str, *, embedded: bool
) -> None:
    """Put the secret of a contact into the browser, and which chat was opened last."""
    paths = {
        SECRET: reverse("chat:conversation", args=[contact_id]),
        f"{SECRET} live": f"/live/chat/{contact_id}",
    }
    for jar_key, path in paths.items():
        _set(response, jar_key, SECRET, secret, path, embedded)
    if not embedded:
        for code, path in _status_paths(reference):
            _set(response, f"{STATUS} {code}", STATUS, secret, path, embedded)
    _set(response, LANGUAGE, LANGUAGE, get_language() or "", paths[SECRET], embedded)
    # Says which chat to go back to and opens nothing: the secret is not sent to its address.
    _set(response, OPEN, OPEN, str(contact_id), reverse("chat:start"), embedded)


def _status_paths(reference: str) -> Iterator[tuple[str, str]]:
    """Where the portal shows this contact, in each language; nowhere in an installation without it."""
    for code, pattern in _status_patterns():
        yield code, pattern.replace(_ANY_REFERENCE, quote(reference))


@cache
def _status_patterns() -> tuple[tuple[str, str], ...]:
    """The addresses of a status page by language, with a place for the reference; made once."""
    found = []
    for code, _ in settings.LANGUAGES:
        with override(code):
            try:
                found.append((code, reverse("portal:case", args=[_ANY_REFERENCE])))
            except NoReverseMatch:
                break
    return tuple(found)


def forget_open(response: HttpResponseBase, *, embedded: bool) -> None:
    """The chat has ended: do not lead back to it."""
    _set(response, OPEN, OPEN, "", reverse("chat:start"), embedded, seconds=0)


def _set(
    response: HttpResponseBase,
    jar_key: str,
    name: str,
    value: str,
    path: str,
    embedded: bool,
    seconds: int = KEPT_SECONDS,
) -> None:
    morsel: Morsel[str] = _Partitioned() if embedded else Morsel()
    morsel.set(name, value, value)
    morsel["path"] = path
    morsel["max-age"] = seconds
    morsel["httponly"] = True
    morsel["samesite"] = "None" if embedded else "Lax"
    if embedded or settings.SESSION_COOKIE_SECURE:
        morsel["secure"] = True
    # Django's jar is keyed by name, and ours holds one name under two paths: hence a key of its own.
    dict.__setitem__(response.cookies, jar_key, morsel)


def shown(request: HttpRequest) -> str:
    """Return the secret that the browser sent along, or an empty text."""
    return request.COOKIES.get(SECRET, "")


def last_open(request: HttpRequest) -> UUID | None:
    """Return the chat that this browser opened last, if it says so."""
    try:
        return UUID(request.COOKIES.get(OPEN, ""))
    except ValueError:
        return None
