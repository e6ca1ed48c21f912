"""A week of shifts: who works when, what is not kept, and the deeds that make, publish and take it back."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel import selectors as kernel
from civicline.kernel.errors import NotFound, Refused
from civicline.people import selectors as people
from civicline.web.planner import pages
from civicline.web.planner.access import planner_view
from civicline.workforce import wording
from civicline.workforce.rules import day_of, paid_minutes
from civicline.workforce.selectors import on_call, rosters
from civicline.workforce.selectors.coverage import cover
from civicline.workforce.selectors.seats import seat_days
from civicline.workforce.selectors.staffing import SLOT
from civicline.workforce.services import planning
from civicline.workforce.services import rosters as services

if TYPE_CHECKING:
    from civicline.workforce.models import Leave, OnCallDuty, Schedule, Shift
    from civicline.workforce.selectors.seats import SeatDay

DAYS = 7
SHOWN_CHANGES = 20
DEEDS = {
    "shift.added": _("added a shift"),
    "shift.moved": _("moved a shift"),
    "shift.given": _("gave a shift to somebody else"),
    "shift.removed": _("removed a shift"),
    "shift.traded": _("traded a shift"),
    "shift.rested": _("moved a shift for rest after a call-out"),
    "on_call.shared": _("shared the duties on call out"),
    "on_call.given": _("gave a duty on call to somebody"),
    "on_call.called_out": _("was called out"),
    "schedule.planned": _("planned the week"),
    "schedule.published": _("published the week"),
    "schedule.withdrawn": _("took the week back"),
}


def week_from(text: str) -> date:
    """The Monday that an address names. NotFound for what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotFound(_("There is no such week."), code="week-unknown") from None
    if not 1990 <= found.year <= 2200:
        raise NotFound(_("There is no such week."), code="week-unknown")
    return pages.monday_of(found)


def address(week: date) -> str:
    """The page of a week."""
    return f"{reverse('planner:week')}?week={week.isoformat()}"


@require_GET
@planner_view("plan.read")
def week(request: HttpRequest) -> HttpResponse:
    """One week, people down and days across."""
    first = pages.monday_of(pages.asked_day(request, "week"))
    schedule = rosters.find_schedule(first)
    shifts = rosters.shifts_of_week(first)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    contracts = list(rosters.list_contracts())
    names = {one.agent_id: one.agent.user.name for one in contracts}
    names |= {shift.agent_id: shift.agent.user.name for shift in shifts if shift.agent_id and shift.agent}
    absences = rosters.leaves_between(days[0], days[-1])
    duties = on_call.duties_of_week(first)
    seat_rows = seat_days(first, DAYS, shifts)
    context = {
        "week": first,
        "schedule": schedule,
        "days": [{"day": day, "words": wording.day_words(day)} for day in days],
        "rows": [
            _row(agent, name, days, shifts, absences, duties)
            for agent, name in sorted(names.items(), key=_by_name)
        ],
        "open_row": _cells(None, days, shifts, [], duties),
        "sums": _sums(first),
        "warnings": [*_warnings(names, first), *_seatless(seat_rows)],
        "given_up": schedule is not None and schedule.findings == planning.NEVER_ENDED,
        "findings": wording.finding_words(schedule.findings, first) if schedule else [],
        "seats": _seats(seat_rows),
        "earlier": f"?week={(first - timedelta(days=7)).isoformat()}",
        "later": f"?week={(first + timedelta(days=7)).isoformat()}",
        "hours": pages.hours_words(sum(map(paid_minutes, shifts))),
        "changes": _changes(first),
        **planning_state(schedule),
    }
    return pages.page(request, "planner/week.html", context, section="week")


def _by_name(item: tuple[UUID, str]) -> tuple[str, str]:
    return item[1].casefold(), str(item[0])


def _row(
    agent: UUID,
    name: str,
    days: list[date],
    shifts: list[Shift],
    absences: list[Leave],
    duties: list[OnCallDuty],
) -> dict[str, Any]:
    own = [shift for shift in shifts if shift.agent_id == agent]
    away = [leave for leave in absences if leave.agent_id == agent]
    return {
        "agent": agent, "name": name, "cells": _cells(agent, days, shifts, away, duties),
        "hours": pages.hours_words(sum(map(paid_minutes, own))),
    }  # fmt: skip


