"""Where staff are signed in, signing out elsewhere, and the limit of idleness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from civicline.kernel import clock, ids
from civicline.kernel.errors import Forbidden

SEEN_AT = "seen_at"
SEEN_WITH = "seen_with"
EVERY_SECONDS = 60
"""So often the moment of last use is written, not at each request."""
_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Macintosh", "Linux")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One place where somebody is signed in. `place` names browser and system, as far as they say."""

    key: str
    last_seen: datetime
    place: str

    @property
    def handle(self) -> str:
        """What a page may call it: the key itself opens the session and stays on the server."""
        return ids.hash_secret(self.key)[:16]


def sessions_of(user_id: UUID) -> list[SignedIn]:
    """Where this person is signed in, last used first. Reads all live sessions: staff number in hundreds."""
    found = []
    for row in Session.objects.filter(expire_date__gt=clock.now()):
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(user_id):
            seen = datetime.fromtimestamp(float(data.get(SEEN_AT) or 0), UTC)
            found.append(SignedIn(row.session_key, seen, str(data.get(SEEN_WITH) or "")))
    return sorted(found, key=lambda one: one.last_seen, reverse=True)


def end_sessions(user_id: UUID, *, but: str = "") -> int:
    """Sign somebody out everywhere, except from the session `but`; how many places it were."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    ended = [one for one in sessions_of(user_id) if one.key != but]
    for one in ended:
        store(session_key=one.key).delete()
    return len(ended)


def end_session(user_id: UUID, handle: str) -> bool:
    """Sign somebody out of the one session of this handle; False when it has ended already or is another's."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = next((one for one in sessions_of(user_id) if one.handle == handle), None)
    if found is not None:
        store(session_key=found.key).delete()
    return found is not None


def place_of(request: HttpRequest) -> str:
    """The browser and system of a request in two words, such as "Firefox, Windows"."""
    agent = request.headers.get("User-Agent", "")
    browser = next((_NAMES.get(name, name) for name in _BROWSERS if name in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return ", ".join(part for part in (browser, system.replace("Macintosh", "Mac")) if part)


class IdleLimit:
    """Signs out who has done nothing for so long; what a page fetches by itself does not count as doing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = clock.now().timestamp()
        seen = request.session.get(SEEN_AT)
        if seen is not None and float(seen) - now > EVERY_SECONDS:
            # The clock was set back: idleness counts from now, not from a moment that is still to come.
            seen = request.session[SEEN_AT] = now
        by_itself = request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") == "true"
        if seen is not None and now - float(seen) > settings.CIVICLINE.sign_in_idle_minutes * 60:
            logout(request)
            if not by_itself and request.method in {"GET", "HEAD"}:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            return _told(request)
        if seen is None or (not by_itself and now - float(seen) >= EVERY_SECONDS):
            request.session[SEEN_AT] = now
            request.session[SEEN_WITH] = place_of(request)
        return self.get_response(request)


def _told(request: HttpRequest) -> HttpResponseBase:
    from django.shortcuts import render

    refused: Any = Forbidden(
        _("You were signed out, because nothing happened for a long time."), code="sign-in"
    )
    context = {"status": 403, "reason": refused.message(), "back": request.get_full_path()}
    return render(request, "shells/error.html", context, status=403)
