"""The whole chat to keep: as plain text, or as one page that needs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi, gettext
from django.views.decorators.http import require_GET

from civicline.channels.chat.guards import own_chat
from civicline.channels.chat.pages import in_words
from civicline.channels.chat.standing import standing
from civicline.channels.chat.timeline import entries
from civicline.channels.conversations import Entry
from civicline.kernel import audit

if TYPE_CHECKING:
    from civicline.intake.models import Contact

MARK = "\ufeff"  # so that every editor on every system reads the text as UTF-8


@require_GET
@own_chat
def transcript_text(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The chat as plain text, in the language of the page."""
    head = [
        settings.CIVICLINE.town_name,
        standing(contact).heading,
        gettext("Reference: %(reference)s") % {"reference": contact.reference},
        in_words("datetime_local", contact.arrived_at, "datetime"),
        "",
    ]
    body = MARK + "\r\n".join([*head, *(_line(entry) for entry in entries(contact)), ""])
    return _download(contact, body, "text/plain; charset=utf-8", "txt")


def _line(entry: Entry) -> str:
    clock = in_words("datetime_local", entry.at, "time")
    who = gettext("You") if entry.side == "me" else entry.who
    said = f"{entry.strong} {entry.text}".strip().replace("\n", "\r\n    ")
    files = "".join(f"\r\n    [{file['name']}, {file['note']}]" for file in entry.files)
    return f"{clock}  {who}: {said}{files}" if entry.side else f"{clock}  * {said}"


@require_GET
@own_chat
def transcript_page(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """The chat as one HTML file: no scripts, nothing from elsewhere, readable in ten years."""
    context = {
        "contact": contact,
        "entries": entries(contact),
        "now": standing(contact),
        "town": settings.CIVICLINE.town_name,
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
    }
    return _download(
        contact, render_to_string("chat/transcript.html", context), "text/html; charset=utf-8", "html"
    )


def _download(contact: Contact, body: str, content_type: str, ending: str) -> HttpResponse:
    audit.record("contact.transcript", object=("contact", contact.id), resident_id=contact.resident_id)
    response = HttpResponse(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{contact.reference}.{ending}"'
    return response
