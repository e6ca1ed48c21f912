"""The pages and parts of one chat: read it, say something, send and get files, leave it as a message, end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.channels.chat import keys, limits, wording
from civicline.channels.chat.adapter import TEXT
from civicline.channels.chat.guards import is_embedded, own_chat, wants_parts
from civicline.channels.chat.pages import address_or, page, with_query
from civicline.channels.chat.standing import Standing, standing
from civicline.channels.chat.timeline import entries
from civicline.channels.conversations import Entry
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.routing import services as routing
from civicline.routing.services.triage import due

if TYPE_CHECKING:
    from civicline.intake.models import Contact

UNREADABLE = 100_000  # characters; longer than any honest message, refused as a whole


class TooBig(Refused):
    """More than can be taken at all."""

    status = 413
    default_code = "too-big"


@require_GET
@own_chat
def conversation(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The whole page, drawn by the server: all of the chat is in it without any script."""
    return _draw(request, contact)


def _draw(
    request: HttpRequest, contact: Contact, *, problem: str = "", text: str = "", status: int = 200
) -> HttpResponse:
    context = _context(request, contact) | {"problem": problem, "text": text, "errors": bool(problem)}
    response = page(request, "chat/conversation.html", context, status)
    if not context["now"].open:
        keys.forget_open(response, embedded=is_embedded(request))
    return response


def _context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    now = standing(contact)
    said = entries(contact)
    return {
        "contact": contact,
        "now": now,
        "embedded": is_embedded(request),
        "title": now.title,
        "entries": said,
        "after": max((entry.number for entry in said), default=0),
        "code": keys.for_the_eye(keys.shown(request)),
        "links": _links(request, contact),
        "most": TEXT,
        "max_mb": settings.CIVICLINE.uploads_max_mb,
    }


def _links(request: HttpRequest, contact: Contact) -> dict[str, str]:
    names = ("conversation", "news", "say", "seen", "leave", "end", "transcript_text", "transcript_page")
    links = {name: with_query(request, reverse(f"chat:{name}", args=[contact.id])) for name in names}
    links["feedback"] = address_or("portal:feedback", "", contact.reference)
    if links["feedback"] and is_embedded(request):
        # Opened in a window of its own, which has none of this frame's cookies: its page puts the secret into one.
        links["feedback"] = (
            f"{address_or('portal:open', '', contact.reference, keys.shown(request))}?next=feedback"
        )
    links["status"] = address_or("portal:status", "")
    links["again"] = with_query(request, reverse("chat:start"), new="1")
    links["live"] = f"/live/chat/{contact.id}"
    return links


