"""Kept to plan: each person's day as planned and as it went, by name and without ranks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from civicline.kernel import clock
from civicline.people import wording as people_wording
from civicline.web.planner import pages
from civicline.web.planner.access import planner_view, wants_parts
from civicline.workforce.selectors.adherence import OwnDay, day_kept, is_recorded
from civicline.workforce.selectors.history import today
from civicline.workforce.strips import hours_of, strip


@require_GET
@planner_view("plan.read")
def kept(request: HttpRequest) -> HttpResponse:
    """One day of everybody; today it renews itself."""
    day = pages.asked_day(request)
    recorded = is_recorded(day)
    days = day_kept(day) if recorded else []
    span = hours_of(days)
    context = {
        "day": day,
        "is_today": day == today(),
        "recorded": recorded,
        "rows": [_row(one, span, live=day == today()) for one in days],
        "earlier": f"?day={(day - timedelta(days=1)).isoformat()}",
        "later": f"?day={(day + timedelta(days=1)).isoformat()}",
    }
    if wants_parts(request):
        return render(request, "planner/_kept.html", context)
    return pages.page(request, "planner/kept.html", context, section="kept")


def _row(one: OwnDay, span: Any, *, live: bool) -> dict[str, Any]:
    share = one.kept.share
    state = "with_resident" if one.busy else one.state
    return {
        "name": one.name,
        "strip": strip(one, span) if span else [],
        "share": "–" if share is None else f"{round(100 * share)}%",
        "missing": _minutes(one.kept.seconds("missing")),
        "excused": _minutes(one.kept.seconds("excused")),
        "extra": _minutes(one.kept.extra),
        "planned": pages.hours_words(one.kept.planned / 60),
        "since": one.kept.missing_since if live and _at_work(one) else None,
        "state": str(people_wording.STATES.get(state, state)) if live else "",
        "glyph": people_wording.GLYPHS.get(state, "offline"),
        "finding": gettext("%(kept)s of the planned time up to now was kept.")
        % {"kept": "–" if share is None else f"{round(100 * share)}%"},
    }


def _at_work(one: OwnDay) -> bool:
    """Whether a shift of theirs is under way."""
    now = clock.now()
    return any(shift.start <= now < shift.end for shift in one.shifts)


def _minutes(seconds: float) -> int:
    return round(seconds / 60)
