"""A report as rows and as plain values: for the page, the download, the command line and the public API alike."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from civicline.engine.measures import Measured
from civicline.insight.definitions import definition_of
from civicline.insight.reports import Report, Row, figures_of

NAMES = {
    "service_level_counted": "Service level, short abandons counted",
    "service_level_left_out": "Service level, short abandons left out",
    "asa": "Average speed of answer (ASA)",
    "abandonment_counted": "Abandonment, short abandons counted",
    "abandonment_left_out": "Abandonment, short abandons left out",
    "short_abandonment": "Short abandons",
    "ewt_calibration": "Told waits that held (EWT calibration)",
    "ewt_mae": "Told waits, mean absolute error (MAE)",
    "occupancy": "Occupancy",
    "csat": "Satisfaction (CSAT, GOV.UK)",
    "ces": "Ease (CES 2.0)",
}
UNITS = {"asa": "s", "ewt_mae": "s", "csat": "of 100", "ces": "of 7"}
HEAD = (
    "part",
    "key",
    "measure",
    "value",
    "unit",
    "numerator",
    "denominator",
    "definition",
)


def plain_figure(figure: Measured) -> dict[str, Any]:
    """One measure with its definition, as plain values. A share is from 0 to 1."""
    return {
        "code": figure.definition,
        "name": NAMES[figure.definition],
        "value": None if figure.value is None else round(figure.value, 6),
        "unit": UNITS.get(figure.definition, "share"),
        "numerator": round(figure.numerator, 3),
        "denominator": round(figure.denominator, 3),
        "definition": definition_of(figure),
    }


def plain_row(row: Row) -> dict[str, Any]:
    """One line of counts with its measures."""
    counts = row.counts
    return {
        "key": row.key,
        "arrived": row.arrived,
        "offered": counts.offered,
        "answered": counts.answered,
        "answered_within": counts.answered_within,
        "abandoned": counts.abandoned,
        "short_abandoned": counts.short_abandoned,
        "written_answered": row.written[1],
        "written_in_time": row.written[0],
        "figures": [plain_figure(figure) for figure in figures_of(counts, row.waits)],
    }


def plain_report(report: Report) -> dict[str, Any]:
    """The whole report as plain values, ready for JSON."""
    return {
        "day": timezone.localtime(report.start).date().isoformat(),
        "start": report.start.isoformat(),
        "end": report.end.isoformat(),
        "made_at": report.made_at.isoformat(),
        "queue": report.queue.code if report.queue else None,
        "still_waiting": report.still_waiting,
        "total": plain_row(report.total),
        "figures": [plain_figure(figure) for figure in report.figures],
        "queues": [plain_row(row) for _queue, row in report.queues],
        "channels": [plain_row(row) for row in report.channels],
        "intervals": [plain_row(row) for _moment, row in report.intervals],
    }


def report_rows(report: Report) -> list[tuple[object, ...]]:
    """Head and lines of the report's CSV: one measure a line, so that every program can sort and filter it."""
    rows: list[tuple[object, ...]] = [HEAD]
    rows.extend(_lines("day", "total", report.figures))
    for part, kept in (
        ("queue", [row for _queue, row in report.queues]),
        ("channel", list(report.channels)),
        ("interval", [row for _moment, row in report.intervals]),
    ):
        for row in kept:
            rows.extend(_lines(part, row.key, figures_of(row.counts, row.waits)))
    return rows


def _lines(part: str, key: str, figures: list[Measured]) -> list[tuple[object, ...]]:
    lines = []
    for figure in figures:
        plain = plain_figure(figure)
        told = tuple(
            plain[name] for name in ("name", "value", "unit", "numerator", "denominator", "definition")
        )
        lines.append((part, key, *told))
    return lines
