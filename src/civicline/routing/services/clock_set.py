"""What an open offer means when the wall clock is set while it rings."""

from __future__ import annotations

from datetime import timedelta

from civicline.kernel import bus
from civicline.kernel.db import writes
from civicline.kernel.errors import Conflict
from civicline.kernel.leases import Lease
from civicline.routing.models import Offer
from civicline.routing.services.offers import LeaseLost


@writes
def carry_offers_over(*, jumped: float, lease: Lease) -> int:
    """The clock went on (or back) by `jumped` seconds at once: open offers ring for what was left of their time.

    Returns how many. Raises `LeaseLost` when a younger dispatcher has taken over: carrying them over is its own matter.
    """
    try:
        lease.guard()
    except Conflict as lost:
        raise LeaseLost from lost
    carried = list(Offer.objects.filter(state="open"))
    for offer in carried:
        offer.expires_at += timedelta(seconds=jumped)
        bus.publish(f"agent:{offer.agent_id}", {"kind": "offer", "id": str(offer.id)})
    Offer.objects.bulk_update(carried, ["expires_at"])
    return len(carried)
