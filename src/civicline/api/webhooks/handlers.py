"""What hears of public events: one delivery for each webhook that wants it, in the transaction of the done-mark."""

from __future__ import annotations

from civicline.api import selectors, services
from civicline.api.webhooks import events
from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel.errors import NotFound
from civicline.kernel.handlers import PublishedEvent


def queue_deliveries(event: PublishedEvent) -> None:
    """Write what is owed to the webhooks that want this event. A repeat writes nothing twice."""
    if not events.is_public(event):
        return
    wanting = [hook for hook in selectors.active_webhooks() if events.wanted(event.name, hook.events)]
    if not wanting:
        return
    contact = intake.get_contact(event.contact_id) if event.contact_id else None
    try:
        case = cases.get_case(event.case_id) if event.case_id else None
    except NotFound:
        case = None
    body = events.cloud_event(event, contact=contact, case=case)
    services.queue_deliveries(
        webhook_ids=[hook.pk for hook in wanting], seq=event.seq, name=event.name, body=body
    )
