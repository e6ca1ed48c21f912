"""What the telephone does when something happened elsewhere."""

from __future__ import annotations

from civicline.channels.voice import services
from civicline.kernel.handlers import PublishedEvent


def close_call(event: PublishedEvent) -> None:
    """A contact was closed: its call, if it has one, is over too."""
    if event.contact_id is not None and event.data.get("channel") == "voice":
        services.close_of_contact(contact_id=event.contact_id)
