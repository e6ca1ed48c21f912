"""What agents ask for and the rule left open, and what the planner offers when the day differs from the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from civicline.kernel import clock
from civicline.kernel.errors import Invalid, Refused
from civicline.people.permissions import require
from civicline.web.planner import asking, forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce import wording
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors import trades as asked
from civicline.workforce.selectors.staffing import slot_start
from civicline.workforce.services import day_offers, leaves
from civicline.workforce.services.duty_trades import TURNS
from civicline.workforce.services.shift_trades import SHIFTS

if TYPE_CHECKING:
    from civicline.workforce.models import Trade


class OfferForm(forms.PlanForm):
    """More hours, or time off."""

    kind = forms.choice(_("Offer"), list(wording.OFFER_KINDS.items()))
    day = forms.day(_("Day"))
    start = forms.clock(_("From"))
    end = forms.clock(_("Until"))
    places = forms.whole(_("For how many people?"), least=1, most=200)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def requests(request: HttpRequest) -> HttpResponse:
    """Everything that waits for a decision, and the offers of the day."""
    form = OfferForm(request.POST or None, initial={"day": pages.asked_day(request), "places": 1})
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and "whom" in request.POST:
            return HttpResponseRedirect(asking.address_of(**_times(form)))
        if form.is_valid() and _offered(request, form):
            return pages.done(request, gettext("It is offered to everybody."), reverse("planner:requests"))
    errors = bool(form.is_bound and form.errors)
    context: dict[str, Any] = {
        "leaves": [
            {
                "row": row, "name": row.agent.user.name, "kind": wording.LEAVE_KINDS[row.kind],
                "findings": [one.words() for one in leaves.leave_findings(row)],
            }
            for row in selectors.asked_leaves()
        ],
        "trades": [_trade(row, wording.TRADE_KINDS) for row in asked.SHIFTS.asked()],
        "turns": [_trade(row, wording.DUTY_TRADE_KINDS) for row in asked.TURNS.asked()],
        "offers": [
            {"row": row, "kind": wording.OFFER_KINDS[row.kind], "taken": getattr(row, "count", 0)}
            for row in selectors.offers(clock.now())
        ],
        "form": form,
        "errors": errors,
    }  # fmt: skip
    context["waiting"] = sum(len(context[name]) for name in ("leaves", "trades", "turns"))
    return pages.page(
        request, "planner/requests.html", context, section="requests", status=422 if errors else 200
    )


def _trade(row: Trade, kinds: dict[str, Promise]) -> dict[str, Any]:
    return {
        "row": row, "kind": kinds[row.kind], "name": row.asked_by.user.name,
        "taker": row.taker.user.name if row.taker else "", "findings": wording.finding_words(row.findings),
    }  # fmt: skip


def _times(form: OfferForm) -> dict[str, Any]:
    given = form.cleaned_data
    start = given["start"].hour * 60 + given["start"].minute
    end = given["end"].hour * 60 + given["end"].minute
    return {
        "kind": given["kind"], "start": slot_start(given["day"], start),
        "end": slot_start(given["day"], end if end > start else end + 1440), "places": given["places"],
    }  # fmt: skip


def _offered(request: HttpRequest, form: OfferForm) -> bool:
    try:
        day_offers.make_offer(**_times(form), by=user_of(request).pk)
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True


def _decided(request: HttpRequest, decide: Any, words: str, **which: Any) -> HttpResponse:
    back = reverse("planner:requests")
    approve = request.POST.get("answer") == "yes"
    try:
        decide(**which, approve=approve, reason=request.POST.get("reason", ""), by=user_of(request).pk)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, words, back)


@require_POST
@planner_view("plan.edit")
def decide_leave(request: HttpRequest, leave_id: UUID) -> HttpResponse:
    """Yes or no to days away."""
    words = gettext("Decided. The person sees it on their page.")
    return _decided(request, leaves.decide_leave, words, leave_id=leave_id)


@require_POST
@planner_view("plan.edit")
def decide_trade(request: HttpRequest, trade_id: UUID) -> HttpResponse:
    """Yes or no to a trade."""
    words = gettext("Decided. The person sees it on their page.")
    return _decided(request, SHIFTS.decide, words, trade_id=trade_id)


@require_POST
@planner_view("plan.edit")
def decide_duty_trade(request: HttpRequest, trade_id: UUID) -> HttpResponse:
    """Yes or no to a turn on call that changes hands."""
    words = gettext("Decided. The person sees it on their page.")
    return _decided(request, TURNS.decide, words, trade_id=trade_id)


@require_POST
@planner_view("plan.edit")
def close_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """End an offer."""
    try:
        day_offers.close_offer(offer_id=offer_id)
    except Refused as refusal:
        return pages.refused(request, refusal, reverse("planner:requests"))
    return pages.done(request, gettext("The offer is closed."), reverse("planner:requests"))
