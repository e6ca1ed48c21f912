"""The day under way: where people are too few or to spare, whom to ask, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel.errors import Invalid, Refused
from civicline.people.permissions import may
from civicline.web.planner import asking, drawings, pages
from civicline.web.planner.access import planner_view, user_of, wants_parts
from civicline.workforce import wording
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors.coverage import SLOTS, Cover
from civicline.workforce.selectors.day_balance import Balance, Proposal, balance
from civicline.workforce.selectors.forecasts import newest_of_all
from civicline.workforce.selectors.staffing import SLOT
from civicline.workforce.selectors.whom_to_ask import SHORT
from civicline.workforce.services import day_offers, forecasts

if TYPE_CHECKING:
    from civicline.workforce.models import DayOffer


@require_GET
@planner_view("plan.read")
def today(request: HttpRequest) -> HttpResponse:
    """Today from now on. The script of the page asks for the parts that renew themselves."""
    found = balance()
    context = {
        "at": found.at,
        "day": found.day,
        "finding": _finding(found),
        "chart": _chart(found.cover),
        "known": found.cover.known,
        "absent": found.absent,
        "proposals": [_proposal(number, one) for number, one in enumerate(found.proposals)],
        "offers": [_offer(one) for one in selectors.offers_of_day(found.day)],
        "read": _read(found),
        "renewed_at": f"{timezone.localtime(found.at):%H:%M:%S}",
    }
    if wants_parts(request):
        more = {"oob": True, "may_edit": may(user_of(request), "plan.edit")}
        response = render(request, "planner/_today_now.html", context | more)
        response["Cache-Control"] = "no-store"
        return response
    return pages.page(request, "planner/today.html", context, section="today")


def _finding(found: Balance) -> str:
    short = [one for one in found.proposals if one.kind == SHORT]
    if short:
        return " ".join(_stretch(one) for one in short)
    if not any(found.cover.needed):
        return gettext("Nobody is needed on this day, as far as is known.")
    if found.proposals:
        return " ".join(_stretch(one) for one in found.proposals)
    return gettext("For the rest of the day there are as many people as are needed.")


def _stretch(one: Proposal) -> str:
    if one.kind == SHORT:
        words = ngettext(
            "%(count)s person too few from %(start)s to %(end)s.",
            "%(count)s people too few from %(start)s to %(end)s.",
            one.places,
        )
    else:
        words = ngettext(
            "%(count)s person to spare from %(start)s to %(end)s.",
            "%(count)s people to spare from %(start)s to %(end)s.",
            one.places,
        )
    return words % {"count": one.places, "start": _clock(one.start), "end": _clock(one.end)}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _chart(cover: Cover) -> list[dict[str, Any]]:
    used = [at for at in range(SLOTS) if cover.needed[at] or cover.planned[at]]
    span = range(used[0], used[-1] + 1) if used else range(0)
    rows = ([row[at] for at in span] for row in (cover.needed, cover.busy, cover.planned))
    return drawings.steps([pages.clock_words(at * SLOT) for at in span], *rows)


def _read(found: Balance) -> datetime | None:
    """When the rest of today was forecast last, of the queue whose reading is oldest; None when one has none."""
    days = [one.rows.get("today") for one in newest_of_all().values()]
    known = [one["at"] for one in days if one and one["day"] == found.day.isoformat()]
    return min(map(datetime.fromisoformat, known)) if known and len(known) == len(days) else None


def _proposal(number: int, one: Proposal) -> dict[str, Any]:
    people = (*one.asked, *one.further)
    return {
        "id": number, "row": one, "finding": _stretch(one), "others": asking.left_out(one.others),
        "ask": asking.choice(one.kind, one.start, one.end, one.places, people, len(one.asked)),
    }  # fmt: skip


def _offer(row: DayOffer) -> dict[str, Any]:
    taken = {one.agent_id: one for one in row.taken.all()}
    answers = [{"name": one.agent.user.name, "said": "yes", "taken": one.pk} for one in taken.values()]
    answers += [
        {"name": one.agent.user.name, "said": "no" if one.declined_at else "", "taken": None}
        for one in row.invites.all()
        if one.agent_id not in taken
    ]
    return {
        "row": row, "kind": wording.OFFER_KINDS[row.kind], "count": len(taken), "open": row.closed_at is None,
        "answers": sorted(answers, key=lambda one: str(one["name"]).casefold()),
    }  # fmt: skip


@require_POST
@planner_view("plan.edit")
def undo(request: HttpRequest, taken_id: int) -> HttpResponse:
    """Take a yes back: the shift stands as before."""
    back = reverse("planner:today")
    try:
        day_offers.undo_taken(taken_id=taken_id)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("Taken back: the shift stands as before."), back)


@require_POST
@planner_view("plan.edit")
def close(request: HttpRequest, offer_id: int) -> HttpResponse:
    """End an offer; whoever has said yes keeps it."""
    back = reverse("planner:today")
    try:
        day_offers.close_offer(offer_id=offer_id)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("The offer is closed."), back)


@require_POST
@planner_view("plan.edit")
def read(request: HttpRequest) -> HttpResponse:
    """Ask that the rest of today be forecast anew, for every queue."""
    made: list[UUID] = [one.pk for one in newest_of_all().values()]
    for forecast_id in made:
        forecasts.ask_update(forecast_id=forecast_id)
    back = reverse("planner:today")
    if not made:
        return pages.refused(request, Invalid(_("Make a forecast first.")), back)
    return pages.done(request, gettext("The rest of today is being forecast anew."), back)
