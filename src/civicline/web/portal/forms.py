"""A form from its start page to its confirmation: one question a page, saved at each step, sent once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from civicline.cases import selectors as cases
from civicline.channels.webform import journey, reports
from civicline.channels.webform.answers import MOST_TEXT, Checked, check, in_words, typed_again
from civicline.channels.webform.journey import CHECK, CONTACT, PLACE, Kind, Question
from civicline.intake import selectors as intake
from civicline.intake import services as intake_services
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing
from civicline.web.portal import keys, limits
from civicline.web.portal.home import seconds_told
from civicline.web.portal.maps import map_around
from civicline.web.portal.pages import View, draw, portal_page, show

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from civicline.intake.models import Draft, Service

FORM = "webform"
WIDTHS = {Kind.NUMBER: "10", Kind.STRING: "20"}


class Sent(Exception):
    """This form was sent already: its confirmation says so."""


NOT_ANSWERS = ("csrfmiddlewaretoken", "later")


def form_page(view: View) -> View:
    """Guard a page of one form; one that was sent leads to its confirmation."""

    @wraps(view)
    def led(request: HttpRequest, draft_id: UUID, **named: Any) -> HttpResponseBase:
        try:
            return view(request, draft_id, **named)
        except Sent:
            return _go(reverse("portal:form_sent", args=[draft_id]))

    return portal_page(led)


@dataclass(frozen=True, slots=True)
class Open:
    """A form that this browser may go on with."""

    draft: Draft
    service: Service
    asked: tuple[Question, ...]
    secret: str

    @property
    def answers(self) -> Mapping[str, Any]:
        """What was answered so far."""
        found: Mapping[str, Any] = self.draft.answers
        return found

    def address(self, step: str) -> str:
        """Where the page of this step is."""
        if step == CHECK:
            return reverse("portal:form_check", args=[self.draft.pk])
        return reverse("portal:form_question", args=[self.draft.pk, step])


def _service(code: str) -> Service:
    service = intake.get_service(code)
    if service is None or FORM not in service.channels:
        raise NotFound(gettext("There is no form for this service, or not any more. Look at all services."))
    return service


def _open(request: HttpRequest, draft_id: UUID) -> Open:
    """The form, when the browser shows its secret. A stranger's, an unknown and an expired one are told alike."""
    secret = keys.draft_secret(request)
    draft = intake.get_draft(draft_id, secret)
    if draft is None:
        if (sent := intake.find_sent_draft(secret)) is not None and sent.pk == draft_id:
            raise Sent
        limits.spend(limits.LINKS, limits.address_of(request))
        raise NotFound(
            gettext(
                "This form is not open on this browser. Use the link that you kept. If you did not come back for 28 "
                "days, it is gone: start again."
            )
        )
    service = _service(draft.service.code)
    return Open(draft, service, journey.questions(service, get_language() or "en"), secret)


