"""What if: a day to come as planned and changed, or one that was, replayed and changed; the way to the real plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Invalid, Refused
from civicline.people import selectors as people
from civicline.people.permissions import require
from civicline.web.planner import comparing, forms, hiring, pages, pictures, telling, training
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.asked import asked_words, preview_of, tabs
from civicline.workforce.day_replay import logged_days
from civicline.workforce.refusals import kept_words
from civicline.workforce.scenarios import Changes, next_planned_day
from civicline.workforce.selectors import scenarios as selectors
from civicline.workforce.selectors.history import today
from civicline.workforce.services import approvals
from civicline.workforce.services import scenarios as services

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf

CLOCKS = ("extra_from", "extra_until", "opens", "closes")
RULES = ("rule_queue", "help_from", "help_after", "ahead")
NUMBERS = ("more", "handle", "absent", "extra", "callback", "self_service", "ahead")


class ScenarioForm(forms.PlanForm):
    """What both assume, and what B does otherwise."""

    name = django_forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Give it a name.")},
        help_text=_("For example: one more on Monday morning"),
    )  # fmt: skip
    day = forms.day(_("Day"))
    more = forms.whole(_("More contacts than forecast, per cent"), least=-90, most=300)
    handle = forms.whole(_("Longer handling, per cent"), least=-80, most=300)
    absent = forms.whole(_("Away without notice, per cent"), most=80)
    extra = forms.whole(_("People more"), most=200)
    extra_queue = forms.choice(_("in the queue"), [], required=False)
    extra_from = forms.clock(_("From"))
    extra_until = forms.clock(_("Until"))
    learner = forms.choice(_("Who learns"), [], required=False)
    learner_queue = forms.choice(_("Which queue"), [], required=False)
    pool = django_forms.BooleanField(label=_("Everybody takes every queue"), required=False)
    callback = forms.whole(_("Offer a call back from, minutes of wait"), _("0 is never."), most=120)
    self_service = forms.whole(_("Solved without a person, per cent"), most=95)
    opens = forms.clock(_("Open from"), required=False)
    closes = forms.clock(_("Open until"), required=False)
    rule_queue = forms.choice(
        _("Other rules for the queue"), [], _("Who helps when, and how far ahead it goes."), required=False
    )
    help_from = forms.choice(
        _("Who helps it"), [], _("They take its contacts too, as far as their skills allow."), required=False
    )
    help_after = forms.whole(_("They help after, seconds of wait"), _("0 is at once."), required=False)
    ahead = forms.whole(
        _("Steps of priority further ahead"),
        _("Below 0 is further back."),
        least=-20,
        most=20,
        required=False,
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        queues = pages.queue_choices()
        agents = [(str(agent_id), name) for agent_id, name in people.agent_names()]
        self.fields["extra_queue"].choices = [("", _("All queues")), *queues]  # type: ignore[attr-defined]  # a choice
        self.fields["learner"].choices = [("", _("nobody")), *agents]  # type: ignore[attr-defined]  # a choice
        for name in ("learner_queue", "rule_queue", "help_from"):
            self.fields[name].choices = [("", _("none")), *queues]  # type: ignore[attr-defined]  # a choice

    def changes(self) -> Changes:
        """What was filled in."""
        known = {one.name for one in fields(Changes)}
        given = {name: value for name, value in self.cleaned_data.items() if name in known}
        for name in CLOCKS:
            at = given[name]
            given[name] = at.hour * 60 + at.minute if at is not None else None
        return Changes(**{**given, "ahead": given["ahead"] or 0})


class PastForm(ScenarioForm):
    """A day that was, and what would have been otherwise: a scenario from before, or changes of its own."""

    saved = forms.choice(
        _("A scenario from before"), [], _("Then what you fill in below is left out."), required=False
    )
    more = forms.whole(_("More contacts than came, per cent"), least=-90, most=300)
    field_order = ("name", "day", "saved")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        rows = [(str(one.pk), f"{one.name} ({one.day.isoformat()})") for one in selectors.list_what_ifs()]
        self.fields["saved"].choices = [("", _("none")), *rows]  # type: ignore[attr-defined]  # a choice

    def changes(self) -> Changes:
        """Those of the scenario that was chosen, else what was filled in."""
        saved = ids.read(self.cleaned_data["saved"])
        if saved is not None:
            return Changes(**selectors.get_what_if(saved).changes)
        return super().changes()


def _initial(**more: Any) -> dict[str, Any]:
    return {**dict.fromkeys(NUMBERS, 0), "extra_from": "09:00", "extra_until": "17:00", **more}


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def what_ifs(request: HttpRequest) -> HttpResponse:
    """Scenarios of days to come, and a form for one more."""
    form = ScenarioForm(request.POST or None, initial=_initial(day=next_planned_day(today())))
    context = {
        "both": ("name", "day", "more", "handle", "absent"),
        "lead": gettext(
            "A day as planned, and with your changes: the same contacts, the same routing rules that run live, "
            "thirty times."
        ),
        "title": gettext("What if"), "first_head": gettext("Both assume"), "second_head": gettext("Scenario B"),
    }  # fmt: skip
    return _asking(request, form, "plan", context)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def past_days(request: HttpRequest) -> HttpResponse:
    """Days that were replayed, and a form for one more."""
    logged = logged_days()
    day = logged[0] if logged else today() - timedelta(days=1)
    form = PastForm(request.POST or None, initial=_initial(day=day))
    context = {
        "both": ("name", "day", "saved"), "logged": logged, "no_log": not logged,
        "lead": gettext(
            "A day of the log, lived again: as it really was, as the simulator replays it, and with your change. "
            "So you see first how far the simulator is off."
        ),
        "title": gettext("A day that was"), "first_head": gettext("Which day"),
        "second_head": gettext("What would have been otherwise"),
    }  # fmt: skip
    return _asking(request, form, "past", context)


def _asking(request: HttpRequest, form: ScenarioForm, kind: str, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        row = _asked(request, form, kind) if form.is_valid() else None
        if row is not None:
            return HttpResponseRedirect(reverse("planner:what_if", args=[row.pk]))
    errors = bool(form.is_bound and form.errors)
    context = {
        **context, "form": form, "rules": RULES, "errors": errors,
        "rows": selectors.list_what_ifs(kind), "tabs": tabs(kind),
    }  # fmt: skip
    status = 422 if errors else 200
    return pages.page(request, "planner/what_ifs.html", context, section="what_ifs", status=status)


def _asked(request: HttpRequest, form: ScenarioForm, kind: str) -> WhatIf | None:
    try:
        return services.ask_what_if(
            name=form.cleaned_data["name"],
            day=form.cleaned_data["day"],
            changes=form.changes(),
            past=kind == "past",
            by=user_of(request).pk,
        )
    except Invalid as invalid:
        form.refuse(invalid)
        return None


@require_GET
@planner_view("plan.read")
def what_if(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """What was asked, and the answer."""
    row = selectors.get_what_if(what_if_id)
    template, answer = ANSWERS[row.kind]
    context = {
        **_standing(row),
        "measures": [],
        **asked_words(row),
        **(answer(row) if row.state == "done" else {}),
    }
    if row.kind in ("plan", "past"):
        context["told_changes"] = telling.told_changes(row)
    if row.state == "done" and row.kind != "hiring":
        context |= preview_of(row)
    return pages.page(request, template, context, section="what_ifs")


def _planned(row: WhatIf) -> dict[str, Any]:
    return {
        "measures": comparing.measures(row.result),
        "chart": _chart(row.result, ("a", "b")),
        "lines": comparing.planned_lines(row.result, telling.line_names()),
    }


def _past(row: WhatIf) -> dict[str, Any]:
    return {
        "measures": comparing.past_measures(row.result),
        "chart": _chart(row.result, ("real", "a", "b")),
        "lines": comparing.past_lines(row.result, telling.line_names()),
    }


ANSWERS: dict[str, tuple[str, Callable[[WhatIf], dict[str, Any]]]] = {
    "plan": ("planner/what_if.html", _planned),
    "past": ("planner/past_day.html", _past),
    "training": ("planner/training.html", training.answer),
    "hiring": ("planner/hiring.html", hiring.answer),
}


def _standing(row: WhatIf) -> dict[str, Any]:
    return {"row": row, "problem": kept_words(row.problem, row.problem_values)}


@require_GET
@planner_view("plan.read")
def state(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """How far the simulation is; the page asks again until it is done."""
    row = selectors.get_what_if(what_if_id)
    answer = render(request, "planner/_simulating.html", _standing(row))
    if row.state in ("done", "failed"):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@planner_view("plan.edit")
def apply(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """Ask that B become real."""
    back = reverse("planner:what_if", args=[what_if_id])
    try:
        approvals.ask_change(what_if_id=what_if_id, by=user_of(request).pk)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("An administrator decides about it."), back)


CSS = {"real": "chart-actual", "a": "chart-middle", "b": "chart-other"}


def _chart(result: dict[str, Any], sides: tuple[str, ...]) -> dict[str, Any] | None:
    """Mean waits in each half hour that brought contacts."""
    used = [at for at, count in enumerate(result["offered"]) if count > 0.2]
    if len(used) < 2:
        return None
    span = range(used[0], used[-1] + 1)
    labels = [pages.clock_words(at * 30) for at in span]
    waits = {side: [round(result[f"waits_{side}"][at] / 60, 1) for at in span] for side in sides}
    first = waits[sides[0]]
    worst = max(range(len(span)), key=lambda at: first[at])
    words = {
        2: gettext("Mean waits in minutes: A is longest at %(time)s with %(first)s, where B has %(last)s."),
        3: gettext("Mean waits in minutes: really longest at %(time)s with %(first)s; with the change it is %(last)s."),
    }  # fmt: skip
    finding = words[len(sides)] % {"time": labels[worst], "first": first[worst], "last": waits["b"][worst]}
    return {
        "labels": labels, "waits": waits, "finding": finding, "sides": sides,
        "drawings": pictures.lines(labels, {CSS[side]: waits[side] for side in sides}),
    }  # fmt: skip
