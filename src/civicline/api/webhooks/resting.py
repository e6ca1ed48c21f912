"""Receivers that do not answer at all: left in peace for a while.

Each try at a dead address costs seconds and a place among those sent to at once, and a busy day owes it thousands.
Kept in the memory of each worker: after a restart one try tells again.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from civicline.kernel import clock

FIRST_S = 5.0
LONGEST_S = 300.0


class Resting:
    """Which webhooks are not tried now: 5 s at first, then twice as long each time, at most 5 minutes."""

    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}
        self._length_s: dict[UUID, float] = {}

    def now(self) -> Collection[UUID]:
        """The webhooks that rest at this moment."""
        return [webhook_id for webhook_id, until in self._until.items() if until > clock.monotonic()]

    def silent(self, webhook_id: UUID) -> None:
        """It did not answer: let it rest."""
        length = min(self._length_s.get(webhook_id, FIRST_S / 2) * 2, LONGEST_S)
        self._length_s[webhook_id], self._until[webhook_id] = length, clock.monotonic() + length

    def answered(self, webhook_id: UUID) -> None:
        """It is there, whatever it said."""
        self._until.pop(webhook_id, None)
        self._length_s.pop(webhook_id, None)
