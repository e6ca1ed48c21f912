"""My shifts: today, this week, this month; and my calendar's own address."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from civicline.kernel import clock
from civicline.web.mine.access import done, my_view, page
from civicline.web.mine.on_call import place_wishes
from civicline.workforce import wording
from civicline.workforce.rules import day_of, paid_minutes
from civicline.workforce.selectors import on_call, trades
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors.fairness import shares
from civicline.workforce.selectors.history import local_midnight, today
from civicline.workforce.selectors.rosters import monday_of
from civicline.workforce.services import feeds

if TYPE_CHECKING:
    from civicline.people.models import Agent
    from civicline.workforce.models import Leave, OnCallDuty, Shift

SPANS = ("day", "week", "month")


@require_GET
@my_view
def shifts(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What I work: today, in a week, or in a month."""
    wanted = request.GET.get("span", "week")
    span = wanted if wanted in SPANS else "week"
    day = _asked(request)
    first, last = _bounds(span, day)
    rows = selectors.own_shifts(agent.pk, first, last)
    leaves = [
        one for one in selectors.own_leaves(agent.pk, first) if one.state == "approved" and one.first <= last
    ]
    duties = on_call.own_duties(agent.pk, first, last)
    moving = [trade for trade in trades.SHIFTS.own(agent.pk) if trade.state == "asked"]
    asked = {trade.thing_id for trade in moving}
    feed = selectors.has_feed(agent.pk)
    context = {
        "tabs": [
            {"label": words, "href": f"?span={code}", "current": code == span}
            for code, words in (
                ("day", gettext("Today")),
                ("week", gettext("Week")),
                ("month", gettext("Month")),
            )
        ],
        "span": span,
        "shown": wording.day_words(first)
        if first == last
        else f"{wording.day_words(first)} – {wording.day_words(last)}",
        "earlier": f"?span={span}&day={(first - timedelta(days=1)).isoformat()}",
        "later": f"?span={span}&day={(last + timedelta(days=1)).isoformat()}",
        "asked_swaps": sum(trade.taker_id == agent.pk and not trade.agreed for trade in moving),
        "asked_offers": len(selectors.offers_to(agent.pk, clock.now())[0]),
        "entries": _in_order([_shown(shift, asked) for shift in rows], duties, leaves),
        "month": _month(first, rows, duties, leaves) if span == "month" else [],
        "weekdays": [date_format(date(2024, 1, number), "D") for number in range(1, 8)],
        "hours": _hours(sum(map(paid_minutes, rows))),
        "places": place_wishes(agent),
        "share": _share(agent),
        "feed": feed,
        "feed_address": request.session.pop("feed_address", ""),
    }
    return page(request, "mine/shifts.html", context, section="shifts")


def _share(agent: Agent) -> list[tuple[str, str]]:
    """What twelve weeks up to this one brought, in pairs for a list; nothing without a contract or a shift."""
    found = next((one for one in shares(monday_of(today())) if one.agent_id == agent.pk), None)
    if found is None or not found.shifts:
        return []
    told = [
        (gettext("Shifts"), str(found.shifts)),
        (gettext("Early, late and weekend together"), str(found.unliked)),
        (gettext("As many would be even"), f"{found.due:.1f}".removesuffix(".0")),
        (gettext("Turns on call"), str(found.turns)),
    ]
    if found.wishes:
        words = gettext("%(kept)s of %(all)s") % {"kept": found.wishes_kept, "all": found.wishes}
        told.append((gettext("Wishes met"), words))
    return told


def _asked(request: HttpRequest) -> date:
    try:
        found = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today()
    return found if 1990 <= found.year <= 2200 else today()


def _bounds(span: str, day: date) -> tuple[date, date]:
    if span == "day":
        return day, day
    if span == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}".removesuffix(".0")


def _shown(shift: Shift, asked: set[Any]) -> dict[str, Any]:
    return {
        "row": shift,
        "kind": wording.SHIFT_KINDS[shift.kind],
        "place": wording.PLACES[shift.place],
        "hours": _hours(paid_minutes(shift)),
        "breaks": [
            {"at": shift.start + timedelta(minutes=after), "minutes": minutes}
            for after, minutes, _paid in shift.breaks
        ],
        "asked": shift.pk in asked,
        "to_come": shift.start > clock.now(),
        "today": day_of(shift) == today(),
    }


def _in_order(
    rows: list[dict[str, Any]], duties: list[OnCallDuty], leaves: list[Leave]
) -> list[dict[str, Any]]:
    """Shifts, turns on call and days away as they follow each other."""
    found: list[tuple[datetime, str, Any]] = [(one["row"].start, "shift", one) for one in rows]
    found += [(one.start, "duty", one) for one in duties]
    for one in leaves:
        away = {"row": one, "kind": wording.LEAVE_KINDS[one.kind]}
        found.append((local_midnight(one.first), "leave", away))
    found.sort(key=lambda entry: entry[0])
    return [{"kind": kind, "what": what} for _at, kind, what in found]


def _month(
    first: date, rows: list[Shift], duties: list[OnCallDuty], leaves: list[Leave]
) -> list[list[dict[str, Any] | None]]:
    """Weeks of a month from Monday to Sunday; None before its first and after its last day."""
    by_day: dict[date, list[Shift]] = defaultdict(list)
    for shift in rows:
        by_day[day_of(shift)].append(shift)
    on_call_days = {localdate(one.start) for one in duties}
    days: list[dict[str, Any] | None] = [None] * first.weekday()
    day = first
    while day.month == first.month:
        away = any(one.first <= day <= one.last for one in leaves)
        cell = {"day": day, "shifts": by_day.get(day, []), "away": away, "today": day == today()}
        days.append(cell | {"on_call": day in on_call_days})
        day += timedelta(days=1)
    days += [None] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


@require_POST
@my_view
def feed(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Make a new secret address for my calendar, or end the one there is."""

    def deed() -> str:
        if request.POST.get("deed") == "end":
            feeds.end_feed(agent_id=agent.pk)
            return gettext("The address opens nothing any more.")
        secret = feeds.make_feed(agent_id=agent.pk)
        path = reverse("mine:feed_file", kwargs={"secret": secret})
        request.session["feed_address"] = request.build_absolute_uri(path)
        return gettext("Here is the new address. It is shown only now.")

    return done(request, deed, reverse("mine:shifts"))
