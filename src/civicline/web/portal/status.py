"""How a case stands, for its resident: by reference and secret, without telling strangers what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from civicline.cases import selectors as cases
from civicline.cases import services as case_services
from civicline.channels.webform import reports
from civicline.channels.webform.answers import MOST_TEXT, clean_words
from civicline.engine import references
from civicline.insight import selectors as insight
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel import actors
from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing
from civicline.web.portal import keys, limits
from civicline.web.portal.forms import content_of
from civicline.web.portal.home import seconds_told
from civicline.web.portal.pages import draw, portal_page

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.cases.selectors import OpenStep, Progress
    from civicline.intake.models import Contact, Message

NEXT = frozenset({"feedback"})
HIDDEN_STEPS = frozenset({"resident_replied", "resident_replied_again", "submit", "discard"})


@dataclass(frozen=True, slots=True)
class Own:
    """What a resident has proved to be theirs: a case, a contact, or a contact about a case."""

    reference: str
    secret: str
    case: Case | None
    contact: Contact | None

    @property
    def ended(self) -> bool:
        """Whether it is over, so that it can be judged."""
        if self.case is not None:
            return self.case.closed_at is not None
        return self.contact is not None and self.contact.state in reports.ENDED


def find(reference: str, secret: str) -> Own | None:
    """What this reference and this secret open, or None; the same questions are asked of the database either way."""
    secret = reports.canonical(secret)
    case = cases.get_case_by_reference_and_secret(reference, secret)
    found = intake.get_contact_by_reference(reference)
    contact = found if intake.opens(found, secret) else None
    if case is not None:
        mine = [one for one in cases.contacts_of(case.pk) if intake.opens(one, secret)]
        return Own(case.reference, secret, case, mine[0] if mine else None)
    if contact is None:
        return None
    for about in cases.cases_of_contact(contact.pk):
        case = cases.get_case_by_reference_and_secret(about.reference, secret)
        if case is not None:
            return Own(case.reference, secret, case, contact)
    return Own(contact.reference, secret, None, contact)


def own(request: HttpRequest, reference: str) -> Own | None:
    """What this browser has open under a reference."""
    secret = keys.case_secret(request)
    found = find(reference, secret) if secret else None
    if found is None and secret:
        limits.spend(limits.LINKS, limits.address_of(request))
    return found


def to_look_up(reference: str, then: str = "") -> HttpResponseRedirect:
    """Ask for the code first. Whether there is such a case is not told."""
    more = f"&next={then}" if then else ""
    return HttpResponseRedirect(f"{reverse('portal:status')}?reference={_known_form(reference)}{more}")


def _known_form(reference: str) -> str:
    """A reference as we write it; what is none is not repeated in an address."""
    try:
        return str(references.parse(reference[:60]))
    except references.BadReference:
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def look_up(request: HttpRequest) -> HttpResponseBase:
    """Ask for reference and code."""
    typed = {"reference": request.GET.get("reference", "")[:60], "code": ""}
    then = request.GET.get("next", "")
    if request.method != "POST":
        return _look_up_page(request, typed, {}, 200)
    limits.spend(limits.LOOKS, limits.address_of(request))
    typed = {name: clean_words(request.POST.get(name, ""))[:200] for name in ("reference", "code")}
    problems = _typed_wrong(typed)
    if problems:
        return _look_up_page(request, typed, problems, 400)
    found = find(typed["reference"], typed["code"])
    if found is None:
        limits.spend(limits.MISSES, _known_form(typed["reference"]))
        problems["reference"] = gettext("We cannot find a case with this reference and this code. Check both")
        return _look_up_page(request, typed | {"code": ""}, problems, 400)
    name = "portal:feedback" if then in NEXT else "portal:case"
    response = HttpResponseRedirect(reverse(name, args=[found.reference]))
    keys.give_case(response, found.reference, found.secret)
    return response


def _typed_wrong(typed: dict[str, str]) -> dict[str, str]:
    """What can be told from the letters alone."""
    problems = {}
    if not _known_form(typed["reference"]):
        problems["reference"] = gettext(
            "Enter the reference as it stands in our message, like %(example)s"
        ) % {"example": f"{settings.CIVICLINE.town_reference_prefix}-4K7-291"}
    if not typed["code"]:
        problems["code"] = gettext("Enter the code that stands under the reference")
    return problems


def _look_up_page(
    request: HttpRequest, typed: dict[str, str], problems: dict[str, str], status: int
) -> HttpResponseBase:
    context = {
        "title": gettext("Check a case"),
        "section": gettext("Check a case"),
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
    }
    return draw(request, "portal/status_look_up.html", context, status)


@require_safe
@portal_page
def open_by_link(request: HttpRequest, reference: str, secret: str) -> HttpResponseBase:
    """Take the secret out of a kept link, into a cookie, and show the case."""
    limits.spend(limits.LINKS, limits.address_of(request))
    found = find(reference, secret)
    if found is None:
        limits.spend(limits.MISSES, _known_form(reference))
        raise NotFound(
            gettext(
                "This link opens nothing. Check that it is whole, or look up your case by reference and code."
            )
        )
    name = "portal:feedback" if request.GET.get("next", "") in NEXT else "portal:case"
    response = HttpResponseRedirect(reverse(name, args=[found.reference]))
    response.headers["Referrer-Policy"] = "no-referrer"
    keys.give_case(response, found.reference, found.secret)
    return response


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
    context = _beside(mine) | {
        "title": _title(mine),
        "section": gettext("Check a case"),
        "progress": progress,
        "steps": _steps(progress) if progress else [],
        "lines": _lines(mine, progress, said),
        "actions": _steps_for(mine),
        "may_judge": mine.ended and not judged,
        "judged": judged,
    }
    return draw(request, "portal/status.html", context)


def about(mine: Own) -> dict[str, UUID]:
    """What feedback is about: the case, else the contact."""
    if mine.case is not None:
        return {"case_id": mine.case.pk}
    return {"contact_id": mine.contact.pk} if mine.contact is not None else {}


def _title(mine: Own) -> str:
    if mine.case is not None:
        return mine.case.title
    service = mine.contact.service if mine.contact else None
    named = localized(service.name, get_language() or "en") if service else ""
    return (mine.contact.subject if mine.contact else "") or named or gettext("Your message")


def _beside(mine: Own) -> dict[str, Any]:
    service = (mine.case.service if mine.case else None) or (mine.contact.service if mine.contact else None)
    chats = service is not None and service.active and "chat" in service.channels
    waits = routing.list_service_waits([service], "chat") if chats and service else []
    chat = waits[0] if waits and waits[0].open and not waits[0].full else None
    return {
        "reference": mine.reference,
        "case": mine.case,
        "contact": mine.contact,
        "contact_over": mine.case is None and mine.ended,
        "due_at": mine.contact.due_at if mine.contact and not mine.ended else None,
        "service_code": service.code if service else "",
        "chat": chat,
        "chat_seconds": seconds_told(chat) if chat else None,
    }


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
def add(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Add words and files."""
    mine = own(request, reference)
    if mine is None:
        return to_look_up(reference)
    if mine.case is None and mine.ended:
        return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))
    typed: dict[str, Any] = {"text": "", "key": uuid4().hex, "kept": []}
    if request.method != "POST":
        return _add_page(request, mine, typed, {})
    limits.spend(limits.SENDS, limits.address_of(request))
    typed = {
        "text": clean_words(request.POST.get("text", "")),
        "key": request.POST.get("key", "")[:64],
        "kept": [one for one in request.POST.getlist("kept")[:20] if _is_id(one)],
    }
    problems = _keep(request, mine, typed)
    if not typed["text"]:
        problems["text"] = gettext("Write what you want to add")
    elif len(typed["text"]) > MOST_TEXT:
        problems["text"] = gettext("Shorten your text to %(most)s characters or fewer") % {"most": MOST_TEXT}
    if problems:
        return _add_page(request, mine, typed, problems)
    try:
        reports.add_words(
            reference=mine.reference,
            secret=mine.secret,
            contact_id=mine.contact.pk if mine.contact else None,
            about_case=mine.case is not None,
            text=typed["text"],
            attachment_ids=tuple(UUID(one) for one in typed["kept"]),
            key=typed["key"],
        )
    except Refused as refused:
        return _add_page(request, mine, typed, {"text": refused.message()})
    return HttpResponseRedirect(reverse("portal:case", args=[mine.reference]))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _keep(request: HttpRequest, mine: Own, typed: dict[str, Any]) -> dict[str, str]:
    """Store the files; those that are good stay with the form when something else has to be mended."""
    problems: dict[str, str] = {}
    contact, files = mine.contact, request.FILES.getlist("files")
    if contact is None:
        return {}
    if len(files) > settings.CIVICLINE.uploads_max_files:
        most = settings.CIVICLINE.uploads_max_files
        return {"files": gettext("Choose up to %(most)s files at once") % {"most": most}}
    for file in files:
        try:
            stored = intake_services.store_upload(
                contact_id=contact.pk, name=file.name or "", content=content_of(file)
            )
        except Refused as refused:
            problems["files"] = refused.message()
        else:
            typed["kept"].append(str(stored.pk))
    return problems


def _add_page(
    request: HttpRequest, mine: Own, typed: dict[str, Any], problems: dict[str, str]
) -> HttpResponseBase:
    context = _beside(mine) | {
        "title": gettext("Add to your case"),
        "section": _title(mine),
        "typed": typed,
        "problems": problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in problems.items()],
        "most": MOST_TEXT,
        "most_mb": settings.CIVICLINE.uploads_max_mb,
    }
    return draw(request, "portal/status_add.html", context, 400 if problems else 200)


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
        "section": _title(mine),
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
    keys.forget_case(response, _known_form(reference) or reference[:20])
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
