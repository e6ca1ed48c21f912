"""Calls that begin at the desk: at once, or planned; from a contact or a case. One's own telephone rings first."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from civicline.channels.voice import calling, services
from civicline.kernel.errors import Forbidden, Invalid, NotFound, Refused
from civicline.people.permissions import may, require
from civicline.web.desk import pages
from civicline.web.desk.access import desk_view, load_case, load_contact, own_agent_id, user_of, wants_parts
from civicline.web.desk.acting import LIST
from civicline.web.desk.views import opened
from civicline.web.staff import words_of

if TYPE_CHECKING:
    from civicline.cases.models import Case
    from civicline.intake.models import Contact


@require_POST
@desk_view("call.place")
def call_contact(request: HttpRequest, contact_id: UUID) -> HttpResponseBase:
    """Call whoever a contact is with."""
    contact: Contact = load_contact(request, contact_id)
    require(user_of(request), "contact.read", contact)
    language = next(iter(contact.languages), "")
    back = reverse("desk:contact", args=[contact.pk])
    return _call(request, back, about=contact.pk, resident_id=contact.resident_id, language=language)


@require_POST
@desk_view("call.place")
def call_case(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Call the resident of a case."""
    case: Case = load_case(request, reference)
    require(user_of(request), "case.read", case)
    language = case.resident.language if case.resident is not None else ""
    back = reverse("desk:case", args=[case.reference])
    return _call(request, back, about=case.pk, resident_id=case.resident_id, language=language)


def _call(
    request: HttpRequest, back: str, *, about: UUID, resident_id: UUID | None, language: str
) -> HttpResponseBase:
    try:
        return _placed(request, back, about=about, resident_id=resident_id, language=language)
    except Refused as refused:
        if wants_parts(request):
            raise
        return pages.refused(request, words_of(refused), back)


def _placed(
    request: HttpRequest, back: str, *, about: UUID, resident_id: UUID | None, language: str
) -> HttpResponseBase:
    facts: dict[str, Any] = {
        "agent_id": own_agent_id(request),
        "number": request.POST.get("number", ""),
        "about": about,
        "language": language,
    }
    if request.POST.get("at"):
        planned = services.plan_call(
            **facts, at=_moment(request.POST["at"]), note=request.POST.get("note", "")
        )
        moment = date_format(localtime(planned.next_at), "DATETIME_FORMAT") if planned.next_at else ""
        words = gettext("The call is planned for %(moment)s.") % {"moment": moment}
        if wants_parts(request):
            return opened(request, load_contact(request, about), told=words)
        return pages.done(request, words, back)
    placed = services.call_now(**facts, resident_id=resident_id)
    if wants_parts(request) and placed.contact_id is not None:
        # A telephone in the browser lives in the page: a new page would be one whose telephone does not ring.
        return opened(request, load_contact(request, placed.contact_id), more=LIST)
    return HttpResponseRedirect(reverse("desk:contact", args=[placed.contact_id]))


def _moment(text: str) -> datetime:
    """A local time as the browser's field gives it."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Invalid(fields={"at": _("Give day and time.")}) from wrong
    return (
        found
        if found.tzinfo is not None
        else found.replace(tzinfo=ZoneInfo(settings.CIVICLINE.town_time_zone))
    )


@require_POST
@desk_view("call.place")
def cancel(request: HttpRequest, callback_id: UUID) -> HttpResponseBase:
    """Call off what was planned: one's own, or, as a supervisor, anybody's."""
    found = calling.get_callback(callback_id)
    if found is None:
        raise NotFound(code="callback-unknown", text=_("There is no such call."))
    user = user_of(request)
    if found.agent_id != user.pk and not may(user, "contact.assign"):
        raise Forbidden(code="not-permitted", text=_("Somebody else has planned this call."))
    services.cancel(callback_id=callback_id, reason=request.POST.get("reason", "") or "desk")
    return pages.done(request, gettext("The call is called off."), reverse("desk:home"))
