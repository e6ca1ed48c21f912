"""Asking for other shifts and for days away: the market of shifts, offers of the day, leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import clock
from civicline.kernel.errors import Invalid
from civicline.web.mine import trading
from civicline.web.mine.access import done, my_view, page
from civicline.workforce import wording
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors.history import today
from civicline.workforce.services import day_offers, leaves

if TYPE_CHECKING:
    from civicline.people.models import Agent

AHEAD = timedelta(days=28)


@require_GET
@my_view
def market(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What I can take, what I asked for, and what I was asked."""
    taken = selectors.offers_taken_by(agent.pk)
    asked, others = selectors.offers_to(agent.pk, clock.now())
    context = {
        "asked": [{"row": one, "kind": wording.OFFER_KINDS[one.kind]} for one in asked],
        "offers": [
            {"row": one, "kind": wording.OFFER_KINDS[one.kind], "taken": one.pk in taken,
             "left": one.places - getattr(one, "count", 0)}
            for one in others
        ],
        "open_shifts": selectors.open_shifts(agent.pk),
        **trading.on_the_move(trading.SHIFTS, agent),
    }  # fmt: skip
    return page(request, "mine/market.html", context, section="market")


@require_POST
@my_view
def take_offer(request: HttpRequest, agent: Agent, offer_id: int) -> HttpResponse:
    """Take more hours, or time off."""

    def deed() -> str:
        day_offers.take_offer(offer_id=offer_id, agent_id=agent.pk)
        return gettext("It is yours. Your shifts are changed.")

    return done(request, deed, reverse("mine:market"))


@require_POST
@my_view
def decline_offer(request: HttpRequest, agent: Agent, offer_id: int) -> HttpResponse:
    """Say no to what I was asked."""

    def deed() -> str:
        day_offers.decline_offer(offer_id=offer_id, agent_id=agent.pk)
        return gettext("Your planner knows. Nobody asks you again for these hours.")

    return done(request, deed, reverse("mine:market"))


@require_http_methods(["GET", "POST"])
@my_view
def leave(request: HttpRequest, agent: Agent) -> HttpResponse:
    """My days away, and asking for more."""
    given = {name: request.POST.get(name, "") for name in ("kind", "first", "last", "note")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            row = leaves.ask_leave(
                agent_id=agent.pk, kind=given["kind"], first=_day(given["first"], "first"),
                last=_day(given["last"], "last") if given["last"] else None, note=given["note"],
            )  # fmt: skip
        except Invalid as invalid:
            wrong = invalid.field_messages()
        else:
            words = (
                gettext("Approved at once.")
                if row.state == "approved"
                else gettext("Your planner decides, because people would be too few.")
            )
            return done(request, lambda: words, reverse("mine:leave"))
    rows = [
        {"row": row, "kind": wording.LEAVE_KINDS[row.kind], "state": wording.DECISIONS[row.state],
         "role": wording.ROLES[row.state], "open": row.state in ("asked", "approved")}
        for row in selectors.own_leaves(agent.pk, today() - AHEAD)
    ]  # fmt: skip
    context = {
        "rows": rows, "given": given, "wrong": wrong, "errors": bool(wrong),
        "kinds": [(code, str(words)) for code, words in wording.LEAVE_KINDS.items()],
    }  # fmt: skip
    return page(request, "mine/leave.html", context, section="leave", status=422 if wrong else 200)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(fields={field: _("Enter a day like 2026-03-02.")}) from None


@require_POST
@my_view
def drop_leave(request: HttpRequest, agent: Agent, leave_id: UUID) -> HttpResponse:
    """Take a request back."""

    def deed() -> str:
        leaves.withdraw_leave(leave_id=leave_id, agent_id=agent.pk)
        return gettext("It is off the list.")

    return done(request, deed, reverse("mine:leave"))
