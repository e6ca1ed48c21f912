"""Turns on call that change hands: at once where the rule holds, refused in words where it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from civicline.kernel.errors import Refused
from civicline.workforce import events
from civicline.workforce.models import DutyTrade, OnCallDuty
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.duty_trades import CANNOT, duty_findings
from civicline.workforce.services.on_call import hand_duties
from civicline.workforce.services.trades import Market, handing, things_of


class TurnMarket(Market[DutyTrade]):
    """Turns on call, by rest, queue and whose turn it is."""

    code, name = "duty", "duty_trade"
    trades, things, along = DutyTrade, OnCallDuty, ("schedule", "rule")
    asked, decided = events.DUTY_TRADE_ASKED, events.DUTY_TRADE_DECIDED

    def check(self, trade: DutyTrade) -> None:
        """Neither may have what no yes can mend; whom a turn is only offered to learns it on taking it."""
        if trade.kind == DutyTrade.Kind.GIVE and not trade.agreed:
            return
        cannot = [one for one in self.findings(trade) if one.code in CANNOT]
        if cannot:
            raise Refused(" ".join(one.words() for one in cannot), code="rule-broken")

    def findings(self, trade: DutyTrade) -> list[Finding]:
        """For each who gets a turn, once they have given their own away for it."""
        duties: list[OnCallDuty] = things_of(trade)
        to = handing(trade)
        found = []
        for duty in duties:
            agent_id = to[duty.pk]
            if agent_id is not None:
                found += duty_findings(duty, agent_id, [one.pk for one in duties if one != duty])
        return found

    def hand_over(self, to: Mapping[UUID, UUID | None]) -> None:
        """As a planner would."""
        hand_duties(to=to)


TURNS = TurnMarket()
