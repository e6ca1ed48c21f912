"""Turns on call that change hands: offering mine, swapping it, taking a colleague's or an open one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Invalid, NotFound
from civicline.web.mine.access import done, my_view, page
from civicline.workforce import wording
from civicline.workforce.selectors import duty_trades as selectors
from civicline.workforce.services import duty_trades as services

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.workforce.models import DutyTrade, OnCallDuty

NEAR = timedelta(days=21)
"""Colleagues' turns so near to mine are offered for a swap."""


def on_the_move(agent: Agent) -> dict[str, Any]:
    """For the page of duties: what I can take, what I was asked, and what I asked for."""
    mine = selectors.own_duty_trades(agent.pk)
    asked = [one for one in mine if one.state == "asked" and one.taker_id == agent.pk and not one.agreed]
    return {
        "asked_of_me": [_trade(one, agent) for one in asked],
        "offered": [_trade(one, agent) for one in selectors.duties_given_away(agent.pk)],
        "open_duties": selectors.open_duties(agent.pk),
        "mine": [_trade(one, agent) for one in mine if one not in asked],
    }


def _trade(row: DutyTrade, agent: Agent) -> dict[str, Any]:
    other = row.taker if row.asked_by_id == agent.pk else row.asked_by
    return {
        "row": row, "kind": wording.DUTY_TRADE_KINDS[row.kind], "state": wording.DECISIONS[row.state],
        "role": wording.ROLES[row.state], "by": row.asked_by.user.name, "own": row.asked_by_id == agent.pk,
        "with": other.user.name if other is not None and other.pk != agent.pk else "",
        "findings": wording.finding_words(row.findings) if row.state == "asked" else [],
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@my_view
def trade(request: HttpRequest, agent: Agent, duty_id: UUID) -> HttpResponse:
    """Offer one of my turns, or ask to swap it."""
    duty = selectors.find_published(duty_id)
    if duty is None or duty.agent_id != agent.pk:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    if request.method == "POST":
        return done(request, lambda: _asked(request, agent, duty_id), reverse("mine:on_call"))
    context = {
        "duty": duty, "name": duty.rule.name,
        "colleagues": [(str(one), name) for one, name in selectors.colleagues(duty)],
        "others": [
            (str(one.pk), _told(one)) for one in selectors.colleagues_duties(agent.pk, duty.start, NEAR)
        ],
    }  # fmt: skip
    return page(request, "mine/duty_trade.html", context, section="on_call")


def _told(duty: OnCallDuty) -> str:
    words = gettext("%(name)s, %(day)s: %(duty)s")
    return words % {
        "name": duty.agent.user.name if duty.agent else "",
        "day": wording.day_words(timezone.localtime(duty.start).date()), "duty": duty.rule.name,
    }  # fmt: skip


def _asked(request: HttpRequest, agent: Agent, duty_id: UUID) -> str:
    if request.POST.get("deed") == "swap":
        other = ids.read(request.POST.get("other", ""))
        if other is None:
            raise Invalid(_("Choose a colleague's turn."))
        services.ask_duty_swap(duty_id=duty_id, other_id=other, agent_id=agent.pk)
        return gettext("Your colleague is asked.")
    services.offer_duty(duty_id=duty_id, agent_id=agent.pk, taker_id=ids.read(request.POST.get("taker", "")))
    return gettext("It is offered. It is yours until somebody takes it.")


def _outcome(row: DutyTrade) -> str:
    if row.state == "approved":
        return gettext("Approved at once. It is in your duties.")
    return gettext("The planner looks at it, because a rule speaks against it.")


@require_POST
@my_view
def take(request: HttpRequest, agent: Agent, trade_id: UUID) -> HttpResponse:
    """Agree to a swap, or take a turn that somebody offers."""
    return done(
        request,
        lambda: _outcome(services.take_duty(trade_id=trade_id, agent_id=agent.pk)),
        reverse("mine:on_call"),
    )


@require_POST
@my_view
def drop(request: HttpRequest, agent: Agent, trade_id: UUID) -> HttpResponse:
    """Take my request back, or say no to a colleague's."""

    def deed() -> str:
        services.withdraw_duty_trade(trade_id=trade_id, agent_id=agent.pk)
        return gettext("It is off the list.")

    return done(request, deed, reverse("mine:on_call"))


@require_POST
@my_view
def bid(request: HttpRequest, agent: Agent, duty_id: UUID) -> HttpResponse:
    """Take an open turn."""
    return done(
        request,
        lambda: _outcome(services.bid_duty(duty_id=duty_id, agent_id=agent.pk)),
        reverse("mine:on_call"),
    )
