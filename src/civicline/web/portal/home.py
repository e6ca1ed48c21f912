"""The front page, the search and the page of one service: what we do, when, and how long it takes now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language, gettext

from civicline.engine import hours
from civicline.intake import selectors as intake
from civicline.intake.catalogue import Catalogue, catalogue
from civicline.kernel import clock
from civicline.kernel.errors import NotFound
from civicline.kernel.texts import localized
from civicline.routing import selectors as routing
from civicline.web.portal import limits
from civicline.web.portal.finding import MOST_LETTERS, find_services
from civicline.web.portal.pages import portal_page, shared, show

if TYPE_CHECKING:
    from civicline.intake.models import Calendar, Service, ServiceMessage
    from civicline.routing.selectors import ServiceWait

HOLIDAYS_AHEAD = 90
KINDS = {"disruption": "attention", "information": "info", "over": "ok"}


@dataclass(frozen=True, slots=True)
class Offer:
    """One service as the pages show it, in the reader's language."""

    code: str
    name: str
    description: str
    href: str


@dataclass(frozen=True, slots=True)
class Talk:
    """How one can reach a person now, over all services that one can chat about. `wait` in seconds.

    state: open, full (write instead), closed.
    """

    state: str
    wait: tuple[int, int] | None
    waiting: int
    closes_at: datetime | None
    opens_at: datetime | None
    at: datetime


@portal_page
def home(request: HttpRequest) -> HttpResponseBase:
    """The front page."""
    offered, waits_told = catalogue(), routing.waits_now()
    return shared(request, "portal/home.html", (offered, waits_told), lambda: _home(offered, waits_told))


def _home(offered: Catalogue, waits_told: Sequence[ServiceWait]) -> dict[str, Any]:
    language = get_language() or "en"
    services = offered.services
    return {
        "title": gettext("How can we help?"),
        "groups": grouped(services, language),
        "examples": [offer(one, language) for one in services if one.case_type][:3],
        "messages": messages(offered.messages, language),
        "talk": talk_now(waits_told),
        "hours": week_of(services[0].calendar) if services else None,
        "asked": "",
    }


@portal_page
def waits(request: HttpRequest) -> HttpResponseBase:
    """The waits of the front page alone, drawn anew: its script asks each half minute."""
    waits_told = routing.waits_now()
    return shared(request, "portal/_talk.html", (waits_told,), lambda: {"talk": talk_now(waits_told)})


@portal_page
def search(request: HttpRequest) -> HttpResponseBase:
    """Services that fit what somebody wrote in their own words."""
    limits.spend(limits.SEARCHES, limits.address_of(request))
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:MOST_LETTERS]
    language = get_language() or "en"
    services = catalogue().services
    found = find_services(asked, services, language) if asked else []
    context = {
        "title": gettext("Search: %(words)s") % {"words": asked} if asked else gettext("Search"),
        "asked": asked,
        "found": [offer(one, language) for one in found],
        "talk": talk_now(routing.waits_now()),
        "general": next(
            (one.code for one in services if not one.case_type and "webform" in one.channels), ""
        ),
    }
    return show(request, "portal/search.html", context)


@portal_page
def service(request: HttpRequest, code: str) -> HttpResponseBase:
    """One service: what it is, when, how long now, and the ways in."""
    offered = catalogue()
    wait = _wait_of(code, "chat")
    if wait is not None and "chat" not in wait.service.channels:
        wait = _wait_of(code, "webform")
    if wait is None:
        raise NotFound(gettext("We have no such service, or have it no more. Look at all services."))
    return shared(request, "portal/service.html", (offered, wait), lambda: _service(wait, offered))


def _wait_of(code: str, channel: str) -> ServiceWait | None:
    return next((one for one in routing.waits_now(channel) if one.service.code == code), None)


