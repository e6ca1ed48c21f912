"""My own day beside my plan: seen by me, in the same words as the planner reads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from civicline.web.mine.access import my_view, page
from civicline.workforce.selectors.adherence import day_kept, is_recorded
from civicline.workforce.selectors.history import today
from civicline.workforce.strips import hours_of, strip

if TYPE_CHECKING:
    from civicline.people.models import Agent


@require_GET
@my_view
def kept(request: HttpRequest, agent: Agent) -> HttpResponse:
    """One day of mine."""
    try:
        day = min(date.fromisoformat(request.GET.get("day", "")), today())
    except ValueError:
        day = today()
    day = max(day, date(1990, 1, 1))
    recorded = is_recorded(day)
    found = next(iter(day_kept(day, agent.pk)), None) if recorded else None
    span = hours_of([found]) if found else None
    context = {
        "day": day,
        "found": found,
        "recorded": recorded,
        "strip": strip(found, span) if found and span else [],
        "share": round(100 * found.kept.share) if found and found.kept.share is not None else None,
        "minutes": {
            kind: round(found.kept.seconds(kind) / 60) if found else 0
            for kind in ("kept", "excused", "missing")
        },
        "extra": round(found.kept.extra / 60) if found else 0,
        "earlier": f"?day={(day - timedelta(days=1)).isoformat()}",
        "later": f"?day={(day + timedelta(days=1)).isoformat()}" if day < today() else "",
    }
    return page(request, "mine/kept.html", context, section="kept")
