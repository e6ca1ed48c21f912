"""What if: two scenarios of one day side by side, with ranges, and the way from one of them to the real plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel.errors import Invalid, Refused
from civicline.people import selectors as people
from civicline.people.permissions import require
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.workforce import wording
from civicline.workforce.scenarios import Changes, next_planned_day
from civicline.workforce.selectors import scenarios as selectors
from civicline.workforce.selectors.history import today
from civicline.workforce.services import scenarios as services

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf

WIDEST = 95.0
"""Per cent of its cell that the longest bar takes; its end is a dot."""
PERCENT = {"service_level", "abandonment", "occupancy"}
MEASURES = (
    ("service_level", _("Answered in time"), True),
    ("mean_wait", _("Mean wait, minutes"), False),
    ("abandonment", _("Gave up"), False),
    ("occupancy", _("Time busy"), None),
    ("queue_gap", _("Longest wait of a queue over the shortest, minutes"), False),
    ("cost", _("Cost of the day"), False),
    ("paid_hours", _("Paid hours"), None),
)
"""(code, words, whether more is better; None: neither)."""


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

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        queues = pages.queue_choices()
        agents = [(str(agent_id), name) for agent_id, name in people.agent_names()]
        self.fields["extra_queue"].choices = [("", _("All queues")), *queues]  # type: ignore[attr-defined]  # a choice
        self.fields["learner"].choices = [("", _("nobody")), *agents]  # type: ignore[attr-defined]  # a choice
        self.fields["learner_queue"].choices = [("", _("none")), *queues]  # type: ignore[attr-defined]  # a choice

    def changes(self) -> Changes:
        """What was filled in."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("name", "day")}
        for name in ("extra_from", "extra_until", "opens", "closes"):
            at = given[name]
            given[name] = at.hour * 60 + at.minute if at is not None else None
        return Changes(**given)


BOTH = ("name", "day", "more", "handle", "absent")


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def what_ifs(request: HttpRequest) -> HttpResponse:
    """Scenarios there are, and a form for one more."""
    initial = {
        "day": next_planned_day(today()), "more": 0, "handle": 0, "absent": 0, "extra": 0, "extra_from": "09:00",
        "extra_until": "17:00", "callback": 0, "self_service": 0,
    }  # fmt: skip
    form = ScenarioForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        row = _asked(request, form) if form.is_valid() else None
        if row is not None:
            return HttpResponseRedirect(reverse("planner:what_if", args=[row.pk]))
    errors = bool(form.is_bound and form.errors)
    context = {"form": form, "both": BOTH, "rows": selectors.list_what_ifs(), "errors": errors}
    return pages.page(
        request, "planner/what_ifs.html", context, section="what_if", status=422 if errors else 200
    )


def _asked(request: HttpRequest, form: ScenarioForm) -> WhatIf | None:
    try:
        return services.ask_what_if(
            name=form.cleaned_data["name"],
            day=form.cleaned_data["day"],
            changes=form.changes(),
            by=user_of(request).pk,
        )
    except Invalid as invalid:
        form.refuse(invalid)
        return None


