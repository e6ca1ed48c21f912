"""Being on call: my duties, telling that I was called out and from when I am rested; and where I would rather work."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from civicline.kernel import clock
from civicline.kernel.errors import Invalid, NotFound
from civicline.web.mine.access import done, my_view, page
from civicline.web.mine.trading import turns_on_the_move
from civicline.workforce.selectors import duty_trades, rosters
from civicline.workforce.selectors import on_call as selectors
from civicline.workforce.selectors.history import today
from civicline.workforce.services import on_call as services
from civicline.workforce.services import sites

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.workforce.models import OnCallDuty

BACK, AHEAD = timedelta(days=7), timedelta(days=42)


@require_GET
@my_view
def on_call(request: HttpRequest, agent: Agent) -> HttpResponse:
    """My duties of the last week and the six to come."""
    rows = selectors.own_duties(agent.pk, today() - BACK, today() + AHEAD)
    now = clock.now()
    asked = duty_trades.duties_asked_about([row.pk for row in rows])
    shown = [_shown(row, agent, now) | {"asked": row.pk in asked} for row in rows]
    context = {
        "now": [one for one in shown if one["running"]],
        "later": [one for one in shown if one["row"].start > now],
        "past": [one for one in reversed(shown) if one["row"].end <= now],
        **turns_on_the_move(agent),
    }
    return page(request, "mine/on_call.html", context, section="on_call")


def _shown(row: OnCallDuty, agent: Agent, now: datetime) -> dict[str, Any]:
    return {
        "row": row, "name": row.rule.name, "running": row.start <= now < row.end, "begun": row.start <= now,
        "call_outs": [
            {"row": one, "rested": selectors.rested_from(agent.pk, one.end)} for one in row.call_outs.all()
        ],
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@my_view
def called_out(request: HttpRequest, agent: Agent, duty_id: UUID) -> HttpResponse:
    """Tell that I was called out: from when until when."""
    days = (today() - BACK, today() + AHEAD)
    duty = next((one for one in selectors.own_duties(agent.pk, *days) if one.pk == duty_id), None)
    if duty is None:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    given = {name: request.POST.get(name, "") for name in ("start", "end", "note")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            return done(request, lambda: _told(duty, agent, given), reverse("mine:on_call"), fields=True)
        except Invalid as invalid:
            wrong = invalid.field_messages()
    context = {"duty": duty, "given": given, "wrong": wrong}
    return page(request, "mine/called_out.html", context, section="on_call", status=422 if wrong else 200)


def _told(duty: OnCallDuty, agent: Agent, given: dict[str, str]) -> str:
    start = _moment(given["start"], "start", duty.start)
    end = _moment(given["end"], "end", start)
    row = services.tell_call_out(duty_id=duty.pk, agent_id=agent.pk, start=start, end=end, note=given["note"])
    rested = timezone.localtime(selectors.rested_from(agent.pk, row.end))
    words = gettext("It is noted. You are rested from %(time)s; a shift before that begins then.")
    return words % {"time": f"{rested:%H:%M}"}


def _moment(text: str, field: str, after: datetime) -> datetime:
    """The first moment from `after` on at which clocks show this time."""
    try:
        hour, minute = (int(part) for part in text.split(":")[:2])
        local = timezone.localtime(after).replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        raise Invalid(fields={field: _("Enter a time like 08:30.")}) from None
    if local < after:
        day = local.date() + timedelta(days=1)
        local = local.replace(year=day.year, month=day.month, day=day.day)
    return local


@require_POST
@my_view
def places(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Where I would rather work, by weekday."""
    chosen = {day: place for day in range(7) if (place := request.POST.get(f"place_{day}", ""))}

    def deed() -> str:
        sites.save_place_wishes(agent_id=agent.pk, places=chosen)
        return gettext("It is noted. The next plan counts with it.")

    return done(request, deed, reverse("mine:shifts"))


def place_wishes(agent: Agent) -> list[dict[str, Any]]:
    """For the page of shifts: what I said for each weekday; nothing for whose contract leaves no choice."""
    contract = rosters.find_contract(agent.pk)
    if contract is None or contract.place != "either":
        return []
    said = {one.weekday: one.kind for one in rosters.wishes_of(agent.pk) if one.kind in ("home", "office")}
    monday = date(2024, 1, 1)  # some Monday
    return [
        {
            "name": f"place_{day}",
            "words": date_format(monday + timedelta(days=day), "l"),
            "value": said.get(day, ""),
        }
        for day in range(7)
    ]
