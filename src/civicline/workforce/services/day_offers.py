"""When the day differs from the plan: more hours, or time off, for whoever wants them or those who are asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import Contract, DayInvite, DayOffer, DayOfferTaken, Shift
from civicline.workforce.selectors.rosters import consequences
from civicline.workforce.selectors.whom_to_ask import can_leave, cut
from civicline.workforce.services.hints import plan_changed
from civicline.workforce.services.rosters import add_shift, change_shift, draft_shift, remove_shift

LONGEST = timedelta(hours=12)
SHORTEST = timedelta(minutes=30)


@writes
def make_offer(
    *, kind: str, start: datetime, end: datetime, places: int = 1, ask: Sequence[UUID] | None = None,
    by: UUID | None = None,
) -> DayOffer:  # fmt: skip
    """Offer more hours, or time off, to so many people: of everybody, or only of those whom `ask` names."""
    wrong: dict[str, Any] = {}
    if kind not in DayOffer.Kind.values:
        wrong["kind"] = _("Choose one of these.")
    if not SHORTEST <= end - start <= LONGEST:
        wrong["end"] = _("Give from half an hour to 12 hours.")
    if end <= clock.now():
        wrong["start"] = _("This time is over.")
    if not 1 <= places <= 200:
        wrong["places"] = _("Give 1 place or more.")
    if ask is not None and Contract.objects.filter(pk__in=set(ask)).count() != len(set(ask) or {None}):
        wrong["ask"] = _("Choose whom to ask.")
    if wrong:
        raise Invalid(fields=wrong, code="offer-invalid")
    row = DayOffer(
        kind=kind,
        start=start,
        end=end,
        places=places,
        invited=ask is not None,
        made_at=clock.now(),
        made_by_id=by,
    )
    row.save(force_insert=True)
    asked = sorted(set(ask or ()), key=str)
    DayInvite.objects.bulk_create([DayInvite(offer=row, agent_id=agent) for agent in asked])
    data = {"kind": kind, "start": start.isoformat(), "end": end.isoformat(), "places": places}
    emit(events.DAY_OFFERED, subject=("day_offer", row.pk), data=data)
    audit.record(
        "day_offer.made", object=("day_offer", row.pk), data={**data, "asked": [str(one) for one in asked]}
    )
    plan_changed(asked)
    return row


@writes
def close_offer(*, offer_id: int) -> None:
    """Nobody can take it any more; what was taken stays."""
    if not DayOffer.objects.filter(pk=offer_id, closed_at__isnull=True).update(closed_at=clock.now()):
        raise Conflict(_("This offer is closed already."), code="offer-closed")
    audit.record("day_offer.closed", object=("day_offer", offer_id))
    plan_changed()


def _open(offer_id: int, agent_id: UUID) -> DayOffer:
    offer = DayOffer.objects.select_for_update().filter(pk=offer_id).first()
    if offer is None:
        raise NotFound(_("There is no such offer."), code="offer-unknown")
    if offer.closed_at is not None or offer.end <= clock.now():
        raise Conflict(_("This offer is closed already."), code="offer-closed")
    if offer.invited and not offer.invites.filter(agent_id=agent_id).exists():
        raise Forbidden(_("You were not asked for this."), code="offer-others")
    if offer.taken.filter(agent_id=agent_id).exists():
        raise Conflict(_("You have taken this already."), code="offer-twice")
    return offer


@writes
def take_offer(*, offer_id: int, agent_id: UUID) -> DayOfferTaken:
    """Take a place: the roster changes at once. Refused, with the rule in words, where the contract forbids it."""
    offer = _open(offer_id, agent_id)
    if offer.taken.count() >= offer.places:
        raise Conflict(_("All places are taken."), code="offer-full")
    before: dict[str, Any] = {}
    if offer.kind == DayOffer.Kind.OVERTIME:
        shift: Shift | None = _work_more(offer, agent_id)
    else:
        own = _own_shift(offer, agent_id)
        before = _kept(own)
        shift = _work_less(offer, own)
    row = DayOfferTaken(
        offer=offer, agent_id=agent_id, shift=shift, at=clock.now(), before=before,
        version=shift.version if shift is not None else 0,
    )  # fmt: skip
    row.save(force_insert=True)
    offer.invites.filter(agent_id=agent_id).update(declined_at=None)
    _tell("taken", events.DAY_OFFER_TAKEN, offer.pk, agent_id)
    return row


@writes
def decline_offer(*, offer_id: int, agent_id: UUID) -> None:
    """Say no to what one was asked: nobody asks again for these hours."""
    offer = _open(offer_id, agent_id)
    if not offer.invites.filter(agent_id=agent_id, declined_at__isnull=True).update(declined_at=clock.now()):
        raise Conflict(_("You have answered this already."), code="offer-answered")
    _tell("declined", events.DAY_OFFER_DECLINED, offer.pk, agent_id)


@writes
def undo_taken(*, taken_id: int) -> None:
    """Take a place back: the roster stands as before. Conflict when the shift was changed since, or has begun."""
    row = DayOfferTaken.objects.select_related("offer", "shift").filter(pk=taken_id).first()
    if row is None:
        raise NotFound(_("There is no such offer."), code="offer-unknown")
    if row.offer.start <= clock.now():
        raise Conflict(_("These hours have begun."), code="offer-began")
    if row.shift is not None and (row.shift.version, row.shift.agent_id) != (row.version, row.agent_id):
        raise Conflict(_("The shift was changed since. Change it by hand."), code="changed-since")
    if row.offer.kind == DayOffer.Kind.OVERTIME and row.shift is None:
        raise Conflict(_("The shift was changed since. Change it by hand."), code="changed-since")
    _put_back(row)
    row.delete()
    row.offer.invites.filter(agent_id=row.agent_id).update(declined_at=clock.now())
    _tell("undone", events.DAY_OFFER_UNDONE, row.offer_id, row.agent_id)


def _put_back(row: DayOfferTaken) -> None:
    if row.offer.kind == DayOffer.Kind.OVERTIME and row.shift is not None:
        remove_shift(shift_id=row.shift.pk)
        return
    kept = {name: row.before[name] for name in ("breaks", "kind", "place")} if row.before else {}
    if not kept:
        raise Conflict(_("The shift was changed since. Change it by hand."), code="changed-since")
    kept |= {name: datetime.fromisoformat(row.before[name]) for name in ("start", "end")}
    if row.shift is None:
        add_shift(agent_id=row.agent_id, **kept)
    else:
        change_shift(shift_id=row.shift.pk, **kept)


def _kept(shift: Shift) -> dict[str, Any]:
    """A shift as it stands, for putting it back."""
    return {
        "start": shift.start.isoformat(), "end": shift.end.isoformat(), "breaks": shift.breaks,
        "kind": shift.kind, "place": shift.place,
    }  # fmt: skip


def _tell(deed: str, event: Any, offer_id: int, agent_id: UUID) -> None:
    emit(event, subject=("day_offer", offer_id), data={"agent": str(agent_id)})
    audit.record(f"day_offer.{deed}", object=("day_offer", offer_id), data={"agent": str(agent_id)})
    plan_changed()


def _work_more(offer: DayOffer, agent_id: UUID) -> Shift:
    start = max(offer.start, clock.now())
    come = draft_shift(agent_id=agent_id, start=start, end=offer.end, kind="overtime")
    broken = [one for _agent, one in consequences([], [come]).findings if not one.soft]
    if broken:
        raise Refused(" ".join(one.words() for one in broken), code="rule-broken")
    return add_shift(agent_id=agent_id, start=start, end=offer.end, kind="overtime")


def _own_shift(offer: DayOffer, agent_id: UUID) -> Shift:
    shift = Shift.objects.filter(agent_id=agent_id, start__lt=offer.end, end__gt=offer.start).first()
    if shift is None:
        raise Refused(_("You do not work then."), code="no-shift")
    if not can_leave(shift, offer.start, offer.end):
        raise Refused(_("Your shift goes on after this time. Ask your planner."), code="middle-of-shift")
    return shift


def _work_less(offer: DayOffer, shift: Shift) -> Shift | None:
    """Cut the shift by the hours off; None when nothing of it is left. Refused where people are too few by now."""
    left = cut(shift, offer.start, offer.end)
    if offer.invited and any(one.code == "short" for one in consequences([shift], left).hard):
        raise Refused(_("By now people would be too few without you."), code="rule-broken")
    if not left:
        remove_shift(shift_id=shift.pk)
        return None
    return change_shift(shift_id=shift.pk, start=left[0].start, end=left[0].end, breaks=left[0].breaks)