def _cells(
    agent: UUID | None,
    days: list[date],
    shifts: list[Shift],
    away: list[Leave],
    duties: list[OnCallDuty],
) -> list[dict[str, Any]]:
    by_day: dict[date, list[Shift]] = defaultdict(list)
    for shift in shifts:
        if shift.agent_id == agent:
            by_day[day_of(shift)].append(shift)
    return [
        {
            "day": day,
            "shifts": by_day[day],
            "duties": [
                one for one in duties if one.agent_id == agent and timezone.localtime(one.start).date() == day
            ],
            "away": next((wording.LEAVE_KINDS[one.kind] for one in away if one.first <= day <= one.last), ""),
        }
        for day in days
    ]


def _seatless(rows: list[SeatDay]) -> list[dict[str, Any]]:
    """Offices on days on which more would sit there than there are seats."""
    return [
        {
            "name": one.site.name, "soft": False,
            "words": gettext("On %(day)s from %(time)s more people work there than there are seats.")
            % {"day": wording.day_words(one.day), "time": pages.clock_words(one.full_from)},
        }
        for one in rows
        if one.full_from is not None
    ]  # fmt: skip


def _seats(rows: list[SeatDay]) -> list[dict[str, Any]]:
    """Each office with its seats, and on each day how many sit there at the fullest time."""
    found: dict[int, dict[str, Any]] = {}
    for one in rows:
        row = found.setdefault(one.site.pk, {"site": one.site, "days": []})
        full = pages.clock_words(one.full_from) if one.full_from is not None else ""
        row["days"].append({"most": one.most, "full": full})
    return list(found.values())


def _sums(first: date) -> list[dict[str, Any]]:
    return [
        {
            "day": day.day,
            "words": wording.day_words(day.day),
            "needed": pages.hours_words(sum(day.needed) * SLOT) if day.known else "",
            "planned": pages.hours_words(sum(day.planned) * SLOT),
            "short": pages.hours_words(day.short * 60) if day.short > 0.01 else "",
        }
        for day in cover(first, DAYS)
    ]


def _warnings(names: dict[UUID, str], first: date) -> list[dict[str, Any]]:
    last = first + timedelta(days=DAYS - 1)
    known = rosters.team(names, first - rosters.NEAR, last + rosters.NEAR)
    near = rosters.shifts_near(names, first, last)
    found = []
    for agent, name in sorted(names.items(), key=_by_name):
        for one in known.check(agent, near.get(agent, [])):
            day = one.values.get("day", "")
            if first.isoformat() <= day <= last.isoformat():
                found.append({"name": name, "words": one.words(), "soft": one.soft})
    return found


def _changes(first: date) -> list[dict[str, Any]]:
    rows = list(kernel.history("schedule", first.isoformat())[:SHOWN_CHANGES])
    names = {str(user.pk): user.name for user in people.list_staff()} if rows else {}
    return [
        {
            "who": names.get(row.actor_id, gettext("Civicline")),
            "deed": DEEDS.get(row.action, row.action),
            "about": names.get(str(row.data.get("agent")), ""),
            "at": row.at,
        }
        for row in rows
    ]


def planning_state(schedule: Schedule | None) -> dict[str, Any]:
    """How far the planning is that was asked for."""
    return {
        "planning": schedule.planning if schedule else "",
        "progress": schedule.progress if schedule else 0,
        "week_text": schedule.week.isoformat() if schedule else "",
    }


@require_GET
@planner_view("plan.read")
def state(request: HttpRequest, text: str) -> HttpResponse:
    """How far the planning is; the page asks again until it is done."""
    context = planning_state(rosters.find_schedule(week_from(text)))
    answer = render(request, "planner/_planning.html", context)
    if context["planning"] in ("", "done", "failed"):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@planner_view("plan.edit")
def plan(request: HttpRequest, text: str) -> HttpResponse:
    """Ask for a roster of the week."""
    first = week_from(text)
    try:
        planning.ask_plan(week=first)
    except Refused as refusal:
        return pages.refused(request, refusal, address(first))
    return pages.done(request, gettext("The week is being planned. It takes some seconds."), address(first))


@require_POST
@planner_view("plan.edit")
def publish(request: HttpRequest, text: str) -> HttpResponse:
    """Publish the week, or take it back."""
    first = week_from(text)
    try:
        if request.POST.get("deed") == "withdraw":
            services.withdraw_week(week=first)
            words = gettext("The week is a draft again.")
        else:
            services.publish_week(week=first)
            words = gettext("The week is published. Everybody sees their shifts.")
    except Refused as refusal:
        return pages.refused(request, refusal, address(first))
    return pages.done(request, words, address(first))