@require_GET
@planner_view("plan.read")
def what_if(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """Both scenarios side by side."""
    row = selectors.get_what_if(what_if_id)
    asked = next(iter(row.requests.all()), None)
    context = {
        "row": row,
        "measures": _measures(row.result) if row.state == "done" else [],
        "chart": _chart(row.result) if row.state == "done" else None,
        "told_changes": _told(row),
        "asked": asked,
        "asked_words": wording.DECISIONS[asked.state] if asked else "",
        "asked_role": wording.ROLES[asked.state] if asked else "",
    }
    return pages.page(request, "planner/what_if.html", context, section="what_if")


@require_GET
@planner_view("plan.read")
def state(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """How far the simulation is; the page asks again until it is done."""
    row = selectors.get_what_if(what_if_id)
    answer = render(request, "planner/_simulating.html", {"row": row})
    if row.state in ("done", "failed"):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@planner_view("plan.edit")
def apply(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """Ask that B become real."""
    back = reverse("planner:what_if", args=[what_if_id])
    try:
        services.ask_change(what_if_id=what_if_id, by=user_of(request).pk)
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("An administrator decides about it."), back)


def _measures(result: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for code, words, better in MEASURES:
        a, b, difference = (result[side].get(code) for side in ("a", "b", "difference"))
        if a is None or b is None or difference is None:
            continue
        top = max(a[2], b[2], 1e-9) if code not in PERCENT else max(1.0, a[2], b[2])
        found.append({
            "label": words, "a": _shown(code, a), "b": _shown(code, b),
            "bars": [_bar("a", a, top, 9), _bar("b", b, top, 21)], **_verdict(code, difference, better=better),
        })  # fmt: skip
    return found


def _number(code: str, value: float) -> str:
    if code in PERCENT:
        return f"{100 * value:.0f}%"
    if code in ("mean_wait", "queue_gap"):
        return f"{value / 60:.1f}"
    return f"{value:,.0f}"


def _shown(code: str, figure: list[float]) -> dict[str, str]:
    middle, low, high = figure
    return {"middle": _number(code, middle), "low": _number(code, max(0.0, low)), "high": _number(code, high)}


def _bar(kind: str, figure: list[float], top: float, y: int) -> dict[str, Any]:
    middle, low, high = (min(WIDEST, max(0.0, WIDEST * value / top)) for value in figure)
    return {
        "kind": kind,
        "x": round(low, 1),
        "width": round(max(high - low, 0.6), 1),
        "dot": round(middle, 1),
        "y": y,
    }


def _verdict(code: str, difference: list[float], *, better: bool | None) -> dict[str, Any]:
    """Better or worse only where the range of the paired difference leaves nought out."""
    middle, low, high = difference
    if low <= 0 <= high:
        return {"icon": "minus", "verdict": gettext("no clear difference")}
    size = (
        _number(code, abs(middle))
        if code not in PERCENT
        else gettext("%(count)s points") % {"count": f"{100 * abs(middle):.0f}"}
    )
    words = gettext("%(size)s more") if middle > 0 else gettext("%(size)s less")
    good = better is not None and (middle > 0) == better
    icon = "ok" if good else ("minus" if better is None else "attention")
    return {"icon": icon, "verdict": words % {"size": size}}


def _chart(result: dict[str, Any]) -> dict[str, Any] | None:
    """Mean waits in each half hour that brought contacts."""
    used = [at for at, count in enumerate(result["offered"]) if count > 0.2]
    if len(used) < 2:
        return None
    span = range(used[0], used[-1] + 1)
    waits = {side: [round(result[f"waits_{side}"][at] / 60, 1) for at in span] for side in ("a", "b")}
    worst = max(range(len(span)), key=lambda at: waits["a"][at])
    finding = gettext("Mean waits in minutes: A is longest at %(time)s with %(a)s, where B has %(b)s.") % {
        "time": pages.clock_words(span[worst] * 30), "a": waits["a"][worst], "b": waits["b"][worst],
    }  # fmt: skip
    return {
        "labels": [pages.clock_words(at * 30) for at in span],
        "a": waits["a"],
        "b": waits["b"],
        "finding": finding,
    }


def _told(row: WhatIf) -> list[str]:
    """What B does otherwise, in words."""
    changes = Changes(**row.changes)
    names = dict(pages.queue_choices())
    agents = {str(agent_id): name for agent_id, name in people.agent_names()}
    found = []
    if changes.extra:
        words = gettext("People more: %(count)s, %(from)s to %(until)s, %(queue)s")
        found.append(words % {
            "count": changes.extra, "from": pages.clock_words(changes.extra_from),
            "until": pages.clock_words(changes.extra_until),
            "queue": names.get(changes.extra_queue, gettext("All queues")),
        })  # fmt: skip
    if changes.learner:
        words = gettext("%(name)s takes %(queue)s too")
        found.append(words % {
            "name": agents.get(changes.learner, "?"),
            "queue": names.get(changes.learner_queue, changes.learner_queue),
        })  # fmt: skip
    if changes.pool:
        found.append(gettext("Everybody takes every queue"))
    if changes.callback:
        found.append(
            gettext("A call back is offered from %(count)s minutes of wait") % {"count": changes.callback}
        )
    if changes.self_service:
        found.append(gettext("%(count)s%% are solved without a person") % {"count": changes.self_service})
    if changes.opens is not None or changes.closes is not None:
        hours = [pages.clock_words(at) if at is not None else "…" for at in (changes.opens, changes.closes)]
        found.append(gettext("Open from %(from)s to %(until)s") % {"from": hours[0], "until": hours[1]})
    return found


@require_GET
@planner_view("plan.approve")
def changes(request: HttpRequest) -> HttpResponse:
    """Changes that wait for an administrator's yes."""
    rows = [
        {
            "row": one, "told": _told(one.what_if), "state": wording.DECISIONS[one.state],
            "role": wording.ROLES[one.state], "by": one.asked_by.name if one.asked_by else "",
        }
        for one in selectors.change_requests()
    ]  # fmt: skip
    return pages.page(request, "planner/changes.html", {"rows": rows}, section="changes")


@require_POST
@planner_view("plan.approve")
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Yes or no to a change."""
    back = reverse("planner:changes")
    try:
        services.decide_change(
            request_id=request_id, approve=request.POST.get("answer") == "yes", reason=request.POST.get("reason", ""),
            by=user_of(request).pk,
        )  # fmt: skip
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("Decided. The person sees it on their page."), back)
