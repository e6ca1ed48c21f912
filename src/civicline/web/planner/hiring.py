"""Hiring: how many people to decide on in which month, from what will be needed and who is likely to leave."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from civicline.kernel.errors import Invalid, NotFound
from civicline.people.permissions import require
from civicline.web.planner import forms, pictures
from civicline.web.planner.access import planner_view, user_of
from civicline.web.planner.asked import asking
from civicline.workforce.hiring import HiringAsked
from civicline.workforce.selectors import scenarios as selectors
from civicline.workforce.selectors.history import today
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.services import scenarios as services

if TYPE_CHECKING:
    from civicline.workforce.models import WhatIf

COLUMNS = (
    "month", "contacts", "season_percent", "needed_hours", "present_low", "present_hours", "present_high",
    "planned_low", "planned_hours", "planned_high", "chance_without_percent", "chance_with_percent", "starts",
    "decide", "agreed",
)  # fmt: skip


class HiringForm(forms.PlanForm):
    """What people know of leaving and of hiring."""

    name = django_forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Give it a name.")},
        help_text=_("For example: next year, careful"),
    )  # fmt: skip
    months = forms.whole(_("Months ahead"), least=2, most=36)
    leavers = forms.whole(_("People who left"), _("In the years that you count below."), most=5000)
    person_years = forms.number(
        _("Years of people they left from"), _("A team of 20 over two years is 40."), least=0.5, most=20_000
    )
    lead = forms.whole(_("Months from the decision to the first day"), most=24)
    training = forms.whole(_("Months until somebody new can work alone"), most=12)
    week_hours = forms.number(_("Hours a week of somebody new"), least=5, most=60)
    away = forms.whole(_("Leave, sickness and training, per cent of paid time"), most=60)
    chance = forms.whole(_("How sure a month shall be, per cent"), least=50, most=99)
    agreed = django_forms.CharField(
        label=_("Who starts already"), required=False, max_length=400,
        help_text=_("A month and how many: 2026-03 2, 2026-09 1"),
        widget=django_forms.TextInput(attrs={"dir": "ltr"}),
    )  # fmt: skip

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        for number, name in enumerate(_month_names(), 1):
            self.fields[f"month_{number}"] = forms.whole(name, least=5, most=500, required=False)

    def seasons(self) -> list[Any]:
        """The twelve fields of the year's months."""
        return [self[f"month_{number}"] for number in range(1, 13)]

    def season_open(self) -> bool:
        """Whether somebody has written into one of them."""
        return any(one.value() or one.errors for one in self.seasons())

    def terms(self) -> list[Any]:
        """All other fields."""
        return [one for one in self if not one.name.startswith("month_")]

    def clean_agreed(self) -> dict[str, int]:
        """Months with people."""
        found: dict[str, int] = {}
        for part in filter(str.strip, str(self.cleaned_data["agreed"]).replace("،", ",").split(",")):
            month, _space, count = part.strip().partition(" ")
            if not count.strip().isdigit():
                raise django_forms.ValidationError(_("Give months with people, like 2026-03 2."))
            found[month] = found.get(month, 0) + int(count)
        return found

    def asked(self) -> HiringAsked:
        """What was asked, of a form without faults."""
        given = self.cleaned_data
        season = {
            str(number): given[f"month_{number}"] for number in range(1, 13) if given[f"month_{number}"]
        }
        plain = {
            name: value for name, value in given.items() if name != "name" and not name.startswith("month_")
        }
        return HiringAsked(**plain, season=season)


def _month_names() -> list[str]:
    return [date_format(date(2024, number, 1), "F") for number in range(1, 13)]


@require_http_methods(["GET", "POST"])
@planner_view("plan.read")
def hirings(request: HttpRequest) -> HttpResponse:
    """Plans there are, and a form for one more."""
    team = len(list_contracts())
    initial = {
        "months": 12, "leavers": round(team / 10), "person_years": team or 1, "lead": 3, "training": 1,
        "week_hours": 38, "away": 18, "chance": 80,
    }  # fmt: skip
    form = HiringForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(user_of(request), "plan.edit")
        if form.is_valid():
            try:
                row = services.ask_hiring(
                    name=form.cleaned_data["name"],
                    day=today(),
                    asked=form.asked(),
                    by=user_of(request).pk,
                )
                return HttpResponseRedirect(reverse("planner:what_if", args=[row.pk]))
            except Invalid as invalid:
                form.refuse(invalid)
    return asking(request, "hiring", "planner/hirings.html", form)


