"""All writes of intake."""

from civicline.intake.services.catalogue import (
    drop_attribute,
    retire_service,
    save_attribute,
    save_calendar,
    save_service,
    save_service_message,
)
from civicline.intake.services.contacts import (
    Received,
    abandon,
    change_contact,
    close,
    move_contact,
    receive,
    tell_wait,
)
from civicline.intake.services.drafts import (
    DRAFT_DAYS,
    DraftBegun,
    begin_draft,
    drop_old_drafts,
    save_draft,
    submit_draft,
)
from civicline.intake.services.messages import add_message, mark_delivered, mark_failed, mark_read, mark_sent
from civicline.intake.services.uploads import link_uploads, store_upload

__all__ = [
    "DRAFT_DAYS",
    "DraftBegun",
    "Received",
    "abandon",
    "add_message",
    "begin_draft",
    "change_contact",
    "close",
    "drop_attribute",
    "drop_old_drafts",
    "link_uploads",
    "mark_delivered",
    "mark_failed",
    "mark_read",
    "mark_sent",
    "move_contact",
    "receive",
    "retire_service",
    "save_attribute",
    "save_calendar",
    "save_draft",
    "save_service",
    "save_service_message",
    "store_upload",
    "submit_draft",
    "tell_wait",
]
