"""Legal holds: begun with a reason, ended with a reason, both for good in the audit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, clock, ids, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict, Invalid, NotFound
from civicline.people import personal
from civicline.people.models import LegalHold

REASON_LENGTH = 500
FINISH_ERASURES = "people.finish_erasures"


@writes
def place_hold(
    *,
    kind: str,
    object_id: UUID,
    reason: str,
    reference: str = "",
    resident_id: UUID | None = None,
    review_on: date | None = None,
    by: UUID | None = None,
) -> LegalHold:
    """Keep a case, a contact or a resident as they are until the hold ends. `Conflict` when they are held already.

    `Invalid` without a reason, or with a day of review that is over.
    """
    reason = _reason(reason, _("Say why this has to stay, such as the number of the proceedings."))
    if kind not in LegalHold.Kind.values:
        raise Invalid(fields={"kind": _("A case, a contact or a resident can be put on hold.")})
    if review_on is not None and review_on <= clock.now().date():
        raise Invalid(fields={"review_on": _("This day is over. Give a day to come.")})
    if LegalHold.objects.filter(kind=kind, object_id=object_id, ended_at__isnull=True).exists():
        raise Conflict(_("This is on hold already."), code="held-already")
    hold = LegalHold(
        id=ids.new_id(),
        kind=kind,
        object_id=object_id,
        reference=reference,
        resident_id=resident_id,
        reason=reason,
        review_on=review_on,
        placed_at=clock.now(),
        placed_by_id=by,
    )
    hold.save(force_insert=True)
    _audited("hold.placed", hold, reason)
    return hold


@writes
def end_hold(*, hold_id: UUID, reason: str, by: UUID | None = None) -> LegalHold:
    """Let retention and erasure have it again; erasures that waited follow. `NotFound`, `Conflict`, `Invalid`."""
    reason = _reason(reason, _("Say why the hold ends."))
    hold = LegalHold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(_("There is no such hold."), code="hold-unknown")
    if hold.ended_at is not None:
        raise Conflict(_("This hold has ended already."), code="hold-ended")
    hold.ended_at, hold.ended_by_id, hold.end_reason = clock.now(), by, reason
    hold.save(update_fields=["ended_at", "ended_by", "end_reason"])
    _audited("hold.ended", hold, reason)
    jobs.enqueue(FINISH_ERASURES)
    return hold


def _reason(text: str, missing: Promise) -> str:
    reason = personal.clean_text(text)
    if not reason:
        raise Invalid(fields={"reason": missing})
    if len(reason) > REASON_LENGTH:
        raise Invalid(
            fields={"reason": _("Give a reason of at most %(count)s characters.")}, count=REASON_LENGTH
        )
    return reason


def _audited(action: str, hold: LegalHold, reason: str) -> None:
    """Twice: in the history of the hold, and in that of what is held."""
    of_it = {"hold": str(hold.pk), "reference": hold.reference}
    for place, data in ((("hold", hold.pk), {}), ((hold.kind, hold.object_id), of_it)):
        audit.record(action, object=place, resident_id=hold.resident_id, reason=reason, data=data)