def answer(row: WhatIf) -> dict[str, Any]:
    """The plan in words, rows and a picture."""
    months, asked = row.result["months"], HiringAsked(**row.changes)
    labels = [date_format(date.fromisoformat(one["month"]), "M") for one in months]
    return {
        "months": [_month(one) for one in months],
        "finding": _finding(row.result),
        "assumed": _assumed(row.result, asked),
        "late": [_name(months[number]["month"]) for number in row.result["late"]],
        "chance": asked.chance,
        "drawings": pictures.lines(
            labels,
            {"chart-middle": [one["present"][1] for one in months], "plan-line": [one["planned"][1] for one in months]},
            steps={"need-line": [one["need"] for one in months]},
            band=[(one["planned"][0], one["planned"][2]) for one in months],
        ),
    }  # fmt: skip


def _name(month: str) -> str:
    return date_format(date.fromisoformat(month), "F Y")


def _month(one: dict[str, Any]) -> dict[str, Any]:
    def hours(told: list[float]) -> dict[str, str]:
        low, middle, high = (f"{value:,.0f}" for value in told)
        return {"low": low, "middle": middle, "high": high}

    return {
        "name": _name(one["month"]), "need": f"{one['need']:,.0f}",
        "contacts": f"{one['contacts']:,.0f}" if "contacts" in one else "–",
        "season": f"{100 * one.get('season', 1.0):.0f}%", "agreed": one.get("agreed", 0),
        "present": hours(one["present"]),
        "planned": hours(one["planned"]), "without": f"{100 * one['chance_present']:.0f}%",
        "with": f"{100 * one['chance_planned']:.0f}%", "starts": one["starts"], "decide": one["decide"],
        "people": hours(one["people"]),
    }  # fmt: skip


def _finding(result: dict[str, Any]) -> str:
    if not result["hires"]:
        return gettext("Nobody has to be hired in these months.")
    words = ngettext(
        "%(count)s person has to be hired.", "%(count)s people have to be hired.", result["hires"]
    )
    found = words % {"count": result["hires"]}
    first = next((one for one in result["months"] if one["decide"]), None)
    if first is None:
        return found
    more = ngettext(
        "Decide on %(count)s in %(month)s.", "Decide on the first %(count)s in %(month)s.", first["decide"]
    )
    return f"{found} {more % {'count': first['decide'], 'month': _name(first['month'])}}"


def _assumed(result: dict[str, Any], asked: HiringAsked) -> list[str]:
    low, middle, high = (f"{100 * one:.0f}" for one in result["yearly"])
    growth = 100 * (result["growth"][0] - 1)
    return [
        gettext("In a year %(middle)s%% leave, %(low)s to %(high)s%%, from %(leavers)s of %(years)s years of people.")
        % {"middle": middle, "low": low, "high": high, "leavers": asked.leavers, "years": f"{asked.person_years:g}"},
        gettext("Contacts grow by %(growth)s%% a year, as far as whole weeks of history surely tell.")
        % {"growth": f"{growth:.0f}"},
        _season_words(result),
        gettext("Hours are at work, without %(away)s%% of leave, sickness and training; breaks are in the need.")
        % {"away": asked.away},
        gettext("Everybody leaves or stays by themselves; nobody comes back, and contracts stay as they are."),
    ]  # fmt: skip


def _season_words(result: dict[str, Any]) -> str:
    """Where the year's shape comes from."""
    months, source = result["months"], result.get("season_from", "none")
    if source == "none":
        return gettext(
            "Every month of the year is alike, as far as %(weeks)s weeks of history surely tell."
        ) % {"weeks": result.get("season_weeks", 0)}
    most, least = (pick(months, key=lambda one: one["season"]) for pick in (max, min))
    words = {
        "history": gettext(
            "Seasons come from %(weeks)s weeks: "
            "most in %(most)s (%(high)s%%), fewest in %(least)s (%(low)s%%)."
        ),
        "told": gettext(
            "Seasons are as you said: most in %(most)s (%(high)s%%), fewest in %(least)s (%(low)s%%)."
        ),
    }[source]
    return words % {
        "weeks": result["season_weeks"], "most": _name(most["month"]), "least": _name(least["month"]),
        "high": f"{100 * most['season']:.0f}", "low": f"{100 * least['season']:.0f}",
    }  # fmt: skip


@require_GET
@planner_view("plan.read")
def file(request: HttpRequest, what_if_id: UUID) -> HttpResponse:
    """The months as CSV."""
    row = selectors.get_what_if(what_if_id)
    if row.kind != "hiring" or row.state != "done":
        raise NotFound(_("There is no such plan."), code="scenario-unknown")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in row.result["months"]:
        writer.writerow([
            one["month"], one.get("contacts", 0), round(100 * one.get("season", 1.0), 1), one["need"],
            *one["present"], *one["planned"], round(100 * one["chance_present"], 1),
            round(100 * one["chance_planned"], 1), one["starts"], one["decide"],
            one.get("agreed", 0),
        ])  # fmt: skip
    answer_file = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer_file["Content-Disposition"] = f'attachment; filename="hiring-{row.day.isoformat()}.csv"'
    return answer_file
