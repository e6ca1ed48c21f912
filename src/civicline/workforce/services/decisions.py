"""Several requests decided at once: each in its own write, in the order in which they were asked, each checked anew.

A yes to one can make the next one harder: one more away on the same day, one more shift too long. What speaks
against a request by then and did not when the planner chose it leaves it open, with the reason; the others are decided.
So does what breaks a rule of law or contract.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, Refused
from civicline.workforce.rules import Finding
from civicline.workforce.selectors import trades as asked
from civicline.workforce.selectors.requests import asked_leaves
from civicline.workforce.services import leaves
from civicline.workforce.services.duty_trades import TURNS
from civicline.workforce.services.leaves import decide_leave
from civicline.workforce.services.shift_trades import SHIFTS
from civicline.workforce.services.trades import Market

LEAVE, SHIFT, TURN = "leave", "shift", "turn"
JUDGED = frozenset({"short", "many_away", "notice"})
"""What a planner weighs. Anything else is a rule of law or contract: a yes against it is given to one alone."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One request that waits, among those chosen. `known`: what spoke against it, as stored, when it was chosen."""

    kind: str
    id: UUID
    name: str
    at: datetime
    known: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it. `why`: in words, why it is still open; empty where it is decided."""

    kind: str
    id: UUID
    name: str
    why: str = ""


def decide_several(
    *, chosen: Sequence[tuple[str, UUID]], approve: bool, reason: str = "", by: UUID | None = None
) -> list[Decided]:
    """Say yes or no to each of these (kind, id), the earliest asked first. A no needs a reason, the same for all."""
    if not approve and not reason.strip():
        raise Invalid(fields={"reason": leaves.SAY_WHY}, code="reason-needed")
    wanted = dict.fromkeys(chosen)
    if not wanted:
        raise Invalid(fields={"one": _("Choose at least one request.")}, code="nothing-chosen")
    waiting = sorted(_waiting(wanted), key=lambda one: one.at)
    done = [_decided(one, approve, reason, by) for one in waiting]
    there = {(one.kind, one.id) for one in waiting}
    gone = [Decided(*one, "", str(_("This is decided already."))) for one in wanted if one not in there]
    return done + gone


def _waiting(wanted: Collection[tuple[str, UUID]]) -> list[Chosen]:
    found = [
        Chosen(LEAVE, row.pk, row.agent.user.name, row.asked_at, tuple(leaves.leave_findings(row)))
        for row in asked_leaves()
        if (LEAVE, row.pk) in wanted
    ]
    trades = [(SHIFT, row) for row in asked.SHIFTS.asked()] + [(TURN, row) for row in asked.TURNS.asked()]
    for kind, row in trades:
        if (kind, row.pk) in wanted:
            known = tuple(Finding(code, values) for code, values in row.findings)
            found.append(Chosen(kind, row.pk, row.asked_by.user.name, row.asked_at, known))
    return found


def _decided(one: Chosen, approve: bool, reason: str, by: UUID | None) -> Decided:
    try:
        news = _decide(one, approve=approve, reason=reason, by=by)
    except Refused as refusal:
        return Decided(one.kind, one.id, one.name, refusal.message())
    return Decided(one.kind, one.id, one.name, " ".join(finding.words() for finding in news))


@writes
def _decide(one: Chosen, *, approve: bool, reason: str, by: UUID | None) -> list[Finding]:
    """Decide one; or, where a yes has become harder than it was known to be, leave it open and say why."""
    if one.kind == LEAVE:
        row = leaves.waiting(one.id)
        if approve and (news := _news(leaves.leave_findings(row), one.known)):
            return news
        decide_leave(leave_id=one.id, approve=approve, reason=reason, by=by)
        return []
    market: Market[Any] = SHIFTS if one.kind == SHIFT else TURNS
    trade = market.waiting(one.id)
    now = market.findings(trade) if approve else []
    broken = [finding for finding in now if finding.code not in JUDGED]
    if news := broken or _news(now, one.known):
        trade.findings = [
            finding.stored() for finding in now
        ]  # whoever looks at it next sees what holds by now
        trade.save(update_fields=["findings"])
        return news
    market.decide(trade_id=one.id, approve=approve, reason=reason, by=by)
    return []


def _news(now: Sequence[Finding], known: Sequence[Finding]) -> list[Finding]:
    """What was not known. More hours than were known are news; fewer are not."""
    return [one for one in now if not any(_covers(before, one) for before in known)]


def _covers(before: Finding, now: Finding) -> bool:
    if before.code == now.code == "short":
        return float(now.values["hours"]) <= float(before.values["hours"])
    return before == now
