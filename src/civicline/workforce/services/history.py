"""Keeping what came: counted from the event log each night, or read from a table that somebody has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from civicline.engine.forecast import Columns, History, HistoryError, Series, read_history
from civicline.kernel import audit
from civicline.kernel import selectors as kernel
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.workforce import events
from civicline.workforce.models import HistoryDay
from civicline.workforce.refusals import history_words
from civicline.workforce.selectors.history import (
    LOG_INTERVAL,
    arrivals,
    last_logged,
    local_midnight,
    slot_of,
    today,
)

MOST_DAYS_BACK = 400
MOST_ROWS = 400_000
KEYS = ("queue", "channel", "language")
INTERVALS = (15, 30, 60)
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: how many days of which queues, and what people should know of it."""

    days: int
    queues: tuple[str, ...]
    notes: tuple[str, ...]


def import_history(*, text: str, zone: str = "", queue: str = "", by: UUID | None = None) -> Imported:
    """Read a table of counts (or a log, a row a contact) and keep it, all of it or nothing.

    Columns as for `civicline forecast`: a time, a count, and if wanted `queue` (code or name), `channel`, `language`.
    `queue` is whose counts they are where the table has no such column. Days that are there already are replaced.
    Invalid says what is wrong and in which row.
    """
    lines = text.splitlines()
    if len(lines) > MOST_ROWS:
        raise Invalid(
            fields={"table": gettext_lazy("The table has more than 400,000 rows. Import it in parts.")}
        )
    heading = [cell.strip().strip('"').lower() for cell in _heading(lines)]
    by_columns = tuple(name for name in KEYS if name in heading)
    read = _read(lines, Columns(by=by_columns, zone=zone))
    days = _days(read, by_columns, queue)
    codes = _keep(rows=days, by=str(by) if by else "")
    count = len({row.day for row in days})
    return Imported(count, codes, (*map(history_words, read.notes), *_zero_notes(days)))


def _heading(lines: list[str]) -> list[str]:
    first = lines[0].lstrip("\ufeff") if lines else ""
    return first.split(max(",;\t", key=first.count))


def _read(lines: list[str], columns: Columns) -> History:
    try:
        history = read_history((f"{line}\n" for line in lines), columns=columns)
    except HistoryError as wrong:
        words = " ".join(map(history_words, wrong.every))
        raise Invalid(fields={"table": words}, code="history-unreadable") from wrong
    interval = next(iter(history.series.values())).interval
    if interval not in INTERVALS:
        words = _("The table counts every %(minutes)s minutes. Planning needs slots of 15, 30 or 60 minutes.")
        raise Invalid(fields={"table": words % {"minutes": interval}}, code="history-unreadable")
    return history


def _days(read: History, by: tuple[str, ...], queue: str) -> list[HistoryDay]:
    known = {one.code: one.pk for one in routing.list_queues()}
    names = {str(text).casefold(): one.pk for one in routing.list_queues() for text in one.name.values()}
    rows: dict[tuple[Key, date], HistoryDay] = {}
    for name, series in read.series.items():
        cells = dict(zip(by, name.split(" / "), strict=False)) if by else {}
        wanted = cells.get("queue") or queue
        queue_id = known.get(wanted) or names.get(wanted.casefold())
        if queue_id is None:
            raise Invalid(fields={"table": _unknown_queue(wanted, sorted(known))}, code="queue-unknown")
        key = (queue_id, cells.get("channel", "")[:16], cells.get("language", "")[:12])
        for row in _series_days(key, series):
            rows[key, row.day] = row
    return list(rows.values())


def _unknown_queue(wanted: str, known: list[str]) -> str:
    if not wanted:
        return _("The table names no queue. Choose whose counts these are.")
    words = _("There is no queue %(name)s. There are: %(known)s.")
    return words % {"name": wanted, "known": ", ".join(known)}


