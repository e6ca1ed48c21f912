"""Swaps, shifts given away and bids for open ones: approved at once where contract and cover hold."""

from __future__ import annotations

from copy import copy
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Contract, Decision, Schedule, Shift, Trade
from civicline.workforce.rules import Finding, day_of
from civicline.workforce.selectors.rosters import consequences
from civicline.workforce.selectors.seats import place_for
from civicline.workforce.services.rosters import hand_over

NOTICE = timedelta(hours=2)
"""Nearer to a shift than this the planner looks at it."""


@writes
def give_away(*, shift_id: UUID, agent_id: UUID, taker_id: UUID | None = None) -> Trade:
    """Offer one's own shift to a colleague, or to whoever takes it first."""
    row = _own(shift_id, agent_id)
    if taker_id is not None:
        _has_contract(taker_id)
    if taker_id == agent_id:
        raise Invalid(fields={"taker": _("Choose a colleague.")}, code="taker-self")
    return _ask(Trade.Kind.GIVE, row, agent_id, taker_id=taker_id)


@writes
def ask_swap(*, shift_id: UUID, other_id: UUID, agent_id: UUID) -> Trade:
    """Ask a colleague to swap shifts."""
    row, other = _own(shift_id, agent_id), _to_come(other_id)
    if other.agent_id is None or other.agent_id == agent_id:
        raise Invalid(fields={"other": _("Choose a colleague's shift.")}, code="other-own")
    return _ask(Trade.Kind.SWAP, row, agent_id, taker_id=other.agent_id, other=other)


@writes
def bid(*, shift_id: UUID, agent_id: UUID) -> Trade:
    """Ask for an open shift; where contract and cover hold it is given at once."""
    row = _to_come(shift_id)
    if row.agent_id is not None:
        raise Conflict(_("Somebody has this shift already."), code="shift-taken")
    _has_contract(agent_id)
    trade = _ask(Trade.Kind.BID, row, agent_id, taker_id=agent_id, agreed=True)
    return _by_rule(trade)


@writes
def take(*, trade_id: UUID, agent_id: UUID) -> Trade:
    """Agree to a swap, or take a shift that a colleague gives away. Approved at once where the rule allows it."""
    trade = _open(trade_id)
    if trade.asked_by_id == agent_id or trade.taker_id not in (None, agent_id) or trade.agreed:
        raise Conflict(_("This is not yours to take."), code="trade-not-yours")
    _has_contract(agent_id)
    trade.taker_id, trade.agreed = agent_id, True
    trade.save()
    return _by_rule(trade)


@writes
def withdraw_trade(*, trade_id: UUID, agent_id: UUID) -> Trade:
    """Take one's own request back, or say no to one that a colleague asked."""
    trade = _open(trade_id)
    if agent_id not in (trade.asked_by_id, trade.taker_id):
        raise NotFound(_("There is no such request."), code="trade-unknown")
    _decide(
        trade,
        Decision.WITHDRAWN if agent_id == trade.asked_by_id else Decision.REFUSED,
        by=None,
        by_rule=False,
    )
    return trade


@writes
def decide_trade(*, trade_id: UUID, approve: bool, reason: str = "", by: UUID | None = None) -> Trade:
    """A planner's yes or no to what the rule left open. A no needs a reason."""
    trade = _open(trade_id)
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": _("Say why not: the person reads it.")}, code="reason-needed")
    if approve and not trade.agreed:
        raise Conflict(_("The colleague has not agreed yet."), code="trade-not-agreed")
    trade.reason = reason.strip()[:300]
    if approve:
        _apply(trade)
    _decide(trade, Decision.APPROVED if approve else Decision.REFUSED, by=by, by_rule=False)
    return trade


def _own(shift_id: UUID, agent_id: UUID) -> Shift:
    row = _to_come(shift_id)
    if row.agent_id != agent_id:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    return row


def _to_come(shift_id: UUID) -> Shift:
    rows = Shift.objects.select_related("schedule").select_for_update(of=("self",))
    row = rows.filter(pk=shift_id).first()
    if row is None or row.schedule.state != Schedule.State.PUBLISHED:
        raise NotFound(_("There is no such shift."), code="shift-unknown")
    if row.start <= clock.now():
        raise Conflict(_("This shift has begun."), code="shift-began")
    return row


