"""Contracts, kinds of shifts, and when people can and want to work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.kernel.errors import Invalid
from civicline.kernel.texts import in_a_row
from civicline.people import selectors as people
from civicline.people.permissions import may, require
from civicline.web.planner import forms, pages
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.shifts import read_breaks, span
from civicline.workforce import wording
from civicline.workforce.selectors import rosters
from civicline.workforce.selectors.seats import list_sites
from civicline.workforce.services import contracts as services

HOURS = ("week_min", "week_max", "day_max", "rest")
WISHES = [("", _("as planned")), *wording.WISH_KINDS.items()]


@require_GET
@planner_view("plan.read")
def team(request: HttpRequest) -> HttpResponse:
    """Everybody with their contract, and the kinds of shifts."""
    known = {one.agent_id: one for one in rosters.list_contracts()}
    rows = [
        {
            "id": agent_id, "name": name, "contract": known.get(agent_id),
            "hours": _hours(known[agent_id]) if agent_id in known else "",
            "patterns": in_a_row(one.name for one in known[agent_id].patterns.all()) if agent_id in known else "",
        }
        for agent_id, name in people.agent_names()
    ]  # fmt: skip
    patterns = [
        {"row": row, "span": span(row.start, row.minutes), "days": _days(row.weekdays),
         "breaks": sum(int(minutes) for _after, minutes, _paid in row.breaks)}
        for row in rosters.list_patterns(active=False)
    ]  # fmt: skip
    context = {"rows": rows, "patterns": patterns, "offices": list(list_sites(active=False))}
    return pages.page(request, "planner/team.html", context, section="week")


def _hours(row: Any) -> str:
    least, most = pages.hours_words(row.week_min), pages.hours_words(row.week_max)
    return least if least == most else f"{least}–{most}"


def _days(weekdays: list[int]) -> str:
    if not weekdays:
        return gettext("every day")
    names = dict(forms.WEEKDAYS)
    return in_a_row(names[day] for day in weekdays)


class ContractForm(forms.PlanForm):
    """One person's contract; hours as people say them."""

    week_min = forms.number(_("Least hours a week"), most=48)
    week_max = forms.number(_("Most hours a week"), most=48)
    day_max = forms.number(_("Most hours a day"), least=1, most=16)
    rest = forms.number(_("Hours of rest between two days"), least=11, most=24)
    row_max = forms.whole(_("Most days in a row"), least=1, most=12)
    weekends = django_forms.BooleanField(label=_("Works on weekends"), required=False)
    place = forms.choice(_("Where"), list(wording.PLACES.items()), required=False)
    site_id = forms.choice(_("Office"), [], required=False)
    on_call = django_forms.BooleanField(label=_("Takes turns at being on call"), required=False)
    hour_cost = django_forms.DecimalField(
        label=_("Cost of an hour"),
        min_value=0,
        max_digits=7,
        decimal_places=2,
        help_text=_("For comparing plans."),
    )
    patterns = django_forms.MultipleChoiceField(
        label=_("Only these kinds of shifts"), required=False, widget=django_forms.CheckboxSelectMultiple,
        help_text=_("None is all of them."),
    )  # fmt: skip

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        kinds = [(row.code, f"{row.name}, {span(row.start, row.minutes)}") for row in rosters.list_patterns()]
        self.fields["patterns"].choices = kinds  # type: ignore[attr-defined]  # a choice of several
        offices = [(row.pk, row.name) for row in list_sites()]
        self.fields["site_id"].choices = [("", _("none: seats are not counted")), *offices]  # type: ignore[attr-defined]  # a choice
        for day, words in forms.WEEKDAYS:
            self.fields[f"wish_{day}"] = forms.choice(words, WISHES, required=False)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def contract(request: HttpRequest, agent_id: UUID) -> HttpResponse:
    """One person's contract and wishes."""
    agent = people.get_agent(agent_id)
    form = ContractForm(request.POST or None, initial=_initial(agent_id))
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _saved(agent_id, form):
            return pages.done(request, gettext("Saved."), reverse("planner:team"))
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form, "title": agent.user.name, "errors": errors, "editable": may(user_of(request), "plan.edit"),
        "wish_names": [f"wish_{day}" for day, _words in forms.WEEKDAYS],
    }  # fmt: skip
    return pages.page(
        request, "planner/contract.html", context, section="week", status=422 if errors else 200
    )