def _series_days(key: Key, series: Series) -> Iterable[HistoryDay]:
    slots = 1440 // series.interval
    places = [start // series.interval for start in series.starts]
    for number, counts in enumerate(series.counts.tolist()):
        if not any(map(isfinite, counts)):
            continue
        # Outside the hours that the table speaks of nothing came; inside, what is missing is unknown.
        filled: list[float | None] = [0.0] * slots
        for place, count in zip(places, counts, strict=True):
            filled[place] = count if isfinite(count) else None
        yield HistoryDay(
            queue_id=key[0], channel=key[1], language=key[2], day=series.first + timedelta(days=number),
            interval=series.interval, counts=filled, source=HistoryDay.Source.IMPORT,
        )  # fmt: skip


def _zero_notes(rows: list[HistoryDay]) -> list[str]:
    totals: dict[date, float] = defaultdict(float)
    for row in rows:
        totals[row.day] += sum(count or 0 for count in row.counts)
    zeros = sorted(day for day, total in totals.items() if not total)
    if not zeros or len(zeros) == len(totals):
        return []
    words = ngettext(
        "%(days)s has only zeros. Mark it as a day to learn nothing from if the count was broken.",
        "%(days)s have only zeros. Mark them as days to learn nothing from if the count was broken.",
        len(zeros),
    )
    shown = ", ".join(day.isoformat() for day in zeros[:5]) + (" ..." if len(zeros) > 5 else "")
    return [words % {"days": shown}]


@writes
def _keep(*, rows: list[HistoryDay], by: str) -> tuple[str, ...]:
    """Store days, in place of those of the same line and day; the log's days under an imported line go."""
    ids = {row.queue_id for row in rows}
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    span = HistoryDay.objects.filter(queue_id__in=ids, day__gte=first, day__lte=last)
    span.filter(source=HistoryDay.Source.LOG).delete()
    _store(rows)
    codes = tuple(sorted(one.code for one in routing.list_queues() if one.pk in ids))
    data = {"days": len({row.day for row in rows}), "queues": list(codes)}
    emit(events.HISTORY_IMPORTED, subject=("history", first.isoformat()), data=data)
    audit.record("history.imported", object=("history", "table"), data={**data, "by": by})
    return codes


def _store(rows: list[HistoryDay]) -> None:
    HistoryDay.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["interval", "counts", "source"],
        unique_fields=["queue", "channel", "language", "day"], batch_size=100,
    )  # fmt: skip


@writes
def keep_days(*, days: Mapping[Key, Mapping[date, list[float]]], interval: int) -> int:
    """Store counts that another programme worked out: {(queue, channel, language): {day: counts}}. How many days."""
    rows = [
        HistoryDay(
            queue_id=key[0], channel=key[1], language=key[2], day=day, interval=interval, counts=counts,
            source=HistoryDay.Source.IMPORT,
        )
        for key, by_day in days.items()
        for day, counts in by_day.items()
    ]  # fmt: skip
    _store(rows)
    return len(rows)


def count_arrivals() -> int:
    """Count the days that are over and were not counted yet, from the event log. Returns how many days were.

    Days that somebody imported stay as they are. Queues to which nothing came on a day have noughts, if anything did.
    """
    done = 0
    end = today()
    last = last_logged()
    day = max(
        last + timedelta(days=1) if last else end - timedelta(days=MOST_DAYS_BACK),
        end - timedelta(days=MOST_DAYS_BACK),
    )
    first = _first_event_day(day)
    while first is not None and first < end:
        done += _count_day(day=first)
        first += timedelta(days=1)
    return done


def _first_event_day(day: date) -> date | None:
    """The first day from `day` on of which the log tells something."""
    found = kernel.events_named(["contact.queued"], local_midnight(day), local_midnight(today())).first()
    return max(day, found.at.astimezone(local_midnight(day).tzinfo).date()) if found else None


@writes
def _count_day(*, day: date) -> int:
    counts: dict[Key, list[int]] = defaultdict(lambda: [0] * (1440 // LOG_INTERVAL))
    for at, queue_id, channel, language in arrivals(
        local_midnight(day), local_midnight(day + timedelta(days=1))
    ):
        counts[queue_id, channel, language][slot_of(at, LOG_INTERVAL)] += 1
    if not counts:
        return 0
    imported = set(
        HistoryDay.objects.filter(day=day, source=HistoryDay.Source.IMPORT).values_list("queue_id", flat=True)
    )
    came = {key[0] for key in counts}
    for queue in routing.list_queues():
        if queue.pk not in came:
            counts[queue.pk, "", ""] = [0] * (1440 // LOG_INTERVAL)
    _store([
        HistoryDay(queue_id=key[0], channel=key[1], language=key[2], day=day, interval=LOG_INTERVAL, counts=slots)
        for key, slots in counts.items() if key[0] not in imported
    ])  # fmt: skip
    return 1


def count_arrivals_job(_payload: Mapping[str, Any]) -> None:
    """The nightly job."""
    count_arrivals()
