"""Fair shares: who had how many of the shifts that nobody likes, and whose wishes were met."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from civicline.web.planner import pages
from civicline.web.planner.access import planner_view
from civicline.workforce.selectors.fairness import WEEKS, Share, shares


@require_GET
@planner_view("plan.read")
def fairness(request: HttpRequest) -> HttpResponse:
    """Twelve weeks of everybody, by name."""
    last = pages.monday_of(pages.asked_day(request, "week"))
    found = shares(last)
    context = {
        "first": last - timedelta(weeks=WEEKS - 1),
        "last": last + timedelta(days=6),
        "week": last,
        "rows": [row(one) for one in found],
        "finding": _finding(found),
        "earlier": f"?week={(last - timedelta(weeks=1)).isoformat()}",
        "later": f"?week={(last + timedelta(weeks=1)).isoformat()}",
    }
    return pages.page(request, "planner/fairness.html", context, section="week")


def row(one: Share) -> dict[str, Any]:
    """One person as the page tells them."""
    return {
        "share": one, "due": f"{one.due:.1f}".removesuffix(".0"), "more": pages.hours_words(one.more_minutes),
        "wishes": gettext("%(kept)s of %(all)s") % {"kept": one.wishes_kept, "all": one.wishes} if one.wishes else "–",
    }  # fmt: skip


def _finding(found: list[Share]) -> str:
    if not any(one.shifts for one in found):
        return gettext("No week of these is published.")
    unliked, wishes = sum(one.unliked for one in found), sum(one.wishes for one in found)
    told = (
        [gettext("Nobody had an early, late or weekend shift.")]
        if not unliked
        else [gettext("Early, late and weekend together: %(count)s.") % {"count": unliked}]
    )
    if wishes:
        kept = sum(one.wishes_kept for one in found)
        told.append(gettext("Wishes met: %(kept)s of %(all)s.") % {"kept": kept, "all": wishes})
    return " ".join(told)