def _initial(agent_id: UUID) -> dict[str, Any]:
    row = rosters.find_contract(agent_id)
    found: dict[str, Any] = {
        "week_min": 32,
        "week_max": 40,
        "day_max": 10,
        "rest": 11,
        "row_max": 5,
        "weekends": True,
    }
    found |= {"hour_cost": 20, "place": "office"}
    if row is not None:
        found = {name: getattr(row, name) for name in services.CONTRACT_FIELDS}
        found |= {name: pages.hours_words(found[name]) for name in HOURS}
        found["patterns"] = [one.code for one in row.patterns.all()]
    for wish in rosters.wishes_of(agent_id):
        if wish.kind not in wording.WISH_KINDS:
            continue
        found[f"wish_{wish.weekday}"] = wish.kind
    return found


def _saved(agent_id: UUID, form: ContractForm) -> bool:
    given = dict(form.cleaned_data)
    wishes = [
        services.Hours(day, kind) for day, _words in forms.WEEKDAYS if (kind := given.pop(f"wish_{day}"))
    ]
    patterns = given.pop("patterns")
    given["place"] = given["place"] or "office"
    given["site_id"] = int(given["site_id"]) if given["site_id"] else None
    for name in HOURS:
        given[name] = round(given[name] * 60)
    try:
        services.save_contract(agent_id=agent_id, patterns=patterns, **given)
        services.save_wishes(agent_id=agent_id, wishes=wishes)
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True


class PatternForm(forms.PlanForm):
    """A kind of shift."""

    code = django_forms.SlugField(label=_("Short name"), max_length=32, error_messages={
        "required": _("Give a short name, like early-8."),
        "invalid": _("Use small letters, digits and -, like early-8."),
    })  # fmt: skip
    name = django_forms.CharField(label=_("Name"), max_length=60)
    start = forms.clock(_("From"))
    end = forms.clock(_("Until"))
    breaks = django_forms.CharField(
        label=_("Breaks"), required=False, max_length=200,
        help_text=_("Begin and minutes, such as 10:15 15, 12:30 30. From 30 minutes on they are unpaid."),
    )  # fmt: skip
    weekdays = django_forms.MultipleChoiceField(
        label=_("Days"), choices=forms.WEEKDAYS, widget=django_forms.CheckboxSelectMultiple, required=False,
        help_text=_("None is all of them."),
    )  # fmt: skip
    active = django_forms.BooleanField(label=_("In use"), required=False)


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def pattern(request: HttpRequest, code: str = "") -> HttpResponse:
    """One kind of shift, known or new."""
    row = next((one for one in rosters.list_patterns(active=False) if one.code == code), None)
    initial: dict[str, Any] = {"active": True, "weekdays": ["0", "1", "2", "3", "4"]}
    if row is not None:
        end = pages.clock_words((row.start + row.minutes) % 1440)
        breaks = ", ".join(
            f"{pages.clock_words((row.start + after) % 1440)} {minutes}" for after, minutes, _p in row.breaks
        )
        initial = {"code": row.code, "name": row.name, "start": pages.clock_words(row.start), "end": end,
                   "breaks": breaks, "weekdays": row.weekdays, "active": row.active}  # fmt: skip
    form = PatternForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid() and _pattern_saved(form, row.code if row else ""):
            return pages.done(request, gettext("Saved."), reverse("planner:team"))
    errors = bool(form.is_bound and form.errors)
    context = {
        "form": form, "title": row.name if row else gettext("New kind of shift"), "errors": errors,
        "editable": may(user_of(request), "plan.edit"),
    }  # fmt: skip
    return pages.page(request, "planner/pattern.html", context, section="week", status=422 if errors else 200)


def _pattern_saved(form: PatternForm, code: str) -> bool:
    given = form.cleaned_data
    start = given["start"].hour * 60 + given["start"].minute
    minutes = (given["end"].hour * 60 + given["end"].minute - start) % 1440 or 1440
    try:
        services.save_pattern(
            code=code or given["code"], name=given["name"], start=start, minutes=minutes,
            breaks=read_breaks(given["breaks"], start), weekdays=[int(day) for day in given["weekdays"]],
            active=given["active"],
        )  # fmt: skip
    except Invalid as invalid:
        form.refuse(invalid)
        return False
    return True
