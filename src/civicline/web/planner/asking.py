"""Whom to ask for more hours or to offer time off: several people or all who may, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Invalid, Refused
from civicline.web.planner import pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce import wording
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.day_balance import MORE, candidates
from civicline.workforce.selectors.whom_to_ask import SHORT, Asked
from civicline.workforce.services import day_offers

NEAR = (_("Before or after their shift"), _("Works that day"), _("Has the day free"))


def choice(
    kind: str, start: datetime, end: datetime, places: int, people: Sequence[Asked], ticked: int
) -> dict[str, Any]:
    """What the form of `_choosing.html` shows: all who may, the first `ticked` of them chosen."""
    return {
        "kind": kind, "short": kind == SHORT, "start": start, "end": end, "places": places,
        "people": [_asked(who, kind) for who in people],
        "ticked": [who.agent_id for who in people[:ticked]],
    }  # fmt: skip


def _asked(who: Asked, kind: str) -> dict[str, Any]:
    had = pages.hours_words(who.had * 60)
    if kind == SHORT:
        why = gettext("%(near)s; %(hours)s hours more in twelve weeks") % {
            "near": NEAR[who.near],
            "hours": had,
        }
    else:
        why = gettext("%(hours)s hours off in twelve weeks") % {"hours": had}
    if who.would_rather_not:
        why = f"{why}; {gettext('would rather not')}"
    return {"value": who.agent_id, "label": who.name, "hint": why}


def left_out(others: Sequence[tuple[str, tuple[Finding, ...]]]) -> list[tuple[str, str]]:
    """Who may not, and why, in words."""
    return [(name, " ".join(finding.words() for finding in found)) for name, found in others]


def address_of(kind: str, start: datetime, end: datetime, places: int) -> str:
    """Where people are chosen for these hours."""
    query = {"kind": kind, "start": start.isoformat(), "end": end.isoformat(), "places": places}
    return f"{reverse('planner:choose_people')}?{urlencode(query)}"


@require_GET
@planner_view("plan.edit")
def choose(request: HttpRequest) -> HttpResponse:
    """Who could work more, or could go, at any time to come; chosen here and asked together."""
    given = request.GET
    try:
        kind, start, end, places = _wanted(given)
    except Refused as refusal:
        return pages.refused(request, refusal, reverse("planner:requests"))
    found = candidates(kind, start, end)
    context = {
        "kind": wording.OFFER_KINDS[kind],
        "start": start,
        "end": end,
        "ask": choice(kind, start, end, places, found.people, round(places * MORE)),
        "others": left_out(found.others),
    }
    return pages.page(request, "planner/choose.html", context, section="requests")


@require_POST
@planner_view("plan.edit")
def send(request: HttpRequest) -> HttpResponse:
    """Ask the people who are ticked, or all who were shown."""
    given = request.POST
    back = given.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/plan/"):
        back = reverse("planner:today")
    agents = [one for text in given.getlist("agent") if (one := ids.read(text)) is not None]
    try:
        kind, start, end, places = _wanted(given)
        if given.get("who") == "all":
            agents = [one.agent_id for one in candidates(kind, start, end).people]
        day_offers.make_offer(
            kind=kind, start=start, end=end, places=places, ask=agents, by=user_of(request).pk
        )
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    words = ngettext("%(count)s person is asked.", "%(count)s people are asked.", len(set(agents)))
    return pages.done(request, words % {"count": len(set(agents))}, back)


def _wanted(given: Any) -> tuple[str, datetime, datetime, int]:
    kind, places = given.get("kind", ""), given.get("places", "")
    if kind not in wording.OFFER_KINDS:
        raise Invalid(_("Choose one of these."))
    count = int(places) if places.isdecimal() and len(places) < 4 else 0
    return kind, _moment(given.get("start", "")), _moment(given.get("end", "")), count


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Enter a time like 08:30.")) from None
    return found if timezone.is_aware(found) else timezone.make_aware(found)
