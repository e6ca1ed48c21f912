"""What changes hands: offering or swapping what is mine, taking a colleague's or what nobody has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.kernel import clock, ids
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.texts import in_a_row
from civicline.people import selectors as people
from civicline.web.mine.access import done, my_view, page
from civicline.workforce import wording
from civicline.workforce.rules import day_of
from civicline.workforce.selectors import duty_trades as turns
from civicline.workforce.selectors import requests, rosters
from civicline.workforce.selectors import trades as selectors
from civicline.workforce.services.duty_trades import TURNS as TURN_MARKET
from civicline.workforce.services.shift_trades import SHIFTS as SHIFT_MARKET
from civicline.workforce.services.trades import Market

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.workforce.models import OnCallDuty, Shift, Trade

NEAR_SHIFTS, NEAR_TURNS = timedelta(days=7), timedelta(days=21)
"""Colleagues' things so near to mine are offered for a swap."""


@dataclass(frozen=True)
class Stall:
    """Where things of one kind are shown: what stands there, and in which words.

    `form` finds what the page of one thing shows, given the thing's id and the agent; None where it is not theirs.
    """

    market: Market[Any]
    trades: selectors.Trades[Any]
    kinds: dict[str, Promise]
    section: str
    template: str
    form: Callable[[UUID, Agent], dict[str, Any] | None]
    approved: Promise

    @property
    def home(self) -> str:
        """The page on which all of it is seen."""
        return reverse(f"mine:{self.section}")


def on_the_move(stall: Stall, agent: Agent, **which: Any) -> dict[str, Any]:
    """For the page of a stall: what I was asked, what is given away, and what I asked for or agreed to."""
    mine = stall.trades.own(agent.pk, **which)
    asked = [one for one in mine if one.state == "asked" and one.taker_id == agent.pk and not one.agreed]
    return {
        "asked_of_me": [_shown(stall, one, agent) for one in asked],
        "given": [_shown(stall, one, agent) for one in stall.trades.given_away(agent.pk)],
        "mine": [_shown(stall, one, agent) for one in mine if one not in asked],
    }


def _shown(stall: Stall, row: Trade, agent: Agent) -> dict[str, Any]:
    own = row.asked_by_id == agent.pk
    other = row.taker if own else row.asked_by
    return {
        "row": row, "kind": stall.kinds[row.kind], "state": wording.DECISIONS[row.state], "own": own,
        "role": wording.ROLES[row.state], "by": row.asked_by.user.name,
        "with": other.user.name if other is not None and other.pk != agent.pk else "",
        "findings": wording.finding_words(row.findings) if row.state == "asked" else [],
        "why": row.reason or _why(row),
        "gets": row.other if own else row.thing, "gives": row.thing if own else row.other,
    }  # fmt: skip


def _why(row: Trade) -> str:
    """What nobody wrote a reason for: a bid that came too late."""
    if row.kind == "bid" and row.state == "refused" and row.decided_by_id is None:
        return gettext("Somebody else has it now.")
    return ""


def _shift_form(shift_id: UUID, agent: Agent) -> dict[str, Any] | None:
    shift = rosters.get_shift(shift_id)
    if shift.agent_id != agent.pk:
        return None
    return {
        "shift": shift,
        "colleagues": [(str(one), name) for one, name in people.agent_names() if one != agent.pk],
        "others": [(str(one.pk), _told_shift(one)) for one in requests.swaps_for(shift, NEAR_SHIFTS)],
    }


def _told_shift(shift: Shift) -> str:
    begin, end = timezone.localtime(shift.start), timezone.localtime(shift.end)
    name = shift.agent.user.name if shift.agent else ""
    return in_a_row((name, wording.day_words(day_of(shift)), f"\u2066{begin:%H:%M}–{end:%H:%M}\u2069"))