def _service(wait: ServiceWait, offered: Catalogue) -> dict[str, Any]:
    language, row = get_language() or "en", wait.service
    return {
        "title": localized(row.name, language),
        "service": offer(row, language),
        "next_steps": localized(row.next_steps, language),
        "channels": row.channels,
        "wait": wait,
        "seconds": seconds_told(wait),
        "hours": week_of(row.calendar),
        "messages": messages(offered.messages_for(row.pk), language),
        "case_type": row.case_type,
    }


def offer(service: Service, language: str) -> Offer:
    """A service in the reader's words."""
    return Offer(
        code=service.code,
        name=localized(service.name, language) or service.code,
        description=localized(service.description, language),
        href=reverse("portal:service", args=[service.code]),
    )


def grouped(services: Sequence[Service], language: str) -> list[tuple[str, list[Offer]]]:
    """Services under their groups, both in the order the body gave them."""
    groups: dict[str, list[Offer]] = {}
    for one in services:
        groups.setdefault(localized(one.group, language), []).append(offer(one, language))
    return list(groups.items())


def messages(rows: Sequence[ServiceMessage], language: str) -> list[dict[str, str]]:
    """What everyone should know, as notices."""
    return [
        {
            "title": localized(row.title, language),
            "text": localized(row.body, language),
            "kind": KINDS.get(row.kind, "info"),
        }
        for row in rows
    ]


def seconds_told(wait: ServiceWait) -> tuple[int, int] | None:
    """The range of a service in seconds, None when there is none to tell."""
    told = wait.wait.range
    return (told.low_minutes * 60, told.high_minutes * 60) if told else None


def talk_now(waits_told: Sequence[ServiceWait]) -> Talk:
    """The chat as a whole: from the shortest wait of its services to the longest, and whether it is open at all."""
    told = [one for one in waits_told if "chat" in one.service.channels]
    now = told[0].wait.at if told else clock.now()
    live = [one for one in told if one.open and not one.full]
    ranges = [seconds for one in live if (seconds := seconds_told(one)) is not None]
    state = "open" if live else "full" if any(one.open for one in told) else "closed"
    return Talk(
        state=state,
        wait=(min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None,
        waiting=max((one.waiting for one in live), default=0),
        closes_at=_last_closing(live),
        opens_at=min((one.opens_at for one in told if one.opens_at), default=None),
        at=now,
    )


def _last_closing(live: Sequence[ServiceWait]) -> datetime | None:
    """When the last of these closes; None when one of them never does."""
    closings = [one.closes_at for one in live]
    known = [at for at in closings if at is not None]
    return max(known) if known and len(known) == len(closings) else None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week's hours. `spans` are (start, end) on the clock; none: closed, `why` says it if we know."""

    day: date
    today: bool
    spans: tuple[tuple[time, time], ...]
    all_day: bool
    why: str


@dataclass(frozen=True, slots=True)
class Week:
    """Opening hours from today on, for seven days; the next day that differs after that; or always open."""

    days: tuple[Day, ...]
    always: bool
    next_closed: Day | None


def week_of(calendar: Calendar) -> Week:
    """The hours of a calendar for seven days, in its own time."""
    cal = intake.hours_of(calendar)
    today = hours.local(cal, clock.now()).date()
    days = tuple(_day(cal, today + timedelta(days=ahead), today) for ahead in range(7))
    always = all(one.all_day for one in days)
    later = (_day(cal, today + timedelta(days=ahead), today) for ahead in range(7, HOLIDAYS_AHEAD))
    return Week(
        days, always, None if always else next((one for one in later if one.why and not one.spans), None)
    )


def _day(cal: hours.Calendar, day: date, today: date) -> Day:
    found = hours.day_hours(cal, day)
    spans = tuple((_clock(start), _clock(end)) for start, end in found.spans)
    why = found.detail if found.reason != "weekly" else ""
    return Day(day, day == today, spans, found.spans == ((0, hours.calendar.DAY_MINUTES),), why)


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