def _go(address: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(address)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def start(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the form is for, how long it takes, what to have at hand; then begin."""
    service = _service(code)
    language = get_language() or "en"
    if request.method == "POST":
        limits.spend(limits.BEGINS, limits.address_of(request))
        begun = intake_services.begin_draft(service=service, language=language)
        response = _go(reverse("portal:form", args=[begun.draft.pk]))
        keys.give_draft(response, begun.draft.pk, begun.secret)
        return response
    asked = journey.questions(service, language)
    name = localized(service.name, language) or service.code
    context = {
        "title": name,
        "section": name,
        "code": code,
        "description": localized(service.description, language),
        "how_long": journey.how_long(asked),
        "asked": asked,
        "notices": journey.notices(service, language),
        "next_steps": localized(service.next_steps, language),
        "case_type": service.case_type,
    }
    return draw(request, "portal/form_start.html", context)


@require_safe
@form_page
def go_on(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Lead to the first question that was not seen yet."""
    form = _open(request, draft_id)
    return _go(form.address(journey.first_open(form.asked, form.answers)))


@require_safe
@portal_page
def resume(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Take the secret out of a kept link, into a cookie, and go on where it was left."""
    limits.spend(limits.LINKS, limits.address_of(request))
    draft = intake.find_draft(secret) or intake.find_sent_draft(secret)
    if draft is None:
        raise NotFound(gettext("We do not have this form any more. Forms are kept for 28 days. Start again."))
    response = _go(reverse("portal:form", args=[draft.pk]))
    keys.give_draft(response, draft.pk, secret)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def question(request: HttpRequest, draft_id: UUID, step: str) -> HttpResponseBase:
    """One question: ask it, or check and keep its answer."""
    form = _open(request, draft_id)
    asked = journey.question_at(form.asked, step)
    if asked is None:
        return _go(form.address(journey.first_open(form.asked, form.answers)))
    if request.method != "POST":
        value = form.answers.get(step)
        return _ask(request, form, asked, Checked(value, typed_again(asked, value)))
    checked = check(asked, request.POST)
    stops = "later" in request.POST and _is_blank(request.POST)
    if stops and not (checked.good and step in form.answers):
        # Asked again when they come back, also where it may be left out.
        return _go(reverse("portal:form_saved", args=[draft_id]))
    if not checked.good:
        return _ask(request, form, asked, checked)
    following = journey.step_after(form.asked, step)
    if request.GET.get("back") == CHECK:
        following = CHECK
    intake_services.save_draft(draft_id=draft_id, answers={step: checked.value}, step=following)
    if "later" in request.POST:
        return _go(reverse("portal:form_saved", args=[draft_id]))
    return _go(form.address(following))


def _is_blank(posted: QueryDict) -> bool:
    """Whether nothing was answered: whoever stops at a question that they cannot answer need not answer it first."""
    return not any(
        value.strip() for name, values in posted.lists() if name not in NOT_ANSWERS for value in values
    )


def _ask(request: HttpRequest, form: Open, asked: Question, checked: Checked) -> HttpResponseBase:
    number = [one.step for one in form.asked].index(asked.step) + 1
    before = journey.step_before(form.asked, asked.step)
    from_check = request.GET.get("back") == CHECK
    back = form.address(CHECK) if from_check else form.address(before) if before else ""
    context = _about(form) | {
        "title": asked.label,
        "question": asked,
        "hint": _hint(asked),
        "typed": checked.typed,
        "problems": checked.problems,
        "errors": [{"text": text, "href": f"#{name}"} for name, text in checked.problems.items()],
        "number": number,
        "total": len(form.asked),
        "back": back or reverse("portal:form_start", args=[form.service.code]),
        "width": WIDTHS.get(asked.kind, ""),
        "most": MOST_TEXT,
        "map": _map(checked.typed) if asked.kind is Kind.PLACE else None,
    }
    return draw(request, "portal/form_question.html", context, 400 if checked.problems else 200)


def _hint(asked: Question) -> str:
    if asked.required or asked.kind in (Kind.PLACE, Kind.CONTACT):
        return asked.hint
    return " ".join(filter(None, [asked.hint, gettext("You can leave this empty.")]))


def _map(place: Any) -> Any:
    if not isinstance(place, Mapping) or "latitude" not in place:
        return None
    return map_around(settings.CIVICLINE.map_tiles, place["latitude"], place["longitude"])


def _about(form: Open) -> dict[str, Any]:
    """What stands beside every page of a form."""
    service, language = form.service, get_language() or "en"
    chat = (
        next(iter(routing.list_service_waits([service], "chat")), None)
        if "chat" in service.channels
        else None
    )
    return {
        "section": localized(service.name, language) or service.code,
        "draft_id": form.draft.pk,
        "saved_at": form.draft.saved_at if form.draft.answers else None,
        "code": service.code,
        "chat": chat if chat and chat.open and not chat.full else None,
        "chat_seconds": seconds_told(chat) if chat else None,
        "attribution": settings.CIVICLINE.map_attribution,
    }


@require_safe
@form_page
def saved(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Your answers are kept: here is the link to come back with."""
    form = _open(request, draft_id)
    context = _about(form) | {
        "title": gettext("Your answers are saved"),
        "link": request.build_absolute_uri(reverse("portal:resume", args=[form.secret])),
        "draft": form.draft,
        "on": form.address(journey.first_open(form.asked, form.answers)),
    }
    return show(request, "portal/form_saved.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def check_answers(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """Show every answer with a way to change it; send them once."""
    form = _open(request, draft_id)
    missing = journey.first_missing(form.asked, form.answers)
    if request.method != "POST":
        return _check_page(request, form, [])
    if missing is not None:
        words = gettext("You have not answered: %(question)s") % {"question": missing.label}
        return _check_page(
            request, form, [{"text": words, "href": f"{form.address(missing.step)}?back={CHECK}"}]
        )
    limits.spend(limits.SENDS, limits.address_of(request))
    return _send(request, form)


def _check_page(request: HttpRequest, form: Open, errors: list[dict[str, str]]) -> HttpResponseBase:
    rows = [
        {
            "label": one.label,
            "value": in_words(one, form.answers.get(one.step)),
            "href": f"{form.address(one.step)}?back={CHECK}",
        }
        for one in form.asked
    ]
    context = _about(form) | {
        "title": gettext("Check your answers"),
        "rows": rows,
        "errors": errors,
        "back": form.address(journey.step_before(form.asked, CHECK)),
        "photos": form.service.case_type == "incident",
        "most_mb": settings.CIVICLINE.uploads_max_mb,
        "map": _map(form.answers.get(PLACE)),
        "anonymous": not form.answers.get(CONTACT),
    }
    return draw(request, "portal/form_check.html", context, 400 if errors else 200)


def _send(request: HttpRequest, form: Open) -> HttpResponseBase:
    done = reverse("portal:form_sent", args=[form.draft.pk])
    try:
        taken = reports.take_in(
            draft_id=form.draft.pk,
            service=form.service,
            asked=form.asked,
            answers=form.answers,
            language=get_language() or settings.LANGUAGE_CODE,
        )
    except Conflict:  # the same form was sent with other answers a moment ago, from another tab
        return _go(done)
    refused = 0 if taken.repeated else keep_files(taken.contact_id, request.FILES.getlist("photo"))
    return _go(f"{done}?refused={refused}" if refused else done)


def keep_files(contact_id: UUID, files: list[UploadedFile[Any]]) -> int:
    """Store files with the first message; return how many could not be kept: they never cost the words."""
    message = next(iter(intake.list_messages(contact_id)), None)
    kept, refused = [], max(0, len(files) - settings.CIVICLINE.uploads_max_files)
    for file in files[: settings.CIVICLINE.uploads_max_files]:
        try:
            stored = intake_services.store_upload(
                contact_id=contact_id, name=file.name or "", content=content_of(file)
            )
        except Refused:
            refused += 1
        else:
            kept.append(stored.id)
    if kept and message is not None:
        intake_services.link_uploads(contact_id=contact_id, message_id=message.id, attachment_ids=kept)
    return refused


def content_of(file: UploadedFile[Any]) -> bytes:
    """The bytes of a file; one that is too large is not read into memory at all."""
    if (file.size or 0) > settings.CIVICLINE.uploads_max_mb * 1_000_000:
        raise Invalid(code="file-too-large")
    return bytes(file.read())


@require_safe
@portal_page
def sent(request: HttpRequest, draft_id: UUID) -> HttpResponseBase:
    """The confirmation: reference, the link that opens it, what happens next and by when."""
    draft = intake.find_sent_draft(keys.draft_secret(request))
    if draft is None or draft.pk != draft_id or draft.contact is None:
        raise NotFound(gettext("This form is not open on this browser. Use the link that you kept."))
    secret, language = reports.secret_of(draft_id), get_language() or "en"
    contact, case = draft.contact, next(iter(cases.cases_of_contact(draft.contact.pk)), None)
    reference = case.reference if case else contact.reference
    context = {
        "title": gettext("We have it. Thank you"),
        "section": localized(draft.service.name, language) or draft.service.code,
        "reference": reference,
        "code": reports.grouped(secret),
        "link": request.build_absolute_uri(reverse("portal:open", args=[reference, secret])),
        "next_steps": localized(draft.service.next_steps, language),
        "due_at": (case.expected_at if case else None) or contact.due_at,
        "refused": request.GET.get("refused", "").isdigit(),
        "most_mb": settings.CIVICLINE.uploads_max_mb,
        "anonymous": contact.resident_id is None,
    }
    response = show(request, "portal/form_sent.html", context)
    keys.give_case(response, reference, secret)
    return response
