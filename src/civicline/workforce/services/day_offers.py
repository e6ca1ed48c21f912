"""When the day differs from the plan: more hours, or time off, for whoever wants them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.kernel.events import emit
from civicline.workforce import events
from civicline.workforce.models import DayOffer, DayOfferTaken, Shift
from civicline.workforce.selectors.rosters import consequences
from civicline.workforce.services.rosters import add_shift, change_shift, draft_shift, remove_shift

LONGEST = timedelta(hours=12)
SHORTEST = timedelta(minutes=30)


@writes
def make_offer(
    *, kind: str, start: datetime, end: datetime, places: int = 1, by: UUID | None = None
) -> DayOffer:
    """Offer more hours, or time off, to so many people."""
    wrong: dict[str, Any] = {}
    if kind not in DayOffer.Kind.values:
        wrong["kind"] = _("Choose one of these.")
    if not SHORTEST <= end - start <= LONGEST:
        wrong["end"] = _("Give from half an hour to 12 hours.")
    if end <= clock.now():
        wrong["start"] = _("This time is over.")
    if not 1 <= places <= 200:
        wrong["places"] = _("Give 1 place or more.")
    if wrong:
        raise Invalid(fields=wrong, code="offer-invalid")
    row = DayOffer(kind=kind, start=start, end=end, places=places, made_at=clock.now(), made_by_id=by)
    row.save(force_insert=True)
    data = {"kind": kind, "start": start.isoformat(), "end": end.isoformat(), "places": places}
    emit(events.DAY_OFFERED, subject=("day_offer", row.pk), data=data)
    audit.record("day_offer.made", object=("day_offer", row.pk), data=data)
    return row


@writes
def close_offer(*, offer_id: int) -> None:
    """Nobody can take it any more; what was taken stays."""
    if not DayOffer.objects.filter(pk=offer_id, closed_at__isnull=True).update(closed_at=clock.now()):
        raise Conflict(_("This offer is closed already."), code="offer-closed")
    audit.record("day_offer.closed", object=("day_offer", offer_id))


@writes
def take_offer(*, offer_id: int, agent_id: UUID) -> DayOfferTaken:
    """Take a place: the roster changes at once. Refused, with the rule in words, where the contract forbids it."""
    offer = DayOffer.objects.select_for_update().filter(pk=offer_id).first()
    if offer is None:
        raise NotFound(_("There is no such offer."), code="offer-unknown")
    if offer.closed_at is not None or offer.end <= clock.now():
        raise Conflict(_("This offer is closed already."), code="offer-closed")
    if offer.taken.filter(agent_id=agent_id).exists():
        raise Conflict(_("You have taken this already."), code="offer-twice")
    if offer.taken.count() >= offer.places:
        raise Conflict(_("All places are taken."), code="offer-full")
    shift = (
        _work_more(offer, agent_id) if offer.kind == DayOffer.Kind.OVERTIME else _work_less(offer, agent_id)
    )
    row = DayOfferTaken(offer=offer, agent_id=agent_id, shift=shift, at=clock.now())
    row.save(force_insert=True)
    emit(events.DAY_OFFER_TAKEN, subject=("day_offer", offer.pk), data={"agent": str(agent_id)})
    return row


def _work_more(offer: DayOffer, agent_id: UUID) -> Shift:
    start = max(offer.start, clock.now())
    come = draft_shift(agent_id=agent_id, start=start, end=offer.end, kind="overtime")
    broken = [one for _agent, one in consequences([], [come]).findings if not one.soft]
    if broken:
        raise Refused(" ".join(one.words() for one in broken), code="rule-broken")
    return add_shift(agent_id=agent_id, start=start, end=offer.end, kind="overtime")


def _work_less(offer: DayOffer, agent_id: UUID) -> Shift | None:
    """Cut the shift by the hours off; None when nothing of it is left."""
    shift = Shift.objects.filter(agent_id=agent_id, start__lt=offer.end, end__gt=offer.start).first()
    if shift is None:
        raise Refused(_("You do not work then."), code="no-shift")
    if shift.start < offer.start and shift.end > offer.end:
        raise Refused(_("Your shift goes on after this time. Ask your planner."), code="middle-of-shift")
    start = offer.end if shift.start >= offer.start else shift.start
    end = offer.start if shift.start < offer.start else shift.end
    if end - start < SHORTEST:
        remove_shift(shift_id=shift.pk)
        return None
    moved = (start - shift.start).total_seconds() / 60
    length = (end - start).total_seconds() / 60
    breaks = [
        [after - moved, minutes, paid]
        for after, minutes, paid in shift.breaks
        if moved <= after <= moved + length - minutes
    ]
    return change_shift(shift_id=shift.pk, start=start, end=end, breaks=breaks)
