"""Being on call: the duties of a week, who has them, and which duties come again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import ids
from civicline.kernel.errors import Invalid, Refused
from civicline.kernel.texts import in_a_row
from civicline.people.permissions import may, require
from civicline.routing import selectors as routing
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.week import week_from
from civicline.workforce.selectors import duty_trades
from civicline.workforce.selectors import on_call as selectors
from civicline.workforce.services import on_call as services

if TYPE_CHECKING:
    from civicline.workforce.models import OnCallDuty, OnCallRule


class DutyForm(forms.PlanForm):
    """A duty that comes again."""

    name = django_forms.CharField(
        label=_("Name"), max_length=60, error_messages={"required": _("Give it a name.")}
    )
    start = forms.clock(_("From"))
    end = forms.clock(_("Until"))
    people = forms.whole(_("For how many people?"), least=1, most=services.MOST_PEOPLE)
    queue = forms.choice(_("Who serves this queue"), [], required=False)
    weekdays = django_forms.MultipleChoiceField(
        label=_("Days"), choices=forms.WEEKDAYS, widget=django_forms.CheckboxSelectMultiple, required=False,
        help_text=_("None is all of them."),
    )  # fmt: skip
    active = django_forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["queue"].choices = [("", _("Everybody who takes turns")), *pages.queue_choices()]  # type: ignore[attr-defined]  # a choice


def address(week: date) -> str:
    """The page of a week's duties."""
    return f"{reverse('planner:on_call')}?week={week.isoformat()}"


@require_GET
@planner_view("plan.read")
def on_call(request: HttpRequest) -> HttpResponse:
    """A week's duties, how many turns each had, and the duties that come again."""
    week = pages.monday_of(pages.asked_day(request, "week"))
    had = selectors.turns(week)
    takers = sorted(selectors.takers(week), key=lambda one: one.name.casefold())
    duties = selectors.duties_of_week(week)
    asked = duty_trades.duties_asked_about([one.pk for one in duties])
    context = {
        "week": week,
        "duties": [_duty(one) | {"asked": one.pk in asked} for one in duties],
        "choices": [("", gettext("nobody yet")), *((str(one.agent_id), one.name) for one in takers)],
        "turns": [
            {"name": one.name, "had": had.get(one.agent_id, 0),
             "now": sum(duty.agent_id == one.agent_id for duty in duties)}
            for one in takers
        ],
        "rules": [
            {"row": row, "span": _span(row), "days": _days(row.weekdays),
             "queue": pages.name_of(row.queue) if row.queue else ""}
            for row in selectors.list_rules()
        ],
        "earlier": f"?week={(week - timedelta(days=7)).isoformat()}",
        "later": f"?week={(week + timedelta(days=7)).isoformat()}",
    }  # fmt: skip
    return pages.page(request, "planner/on_call.html", context, section="week")


def _duty(row: OnCallDuty) -> dict[str, Any]:
    return {
        "row": row, "name": row.agent.user.name if row.agent else "",
        "call_outs": [{"start": one.start, "end": one.end, "note": one.note} for one in row.call_outs.all()],
    }  # fmt: skip


def _span(row: OnCallRule) -> str:
    return f"{pages.clock_words(row.start)}–{pages.clock_words((row.start + row.minutes) % 1440)}"


def _days(weekdays: list[int]) -> str:
    names = dict(forms.WEEKDAYS)
    return in_a_row(names[day] for day in weekdays) or gettext("every day")


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def rule(request: HttpRequest, rule_id: int | None = None) -> HttpResponse:
    """One duty that comes again, known or new."""
    row = selectors.get_rule(rule_id) if rule_id is not None else None
    initial: dict[str, Any] = {"active": True, "people": 1, "start": "18:00", "end": "08:00"}
    if row is not None:
        initial = {
            "name": row.name, "start": pages.clock_words(row.start), "people": row.people, "active": row.active,
            "end": pages.clock_words((row.start + row.minutes) % 1440), "weekdays": row.weekdays,
            "queue": row.queue.code if row.queue else "",
        }  # fmt: skip
    form = DutyForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _saved(form, rule_id):
            return pages.done(request, gettext("Saved."), reverse("planner:on_call"))
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form, "title": row.name if row else gettext("New duty on call"), "errors": errors,
        "editable": may(user_of(request), "plan.edit"),
    }  # fmt: skip
    return pages.page(request, "planner/duty.html", context, section="week", status=422 if errors else 200)


def _saved(form: DutyForm, rule_id: int | None) -> bool:
    given = form.cleaned_data
    start = given["start"].hour * 60 + given["start"].minute
    end = given["end"].hour * 60 + given["end"].minute
    queue = routing.get_queue(given["queue"]) if given["queue"] else None
    try:
        services.save_rule(
            rule_id=rule_id, name=given["name"], start=start, minutes=(end - start) % 1440 or 1440,
            people=given["people"], weekdays=[int(day) for day in given["weekdays"]],
            queue_id=queue.pk if queue else None, active=given["active"],
        )  # fmt: skip
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True


@require_POST
@planner_view("plan.edit")
def share(request: HttpRequest, text: str) -> HttpResponse:
    """Give the week's duties out, each to whoever had the fewest turns."""
    week = week_from(text)
    try:
        left = services.share_out(week=week)
    except Refused as refusal:
        return pages.refused(request, refusal, address(week))
    words = gettext("Every duty is given out.")
    if left:
        words = ngettext(
            "%(count)s duty stays open: nobody who takes turns is free.",
            "%(count)s duties stay open: nobody who takes turns is free.",
            left,
        ) % {"count": left}
    return pages.done(request, words, address(week))


@require_POST
@planner_view("plan.edit")
def give(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """Give one duty to somebody."""
    back = address(pages.monday_of(pages.asked_day(request, "week")))
    version = request.POST.get("version", "")
    try:
        services.give_duty(
            duty_id=duty_id, agent_id=ids.read(request.POST.get("agent", "")),
            version=int(version) if version.isdigit() else None,
        )  # fmt: skip
    except Refused as refusal:
        return pages.refused(request, refusal, back)
    return pages.done(request, gettext("Saved."), back)
