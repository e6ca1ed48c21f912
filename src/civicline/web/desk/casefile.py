"""What is shown of cases at the desk: the list, one case with its history, and where it stands now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_GET

from civicline.cases import selectors as cases
from civicline.cases import wording as case_wording
from civicline.engine.workflow import WORKFLOWS
from civicline.kernel import audit
from civicline.people import selectors as people
from civicline.people.permissions import may
from civicline.web.addresses import address
from civicline.web.desk import call_form, conversation, pages, wording
from civicline.web.desk.access import desk_view, load_case, user_of

if TYPE_CHECKING:
    from civicline.cases.models import Case

VIEWS = ("mine", "open", "unowned", "breached", "followed", "closed")


@require_GET
@desk_view("case.search")
def listing(request: HttpRequest) -> HttpResponseBase:
    """Cases, of the agent or of all, by due time; a page at a time."""
    user, which = user_of(request), request.GET.get("view", "mine")
    which = which if which in VIEWS else "mine"
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    filters: dict[str, dict[str, Any]] = {
        "mine": {"owner_id": user.pk, "open": True},
        "open": {"open": True},
        "unowned": {"unowned": True, "open": True},
        "breached": {"breached": True, "open": True},
        "followed": {"follower_id": user.pk},
        "closed": {"open": False},
    }
    shown = cases.CaseFilter(**filters[which], text=text)
    order = "newest" if which == "closed" else "due"
    page = cases.list_lines(shown, order=order, cursor=request.GET.get("after", ""), limit=30)  # type: ignore[arg-type]  # one of Order
    titles = {
        "mine": gettext("Mine"),
        "open": gettext("All open"),
        "unowned": gettext("Nobody's"),
        "breached": gettext("Promise broken"),
        "followed": gettext("I follow"),
        "closed": pgettext("cases", "Closed"),
    }
    listed = address("desk:cases")
    states = {state: case_wording.state_label(state) for state in {line.state for line in page.lines}}
    context = {
        "title": gettext("Cases"),
        "which": which,
        "query": text,
        "tabs_items": [
            {"href": f"{listed}?view={code}", "label": titles[code], "current": code == which}
            for code in VIEWS
        ],
        "rows": [_row(line, states[line.state]) for line in page.lines],
        "next": page.next,
    }
    return pages.page(request, "desk/cases.html", context, section="cases")


def _row(line: cases.CaseLine, state: str) -> tuple[str, cases.CaseLine, str, datetime | None]:
    """Address, case, state in words, and when it is promised if it still is."""
    due = line.expected_at if line.closed_at is None else None
    return address("desk:case", reference=line.reference), line, state, due


def _context(request: HttpRequest, case: Case) -> dict[str, Any]:
    user = user_of(request)
    followers = cases.followers_of(case.pk)
    contacts = cases.contacts_of(case.pk)
    progress, clocks = cases.public_progress(case), cases.clocks_of(case.pk)
    return {
        "title": f"{case.reference} {case.title}",
        "case": case,
        "card": conversation.case_card(case, user, progress=progress, clocks=clocks),
        "type": case_wording.type_label(case.type),
        "state": case_wording.state_label(case.state),
        "clocks": clocks,
        "timeline": cases.case_timeline(case.pk, newest_first=True),
        "links": cases.links_of(case.pk),
        "contacts": [
            conversation.history_line(one) | {"id": one.pk, "reference": one.reference} for one in contacts
        ],
        "readable": {one.pk for one in contacts if may(user, "contact.read", one)},
        "followers": followers,
        "follows": any(one.pk == user.pk for one in followers),
        "steps": cases.open_steps(case, user),
        "progress": progress,
        "merged_into": progress.merged_into,
        "needs": [wording.need(code) for code in (case.resident.needs if case.resident else ())],
        "owners": [{"id": agent_id, "name": name} for agent_id, name in people.agent_names()],
        "may_assign": may(user, "case.assign", case),
        "may_reopen": case.closed_at is not None and may(user, "case.reopen", case),
        "types": [(code, str(case_wording.TYPES[code])) for code in WORKFLOWS],
        "answers": list(case.answers.items()),
        "hold": people.hold_over({"case": case.pk, "resident": case.resident_id}),
        "may_see_hold": may(user, "hold.read"),
        "may_hold": may(user, "hold.place"),
        "calling": call_form.form_for(
            request, case.resident, reverse("desk:call_case", args=[case.reference]), case.pk
        ),
    }


@require_GET
@desk_view("case.read", obj=load_case)
def case(request: HttpRequest, case: Case) -> HttpResponseBase:
    """One case: where it stands, its promises, its history, and everything that can be done with it."""
    audit.record("case.read", object=("case", case.pk), resident_id=case.resident_id)
    return whole(request, case)


def whole(
    request: HttpRequest,
    case: Case,
    *,
    problem: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    context = _context(request, case) | {"problem": problem, "typed": typed or {}}
    return pages.page(request, "desk/case.html", context, section="cases", status=status)


@require_GET
@desk_view("case.read", obj=load_case)
def now(request: HttpRequest, case: Case) -> HttpResponseBase:
    """Where a case stands now, for the script of an open page; forms and what is typed in them stay."""
    return pages.parts(request, ["case_now"], _context(request, case))
