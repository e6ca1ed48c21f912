"""What changes hands between agents: offered, asked for, taken, and given at once where the rule leaves nothing open.

`shift_trades.SHIFTS` and `duty_trades.TURNS` say what is special about each kind of thing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.kernel.events import EventType, emit
from civicline.workforce.models import Decision, Schedule, Trade
from civicline.workforce.rules import Finding

T = TypeVar("T", bound=Trade)


@dataclass(frozen=True)
class Words:
    """How a refusal speaks of the thing."""

    unknown: Promise
    taken: Promise
    begun: Promise
    changed: Promise
    colleagues: Promise


WORDS = {
    "shift": Words(
        _("There is no such shift."),
        _("Somebody has this shift already."),
        _("This shift has begun."),
        _("The shift has changed since this was asked."),
        _("Choose a colleague's shift."),
    ),
    "duty": Words(
        _("There is no such duty."),
        _("Somebody has this turn already."),
        _("This turn has begun."),
        _("The turn has changed since this was asked."),
        _("Choose a colleague's turn."),
    ),
}
"""By the code of the thing."""


class Market(ABC, Generic[T]):
    """Where things of one kind change hands."""

    code: str  # of the thing: begins the codes of refusals, names it in events
    name: str  # of a trade, in events and the audit
    trades: type[T]
    things: type[Model]
    along: tuple[str, ...]  # what is read along with a thing
    asked: EventType
    decided: EventType

    @property
    def words(self) -> Words:
        """How its refusals speak."""
        return WORDS[self.code]

    @abstractmethod
    def check(self, trade: T) -> None:
        """Raise Refused where no planner's yes could mend it."""

    @abstractmethod
    def findings(self, trade: T) -> list[Finding]:
        """What speaks against it, for either person; it is for a planner to say yes all the same."""

    @abstractmethod
    def hand_over(self, to: Mapping[UUID, UUID | None]) -> None:
        """Give things to agents: {thing: agent}, all at once."""

    @writes
    def give(self, *, thing_id: UUID, agent_id: UUID, taker_id: UUID | None = None) -> T:
        """Offer one's own to a colleague, or to whoever takes it first. It stays one's own until then."""
        row = self._own(thing_id, agent_id)
        if taker_id == agent_id:
            raise Invalid(fields={"taker": _("Choose a colleague.")}, code="taker-self")
        return self._ask(Trade.Kind.GIVE, row, agent_id, taker_id=taker_id)

    @writes
    def swap(self, *, thing_id: UUID, other_id: UUID, agent_id: UUID) -> T:
        """Ask a colleague to swap."""
        row, other = self._own(thing_id, agent_id), self._to_come(other_id)
        if other.agent_id is None or other.agent_id == agent_id:
            raise Invalid(fields={"other": self.words.colleagues}, code="other-own")
        return self._ask(Trade.Kind.SWAP, row, agent_id, taker_id=other.agent_id, other=other)

    @writes
    def bid(self, *, thing_id: UUID, agent_id: UUID) -> T:
        """Ask for what nobody has; given at once where the rule leaves nothing open."""
        row = self._to_come(thing_id)
        if row.agent_id is not None:
            raise Conflict(self.words.taken, code=f"{self.code}-taken")
        return self._by_rule(self._ask(Trade.Kind.BID, row, agent_id, taker_id=agent_id, agreed=True))

    @writes
    def take(self, *, trade_id: UUID, agent_id: UUID) -> T:
        """Agree to a swap, or take what is on offer. A refusal leaves it to others."""
        trade = self.waiting(trade_id)
        if trade.asked_by_id == agent_id or trade.taker_id not in (None, agent_id) or trade.agreed:
            raise Conflict(_("This is not yours to take."), code="trade-not-yours")
        trade.taker_id, trade.agreed = agent_id, True
        self.check(trade)
        trade.save()
        return self._by_rule(trade)

    @writes
    def withdraw(self, *, trade_id: UUID, agent_id: UUID) -> T:
        """Take one's own request back, or say no to one that a colleague asked."""
        trade = self._asked(trade_id)
        if agent_id not in (trade.asked_by_id, trade.taker_id):
            raise NotFound(_("There is no such request."), code="trade-unknown")
        own = agent_id == trade.asked_by_id
        return self._decide(trade, Decision.WITHDRAWN if own else Decision.REFUSED)

    @writes
    def decide(self, *, trade_id: UUID, approve: bool, reason: str = "", by: UUID | None = None) -> T:
        """A planner's yes or no to what the rule left open. A no needs a reason."""
        trade = self.waiting(trade_id)
        if not approve and not reason.strip():
            raise Invalid(fields={"reason": _("Say why not: the person reads it.")}, code="reason-needed")
        if approve and not trade.agreed:
            raise Conflict(_("The colleague has not agreed yet."), code="trade-not-agreed")
        trade.reason = reason.strip()[:300]
        if not approve:
            return self._decide(trade, Decision.REFUSED, by=by)
        self.check(trade)
        return self._hand(trade, by=by)

    def _own(self, thing_id: UUID, agent_id: UUID) -> Any:
        row = self._to_come(thing_id)
        if row.agent_id != agent_id:
            raise NotFound(self.words.unknown, code=f"{self.code}-unknown")
        return row

    def _to_come(self, thing_id: UUID) -> Any:
        rows = self.things._default_manager.select_related(*self.along).select_for_update(of=("self",))
        row: Any = rows.filter(pk=thing_id).first()
        if row is None or row.schedule.state != Schedule.State.PUBLISHED:
            raise NotFound(self.words.unknown, code=f"{self.code}-unknown")
        self._not_begun(row)
        return row

    def _not_begun(self, *things: Any) -> None:
        if min(one.start for one in things) <= clock.now():
            raise Conflict(self.words.begun, code=f"{self.code}-began")

    def _asked(self, trade_id: UUID) -> T:
        along = [f"{end}__{name}" for end in ("thing", "other") for name in self.along]
        rows = self.trades._default_manager.select_related(*along).select_for_update(of=("self",))
        trade = rows.filter(pk=trade_id).first()
        if trade is None:
            raise NotFound(_("There is no such request."), code="trade-unknown")
        if trade.state != Decision.ASKED:
            raise Conflict(_("This is decided already."), code="trade-decided")
        return trade

    def waiting(self, trade_id: UUID) -> T:
        """One that waits for an answer and may still come true; kept from others until the write ends."""
        trade = self._asked(trade_id)
        self._not_begun(*things_of(trade))
        return trade

    def _ask(
        self,
        kind: str,
        row: Any,
        agent_id: UUID,
        *,
        taker_id: UUID | None,
        other: Any = None,
        agreed: bool = False,
    ) -> T:
        trade = self.trades(
            id=ids.new_id(), kind=kind, asked_by_id=agent_id, taker_id=taker_id, agreed=agreed, asked_at=clock.now()
        )  # fmt: skip
        trade.thing, trade.other = row, other
        self.check(trade)
        asked = self.trades._default_manager.filter(thing=row, state=Decision.ASKED, asked_by_id=agent_id)
        if asked.exists():
            raise Conflict(_("You have asked for this already."), code="trade-twice")
        trade.save(force_insert=True)
        emit(self.asked, subject=(self.name, trade.pk), data={"kind": kind, self.code: str(row.pk)})
        return trade

    def _by_rule(self, trade: T) -> T:
        found = self.findings(trade)
        if not found:
            return self._hand(trade, by_rule=True)
        trade.findings = [one.stored() for one in found]
        trade.save()
        return trade

    def _hand(self, trade: T, *, by: UUID | None = None, by_rule: bool = False) -> T:
        """Hand over what is still whose it was; whoever else asked for it is too late."""
        owner = None if trade.kind == Trade.Kind.BID else trade.asked_by_id
        other_moved = trade.other is not None and trade.other.agent_id != trade.taker_id
        if trade.thing.agent_id != owner or other_moved:
            raise Conflict(self.words.changed, code=f"{self.code}-changed")
        to = handing(trade)
        self.hand_over(to)
        self._decide(trade, Decision.APPROVED, by=by, by_rule=by_rule)
        late = self.trades._default_manager.filter(thing_id__in=list(to), state=Decision.ASKED)
        late.update(state=Decision.REFUSED, decided_at=clock.now())
        return trade

    def _decide(self, trade: T, state: str, *, by: UUID | None = None, by_rule: bool = False) -> T:
        trade.state, trade.decided_by_id, trade.by_rule, trade.decided_at = state, by, by_rule, clock.now()
        trade.save()
        data = {"kind": trade.kind, self.code: str(trade.thing_id), "state": state, "by_rule": by_rule}
        emit(self.decided, subject=(self.name, trade.pk), data=data)
        audit.record(f"{self.name}.{state}", object=(self.name, trade.pk), reason=trade.reason, data=data)
        return trade


def things_of(trade: Trade) -> list[Any]:
    """What moves: one thing, or both of a swap."""
    return [one for one in (trade.thing, trade.other) if one is not None]


def handing(trade: Trade) -> dict[UUID, UUID | None]:
    """Who gets which thing."""
    if trade.other is not None:
        return {trade.thing_id: trade.taker_id, trade.other.pk: trade.asked_by_id}
    return {trade.thing_id: trade.taker_id}
