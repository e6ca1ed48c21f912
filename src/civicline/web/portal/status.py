"""How a case stands, for its resident, and what they can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.channels.webform.answers import clean_words
from civicline.engine.callflow.keypad import keys_of
from civicline.insight import selectors as insight
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import actors
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.web.portal import called_back, keys, limits
from civicline.web.portal.owning import Own, about, beside, known_form, own, title_of, to_look_up
from civicline.web.portal.pages import draw, portal_page

if TYPE_CHECKING:
    from civicline.cases.selectors import OpenStep, Progress
    from civicline.intake.models import Message

HIDDEN_STEPS = frozenset({"resident_replied", "resident_replied_again", "submit", "discard"})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of what has happened, newest first."""

    icon: str
    who: str
    at: datetime
    text: str
    files: tuple[Any, ...] = ()


@require_safe
@portal_page
def status(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Where it stands, what comes next and by when, what was said, and what one can do."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    said = intake.list_messages(mine.contact.pk) if mine.contact else []
    _read(mine, said)
    progress = cases.public_progress(mine.case) if mine.case else None
    judged = mine.ended and insight.has_feedback(**about(mine))
    context = beside(mine) | {
        "title": title_of(mine),
        "section": gettext("Check a case"),
        "progress": progress,
        "steps": _steps(progress) if progress else [],
        "lines": _lines(mine, progress, said),
        "actions": _steps_for(mine),
        "may_judge": mine.ended and not judged,
        "judged": judged,
        "by_phone": _by_phone(mine),
        "owed": called_back.owed_to(mine),
    }
    return draw(request, "portal/status.html", context)


def _by_phone(mine: Own) -> dict[str, str] | None:
    """What to type on a telephone to hear how the case stands: the keys of its reference, and its PIN."""
    if mine.case is None or settings.CIVICLINE.voice_mode == "off":
        return None
    body = mine.case.reference.split("-", 1)[-1]
    return {"keys": keys_of(body), "pin": cases.phone_pin(mine.case), "phone": settings.CIVICLINE.town_phone}


def _steps(progress: Progress) -> list[dict[str, Any]]:
    states = {"done": "done", "current": "now", "ahead": "next"}
    return [{"title": one.label, "at": one.at, "state": states[one.state]} for one in progress.steps]


def _steps_for(mine: Own) -> list[OpenStep]:
    """What the resident may do with the case now, beside adding words."""
    if mine.case is None:
        return []
    return [one for one in cases.open_steps(mine.case, None) if one.name not in HIDDEN_STEPS]


def _read(mine: Own, said: list[Message]) -> None:
    """Tell staff that their answers were seen."""
    unread = [one.number for one in said if one.direction == "out" and one.read_at is None]
    if unread and mine.contact is not None:
        intake_services.mark_read(contact_id=mine.contact.pk, up_to=max(unread), reader="resident")


def _lines(mine: Own, progress: Progress | None, said: list[Message]) -> list[Line]:
    town, you = settings.CIVICLINE.town_name, gettext("You")
    lines = [
        Line("user", you, one.at, one.text) if one.kind != "update" else Line("home", town, one.at, one.text)
        for one in (progress.updates if progress else ())
    ]
    for message in said:
        files = tuple(message.attachments.all())
        if message.direction == "out":
            who = f"{message.author_name}, {town}" if message.author_name else town
            lines.append(Line("letter", who, message.at, message.body, files))
        elif message.direction == "in" and (message.data.get("via") != "case" or progress is None):
            lines.append(Line("user", you, message.at, message.body, files))
        elif message.direction == "in" and files:
            lines.append(Line("attach", you, message.at, gettext("You added files."), files))
    return sorted(lines, key=lambda line: line.at, reverse=True)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def step(request: HttpRequest, reference: str, step: str) -> HttpResponseBase:
    """Withdraw, ask to look again, ask for a review: whatever the case's own table lets its resident do."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    chosen = next((one for one in _steps_for(mine) if one.name == step), None)
    if mine.case is None or chosen is None:
        return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
    reason = clean_words(request.POST.get("reason", ""))
    problems: dict[str, str] = {}
    if request.method == "POST":
        limits.spend(limits.SENDS, limits.address_of(request))
        try:
            with actors.acting_as(actors.Actor("resident", str(mine.case.resident_id or ""))):
                case_services.take_step(case_id=mine.case.pk, transition=chosen.name, reason=reason)
            return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
        except Invalid as fault:
            problems["reason"] = next(iter(fault.field_messages().values()), fault.message())
        except Refused as refused:
            problems["reason"] = refused.message()
    context = {
        "title": chosen.label,
        "section": title_of(mine),
        "reference": mine.reference,
        "step": chosen.name,
        "reason": reason,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
    }
    return draw(request, "portal/status_step.html", context, 400 if problems else 200)


@require_POST
@portal_page
def close(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Forget the case on this browser: for a shared computer."""
    response = HttpResponseRedirect(reverse("portal:status"))
    keys.forget_case(response, known_form(reference) or reference[:20])
    return response


@require_safe
@portal_page
def file(request: HttpRequest, reference: str, file_id: UUID) -> HttpResponseBase:
    """A file of the resident's own conversation; never one of an internal note."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    row = intake.get_attachment(file_id)
    ours = row is not None and mine.contact is not None and row.contact_id == mine.contact.pk
    if row is None or not ours or row.message is None or row.message.direction == "note":
        raise NotFound(gettext("This file is not there, or not any more."))
    picture = row.content_type.startswith("image/")
    try:
        content = intake.attachment_path(row).open("rb")
    except FileNotFoundError:
        raise NotFound(gettext("This file is not there, or not any more.")) from None
    response = FileResponse(
        content, as_attachment=not picture, filename=row.name, content_type=row.content_type
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
