"""A party comes, moves and goes: by compare-and-set, told in the log of the contact, and free for other work after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from civicline.channels.voice.company import events
from civicline.channels.voice.company.models import Party
from civicline.engine import lifecycle
from civicline.engine.parties import MOST, PARTY, PRESENT
from civicline.kernel import bus, clock, ids, rows
from civicline.kernel.db import undoable, writes
from civicline.kernel.errors import Conflict
from civicline.kernel.events import emit
from civicline.people import services as people


@writes
def ask(
    *,
    call_id: UUID,
    contact_id: UUID,
    kind: str,
    wish: str,
    by: UUID | None,
    agent_id: UUID | None = None,
    number: str = "",
    queue_id: int | None = None,
    note: str = "",
) -> Party:
    """Ring somebody to come into a call; `wish` is what they come to be. Raises `Conflict` when they are there."""
    if Party.objects.filter(call_id=call_id, state__in=PRESENT).count() >= MOST:
        raise Conflict(code="call-full", text=_("There are as many people in this call as it can hold."))
    try:
        with undoable():
            party = Party.objects.create(
                id=ids.new_id(), call_id=call_id, kind=kind, wish=wish, by_id=by, agent_id=agent_id, number=number,
                queue_id=queue_id, note=note[:2000], asked_at=clock.now(),
            )  # fmt: skip
    except IntegrityError as twice:
        raise Conflict(code="party-there", text=_("This person is in the call already.")) from twice
    emit(
        events.PARTY_ASKED,
        subject=("call", call_id),
        contact_id=contact_id,
        data={
            "party": str(party.pk), "kind": kind, "wish": wish, "by": str(by),
            "agent": str(agent_id) if agent_id else None, "outside": bool(number), "queue": queue_id,
        },
    )  # fmt: skip
    if agent_id is not None:
        people.engage(agent_id=agent_id, engaged=True)
    _hint(party, contact_id)
    return party


@writes
def move(
    *, party: Party, contact_id: UUID, to: str, reason: str = "", answered_at: datetime | None = None
) -> Party | None:
    """Move a party by compare-and-set; None when it had moved on in the meantime. Raises `lifecycle.MoveRefused`."""
    told = lifecycle.check(PARTY, party.state, to)
    changes: dict[str, Any] = {"state": to}
    if answered_at is not None:
        changes["answered_at"] = answered_at
    if to in ("took_over", "ended"):
        changes |= {"ended_at": clock.now(), "outcome": reason or to}
    row = rows.moved(Party, where={"id": party.pk, "state": party.state}, to=changes)
    if row is None:
        return None
    emit(
        events.MOVES[told.event],
        subject=("call", row.call_id),
        contact_id=contact_id,
        data={
            "party": str(row.pk), "kind": row.kind, "from": party.state, "to": to,
            "agent": str(row.agent_id) if row.agent_id else None, **({"reason": reason} if reason else {}),
        },
    )  # fmt: skip
    if to in ("took_over", "ended") and row.agent_id is not None:
        people.engage(agent_id=row.agent_id, engaged=False)
    _hint(row, contact_id)
    return row


@writes
def answered(*, party_id: UUID, contact_id: UUID) -> Party | None:
    """The party picked up: it is what it was asked to be. Harmless when repeated."""
    party = rows.one(Party, where={"id": party_id})
    if party is None or party.state != "ringing":
        return None
    return move(party=party, contact_id=contact_id, to=party.wish, answered_at=clock.now())


@writes
def dialled(*, party_id: UUID) -> None:
    """Their telephone is rung from here on: whoever takes over after us does not ring it once more."""
    rows.change(Party, where={"id": party_id}, to={"dialled_at": clock.now()})


@writes
def never_rang(*, party_id: UUID) -> None:
    """It was to be dialled, and never was: they are rung afresh."""
    rows.change(Party, where={"id": party_id, "state": "ringing"}, to={"dialled_at": None})


@writes
def end(*, party_id: UUID, contact_id: UUID, reason: str) -> Party | None:
    """A party has left, or never came. Harmless when repeated."""
    party = rows.one(Party, where={"id": party_id})
    if party is None or party.state not in PRESENT:
        return None
    return move(party=party, contact_id=contact_id, to="ended", reason=reason)


@writes
def set_aside(*, call_id: UUID, contact_id: UUID) -> None:
    """The agent is back with the caller: whoever they spoke with alone waits."""
    for party in rows.many(Party, where={"call_id": call_id}, any_of=("state", ("private",))):
        move(party=party, contact_id=contact_id, to="aside")


@writes
def end_all(*, call_id: UUID, contact_id: UUID, kinds: tuple[str, ...] = ("consult", "monitor")) -> int:
    """The call is over, or back in its line: nobody is in it any more; how many were."""
    found = rows.many(Party, where={"call_id": call_id}, any_of=("state", PRESENT))
    for party in found:
        if party.kind in kinds:
            move(party=party, contact_id=contact_id, to="ended", reason="call_over")
    return len(found)


@writes
def forget(*, call_ids: Iterable[UUID]) -> None:
    """Blank what was said of these calls, and which numbers were rung for them."""
    Party.objects.filter(call_id__in=list(call_ids)).update(note="", number="")


def _hint(party: Party, contact_id: UUID) -> None:
    """The exchange follows the contact's hints; the desks of whoever is rung, and of who has the call, look again."""
    bus.publish(f"contact:{contact_id}", {"kind": "call", "id": str(contact_id)})
    bus.publish("board", {"kind": "call", "id": str(contact_id)})
    for agent_id in {party.agent_id, party.by_id} - {None}:
        bus.publish(f"agent:{agent_id}", {"kind": "offer", "id": str(party.pk)})
