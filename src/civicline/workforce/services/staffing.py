"""What a queue's staffing is planned by."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Staffing

FIELDS = (
    "share", "within_seconds", "handle_seconds", "patience_seconds", "max_occupancy", "max_abandon", "shrinkage",
    "opens", "closes", "weekdays", "self_service", "callback_minutes",
)  # fmt: skip
MOST_SOLVED, MOST_MINUTES = 0.95, 120


@writes
def save_staffing(*, queue_id: int, **fields: Any) -> Staffing:
    """Change what a queue is planned by; fields left out stay. Invalid for what cannot be planned."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"staffing has no {sorted(unknown)}")
    row = Staffing.objects.filter(pk=queue_id).first() or Staffing(queue_id=queue_id)
    before = {name: getattr(row, name) for name in FIELDS}
    for name, value in fields.items():
        setattr(row, name, value)
    if wrong := _wrong(row):
        raise Invalid(fields=wrong, code="staffing-invalid")
    row.save()
    changed = {name: [before[name], fields[name]] for name in fields if before[name] != fields[name]}
    emit(events.STAFFING_CHANGED, subject=("staffing", queue_id), data={"changed": sorted(changed)})
    audit.record("staffing.changed", object=("staffing", queue_id), data={"changed": changed})
    return row


def _wrong(row: Staffing) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if not 0 < row.share < 1:
        wrong["share"] = _("Give a share above 0 and below 100 %.")
    if not 1 <= row.handle_seconds <= 86_400:
        wrong["handle_seconds"] = _("Give seconds from 1 to a day.")
    if row.patience_seconds is not None and row.patience_seconds < 1:
        wrong["patience_seconds"] = _("Give seconds from 1 upwards, or nothing.")
    if not 0 < row.max_occupancy <= 1:
        wrong["max_occupancy"] = _("Give a share above 0 and at most 100 %.")
    if row.max_abandon is not None and not 0 < row.max_abandon < 1:
        wrong["max_abandon"] = _("Give a share above 0 and below 100 %.")
    if not 0 <= row.shrinkage <= 0.9:
        wrong["shrinkage"] = _("Give a share from 0 to 90 %.")
    if not 0 <= row.opens < row.closes <= 1440:
        wrong["closes"] = _("The last minute has to come after the first.")
    if not 0 <= row.self_service <= MOST_SOLVED:
        wrong["self_service"] = _("Give a share from 0 to 95 %.")
    if not 0 <= row.callback_minutes <= MOST_MINUTES:
        wrong["callback_minutes"] = _("Give minutes from 0 to 120.")
    return wrong
