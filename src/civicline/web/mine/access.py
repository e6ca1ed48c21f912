"""What stands before every page of one's own shifts: who asks, as which agent, refusals told in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from civicline.kernel.errors import Invalid, NotFound, Refused
from civicline.people import selectors as people
from civicline.web.rail import DESK, OWN_SHIFTS, Way, rail
from civicline.web.staff import View, card, guard, refusal_page, user_of, words_of

if TYPE_CHECKING:
    from civicline.people.models import Agent


def my_view(view: View) -> View:
    """Guard a view of one's own shifts: those who may have shifts, and only as the agent that they are."""

    def load(request: HttpRequest, **_ids: object) -> Agent:
        agent = people.own_agent(user_of(request))
        if agent is None:
            raise NotFound(_("You take no contacts, so you have no shifts."), code="agent-unknown")
        return agent

    @wraps(view)
    def as_agent(request: HttpRequest, **ids: Any) -> HttpResponseBase:
        return view(request, load(request), **ids)

    return guard("plan.own", tell=refusal_page)(as_agent)  # type: ignore[return-value]  # same signature towards Django


WAYS = (
    OWN_SHIFTS,
    Way("market", _("Swaps"), "transfer", "mine:market", "plan.own"),
    Way("on_call", _("On call"), "phone", "mine:on_call", "plan.own"),
    Way("leave", _("Leave"), "sun", "mine:leave", "plan.own"),
    Way("kept", pgettext_lazy("page", "Kept"), "check", "mine:kept", "plan.own"),
    DESK,
)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """Draw one whole page of one's own."""
    user = user_of(request)
    frame = {
        "staff": card(user),
        "nav": rail(user, WAYS, section),
        "home_url": reverse("staff_home"),
        "told": [{"text": str(one), "tags": one.tags} for one in messages.get_messages(request)],
    }
    return render(request, template, frame | context, status=status)


def done(request: HttpRequest, deed: Callable[[], str], back: str, *, fields: bool = False) -> HttpResponse:
    """Do something and say what came of it, or why it cannot be done; then go back to where it is seen.

    `fields`: what is wrong in a field is raised (Invalid), for the form to show it there.
    """
    try:
        messages.success(request, deed())
    except Refused as refused:
        if fields and isinstance(refused, Invalid) and refused.fields:
            raise
        messages.error(request, words_of(refused))
    return HttpResponseRedirect(back)
