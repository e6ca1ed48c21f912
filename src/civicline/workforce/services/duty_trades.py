"""Turns on call given away, swapped and taken: at once where the rule holds, refused in words where it cannot be."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Decision, DutyTrade, OnCallDuty, Schedule
from civicline.workforce.rules import Finding
from civicline.workforce.selectors.duty_trades import CANNOT, duty_findings
from civicline.workforce.services.on_call import hand_duties


@writes
def offer_duty(*, duty_id: UUID, agent_id: UUID, taker_id: UUID | None = None) -> DutyTrade:
    """Offer one's own turn to a colleague, or to whoever takes it first. It stays one's own until then."""
    row = _own(duty_id, agent_id)
    if taker_id == agent_id:
        raise Invalid(fields={"taker": _("Choose a colleague.")}, code="taker-self")
    return _ask(DutyTrade.Kind.GIVE, row, agent_id, taker_id=taker_id)


@writes
def ask_duty_swap(*, duty_id: UUID, other_id: UUID, agent_id: UUID) -> DutyTrade:
    """Ask a colleague to swap turns. Refused, in words, where either could not have the other's."""
    row, other = _own(duty_id, agent_id), _to_come(other_id)
    if other.agent_id is None or other.agent_id == agent_id:
        raise Invalid(fields={"other": _("Choose a colleague's turn.")}, code="other-own")
    trade = DutyTrade(
        kind=DutyTrade.Kind.SWAP, duty=row, other=other, asked_by_id=agent_id, taker_id=other.agent_id
    )
    _refuse(duty_trade_findings(trade))
    return _ask(DutyTrade.Kind.SWAP, row, agent_id, taker_id=other.agent_id, other=other)


@writes
def bid_duty(*, duty_id: UUID, agent_id: UUID) -> DutyTrade:
    """Take an open turn; where the rule leaves it open, the planner is asked."""
    row = _to_come(duty_id)
    if row.agent_id is not None:
        raise Conflict(_("Somebody has this turn already."), code="duty-taken")
    _refuse(duty_findings(row, agent_id))
    return _by_rule(_ask(DutyTrade.Kind.BID, row, agent_id, taker_id=agent_id, agreed=True))


@writes
def take_duty(*, trade_id: UUID, agent_id: UUID) -> DutyTrade:
    """Agree to a swap, or take a turn on offer. Refused, in words, where it cannot be: others still may take it."""
    trade = _open(trade_id)
    if trade.asked_by_id == agent_id or trade.taker_id not in (None, agent_id) or trade.agreed:
        raise Conflict(_("This is not yours to take."), code="trade-not-yours")
    trade.taker_id, trade.agreed = agent_id, True
    _refuse(duty_trade_findings(trade))
    trade.save()
    return _by_rule(trade)


@writes
def withdraw_duty_trade(*, trade_id: UUID, agent_id: UUID) -> DutyTrade:
    """Take one's own request back, or say no to one that a colleague asked."""
    trade = _open(trade_id)
    if agent_id not in (trade.asked_by_id, trade.taker_id):
        raise NotFound(_("There is no such request."), code="trade-unknown")
    own = agent_id == trade.asked_by_id
    _decide(trade, Decision.WITHDRAWN if own else Decision.REFUSED, by=None, by_rule=False)
    return trade


@writes
def decide_duty_trade(
    *, trade_id: UUID, approve: bool, reason: str = "", by: UUID | None = None
) -> DutyTrade:
    """A planner's yes or no to what the rule left open. A no needs a reason."""
    trade = _open(trade_id)
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": _("Say why not: the person reads it.")}, code="reason-needed")
    if approve and not trade.agreed:
        raise Conflict(_("The colleague has not agreed yet."), code="trade-not-agreed")
    trade.reason = reason.strip()[:300]
    if approve:
        _refuse(duty_trade_findings(trade))
        _apply(trade)
    _decide(trade, Decision.APPROVED if approve else Decision.REFUSED, by=by, by_rule=False)
    return trade


def duty_trade_findings(trade: DutyTrade) -> list[Finding]:
    """What speaks against it, for either person."""
    found = []
    for duty, agent_id, gone in _handing(trade):
        if agent_id is not None:
            found += duty_findings(duty, agent_id, gone)
    return found


