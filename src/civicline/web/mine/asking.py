"""Asking for other shifts and for days away: swaps, shifts given away, open ones, offers of the day, leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import clock, ids
from civicline.kernel.errors import Invalid, NotFound
from civicline.people import selectors as people
from civicline.web.mine.access import done, my_view, page
from civicline.workforce import wording
from civicline.workforce.rules import day_of
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors import rosters
from civicline.workforce.selectors.history import today
from civicline.workforce.services import day_offers, leaves, trades

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.workforce.models import Trade

AHEAD = timedelta(days=28)


@require_GET
@my_view
def market(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What I can take, what I asked for, and what I was asked."""
    taken = selectors.offers_taken_by(agent.pk)
    mine = selectors.own_trades(agent.pk)
    asked, others = selectors.offers_to(agent.pk, clock.now())
    context = {
        "asked": [{"row": one, "kind": wording.OFFER_KINDS[one.kind]} for one in asked],
        "offers": [
            {"row": one, "kind": wording.OFFER_KINDS[one.kind], "taken": one.pk in taken,
             "left": one.places - getattr(one, "count", 0)}
            for one in others
        ],
        "open_shifts": selectors.open_shifts(),
        "given": selectors.given_away(agent.pk),
        "asked_of_me": [
            _trade(one) for one in mine if one.state == "asked" and one.taker_id == agent.pk and not one.agreed
        ],
        "mine": [_trade(one) for one in mine if one.agreed or one.asked_by_id == agent.pk],
        "agent_id": agent.pk,
    }  # fmt: skip
    return page(request, "mine/market.html", context, section="market")


def _trade(row: Trade) -> dict[str, Any]:
    return {
        "row": row, "kind": wording.TRADE_KINDS[row.kind], "state": wording.DECISIONS[row.state],
        "role": wording.ROLES[row.state], "findings": wording.finding_words(row.findings),
        "with": row.taker.user.name if row.taker and row.taker_id != row.asked_by_id else "",
        "by": row.asked_by.user.name,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@my_view
def trade(request: HttpRequest, agent: Agent, shift_id: UUID) -> HttpResponse:
    """Give one of my shifts away, or ask to swap it."""
    shift = rosters.get_shift(shift_id)
    if shift.agent_id != agent.pk:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    if request.method == "POST":
        return done(request, lambda: _asked(request, agent, shift_id), reverse("mine:market"))
    day = day_of(shift)
    context = {
        "shift": shift,
        "colleagues": [(str(one), name) for one, name in people.agent_names() if one != agent.pk],
        "others": [
            (str(one.pk), gettext("%(name)s, %(day)s") % {
                "name": one.agent.user.name if one.agent else "", "day": wording.day_words(day_of(one))})
            for one in selectors.colleagues_shifts(agent.pk, day - timedelta(days=7), day + timedelta(days=7))
        ],
    }  # fmt: skip
    return page(request, "mine/trade.html", context, section="market")


def _asked(request: HttpRequest, agent: Agent, shift_id: UUID) -> str:
    if request.POST.get("deed") == "swap":
        other = ids.read(request.POST.get("other", ""))
        if other is None:
            raise Invalid(_("Choose a colleague's shift."))
        trades.ask_swap(shift_id=shift_id, other_id=other, agent_id=agent.pk)
        return gettext("Your colleague is asked.")
    trades.give_away(shift_id=shift_id, agent_id=agent.pk, taker_id=ids.read(request.POST.get("taker", "")))
    return gettext("It is offered. It is yours until somebody takes it.")


def _outcome(row: Trade) -> str:
    if row.state == "approved":
        return gettext("Approved at once. It is in your shifts.")
    return gettext("The planner looks at it, because a rule speaks against it.")


@require_POST
@my_view
def take_trade(request: HttpRequest, agent: Agent, trade_id: UUID) -> HttpResponse:
    """Agree to a swap, or take a shift that somebody gives away."""
    return done(
        request, lambda: _outcome(trades.take(trade_id=trade_id, agent_id=agent.pk)), reverse("mine:market")
    )


@require_POST
@my_view
def drop_trade(request: HttpRequest, agent: Agent, trade_id: UUID) -> HttpResponse:
    """Take my request back, or say no to a colleague's."""

    def deed() -> str:
        trades.withdraw_trade(trade_id=trade_id, agent_id=agent.pk)
        return gettext("It is off the list.")

    return done(request, deed, reverse("mine:market"))


@require_POST
@my_view
def bid(request: HttpRequest, agent: Agent, shift_id: UUID) -> HttpResponse:
    """Ask for an open shift."""
    return done(
        request, lambda: _outcome(trades.bid(shift_id=shift_id, agent_id=agent.pk)), reverse("mine:market")
    )


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
