"""Changes that wait for an administrator: what each would do, yes or no, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel.errors import Refused
from civicline.web.planner import pages, telling
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.asked import preview_of
from civicline.workforce import wording
from civicline.workforce.selectors import scenarios as selectors
from civicline.workforce.services import approvals

if TYPE_CHECKING:
    from civicline.workforce.models import ChangeRequest


@require_GET
@planner_view("plan.approve")
def changes(request: HttpRequest) -> HttpResponse:
    """Changes that wait for a yes, then those that were decided."""
    rows = [_row(one) for one in selectors.change_requests()]
    return pages.page(request, "planner/changes.html", {"rows": rows}, section="changes")


def _row(one: ChangeRequest) -> dict[str, Any]:
    row, undone = one.what_if, one.undone_at is not None
    waits = one.state == "asked"
    told = telling.told_changes(row) if row.kind in ("plan", "past") else []
    steps = preview_of(row) if waits else {"steps": telling.told_steps(one.done), "no_steps": ""}
    return {
        "row": one, "told": told, "by": one.asked_by.name if one.asked_by else "",
        "decided_by": one.decided_by.name if one.decided_by else "",
        "undone_by": one.undone_by.name if one.undone_by else "",
        "state": gettext("taken back") if undone else wording.DECISIONS[one.state],
        "role": "idle" if undone else wording.ROLES[one.state], "waits": waits,
        "may_undo": one.state == "approved" and not undone and bool(one.done), **steps,
    }  # fmt: skip


@require_POST
@planner_view("plan.approve")
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Yes or no to a change."""
    back = reverse("planner:changes")
    try:
        approvals.decide_change(
            request_id=request_id, approve=request.POST.get("answer") == "yes", reason=request.POST.get("reason", ""),
            by=user_of(request).pk,
        )  # fmt: skip
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("Decided. The person sees it on their page."), back)


@require_POST
@planner_view("plan.approve")
def undo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Take an approved change back."""
    back = reverse("planner:changes")
    try:
        approvals.undo_change(request_id=request_id, by=user_of(request).pk)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("Taken back: everything stands as before."), back)
