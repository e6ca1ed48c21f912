"""The telephone's side of a plan that was approved: from which wait on callers of a queue are offered a call back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicline.channels.voice import calling
from civicline.channels.voice.services.callbacks_rules import save_calling_rule

FIELDS = ("callbacks", "offer_seconds")


class PlannedLine:
    """As `workforce.services.plan_changes.TelephoneLine` wants it; the wiring joins the two."""

    def offer_of(self, queue_id: int) -> dict[str, Any]:
        """What the rule of a queue says now, stored or by default."""
        row = calling.rule_row(queue_id)
        return {name: getattr(row, name) for name in FIELDS}

    def put_offer(self, queue_id: int, fields: Mapping[str, Any]) -> None:
        """Change these two fields and leave the others of the rule alone. Raises Invalid for a wait past two hours."""
        save_calling_rule(queue_id=queue_id, **{name: fields[name] for name in FIELDS})
