"""The calendar feed (iCalendar, RFC 5545) of one agent, opened by its secret address alone."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from civicline.kernel import clock
from civicline.workforce import wording
from civicline.workforce.selectors import on_call
from civicline.workforce.selectors import requests as selectors
from civicline.workforce.selectors.history import today

PAST, AHEAD = timedelta(days=30), timedelta(days=120)
DOMAIN = "civicline"
EACH = timedelta(hours=1)
"""So often a calendar asks again: until then a shift that was taken back still stands there."""


@require_safe
def feed_file(_request: HttpRequest, secret: str) -> HttpResponse:
    """Published shifts and approved leave of a month back and four ahead. 404 for a secret that opens nothing."""
    agent_id = selectors.agent_of_feed(secret)
    if agent_id is None:
        raise Http404
    calendar = Calendar()
    calendar.add("prodid", "-//Civicline//Shifts//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", gettext("My shifts"))
    calendar.add("refresh-interval", EACH, parameters={"VALUE": "DURATION"})  # RFC 7986
    calendar.add("x-published-ttl", "PT1H")  # the same for older calendars
    stamp = clock.now()
    for shift in selectors.own_shifts(agent_id, today() - PAST, today() + AHEAD):
        event = Event()
        event.add("uid", f"shift-{shift.pk}@{DOMAIN}")
        event.add("dtstamp", stamp)
        event.add("sequence", shift.version)
        event.add("dtstart", shift.start)
        event.add("dtend", shift.end)
        event.add("summary", str(wording.SHIFT_KINDS[shift.kind]))
        event.add("location", str(wording.PLACES[shift.place]))
        pauses = [
            gettext("Break %(time)s, %(minutes)s min")
            % {
                "time": timezone.localtime(shift.start + timedelta(minutes=after)).strftime("%H:%M"),
                "minutes": minutes,
            }
            for after, minutes, _paid in shift.breaks
        ]
        if pauses:
            event.add("description", "\n".join(pauses))
        calendar.add_component(event)
    for duty in on_call.own_duties(agent_id, today() - PAST, today() + AHEAD):
        event = Event()
        event.add("uid", f"duty-{duty.pk}@{DOMAIN}")
        event.add("dtstamp", stamp)
        event.add("sequence", duty.version)
        event.add("dtstart", duty.start)
        event.add("dtend", duty.end)
        event.add("summary", gettext("On call: %(name)s") % {"name": duty.rule.name})
        event.add("transp", "TRANSPARENT")  # reachable, not busy
        calendar.add_component(event)
    for leave in selectors.own_leaves(agent_id, today() - PAST):
        if leave.state == "approved":
            event = Event()
            event.add("uid", f"leave-{leave.pk}@{DOMAIN}")
            event.add("dtstamp", stamp)
            event.add("dtstart", leave.first)
            event.add("dtend", leave.last + timedelta(days=1))
            event.add("summary", str(wording.LEAVE_KINDS[leave.kind]))
            calendar.add_component(event)
    answer = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
