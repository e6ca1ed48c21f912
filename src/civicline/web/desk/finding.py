"""Search that finds: residents, cases and contacts by reference, name or words; for the palette and as a page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from civicline.cases import selectors as cases
from civicline.cases import wording as case_wording
from civicline.finding import selectors
from civicline.finding.marking import marked
from civicline.finding.selectors import Found
from civicline.intake import selectors as intake
from civicline.kernel import audit
from civicline.kernel.errors import NotFound
from civicline.kernel.telephone import in_groups
from civicline.knowledge import selectors as knowledge
from civicline.knowledge import services as knowledge_services
from civicline.knowledge.variables import fill
from civicline.people import selectors as people
from civicline.people.permissions import may, require
from civicline.web.desk import hand, mentions, pages, wording
from civicline.web.desk.access import desk_view, load_contact, user_of
from civicline.web.desk.conversation import history_line

if TYPE_CHECKING:
    from civicline.intake.models import Contact

LONGEST = selectors.LONGEST  # characters of a query


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]


def find(request: HttpRequest, query: str, limit: int) -> Found:
    """Everything that fits, and that this person may see."""
    user = user_of(request)
    return selectors.search(
        query,
        limit=limit,
        may_read=lambda contact: may(user, "contact.read", contact),
        cases=may(user, "case.search"),
        residents=may(user, "resident.search"),
    )


@require_GET
@desk_view("contact.search")
def search(request: HttpRequest) -> HttpResponseBase:
    """The page of results; it says what was searched and what to try when nothing fits."""
    query = _query(request)
    found = find(request, query, 20)
    if query:
        _note(query, found)
    mark = partial(marked, wanted=found.wanted)
    context = {
        "title": gettext("Search"),
        "query": query,
        "too_short": bool(query) and (len(query) < 2 or not found.wanted),
        "residents": [
            {
                "row": one,
                "name": mark(in_groups(str(one))),
                "email": mark(one.email),
                "phone": mark(in_groups(one.phone)),
            }
            for one in found.residents
        ],
        "cases": [
            {
                "row": one.case,
                "state": case_wording.state_label(one.case.state),
                "words": [mark(part) for part in _titled(one.case.title)],
                "resident": mark(str(one.case.resident)) if one.case.resident else (),
                "said": one.said,
            }
            for one in found.cases
        ],
        "contacts": [
            {"name": mark(hand.name_of(one.contact)), "row": one.contact, "said": one.said}
            | (line := history_line(one.contact))
            | {"about": mark(line["about"])}
            for one in found.contacts
        ],
    }
    return pages.page(request, "desk/search.html", context, section="search")


def _titled(title: str) -> list[str]:
    """The title of a case, "what: where": the place is often in other letters than the words before it."""
    what, colon, where = title.partition(": ")
    return [what + colon, where] if where else [title]


def _note(query: str, found: Found) -> None:
    """Who looked for what, and whose data was shown: it stands in the audit."""
    data = {
        "query": query,
        "residents": [str(one.pk) for one in found.residents],
        "contacts": [one.contact.reference for one in found.contacts],
        "cases": [one.case.reference for one in found.cases],
    }
    audit.record("resident.search", object=("search", ""), data=data)


@require_GET
@desk_view("contact.search")
def palette(request: HttpRequest) -> HttpResponseBase:
    """The same for Ctrl K: a few of each."""
    query = _query(request)
    found = find(request, query, 5)
    results = [
        {
            "id": f"resident-{one.pk}",
            "words": str(one),
            "note": gettext("Resident"),
            "icon": "user",
            "href": reverse("desk:resident", args=[one.pk]),
        }
        for one in found.residents
    ]
    results += [
        {
            "id": f"case-{one.case.reference}",
            "words": f"{one.case.reference} {one.case.title}",
            "note": case_wording.state_label(one.case.state),
            "icon": "case",
            "href": reverse("desk:case", args=[one.case.reference]),
        }
        for one in found.cases
    ]
    results += [
        {
            "id": f"contact-{one.contact.pk}",
            "words": f"{one.contact.reference} {hand.name_of(one.contact)}",
            "note": wording.channel_label(one.contact.channel),
            "icon": "chat",
            "href": reverse("desk:contact", args=[one.contact.pk]),
        }
        for one in found.contacts
    ]
    return JsonResponse({"results": results})


def _load_resident(_request: HttpRequest, resident_id: UUID) -> Any:
    return people.get_resident(resident_id)


@require_GET
@desk_view("resident.read", obj=_load_resident)
def resident(request: HttpRequest, resident: Any) -> HttpResponseBase:
    """One resident: needs first, then what they told us and what they came for."""
    audit.record("resident.read", object=("resident", resident.pk), resident_id=resident.pk)
    context = {
        "title": str(resident),
        "resident": resident,
        "needs": [wording.need(code) for code in resident.needs],
        "speaks": wording.language_name(resident.language) if resident.language else "",
        "cases": [
            {"row": one, "state": case_wording.state_label(one.state)}
            for one in cases.cases_of_resident(resident.pk)
        ],
        "contacts": [history_line(one) for one in intake.contacts_of_resident(resident.pk)],
    }
    return pages.page(request, "desk/resident.html", context, section="search")


@require_GET
@desk_view("desk.use")
def colleagues(request: HttpRequest) -> HttpResponseBase:
    """Colleagues for @: handle and name, those whose name begins with what was typed."""
    wanted = mentions.plain(_query(request))
    rows = [
        {"handle": mentions.handle(row.user.name), "name": row.user.name}
        for row in people.list_agents()
        if row.pk != user_of(request).pk and mentions.begins(row.user.name, wanted)
    ]
    return JsonResponse({"results": rows[:8]})


@require_GET
@desk_view("contact.read", obj=load_contact)
def texts(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Canned texts that fit a contact, filled in for it, the most used first."""
    require(user_of(request), "canned.use")
    language = (contact.languages or [get_language() or "en"])[0]
    rows = knowledge.list_canned_texts(service_id=contact.service_id, text=_query(request))
    reference = _case_reference(contact)
    values = knowledge.values_of(
        contact=contact, case_reference=reference, agent=user_of(request), language=language
    )
    found = []
    for row in rows[:12]:
        filled = fill(knowledge.body_in(row, language), values)
        found.append(
            {
                "code": row.code,
                "title": knowledge.title_in(row, get_language() or "en"),
                "text": filled.text,
                "missing": list(filled.missing),
                "use": reverse("desk:use_text", args=[contact.pk, row.code]),
            }
        )
    return JsonResponse({"results": found})


def _case_reference(contact: Contact) -> str:
    known = cases.cases_of_contact(contact.pk)
    return known[-1].reference if known else ""


@require_POST
@desk_view("contact.read", obj=load_contact)
def use_text(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    """Count a canned text as used, and give it filled in."""
    require(user_of(request), "canned.use")
    code = request.resolver_match.kwargs["code"] if request.resolver_match else ""
    if not code:
        raise NotFound
    filled = knowledge_services.use_canned_text(
        code=code,
        language=(contact.languages or [get_language() or "en"])[0],
        contact=contact,
        case_reference=_case_reference(contact),
        agent=user_of(request),
    )
    return JsonResponse({"text": filled.text, "missing": list(filled.missing)})
