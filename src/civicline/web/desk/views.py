"""The desk itself: the whole page, and the parts of it that stay true by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from civicline.intake import selectors as intake
from civicline.kernel import audit
from civicline.people.permissions import may
from civicline.web.desk import conversation, hand, pages
from civicline.web.desk.access import agent_of, desk_view, load_contact, load_file, user_of, wants_parts

if TYPE_CHECKING:
    from civicline.intake.models import Contact


@require_GET
@desk_view("desk.use")
def home(request: HttpRequest) -> HttpResponseBase:
    """The desk with nothing open."""
    context = pages.offer_parts(request) | {"contact": None, "told": "", "own_queues": pages.pulse(request)}
    return pages.page(request, "desk/desk.html", context)


@require_GET
@desk_view("contact.read", obj=load_contact)
def contact(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Open a contact: noted in the audit once for each opening, because its resident is read with it."""
    audit.record("resident.read", object=("contact", contact.pk), resident_id=contact.resident_id)
    if wants_parts(request):
        return opened(request, contact)
    return whole(request, contact)


def whole(
    request: HttpRequest, contact: Contact, *, text: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """The whole page with this contact open."""
    # The middle first: it marks as read what the list then no longer counts.
    shown = conversation.middle(request, contact, text=text, problem=problem)
    context = (
        shown
        | conversation.right(request, contact)
        | pages.offer_parts(request)
        | transfer_choices(request, contact)
    )
    return pages.page(request, "desk/desk.html", context | {"told": problem}, status=status)


def transfer_choices(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """Queues and colleagues for the forms that pass a contact on; only where it can be."""
    if contact.agent_id != user_of(request).pk:
        return {"choices": None}
    user = user_of(request)
    return {"choices": conversation.people_to_ask(user, contact), "may_dial": may(user, "call.place")}


def opened(
    request: HttpRequest,
    contact: Contact,
    *,
    more: list[str] | None = None,
    focus: str = "conv-h",
    told: str = "",
) -> HttpResponse:
    """The columns of a contact as parts, with the address they belong to."""
    shown = conversation.middle(request, contact)
    context = (
        shown
        | conversation.right(request, contact)
        | transfer_choices(request, contact)
        | {"told": told, "kind": "ok"}
    )
    names = ["pane", "side", *(more or [])]
    if more:
        context |= list_parts(request)
    return pages.parts(request, names, context, push=f"/desk/c/{contact.pk}/", focus=focus)


def list_parts(request: HttpRequest) -> dict[str, Any]:
    """The context of the list, the offers and the load."""
    mine = hand.in_hand(user_of(request).pk if agent_of(request) else None)
    return pages.offer_parts(request) | {
        "hand": mine,
        "load": pages.load(request, mine),
        "presence": pages.presence(request, mine),
    }


@require_GET
@desk_view("contact.read", obj=load_contact)
def now(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """How an open conversation stands now, for the script: head, thread, wrap-up. No opening: not in the audit."""
    context = conversation.middle(request, contact) | transfer_choices(request, contact)
    names = ["head", "messages", "closing"]
    return pages.parts(request, [*names, "call"] if contact.channel == "voice" else names, context)


@require_GET
@desk_view("contact.read", obj=load_contact)
def side(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The right column alone."""
    return pages.parts(request, ["side"], conversation.right(request, contact))


@require_GET
@desk_view("desk.use")
def offers(request: HttpRequest) -> HttpResponseBase:
    """The offers' place."""
    return pages.parts(request, ["offers"], pages.offer_parts(request))


@require_GET
@desk_view("desk.use")
def in_hand(request: HttpRequest) -> HttpResponseBase:
    """The list of contacts, with the load and the presence that follow from it."""
    return pages.parts(request, ["hand", "load", "presence"], list_parts(request))


@require_GET
@desk_view("desk.use")
def pulse(request: HttpRequest) -> HttpResponseBase:
    """The agent's queues now."""
    return pages.parts(request, ["pulse"], {"pulse": pages.pulse(request)})


@require_GET
@desk_view("desk.use")
def bell(request: HttpRequest) -> HttpResponseBase:
    """Notes that name this person; `seen=1` when the bell was opened."""
    if request.GET.get("seen") == "1":
        pages.mentions_seen(request)
    return pages.parts(request, ["bell"], {"mentions": pages.mention_lines(request)})


@require_GET
@desk_view("attachment.read", obj=load_file)
def file(request: HttpRequest, held: Any) -> HttpResponseBase:
    """A file of a contact: pictures are shown, everything else is downloaded."""
    attachment = held.attachment
    audit.record(
        "attachment.read", object=("attachment", attachment.pk), resident_id=attachment.contact.resident_id
    )
    response = FileResponse(
        intake.attachment_path(attachment).open("rb"),
        content_type=attachment.content_type,
        as_attachment=not attachment.content_type.startswith("image/"),
        filename=attachment.name,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
