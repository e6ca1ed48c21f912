"""What changes hands between agents, by whom it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from civicline.kernel import clock
from civicline.workforce.models import Decision, DutyTrade, ShiftTrade, Trade

SHOWN = 30
T = TypeVar("T", bound=Trade)


@dataclass(frozen=True)
class Trades(Generic[T]):
    """Those of one kind of thing; what a page says of them is read along."""

    kept: type[T]
    along: tuple[str, ...]

    def asked(self) -> list[T]:
        """What both sides want and the rule left to a planner, by when it was asked."""
        return list(self._to_come(agreed=True).order_by("asked_at"))

    def given_away(self, agent_id: UUID) -> list[T]:
        """What colleagues give to whoever takes it, by when it begins."""
        rows = self._to_come(kind=Trade.Kind.GIVE, taker__isnull=True)
        return list(rows.exclude(asked_by_id=agent_id).order_by("thing__start"))

    def own(self, agent_id: UUID, **which: Any) -> list[T]:
        """What one agent asked for or was asked, the newest first; `which` are filters of rows."""
        rows = self._rows().filter(Q(asked_by_id=agent_id) | Q(taker_id=agent_id), **which)
        return list(rows.order_by("-asked_at")[:SHOWN])

    def _rows(self) -> QuerySet[T]:
        return self.kept._default_manager.select_related("asked_by__user", "taker__user", *self.along)

    def _to_come(self, **which: Any) -> QuerySet[T]:
        return self._rows().filter(state=Decision.ASKED, thing__start__gt=clock.now(), **which)


SHIFTS = Trades(ShiftTrade, ("thing", "other"))
TURNS = Trades(DutyTrade, ("thing__rule", "other__rule"))
