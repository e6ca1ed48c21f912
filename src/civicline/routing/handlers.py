"""What routing does when it hears of an event. Registered in config.wiring; each is idempotent."""

from __future__ import annotations

from uuid import UUID

from civicline.kernel.handlers import PublishedEvent
from civicline.routing import services


def triage_received(event: PublishedEvent) -> None:
    """A contact was received: give it a queue. Triage of one already queued changes nothing.

    `later` in the event: the channel is still asking the resident, and puts them into a line itself.
    """
    if event.contact_id is not None and not event.data.get("later"):
        services.triage(contact_id=event.contact_id)


def withdraw_from_absent(event: PublishedEvent) -> None:
    """An agent left while an offer was open: it goes back at once, not when its time is up."""
    if event.data.get("to") != "available":
        services.withdraw_offers(agent_id=UUID(event.subject_id), reason="agent_lost")


def learn_wait(event: PublishedEvent) -> None:
    """A wait came true (or was given up): teach the queue's calibration by what was told."""
    if event.contact_id is not None:
        services.learn_wait(
            contact_id=event.contact_id, seq=event.seq, event_name=event.name, data=event.data
        )


def tell_wait(event: PublishedEvent) -> None:
    """A contact joined a line: work out and keep what its resident is told."""
    if event.contact_id is not None:
        services.tell_first_wait(contact_id=event.contact_id)