def _handing(trade: DutyTrade) -> list[tuple[OnCallDuty, UUID | None, tuple[UUID, ...]]]:
    """Which turn goes to whom, and which turns that person gives away for it."""
    if trade.kind == DutyTrade.Kind.SWAP and trade.other is not None:
        return [
            (trade.duty, trade.taker_id, (trade.other.pk,)),
            (trade.other, trade.asked_by_id, (trade.duty_id,)),
        ]
    return [(trade.duty, trade.taker_id, ())]


def _refuse(found: list[Finding]) -> None:
    cannot = [one for one in found if one.code in CANNOT]
    if cannot:
        raise Refused(" ".join(one.words() for one in cannot), code="rule-broken")


def _own(duty_id: UUID, agent_id: UUID) -> OnCallDuty:
    row = _to_come(duty_id)
    if row.agent_id != agent_id:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    return row


def _to_come(duty_id: UUID) -> OnCallDuty:
    rows = OnCallDuty.objects.select_related("schedule", "rule").select_for_update(of=("self",))
    row = rows.filter(pk=duty_id).first()
    if row is None or row.schedule.state != Schedule.State.PUBLISHED:
        raise NotFound(_("There is no such duty."), code="duty-unknown")
    if row.start <= clock.now():
        raise Conflict(_("This turn has begun."), code="duty-began")
    return row


def _open(trade_id: UUID) -> DutyTrade:
    rows = DutyTrade.objects.select_related("duty__rule", "duty__schedule", "other__rule", "other__schedule")
    trade = rows.filter(pk=trade_id).first()
    if trade is None:
        raise NotFound(_("There is no such request."), code="trade-unknown")
    if trade.state != Decision.ASKED:
        raise Conflict(_("This is decided already."), code="trade-decided")
    if min(one.start for one in (trade.duty, trade.other) if one is not None) <= clock.now():
        raise Conflict(_("This turn has begun."), code="duty-began")
    return trade


def _ask(
    kind: str,
    row: OnCallDuty,
    agent_id: UUID,
    *,
    taker_id: UUID | None,
    other: OnCallDuty | None = None,
    agreed: bool = False,
) -> DutyTrade:
    if DutyTrade.objects.filter(duty=row, state=Decision.ASKED, asked_by_id=agent_id).exists():
        raise Conflict(_("You have asked for this already."), code="trade-twice")
    trade = DutyTrade(
        id=ids.new_id(), kind=kind, duty=row, other=other, asked_by_id=agent_id, taker_id=taker_id, agreed=agreed,
        asked_at=clock.now(),
    )  # fmt: skip
    trade.save(force_insert=True)
    emit(events.DUTY_TRADE_ASKED, subject=("duty_trade", trade.pk), data={"kind": kind, "duty": str(row.pk)})
    return trade


def _by_rule(trade: DutyTrade) -> DutyTrade:
    found = duty_trade_findings(trade)
    if not found:
        _apply(trade)
        _decide(trade, Decision.APPROVED, by=None, by_rule=True)
        return trade
    trade.findings = [one.stored() for one in found]
    trade.save()
    return trade


def _apply(trade: DutyTrade) -> None:
    """Hand the turns over, unless they are no longer whose they were."""
    owner = None if trade.kind == DutyTrade.Kind.BID else trade.asked_by_id
    other_moved = trade.other is not None and trade.other.agent_id != trade.taker_id
    if trade.duty.agent_id != owner or other_moved:
        raise Conflict(_("The turn has changed since this was asked."), code="duty-changed")
    hand_duties(to={duty.pk: agent_id for duty, agent_id, _gone in _handing(trade)})


def _decide(trade: DutyTrade, state: str, *, by: UUID | None, by_rule: bool) -> None:
    trade.state, trade.decided_by_id, trade.by_rule, trade.decided_at = state, by, by_rule, clock.now()
    trade.save()
    if state == Decision.APPROVED:  # whoever else asked for the same turn is too late
        moved = [duty.pk for duty, _agent, _gone in _handing(trade)]
        late = DutyTrade.objects.filter(duty_id__in=moved, state=Decision.ASKED).exclude(pk=trade.pk)
        late.update(state=Decision.REFUSED, decided_at=clock.now())
    data = {"kind": trade.kind, "duty": str(trade.duty_id), "state": state, "by_rule": by_rule}
    emit(events.DUTY_TRADE_DECIDED, subject=("duty_trade", trade.pk), data=data)
    audit.record(f"duty_trade.{state}", object=("duty_trade", trade.pk), reason=trade.reason, data=data)
