"""What agents are doing: said by themselves, set by a supervisor, or concluded when their desk falls silent.

Stored are the states that somebody says (available, break, training, away, signed_out) and `not_responding`;
"with a resident" and "wrap-up" follow from the contacts in hand.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civicline.engine import lifecycle
from civicline.kernel import bus, clock, events, rows
from civicline.kernel.db import after_commit, joins, writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.people.events import PRESENCE_CHANGED
from civicline.people.models import Presence

SEEN_EVERY = timedelta(seconds=5)
"""How exact `last_seen_at` is: more often than this a desk that pings costs no write."""

COMES_BACK_WITHIN = timedelta(minutes=5)
"""A desk that lost its network for no longer than this is available again by itself."""

SIGNED_OUT_AFTER = timedelta(minutes=15)
"""A desk silent for longer than this has gone home."""

By = Literal["agent", "supervisor", "system"]

_REFUSALS = {
    "derived": _("This follows from the contacts in hand. Nobody can choose it."),
    "reason_needed": _("Choose a reason for this."),
    "not_allowed": _("You cannot go from “%(origin)s” to “%(target)s”."),
    "unknown_state": _("We do not know “%(target)s”."),
}


@writes
def set_presence(
    *, agent_id: UUID, state: str, reason: str = "", by: UUID | None = None, version: int | None = None
) -> Presence:
    """Change what an agent is doing, by the presence table; the same state and reason again changes nothing.

    `by` is who asked: the agent's own id, a supervisor's, or None for the system (which alone may say
    not_responding). `version` demands that nobody changed it since it was read. Conflict when somebody did,
    Invalid for a reason that is missing, Refused for a move that is not in the table.
    """
    presence = _get(agent_id)
    if version is not None and version != presence.version:
        raise _changed()
    if presence.state == state and (not reason or reason == presence.reason):
        return presence
    _check(presence.state, state, reason, by_person=by is not None)
    return _move(presence, state, reason, _who(agent_id, by))


@writes
def mark_not_responding(*, agent_id: UUID, reason: str) -> bool:
    """Take an available agent out of the line who left an offer unanswered; whether this changed anything.

    Who is on a break or has gone in the meantime stays there. `reason`: offer_timed_out or connection_lost.
    """
    presence = _get(agent_id)
    if presence.state != "available":
        return False
    _check(presence.state, "not_responding", reason, by_person=False)
    _move(presence, "not_responding", reason, "system")
    return True


@writes
def found_there(*, agent_id: UUID) -> None:
    """Whoever was thought not to respond did: they are there. Every other state stays."""
    presence = _get(agent_id)
    if presence.state == "not_responding":
        _check(presence.state, "available", "", by_person=True)
        _move(presence, "available", "", "agent")


def _get(agent_id: UUID) -> Presence:
    presence = Presence.objects.filter(pk=agent_id).first()
    if presence is None:
        raise NotFound(_("There is no such agent."), code="agent-unknown")
    return presence


def _who(agent_id: UUID, by: UUID | None) -> By:
    if by is None:
        return "system"
    return "agent" if str(by) == str(agent_id) else "supervisor"


def _check(origin: str, target: str, reason: str, *, by_person: bool) -> None:
    if origin == target:  # another reason for the same state: as if newly chosen
        _check_reason(target, reason)
        return
    try:
        lifecycle.check(lifecycle.PRESENCE, origin, target, reason=reason, by_person=by_person)
    except lifecycle.MoveRefused as refused:
        text = _REFUSALS[refused.code]
        if refused.code == "reason_needed":
            raise Invalid(fields={"reason": text}, code="reason-needed") from refused
        code = refused.code.replace("_", "-")
        raise Refused(text, code=code, origin=origin, target=target) from refused


def _check_reason(state: str, reason: str) -> None:
    known = {code for move in lifecycle.PRESENCE.moves if move.target == state for code in move.reasons}
    if reason not in known:
        raise Invalid(fields={"reason": _REFUSALS["reason_needed"]}, code="reason-needed")


def _changed() -> Conflict:
    return Conflict(_("This presence was changed in the meantime."), code="presence-changed")


def _move(presence: Presence, state: str, reason: str, by: By) -> Presence:
    """Compare and set on the version that was read; then tell the log, the dispatcher and the desk."""
    now, before = clock.now(), presence.state
    changes: dict[str, object] = {
        "state": state,
        "reason": reason,
        "since": now,
        "version": presence.version + 1,
    }
    if state == "available":
        changes["idle_since"] = now
    if by == "agent":
        changes["last_seen_at"] = now
    moved = Presence.objects.filter(pk=presence.pk, version=presence.version).update(**changes)
    if not moved:
        raise _changed()
    presence.refresh_from_db()
    agent = str(presence.pk)
    data = {"from": before, "to": state, "reason": reason, "since": now.isoformat(), "by": by}
    events.emit(PRESENCE_CHANGED, subject=("agent", agent), data=data)
    after_commit(lambda: bus.publish("queue-line", {"agent": agent}))
    return presence


def agent_seen(*, agent_id: UUID) -> None:
    """Note that an agent's desk is there; after a short loss of the network they are available again.

    Called for every ping: it writes at most every SEEN_EVERY. An unknown agent is ignored.
    """
    agents_seen(agent_ids=[agent_id])


def agents_seen(*, agent_ids: Collection[UUID]) -> None:
    """The same for all desks of a process at once: one reading, and one write however many they are."""
    now = clock.now()
    stale = [
        presence.pk
        for presence in Presence.objects.filter(pk__in=agent_ids)
        if presence.last_seen_at is None
        or presence.last_seen_at <= now - SEEN_EVERY
        or _lost_a_moment_ago(presence, now)
    ]
    if stale:
        _seen(agent_ids=stale, now=now)


def _lost_a_moment_ago(presence: Presence, now: datetime) -> bool:
    return (
        presence.state == "not_responding"
        and presence.reason == "connection_lost"
        and presence.since > now - COMES_BACK_WITHIN
    )


@writes
def _seen(*, agent_ids: Sequence[UUID], now: datetime) -> None:
    known = Presence.objects.filter(pk__in=agent_ids)
    known.filter(Q(last_seen_at__isnull=True) | Q(last_seen_at__lt=now)).update(last_seen_at=now)
    for presence in known.filter(state="not_responding", reason="connection_lost").order_by("pk"):
        if _lost_a_moment_ago(presence, now):
            with contextlib.suppress(Conflict):  # they have said something themselves in the meantime
                _move(presence, "available", "", "system")


@writes
def agents_vanished(*, before: datetime) -> list[UUID]:
    """Take the agents whose desk was last seen earlier than `before` out of the line; their ids.

    Who was available stops responding (connection_lost); who is silent for SIGNED_OUT_AFTER longer, or was on a
    break for as long, is signed out. The caller returns what they had in hand.
    """
    gone: list[UUID] = []
    silent = Presence.objects.exclude(state="signed_out").filter(
        Q(last_seen_at__lt=before) | Q(last_seen_at__isnull=True, since__lt=before)
    )
    for presence in silent.order_by("pk"):
        seen = presence.last_seen_at or presence.since
        if seen < before - SIGNED_OUT_AFTER:
            _move(presence, "signed_out", "connection_lost", "system")
        elif presence.state == "available":
            _move(presence, "not_responding", "connection_lost", "system")
        else:
            continue
        gone.append(presence.pk)
    return gone


@joins
def engage(*, agent_id: UUID, engaged: bool) -> None:
    """An agent helps with a contact of somebody else, or does not any more: meanwhile nothing is offered to them."""
    if rows.change(Presence, where={"agent_id": agent_id, "engaged": not engaged}, to={"engaged": engaged}):
        bus.publish("queue-line", {"agent": str(agent_id)})


@joins
def agent_freed(*, agent_id: UUID, at: datetime | None = None) -> None:
    """An agent has finished a contact: the longest-idle order counts from now (or `at`)."""
    moment = at or clock.now()
    where = {"agent_id": agent_id, "idle_since": rows.Below(moment)}
    rows.change(Presence, where=where, to={"idle_since": moment})