def _has_contract(agent_id: UUID) -> None:
    if not Contract.objects.filter(pk=agent_id).exists():
        raise Refused(_("There is no contract to plan by. Ask your planner."), code="no-contract")


def _open(trade_id: UUID) -> Trade:
    trade = Trade.objects.select_related("shift__schedule", "other__schedule").filter(pk=trade_id).first()
    if trade is None:
        raise NotFound(_("There is no such request."), code="trade-unknown")
    if trade.state != Decision.ASKED:
        raise Conflict(_("This is decided already."), code="trade-decided")
    return trade


def _ask(
    kind: str,
    row: Shift,
    agent_id: UUID,
    *,
    taker_id: UUID | None,
    other: Shift | None = None,
    agreed: bool = False,
) -> Trade:
    if Trade.objects.filter(shift=row, state=Decision.ASKED, asked_by_id=agent_id).exists():
        raise Conflict(_("You have asked for this already."), code="trade-twice")
    trade = Trade(
        id=ids.new_id(), kind=kind, shift=row, other=other, asked_by_id=agent_id, taker_id=taker_id, agreed=agreed,
        asked_at=clock.now(),
    )  # fmt: skip
    trade.save(force_insert=True)
    emit(events.TRADE_ASKED, subject=("trade", trade.pk), data={"kind": kind, "shift": str(row.pk)})
    return trade


def _handing(trade: Trade) -> dict[UUID, UUID | None]:
    """Who gets which shift."""
    if trade.kind == Trade.Kind.SWAP and trade.other is not None:
        return {trade.shift_id: trade.taker_id, trade.other.pk: trade.asked_by_id}
    return {trade.shift_id: trade.taker_id}


def trade_findings(trade: Trade) -> list[Finding]:
    """What speaks against a trade: rules newly broken for either person, worse cover, short notice."""
    gone = [trade.shift] + ([trade.other] if trade.other is not None else [])
    handing = _handing(trade)
    come = []
    for shift in gone:
        given = copy(shift)
        given.agent_id = handing[shift.pk]
        given.place = place_for(given.agent_id, day_of(shift), shift.place)
        come.append(given)
    found = consequences(gone, come).hard
    if min(shift.start for shift in gone) < clock.now() + NOTICE:
        found.append(Finding("notice", {"hours": round(NOTICE.total_seconds() / 3600)}))
    return found


def _by_rule(trade: Trade) -> Trade:
    found = trade_findings(trade)
    if not found:
        _apply(trade)
        _decide(trade, Decision.APPROVED, by=None, by_rule=True)
        return trade
    trade.findings = [one.stored() for one in found]
    trade.save()
    return trade


def _apply(trade: Trade) -> None:
    """Hand the shifts over, unless they are no longer whose they were."""
    owner = None if trade.kind == Trade.Kind.BID else trade.asked_by_id
    other_moved = trade.other is not None and trade.other.agent_id != trade.taker_id
    if trade.shift.agent_id != owner or other_moved:
        raise Conflict(_("The shift has changed since this was asked."), code="shift-changed")
    hand_over(to=_handing(trade))


def _decide(trade: Trade, state: str, *, by: UUID | None, by_rule: bool) -> None:
    trade.state, trade.decided_by_id, trade.by_rule, trade.decided_at = state, by, by_rule, clock.now()
    trade.save()
    if state == Decision.APPROVED:  # whoever else asked for the same shift is too late
        late = Trade.objects.filter(shift_id__in=list(_handing(trade)), state=Decision.ASKED).exclude(
            pk=trade.pk
        )
        late.update(state=Decision.REFUSED, decided_at=clock.now())
    data = {"kind": trade.kind, "shift": str(trade.shift_id), "state": state, "by_rule": by_rule}
    emit(events.TRADE_DECIDED, subject=("trade", trade.pk), data=data)
    audit.record(f"trade.{state}", object=("trade", trade.pk), reason=trade.reason, data=data)
