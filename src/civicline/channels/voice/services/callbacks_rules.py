"""By which rule each queue calls and announces, and whom nobody calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.channels.voice import calling, events, outside
from civicline.channels.voice.models import CallingRule, NoCall
from civicline.kernel import actors, audit, clock, rows
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.events import emit
from civicline.people import personal

LIMITS: Mapping[str, tuple[int, int]] = {
    "tries": (1, 10), "pause_seconds": (60, 86_400), "busy_seconds": (30, 86_400), "ring_seconds": (10, 120),
    "comfort_seconds": (0, 3600), "news_seconds": (0, 3600), "offer_seconds": (0, 7200),
}  # fmt: skip
"""Least and most of each number of a rule; 0 is never where it is allowed."""


@writes
def save_calling_rule(*, queue_id: int, **fields: Any) -> CallingRule:
    """Store the rule of a queue: the fields of `CallingRule` by name. Raises `Invalid` that names what is wrong."""
    for name, (least, most) in LIMITS.items():
        if not least <= int(fields.get(name, least)) <= most:
            text = _("Give a number from %(least)s to %(most)s.")
            raise Invalid(fields={name: text}, least=least, most=most)
    if fields.get("caller_id"):
        fields["caller_id"] = personal.clean_phone(fields["caller_id"])
    before = calling.rule_row(queue_id)
    changes = {
        name: {"from": getattr(before, name), "to": value}
        for name, value in fields.items()
        if getattr(before, name) != value
    }
    row, _made = CallingRule.objects.update_or_create(queue_id=queue_id, defaults=fields)
    if changes:
        emit(events.RULE_SAVED, subject=("queue", queue_id), data={"fields": sorted(changes)})
        audit.record("calling.rule_saved", object=("queue", queue_id), data={"changes": changes})
    return row


@writes
def bar_number(*, number: str, reason: str) -> NoCall:
    """Nobody here calls this number any more, unless its owner asks for it. Raises `Invalid`."""
    clean = personal.clean_phone(number)
    if not clean:
        raise Invalid(fields={"number": outside.WHY["number-wrong"]})
    if not reason.strip():
        raise Invalid(fields={"reason": _("Say why, for those who find it here later.")})
    who = actors.current()
    row, made = NoCall.objects.get_or_create(
        number=clean,
        defaults={
            "reason": reason.strip()[:200], "added_at": clock.now(),
            "added_by_id": UUID(who.id) if who.kind == "staff" and who.id else None,
        },
    )  # fmt: skip
    if made:
        _told("calling.number_barred", row, reason)
    return row


@writes
def free_number(*, number_id: int) -> None:
    """It may be called again. Raises `NotFound`."""
    row = rows.one(NoCall, where={"id": number_id})
    if row is None:
        raise NotFound(code="number-unknown", text=_("There is no such number."))
    NoCall.objects.filter(pk=number_id).delete()
    _told("calling.number_freed", row, row.reason)


def _told(action: str, row: NoCall, reason: str) -> None:
    """The log names the row, the audit its last digits: enough to tell numbers apart."""
    emit(events.NO_CALL_CHANGED, subject=("no_call", row.pk), data={"action": action})
    audit.record(action, object=("no_call", row.pk), reason=reason[:200], data={"ends_with": row.number[-3:]})
