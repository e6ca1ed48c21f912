"""What people say about days: events to come, days off, days to learn nothing from."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import DayMark

MOST_DAYS = 62
MOST_FACTOR = 20.0


@writes
def mark_days(
    *,
    kind: str,
    name: str,
    first: date,
    last: date | None = None,
    factor: float = 1.0,
    queue_id: int | None = None,
    by: UUID | None = None,
) -> DayMark:
    """Say that these days are special. `factor`: what an event is expected to do to the day's contacts (1.3: +30 %)."""
    last = last or first
    wrong: dict[str, Any] = {}
    if kind not in DayMark.Kind.values:
        wrong["kind"] = _("Choose what these days are.")
    if not name.strip():
        wrong["name"] = _("Give it a name. Days of one name are learned from together.")
    if last < first:
        wrong["last"] = _("The last day is before the first.")
    elif (last - first).days >= MOST_DAYS:
        wrong["last"] = _("Give at most two months at once.")
    if not 0 < factor <= MOST_FACTOR:
        wrong["factor"] = _("Give a number above 0, such as 1.3 for 30 % more.")
    if wrong:
        raise Invalid(fields=wrong, code="mark-invalid")
    row = DayMark(
        kind=kind, name=name.strip()[:80], first=first, last=last, factor=factor if kind == "event" else 1.0,
        queue_id=queue_id, made_at=clock.now(), made_by_id=by,
    )  # fmt: skip
    row.save(force_insert=True)
    _tell(row, removed=False)
    return row


@writes
def drop_mark(*, mark_id: int) -> None:
    """Take a mark back. NotFound when there is none."""
    row = DayMark.objects.filter(pk=mark_id).first()
    if row is None:
        raise NotFound(_("There is no such mark."), code="mark-unknown")
    _tell(row, removed=True)
    row.delete()


def _tell(row: DayMark, *, removed: bool) -> None:
    data = {
        "kind": row.kind,
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "removed": removed,
    }
    emit(events.DAY_MARKED, subject=("day_mark", row.pk), data=data)
    audit.record(
        "day.unmarked" if removed else "day.marked",
        object=("day_mark", row.pk),
        data={**data, "name": row.name},
    )
