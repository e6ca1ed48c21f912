"""The page before a chat: which service, is it open, how long is the wait; then the first message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from civicline.channels.chat import keys, limits
from civicline.channels.chat.adapter import TEXT, ChatAdapter
from civicline.channels.chat.conversation import check_text
from civicline.channels.chat.guards import chat_page, is_embedded
from civicline.channels.chat.pages import page, with_query
from civicline.channels.chat.standing import ENDED
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.intake.ports import Inbound
from civicline.kernel.errors import Conflict, Invalid
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing

if TYPE_CHECKING:
    from civicline.routing.selectors import ServiceWait

ADAPTER = ChatAdapter()
WRITTEN = (
    "webform"  # a message left for later is written work: nobody waits, the answer is on the status page
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in. `problems`: {field: sentence}."""

    service: str = ""
    text: str = ""
    name: str = ""
    email: str = ""
    leave: bool = False
    key: str = ""
    problems: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
@chat_page
def start(request: HttpRequest) -> HttpResponseBase:
    """Draw the start page, or start the chat that was asked for."""
    if request.method == "POST":
        return _begin(request)
    if is_embedded(request) and not request.GET.get("new") and (contact_id := _going_on(request)):
        return HttpResponseRedirect(with_query(request, reverse("chat:conversation", args=[contact_id])))
    return _draw(request, Asked(service=request.GET.get("service", "")))


def _going_on(request: HttpRequest) -> UUID | None:
    """The chat that this browser has open, while it goes on. Leads there only; that page asks for the secret."""
    contact_id = keys.last_open(request)
    contact = intake.get_contact(contact_id) if contact_id else None
    return contact.id if contact is not None and contact.state not in ENDED else None


def _draw(request: HttpRequest, asked: Asked, status: int = 200) -> HttpResponseBase:
    waits = chat_waits()
    chosen = next((wait for wait in waits if wait.service.code == asked.service), None)
    language = get_language() or "en"
    context: dict[str, Any] = {
        "title": gettext("Chat with us"),
        "asked": asked,
        "errors": bool(asked.problems),
        "waits": waits,
        "chosen": chosen,
        "names": {wait.service.code: localized(wait.service.name, language) for wait in waits},
        "seconds": {wait.service.code: seconds_told(wait) for wait in waits},
        "closed": chosen is not None and not live_now(chosen),
        "all_closed": bool(waits) and not any(live_now(wait) for wait in waits),
        "opens_at": min((wait.opens_at for wait in waits if wait.opens_at), default=None),
        "key": asked.key or keys.new_form_key(),
        "going_on": None if is_embedded(request) else _going_on(request),
        "action": with_query(
            request, reverse("chat:start"), **({"service": chosen.service.code} if chosen else {})
        ),
        "most": TEXT,
    }
    return page(request, "chat/start.html", context, status)


def chat_waits() -> list[ServiceWait]:
    """The services that one can chat about, each with its wait."""
    return [wait for wait in routing.waits_now() if "chat" in wait.service.channels]


def seconds_told(wait: ServiceWait) -> tuple[int, int] | None:
    """The range of a service in seconds, None when there is none."""
    told = wait.wait.range
    return (told.low_minutes * 60, told.high_minutes * 60) if told else None


def live_now(wait: ServiceWait) -> bool:
    """Whether one can chat now, rather than leave a message."""
    return wait.open and not wait.full


def _begin(request: HttpRequest) -> HttpResponseBase:
    asked = _read(request)
    key = keys.form_key(asked.key)
    waits = chat_waits()
    chosen = next((wait for wait in waits if wait.service.code == asked.service), None)
    if chosen is None and waits:
        asked.problems["service"] = gettext("Choose what it is about")
    if key is None:
        asked.problems["form"] = gettext(
            "This page was open for very long. Look at what you wrote, then send it again."
        )
        return _draw(request, _again(asked), 400)
    if asked.problems:
        return _draw(request, asked, 400)
    if chosen is not None and not live_now(chosen) and not asked.leave:
        # It closed since the page was drawn, or was chosen on it: say so, keep the words, ask once more.
        return _draw(request, asked)
    limits.spend(limits.STARTS, limits.address_of(request))
    live = chosen is None or live_now(chosen)
    secret = keys.secret_for(key)
    try:
        received = intake_services.receive(inbound=_inbound(request, asked, key, live=live), secret=secret)
    except Conflict:
        asked.problems["form"] = gettext(
            "You sent this before, with other words. Send it again to start another chat."
        )
        return _draw(request, _again(asked), 409)
    address = reverse("chat:conversation", args=[received.contact.id])
    response = HttpResponseRedirect(with_query(request, address))
    keys.give(
        response, received.contact.id, received.contact.reference, secret, embedded=is_embedded(request)
    )
    return response


def _again(asked: Asked) -> Asked:
    """The same words under a new key."""
    return Asked(asked.service, asked.text, asked.name, asked.email, asked.leave, "", asked.problems)


def _read(request: HttpRequest) -> Asked:
    posted = request.POST
    asked = Asked(
        service=posted.get("service", "") or request.GET.get("service", ""),
        text=posted.get("body", ""),
        name=posted.get("name", "").strip()[:200],
        email=posted.get("email", "").strip(),
        leave=posted.get("leave") == "1",
        key=posted.get("key", ""),
    )
    if not asked.text.strip():
        asked.problems["body"] = gettext("Write what you want to ask")
    try:
        check_text(asked.text)
    except Invalid as refused:
        asked.problems["body"] = refused.message()
    if asked.email:
        try:
            validate_email(asked.email)
        except ValidationError:
            asked.problems["email"] = gettext("Enter an email address like name@example.com")
    return asked


def _inbound(request: HttpRequest, asked: Asked, key: str, *, live: bool) -> Inbound:
    """What the adapter makes of it; a message left for later goes on as written work."""
    language = get_language() or settings.LANGUAGE_CODE
    data = {"embedded_in": request.GET.get("parent", "")[:200]} if is_embedded(request) else {}
    inbound = ADAPTER.parse(
        {
            "text": asked.text,
            "service_code": asked.service,
            "name": asked.name,
            "email": asked.email,
            "languages": (language,),
            "data": data,
            "key": key,
        }
    )
    if live:
        return inbound
    return Inbound(
        channel=WRITTEN,
        text=inbound.text,
        service_code=inbound.service_code,
        resident=inbound.resident,
        languages=inbound.languages,
        data={**inbound.data, "left_in": "chat"},
        key=inbound.key,
    )
