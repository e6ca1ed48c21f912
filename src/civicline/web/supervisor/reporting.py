"""Today's report, or any day's: as a page with every definition beside its number, and as CSV."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from civicline.engine.measures import Measured
from civicline.insight import wording
from civicline.insight.board import FEW
from civicline.insight.definitions import definition_of
from civicline.insight.reports import Report, Row, day_report
from civicline.insight.tables import NAMES, report_rows
from civicline.intake import selectors as intake
from civicline.kernel import audit, clock
from civicline.kernel.errors import Invalid
from civicline.routing import selectors as routing
from civicline.web.supervisor import pages
from civicline.web.supervisor.access import supervisor_view
from civicline.web.supervisor.tables import csv_response

TITLES = {
    "service_level_counted": _("Service level, short abandons counted"),
    "service_level_left_out": _("Service level, short abandons left out"),
    "asa": _("Average speed of answer (ASA)"),
    "abandonment_counted": _("Abandonment, short abandons counted"),
    "abandonment_left_out": _("Abandonment, short abandons left out"),
    "short_abandonment": _("Short abandons"),
    "ewt_calibration": _("Told waits that held"),
    "ewt_mae": _("Told waits, mean error"),
    "occupancy": _("Occupancy"),
    "csat": _("Satisfaction, 0 to 100"),
    "ces": _("Ease, 1 to 7"),
}


def _day(request: HttpRequest) -> datetime:
    """Noon of the day that was asked for, today without one; a day that is none is said so."""
    text = request.GET.get("day", "").strip()
    if not text:
        return clock.now()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("Enter a day like 2026-03-02."), code="day-unknown") from None
    if not 1990 <= day.year <= 2200:
        raise Invalid(_("Enter a day like 2026-03-02."), code="day-unknown")
    return datetime.combine(day, time(12), timezone.get_current_timezone())


def _asked(request: HttpRequest) -> Report:
    return day_report(_day(request), request.GET.get("queue", ""))


def shown(figure: Measured) -> str:
    """A measure as it is printed: shares in per cent, or as counts while they are few; times as minutes."""
    if figure.value is None:
        return "–"
    if figure.definition in ("asa", "ewt_mae"):
        return wording.clock_words(figure.value)
    if figure.definition == "csat":
        return f"{figure.value:.0f}"
    if figure.definition == "ces":
        return f"{figure.value:.1f}"
    if figure.definition == "occupancy":
        return f"{figure.value * 100:.0f}%"
    if figure.denominator < FEW:
        return str(
            _("%(part)s of %(whole)s") % {"part": int(figure.numerator), "whole": int(figure.denominator)}
        )
    return f"{figure.value * 100:.1f}%"


def _of(figure: Measured) -> str:
    """What was divided by what; times as hours, minutes and seconds."""
    times = {"asa": (True, False), "ewt_mae": (True, False), "occupancy": (True, True)}
    above, below = times.get(figure.definition, (False, False))
    return " / ".join(
        wording.clock_words(number) if is_time else f"{number:g}"
        for number, is_time in ((figure.numerator, above), (figure.denominator, below))
    )


def _figure(figure: Measured) -> dict[str, Any]:
    return {
        "title": TITLES.get(figure.definition, NAMES[figure.definition]),
        "value": shown(figure),
        "of": _of(figure),
        "definition": definition_of(figure),
    }


def _line(name: str, row: Row) -> dict[str, Any]:
    counts = row.counts
    return {
        "name": name,
        "arrived": row.arrived,
        "offered": counts.offered,
        "answered": counts.answered,
        "within": pages.share(counts.answered_within, counts.offered),
        "left_out": pages.share(counts.answered_within, counts.offered - counts.short_abandoned),
        "asa": wording.clock_words(counts.waited_seconds / counts.answered) if counts.answered else "–",
        "abandoned": counts.abandoned,
        "short": counts.short_abandoned,
        "held": pages.share(row.waits.held, row.waits.told),
        "written": pages.share(row.written[0], row.written[1]) if row.written[1] else "–",
    }


@require_GET
@supervisor_view("report.read")
def report(request: HttpRequest) -> HttpResponseBase:
    """One day's report."""
    found = _asked(request)
    day = timezone.localtime(found.start).date()
    context = {
        "report": found,
        "day": day.isoformat(),
        "day_start": found.start,
        "is_today": day == timezone.localtime(clock.now()).date(),
        "queue_code": request.GET.get("queue", ""),
        "queue_choices": [(one.code, wording.name_of(one)) for one in routing.list_queues()],
        "figures": [_figure(figure) for figure in found.figures],
        "by_queue": [_line(wording.name_of(one), row) for one, row in found.queues],
        "by_channel": [_line(str(wording.CHANNELS.get(row.key, row.key)), row) for row in found.channels],
        "by_interval": [_line(row.key, row) for _moment, row in found.intervals],
        "total": _line("", found.total),
    }
    return pages.page(request, "supervisor/report.html", context, section="report")


@require_GET
@supervisor_view("report.export")
def report_csv(request: HttpRequest) -> HttpResponseBase:
    """The report as CSV; `bom=1` for spreadsheets that need it."""
    found = _asked(request)
    day = timezone.localtime(found.start).date()
    audit.record("report.exported", object=("report", day.isoformat()))
    return csv_response(report_rows(found), f"report-{day}.csv", bom=request.GET.get("bom") == "1")


CONTACT_HEAD = (
    "reference",
    "channel",
    "service",
    "queue",
    "state",
    "arrived_at",
    "queued_at",
    "connected_at",
    "closed_at",
    "told_low_s",
    "told_high_s",
    "priority",
    "disposition",
    "cause",
    "subject",
)


@require_GET
@supervisor_view("report.export")
def contacts_csv(request: HttpRequest) -> HttpResponseBase:
    """The contacts that arrived on a day, as CSV: facts of the work, and no resident's name or address."""
    found = _asked(request)
    rows: list[tuple[object, ...]] = [CONTACT_HEAD]
    for one in intake.contacts_arrived(found.start, found.end):
        if found.queue is not None and one.queue_id != found.queue.pk:
            continue
        rows.append(
            (
                one.reference,
                one.channel,
                one.service.code if one.service else "",
                one.queue.code if one.queue else "",
                one.state,
                *(_iso(at) for at in (one.arrived_at, one.queued_at, one.connected_at, one.closed_at)),
                one.told_low_s,
                one.told_high_s,
                one.priority,
                one.disposition,
                one.cause,
                one.subject,
            )
        )
    day = timezone.localtime(found.start).date()
    audit.record("contacts.exported", object=("report", day.isoformat()), data={"rows": len(rows) - 1})
    return csv_response(rows, f"contacts-{day}.csv", bom=request.GET.get("bom") == "1")


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