@require_GET
@own_chat
def news(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """What is new after message number `after`, as parts of the page, with how the chat stands."""
    limits.spend(limits.READS, contact.id)
    return JsonResponse(_news(request, contact))


def _news(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    after = _whole(request, "after")
    context = _context(request, contact)
    said: list[Entry] = context["entries"]
    # Numbers of messages commit in order, rows of events do not: what happened is sent whole, it is little.
    new = [entry for entry in said if entry.number > after or not entry.number]
    now: Standing = context["now"]
    return {
        "after": context["after"],
        "entries": [
            {"id": entry.id, "side": entry.side, "html": _part("_entry.html", {"entry": entry})}
            for entry in new
        ],
        "order": [entry.id for entry in said],
        "keys": [entry.key for entry in new if entry.key],
        "states": {
            entry.id: {"state": entry.state, "html": _part("_state.html", {"state": entry.state})}
            for entry in said
            if entry.side == "me"
        },
        "phase": now.phase,
        "position": now.position,
        "wait": now.wait,
        "title": now.title,
        "agent": now.agent,
        "head": _part("_head.html", context),
        "place": _part("_place.html", context),
        "open": now.open,
    }


def _part(name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"chat/{name}", context).strip()


def _whole(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "0")
    return int(given) if given.isdecimal() and len(given) < 16 else 0


@require_http_methods(["POST"])
@own_chat
def say(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Add a message and its files. The page's script gets what is new; a plain form gets the page back."""
    text = request.POST.get("body", "")
    try:
        _add(request, contact, text)
    except Invalid as refused:
        if wants_parts(request):
            raise
        return _draw(request, contact, problem=refused.message(), text=text, status=refused.status)
    if not wants_parts(request):
        return HttpResponseRedirect(
            with_query(request, reverse("chat:conversation", args=[contact.id])) + "#say"
        )
    fresh = intake.get_contact(contact.id)
    if fresh is None:
        raise NotFound
    return JsonResponse(_news(request, fresh))


def _add(request: HttpRequest, contact: Contact, text: str) -> None:
    check_text(text)
    files = request.FILES.getlist("file")
    client_key = request.POST.get("client_key", "")[:64] or None
    if client_key and any(message.client_key == client_key for message in intake.list_messages(contact.id)):
        return  # a repeat after a lost answer: its files are there already
    limits.spend(limits.MESSAGES, contact.id)
    if len(files) > settings.CIVICLINE.uploads_max_files:
        raise Invalid(
            gettext("You can send %(most)s files at once. Send the others with the next message."),
            code="files-too-many",
            most=settings.CIVICLINE.uploads_max_files,
        )
    attachments = []
    for file in files:
        limits.spend(limits.FILES, contact.id)
        _check_size(file.name or "", file.size or 0)
        stored = intake_services.store_upload(
            contact_id=contact.id, name=file.name or "", content=file.read()
        )
        attachments.append(stored.id)
    name = contact.resident.name if contact.resident else ""
    intake_services.add_message(
        contact_id=contact.id,
        direction="in",
        body=text,
        author_name=name,
        client_key=client_key,
        attachment_ids=attachments,
        language=contact.languages[0] if contact.languages else "",
    )


def check_text(text: str) -> None:
    """Refuse a message that is too long, in words that say what to do."""
    if len(text) > UNREADABLE:
        raise TooBig(gettext("The text is too long to be read. Send it as a file instead."))
    if len(text) > TEXT:
        raise Invalid(
            gettext("The message has %(length)s characters. Shorten it to %(most)s, or send it as a file."),
            code="text-too-long",
            length=len(text),
            most=TEXT,
        )


def _check_size(name: str, size: int) -> None:
    """Before the file is read into memory."""
    most = settings.CIVICLINE.uploads_max_mb
    if size > most * 1_000_000:
        raise Invalid(
            gettext("%(name)s has %(size)s MB. A file can have up to %(most)s MB."),
            code="file-too-large",
            name=wording.shown(name),
            size=round(size / 1_000_000, 1),
            most=most,
        )


@require_POST
@own_chat
def seen(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The browser holds (`got`) or has shown (`seen`) our messages up to a number: for pages without a live socket."""
    limits.spend(limits.READS, contact.id)
    for message in intake.list_messages(contact.id):
        if message.direction == "out" and message.number <= _posted(request, "got"):
            intake_services.mark_delivered(message_id=message.id)
    if up_to := _posted(request, "seen"):
        intake_services.mark_read(contact_id=contact.id, up_to=up_to, reader="resident")
    return HttpResponse(status=204)


def _posted(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "0")
    return int(given) if given.isdecimal() and len(given) < 16 else 0


@require_http_methods(["GET", "POST"])
@own_chat
def leave(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Stop waiting and be answered in writing: the same contact, words and reference, as written work from now on."""
    if request.method != "POST":
        return page(request, "chat/leave.html", _context(request, contact))
    if contact.channel == "chat" and contact.state == "queued":
        queue = contact.queue
        intake_services.change_contact(
            contact_id=contact.id,
            reason="left_as_message",
            channel="webform",
            due_at=due(queue, contact.arrived_at) if queue else None,
        )
        intake_services.add_message(
            contact_id=contact.id, direction="system", body="", data={"code": "left_as_message"}
        )
    return HttpResponseRedirect(with_query(request, reverse("chat:conversation", args=[contact.id])))


@require_http_methods(["GET", "POST"])
@own_chat
def end(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """End the chat, after asking: leaving the line gives up the place."""
    if request.method != "POST":
        return page(request, "chat/end.html", _context(request, contact))
    if standing(contact).phase != "left":
        routing.leave_queue(contact_id=contact.id)
    return HttpResponseRedirect(with_query(request, reverse("chat:conversation", args=[contact.id])))


@require_GET
@own_chat
def file(request: HttpRequest, contact: Contact, file_id: UUID) -> HttpResponseBase:
    """A file of this chat, sent as a download or a picture, never as a page of ours."""
    found = intake.get_attachment(file_id)
    if found is None or found.contact_id != contact.id or found.message_id is None:
        raise NotFound(gettext("This file is not here any more."))
    if found.message is not None and found.message.direction == "note":
        raise NotFound(gettext("This file is not here any more."))
    try:
        content = intake.attachment_path(found).open("rb")
    except FileNotFoundError:
        raise NotFound(gettext("This file is not here any more.")) from None
    inline = found.content_type.startswith("image/")
    response = FileResponse(
        content, as_attachment=not inline, filename=found.name, content_type=found.content_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
