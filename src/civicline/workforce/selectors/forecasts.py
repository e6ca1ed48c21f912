"""Forecasts that were made, and what is known of days to come."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.engine.forecast import Calendar, Event
from civicline.intake.selectors import hours_of
from civicline.kernel.errors import NotFound
from civicline.workforce.models import DayMark, Forecast
from civicline.workforce.selectors.history import Line, series, today

if TYPE_CHECKING:
    from civicline.routing.models import Queue

PAST_RUNS = 8
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a forecast: numbers for each slot, in contacts. `actual` is empty for days to come."""

    day: date
    starts: tuple[int, ...]
    median: list[float]
    expected: list[float]
    low: list[float]
    high: list[float]
    note: str
    actual: list[float | None]


def get_forecast(forecast_id: UUID) -> Forecast:
    """A run by id; NotFound when there is none."""
    found = (
        Forecast.objects.select_related("queue__calendar", "like__calendar").filter(pk=forecast_id).first()
    )
    if found is None:
        raise NotFound(_("There is no such forecast."), code="forecast-unknown")
    return found


def newest(line: Line) -> Forecast | None:
    """The newest forecast of a line that is done."""
    rows = Forecast.objects.filter(
        queue_id=line.queue_id, channel=line.channel, language=line.language, state=Forecast.State.DONE
    )
    return rows.order_by("-made_at").first()


def newest_of_all() -> dict[int, Forecast]:
    """The newest done forecast of each queue, of all its channels and languages."""
    rows = Forecast.objects.filter(channel="", language="", state=Forecast.State.DONE).order_by("made_at")
    newest_ids = dict(rows.values_list("queue_id", "pk"))
    return {one.queue_id: one for one in Forecast.objects.filter(pk__in=list(newest_ids.values()))}


def underway(line: Line) -> Forecast | None:
    """The last run asked for, when it is not done: waiting, running or failed."""
    rows = Forecast.objects.filter(queue_id=line.queue_id, channel=line.channel, language=line.language)
    last = rows.order_by("-asked_at").first()
    return None if last is None or last.state == Forecast.State.DONE else last


def past_runs(line: Line) -> QuerySet[Forecast]:
    """The last runs with their accuracy, newest first."""
    rows = Forecast.objects.filter(
        queue_id=line.queue_id, channel=line.channel, language=line.language, state=Forecast.State.DONE
    )
    return (
        rows.exclude(accuracy={})
        .only("made_at", "first", "accuracy", "notes")
        .order_by("-made_at")[:PAST_RUNS]
    )


def marks(queue_id: int | None = None) -> QuerySet[DayMark]:
    """What people said about days, the latest first: of one queue (with those of all), or everything."""
    rows = DayMark.objects.select_related("queue", "made_by").order_by("-first", "pk")
    return rows if queue_id is None else rows.filter(Q(queue_id=queue_id) | Q(queue__isnull=True))


def calendar_of(queue: Queue) -> Calendar:
    """Public holidays of the queue's opening hours, with what people said about days."""
    known = hours_of(queue.calendar).holidays
    holidays = dict(known) if isinstance(known, dict) else {day: str(_("Public holiday")) for day in known}
    events: dict[date, list[Event]] = defaultdict(list)
    outliers = set()
    for mark in marks(queue.pk):
        for number in range((mark.last - mark.first).days + 1):
            day = mark.first + timedelta(days=number)
            if mark.kind == DayMark.Kind.HOLIDAY:
                holidays[day] = mark.name
            elif mark.kind == DayMark.Kind.OUTLIER:
                outliers.add(day)
            else:
                events[day].append(Event(mark.name, mark.factor))
    return Calendar(
        holidays=holidays,
        events={day: tuple(found) for day, found in events.items()},
        outliers=frozenset(outliers),
    )


def days_of(forecast: Forecast, first: date, count: int) -> list[Day]:
    """The forecast's days in [first, first + count), today's with the update if one was made."""
    if forecast.first is None:
        return []
    found = []
    actual = _actual(forecast, first, count)
    for number in range(count):
        day = first + timedelta(days=number)
        row = (day - forecast.first).days
        if not 0 <= row < len(forecast.rows.get("median", ())):
            continue
        numbers = {name: forecast.rows[name][row] for name in ("median", "expected", "low", "high")}
        updated = forecast.rows.get("today")
        if updated and updated["day"] == day.isoformat():
            numbers = {name: updated[name] for name in numbers}
        note = forecast.notes[row] if row < len(forecast.notes) else ""
        found.append(Day(day, tuple(forecast.starts), note=note, actual=actual.get(day, []), **numbers))
    return found


def next_open_day(forecast: Forecast, first: date) -> date:
    """The first day from `first` on, within two weeks, on which a contact is rather expected than not.

    `first` where there is none. One contact on some Sunday long ago does not make Sundays open.
    """
    found = (one.day for one in days_of(forecast, first, 14) if sum(one.expected) >= LIKELY)
    return next(found, first)


def _actual(forecast: Forecast, first: date, count: int) -> dict[date, list[float | None]]:
    """What came on days that are over."""
    if first >= today():
        return {}
    line = Line(forecast.queue_id, forecast.channel, forecast.language)
    history = series(line, forecast.interval, until=min(today(), first + timedelta(days=count)))
    if history is None:
        return {}
    places = {start: at for at, start in enumerate(history.starts)}
    found = {}
    for number in range(count):
        row = (first + timedelta(days=number) - history.first).days
        if 0 <= row < history.days:
            counts = history.counts[row]
            found[first + timedelta(days=number)] = [
                float(counts[places[s]]) if s in places and counts[places[s]] == counts[places[s]] else None
                for s in forecast.starts
            ]
    return found
