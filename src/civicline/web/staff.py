"""What every surface for staff begins with: who asks, how they want to see it, refusals told in words for people."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from civicline.intake import selectors as intake
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.people.permissions import permitted

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.people.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
Tell = Callable[[HttpRequest, Refused], HttpResponseBase]


def guard(action: str, *, tell: Tell, obj: Callable[..., Any] | None = None) -> Callable[[View], View]:
    """Guard a view by the permission table; `tell` answers every refusal with a sentence, as a page or a part.

    `obj` finds what the view is about from the request and the ids of its address.
    """

    def guarding(view: View) -> View:
        allowed = permitted(action, obj=obj)(view)

        @wraps(allowed)
        def guarded(request: HttpRequest, *args: Any, **ids: Any) -> HttpResponseBase:
            try:
                return allowed(request, *args, **ids)
            except Refused as refused:
                return tell(request, refused)

        return guarded  # type: ignore[return-value]  # same signature towards Django

    return guarding


def wants_parts(request: HttpRequest) -> bool:
    """Whether the page's script asks, and takes parts of the page in place of a page."""
    return request.headers.get("HX-Request") == "true"


def words_of(refused: Refused) -> str:
    """Everything a refusal has to say, in one text; a sentence that several fields share is said once."""
    fields = list(refused.field_messages().values()) if isinstance(refused, Invalid) else []
    return " ".join(dict.fromkeys(fields)) or refused.message()


def refusal_page(request: HttpRequest, refused: Refused, *, back: str = "staff_home") -> HttpResponse:
    """A refusal as a page of its own, with the way back to the view of that name."""
    context = {"status": refused.status, "reason": words_of(refused), "back": reverse(back)}
    return render(request, "shells/error.html", context, status=refused.status)


def user_of(request: HttpRequest) -> User:
    """The signed-in member of staff; only for views behind `guard`."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]  # the guard let nobody else in


def load_contact(_request: HttpRequest, contact_id: UUID, **_more: object) -> Contact:
    """The contact of an address."""
    contact = intake.get_contact(contact_id)
    if contact is None:
        raise NotFound(_("There is no such contact."), code="contact-unknown")
    return contact


def load_bare_contact(_request: HttpRequest, contact_id: UUID, **_more: object) -> Contact:
    """The same without what hangs on it, for a deed that shows nothing of it."""
    contact = intake.find_contact(contact_id)
    if contact is None:
        raise NotFound(_("There is no such contact."), code="contact-unknown")
    return contact


def initials(name: str) -> str:
    """The first letters of the first and the last part of a name."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


def card(user: User) -> dict[str, Any]:
    """`staff` of the shell: the name, and how this person wants to see, hear and press."""
    return {
        "name": user.name,
        "initials": initials(user.name),
        "presence": "",
        "theme": "" if user.theme == "auto" else user.theme,
        "size": "",
        "sound": bool(user.preferences.get("sound", True)),
        "volume": int(user.preferences.get("volume", 70)),
        "single_keys": bool(user.preferences.get("single_keys", True)),
    }
