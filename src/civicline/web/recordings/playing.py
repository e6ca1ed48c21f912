"""One recording: the reason, the player with its markers, the sound itself, and a file of it for who may have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.channels.voice.recordings import markers, reading, selectors, sound
from civicline.intake import wording
from civicline.kernel import audit
from civicline.kernel.errors import Forbidden
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.web.recordings import reasons
from civicline.web.recordings.access import (
    load_contact,
    load_message,
    load_recording,
    page,
    recordings_view,
    user_of,
)
from civicline.web.recordings.listing import clock_words, line_of
from civicline.web.recordings.ranges import begin_of, sound_response

if TYPE_CHECKING:
    from civicline.channels.voice.models import Recording
    from civicline.intake.models import Contact


@require_GET
@recordings_view("recording.play", obj=load_recording)
def recording(request: HttpRequest, recording: Recording) -> HttpResponse:
    """The player; before a reason was given, the question for it."""
    if not reasons.given(request, recording.pk):
        return _ask(request, recording, reasons.ReasonForm())
    return page(request, "recordings/recording.html", _context(request, recording))


@require_POST
@recordings_view("recording.play", obj=load_recording)
def opened(request: HttpRequest, recording: Recording) -> HttpResponse:
    """A reason was given: it stands in the audit log, and the player follows."""
    form = reasons.ReasonForm(request.POST)
    if not form.is_valid():
        return _ask(request, recording, form)
    reasons.remember(request, recording.pk, form.words())
    _note("recording.opened", recording, form.words())
    return HttpResponseRedirect(reverse("recordings:recording", args=[recording.pk]))


def _ask(request: HttpRequest, recording: Recording, form: reasons.ReasonForm) -> HttpResponse:
    wrong = bool(form.is_bound and form.errors)
    context = {
        "title": gettext("Hear a recording"), "recording": recording, "line": line_of(recording), "form": form,
        "errors": wrong, "back": reverse("recordings:list"),
    }  # fmt: skip
    return page(request, "recordings/reason.html", context, status=422 if wrong else 200)


def _context(request: HttpRequest, recording: Recording) -> dict[str, Any]:
    user, contact = user_of(request), recording.contact
    hold = people.hold_over({"contact": contact.pk, "resident": contact.resident_id})
    return {
        "title": gettext("Recording of %(reference)s") % {"reference": contact.reference},
        "line": line_of(recording),
        "reason": reasons.given(request, recording.pk),
        "player": player_of(recording, reverse("recordings:sound", args=[recording.pk])),
        "channel": wording.channel_label(contact.channel),
        "hold": hold,
        "may_see_hold": may(user, "hold.read"),
        "may_hold": may(user, "hold.place"),
        "hold_href": f"{reverse('admin:new_hold')}?reference={contact.reference}",
        "contact_href": reverse("desk:contact", args=[contact.pk])
        if may(user, "contact.read", contact)
        else "",
        "download_href": reverse("recordings:download", args=[recording.pk])
        if may(user, "recording.download", recording)
        else "",
        "back": reverse("recordings:list"),
    }


def player_of(recording: Recording, href: str) -> dict[str, Any]:
    """What the player draws: the sound's address, its picture, its markers."""
    found = markers.markers_of(recording) if recording.kind == "talk" else []
    seconds = max(recording.seconds, 0.1)
    return {
        "id": recording.pk.hex,
        "href": href,
        "seconds": round(recording.seconds, 2),
        "length": clock_words(recording.seconds),
        "outline": sound.outline(recording.picture),
        "transcript": recording.transcript,
        "markers": [
            {
                "second": one.second, "time": clock_words(one.second), "words": one.words, "icon": one.icon,
                "early": one.early, "x": round(one.second / seconds * 1000, 1),
            }
            for one in found
        ],
    }  # fmt: skip


@require_GET
@recordings_view("recording.play", obj=load_recording)
def sound_of(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """The sound, whole or in parts; each beginning to play stands in the audit log with its reason."""
    why = reasons.given(request, recording.pk)
    if not why:
        raise Forbidden(_("Say first why you want to hear this recording."), code="reason-missing")
    asked = request.headers.get("Range", "")
    stored = reading.opened(recording)
    if reasons.begins(request, recording.pk, start=begin_of(asked, stored.length)):
        _note("recording.played", recording, why)
    return sound_response(stored, asked)


@require_POST
@recordings_view("recording.download", obj=load_recording)
def download(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    """The whole sound as a file: it leaves the house, so it has a permission and an entry of its own."""
    why = reasons.given(request, recording.pk)
    if not why:
        raise Forbidden(_("Say first why you want to hear this recording."), code="reason-missing")
    stored = reading.opened(recording)
    _note("recording.downloaded", recording, why)
    name = f"{recording.contact.reference}-{recording.started_at:%Y%m%dT%H%M%SZ}.wav"
    return sound_response(stored, "", name=name)


@require_GET
@recordings_view("attachment.read", obj=load_message)
def message_sound(request: HttpRequest, message: Any) -> HttpResponseBase:
    """A voice message: hearing it is the work of whoever may read its contact, so no reason is asked."""
    asked = request.headers.get("Range", "")
    stored = reading.opened(message.recording)
    if begin_of(asked, stored.length) == 0:
        _note("recording.played", message.recording, "message")
    return sound_response(stored, asked)


def _note(action: str, recording: Recording, why: str) -> None:
    contact = recording.contact
    audit.record(
        action, object=("recording", recording.pk), resident_id=contact.resident_id, reason=why,
        data={"contact": str(contact.pk), "reference": contact.reference},
    )  # fmt: skip


@require_GET
@recordings_view("attachment.read", obj=load_contact)
def of_contact(request: HttpRequest, contact: Contact) -> HttpResponse:
    """The players of a contact's voice messages, as a part of the desk."""
    players = [
        player_of(one, reverse("recordings:message_sound", args=[one.pk]))
        for one in selectors.recordings_of_contact(contact.pk)
        if one.kind == "message"
    ]
    response = render(request, "recordings/_players.html", {"players": players})
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
@recordings_view("attachment.read", obj=load_message)
def message(request: HttpRequest, message: Any) -> HttpResponse:
    """A page with the player of one voice message."""
    found = message.recording
    context = {
        "title": gettext("Voice message of %(reference)s") % {"reference": found.contact.reference},
        "line": line_of(found),
        "player": player_of(found, reverse("recordings:message_sound", args=[found.pk])),
        "back": reverse("desk:contact", args=[found.contact_id]),
    }
    return page(request, "recordings/message.html", context)
