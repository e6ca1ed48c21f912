"""Trainings: who should learn what first, by what the simulator says it saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from civicline.kernel.errors import Invalid
from civicline.people.permissions import require
from civicline.web.planner import comparing, forms, pages, pictures, telling
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.asked import asking
from civicline.workforce.scenarios import next_planned_day
from civicline.workforce.selectors.history import today
from civicline.workforce.services import scenarios as services
from civicline.workforce.training import MOST, USUAL_HOURS, TrainingAsked

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf

ENDED = {
    "most": _("These are as many as you asked for."),
    "hours": _("No further training fits into the hours."),
    "no_gain": _("No further training surely makes waits shorter on this day."),
    "nobody": _("Everybody who works on this day takes every queue."),
}


class TrainingForm(forms.PlanForm):
    """On which day to try trainings, and what they may cost."""

    name = django_forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Give it a name.")},
        help_text=_("For example: trainings of the spring"),
    )  # fmt: skip
    day = forms.day(_("A usual day with shifts"))
    most = forms.whole(_("Trainings at most"), least=1, most=MOST)
    usual = forms.whole(_("Hours of one training"), least=1, most=400)
    budget = forms.whole(_("Hours in all"), _("0 is no limit."), most=10_000)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def trainings(request: HttpRequest) -> HttpResponse:
    """Plans there are, and a form for one more."""
    initial = {"day": next_planned_day(today()), "most": 3, "usual": USUAL_HOURS, "budget": 0}
    form = TrainingForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid():
            given = form.cleaned_data
            asked = TrainingAsked(given["most"], given["usual"], given["budget"])
            try:
                row = services.ask_training(
                    name=given["name"], day=given["day"], asked=asked, by=user_of(request).pk
                )
                return HttpResponseRedirect(reverse("planner:what_if", args=[row.pk]))
            except Invalid as invalid:
                form.refuse(invalid)
    return asking(request, "training", "planner/trainings.html", form)


def answer(row: WhatIf) -> dict[str, Any]:
    """The plan in words, rows and a picture."""
    result, queues, agents = row.result, dict(pages.queue_choices()), telling.agent_names()
    steps = [_step(one, queues, agents) for one in result["steps"]]
    waits = [result["before"]["mean_wait"], *(one["after"]["mean_wait"] for one in result["steps"])]
    labels = [gettext("today"), *(f"{number}. {one['who']}" for number, one in enumerate(steps, 1))]
    return {
        "trainings": steps,
        "ended": ENDED[result["ended"]],
        "tried": result["tried"],
        "hours": f"{result['hours']:.0f}",
        "finding": _finding(result, steps),
        "labels": labels,
        "drawings": pictures.lines(
            labels, {"chart-actual": [mean for mean, _low, _high in waits]},
            band=[(max(0.0, low), high) for _mean, low, high in waits],
        ),
    }  # fmt: skip


def _step(told: dict[str, Any], queues: dict[str, str], agents: dict[str, str]) -> dict[str, Any]:
    others = len(told["alike"])
    wait = [-told["wait"][at] for at in (0, 2, 1)]
    alike = ngettext(
        "or %(count)s other with the same shifts", "or %(count)s others with the same shifts", others
    )
    return {
        "who": agents.get(told["agent"], "?"), "queue": queues.get(told["queue"], told["queue"]),
        "hours": f"{told['hours']:.0f}", "alike": alike % {"count": others} if others else "",
        "saved": _seconds(wait), "per_hour": f"{wait[0] / told['hours']:.1f}",
        "wait": f"{told['after']['mean_wait'][0]:.0f}",
        "gave_up": comparing.number("abandonment", told["after"]["abandonment"][0]),
        "words": gettext(
            "%(name)s learns %(queue)s (%(hours)s hours): residents wait %(middle)s s less on average, "
            "%(low)s to %(high)s s."
        )
        % {
            "name": agents.get(told["agent"], "?"), "queue": queues.get(told["queue"], told["queue"]),
            "hours": f"{told['hours']:.0f}", **_seconds(wait),
        },
    }  # fmt: skip


def _seconds(told: list[float]) -> dict[str, str]:
    middle, low, high = (f"{one:.0f}" if abs(one) >= 10 else f"{one:.1f}" for one in told)
    return {"middle": middle, "low": low, "high": high}


def _finding(result: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    before = f"{result['before']['mean_wait'][0]:.0f}"
    if not steps:
        return gettext("Nobody waits surely shorter by a training: the mean wait is %(before)s s.") % {
            "before": before
        }
    words = ngettext(
        "%(count)s training brings the mean wait from %(before)s to %(after)s s.",
        "%(count)s trainings bring the mean wait from %(before)s to %(after)s s.",
        len(steps),
    )
    return words % {"count": len(steps), "before": before, "after": steps[-1]["wait"]}
