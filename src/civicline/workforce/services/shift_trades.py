"""Shifts that change hands: at once where contract and cover hold."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import clock
from civicline.kernel.errors import Refused
from civicline.workforce import events
from civicline.workforce.models import Contract, Shift, ShiftTrade
from civicline.workforce.rules import Finding, day_of
from civicline.workforce.selectors.rosters import consequences
from civicline.workforce.selectors.seats import place_for
from civicline.workforce.services.rosters import hand_over
from civicline.workforce.services.trades import Market, handing, things_of

WORKS_ALREADY = _("This cannot be: one of you works at that time already.")
NOTICE = timedelta(hours=2)
"""Nearer to a shift than this the planner looks at it."""


class ShiftMarket(Market[ShiftTrade]):
    """Shifts, by contract and cover."""

    code, name = "shift", "trade"
    trades, things, along = ShiftTrade, Shift, ("schedule",)
    asked, decided = events.TRADE_ASKED, events.TRADE_DECIDED

    def check(self, trade: ShiftTrade) -> None:
        """Nobody can work twice at once. Whoever takes a shift needs a contract, asked for on agreeing to a swap."""
        if trade.kind != ShiftTrade.Kind.GIVE or trade.agreed:
            _works_once(trade)
        if trade.taker_id is None or (trade.kind == ShiftTrade.Kind.SWAP and not trade.agreed):
            return
        if not Contract.objects.filter(pk=trade.taker_id).exists():
            raise Refused(_("There is no contract to plan by. Ask your planner."), code="no-contract")

    def findings(self, trade: ShiftTrade) -> list[Finding]:
        """Rules newly broken for either person, worse cover, short notice."""
        gone: list[Shift] = things_of(trade)
        to = handing(trade)
        come = []
        for shift in gone:
            given = copy(shift)
            given.agent_id = to[shift.pk]
            given.place = place_for(given.agent_id, day_of(shift), shift.place)
            come.append(given)
        found = consequences(gone, come).hard
        if min(shift.start for shift in gone) < clock.now() + NOTICE:
            found.append(Finding("notice", {"hours": round(NOTICE.total_seconds() / 3600)}))
        return found

    def hand_over(self, to: Mapping[UUID, UUID | None]) -> None:
        """With the place that each person works at."""
        hand_over(to=to)


def _works_once(trade: ShiftTrade) -> None:
    """Refused where somebody would have two shifts at a time: no planner's yes could mend that."""
    gone: list[Shift] = things_of(trade)
    to = handing(trade)
    others = Shift.objects.exclude(pk__in=list(to))
    for shift in gone:
        if others.filter(agent_id=to[shift.pk], start__lt=shift.end, end__gt=shift.start).exists():
            raise Refused(WORKS_ALREADY, code="shift-overlaps")


SHIFTS = ShiftMarket()