def _turn_form(duty_id: UUID, agent: Agent) -> dict[str, Any] | None:
    duty = turns.find_published(duty_id)
    if duty is None or duty.agent_id != agent.pk:
        return None
    return {
        "duty": duty,
        "name": duty.rule.name,
        "colleagues": [(str(one), name) for one, name in turns.colleagues(duty)],
        "others": [
            (str(one.pk), _told_turn(one))
            for one in turns.colleagues_duties(agent.pk, duty.start, NEAR_TURNS)
        ],
    }


def _told_turn(duty: OnCallDuty) -> str:
    words = gettext("%(name)s, %(day)s: %(duty)s")
    return words % {
        "name": duty.agent.user.name if duty.agent else "",
        "day": wording.day_words(timezone.localtime(duty.start).date()), "duty": duty.rule.name,
    }  # fmt: skip


SHIFTS = Stall(
    SHIFT_MARKET, selectors.SHIFTS, wording.TRADE_KINDS, "market", "mine/trade.html", _shift_form,
    approved=_("Approved at once. It is in your shifts."),
)  # fmt: skip
TURNS = Stall(
    TURN_MARKET, selectors.TURNS, wording.DUTY_TRADE_KINDS, "on_call", "mine/duty_trade.html", _turn_form,
    approved=_("Approved at once. It is in your duties."),
)  # fmt: skip


def turns_on_the_move(agent: Agent) -> dict[str, Any]:
    """For the page of duties: turns that are not over, and the open ones that this person could take."""
    moving = on_the_move(TURNS, agent, thing__end__gt=clock.now())
    return moving | {"open_duties": turns.open_duties(agent.pk)}


@require_http_methods(["GET", "POST"])
@my_view
def trade(request: HttpRequest, agent: Agent, stall: Stall, thing_id: UUID) -> HttpResponse:
    """Give away what is mine, or ask to swap it."""
    context = stall.form(thing_id, agent)
    if context is None:
        raise NotFound(stall.market.words.unknown, code=f"{stall.market.code}-unknown")
    if request.method == "POST":
        return done(request, lambda: _asked(request, agent, stall, thing_id), stall.home)
    return page(request, stall.template, context, section=stall.section)


def _asked(request: HttpRequest, agent: Agent, stall: Stall, thing_id: UUID) -> str:
    mine = {"thing_id": thing_id, "agent_id": agent.pk}
    if request.POST.get("deed") == "swap":
        other = ids.read(request.POST.get("other", ""))
        if other is None:
            raise Invalid(stall.market.words.colleagues)
        stall.market.swap(other_id=other, **mine)
        return gettext("Your colleague is asked.")
    stall.market.give(taker_id=ids.read(request.POST.get("taker", "")), **mine)
    return gettext("It is offered. It is yours until somebody takes it.")


@require_POST
@my_view
def bid(request: HttpRequest, agent: Agent, stall: Stall, thing_id: UUID) -> HttpResponse:
    """Take what nobody has."""

    def deed() -> str:
        return _outcome(stall, stall.market.bid(thing_id=thing_id, agent_id=agent.pk))

    return done(request, deed, stall.home)


@require_POST
@my_view
def take(request: HttpRequest, agent: Agent, stall: Stall, trade_id: UUID) -> HttpResponse:
    """Agree to a swap, or take what somebody gives away."""

    def deed() -> str:
        return _outcome(stall, stall.market.take(trade_id=trade_id, agent_id=agent.pk))

    return done(request, deed, stall.home)


def _outcome(stall: Stall, row: Trade) -> str:
    if row.state == "approved":
        return str(stall.approved)
    return gettext("The planner looks at it, because a rule speaks against it.")


@require_POST
@my_view
def drop(request: HttpRequest, agent: Agent, stall: Stall, trade_id: UUID) -> HttpResponse:
    """Take my request back, or say no to a colleague's."""

    def deed() -> str:
        stall.market.withdraw(trade_id=trade_id, agent_id=agent.pk)
        return gettext("It is off the list.")

    return done(request, deed, stall.home)
