"""All writes of cases."""

from civicline.cases.services.bonds import link, link_contact, merge, split, unlink
from civicline.cases.services.clocks import check_clocks
from civicline.cases.services.opening import Opened, Place, open_case
from civicline.cases.services.people import assign_owner, follow, unfollow
from civicline.cases.services.policies import remove_policy, save_policy
from civicline.cases.services.steps import reopen, take_step
from civicline.cases.services.words import (
    add_feedback_entry,
    add_from_resident,
    add_note,
    add_public_update,
    attach_media,
    change_details,
)

__all__ = [
    "Opened",
    "Place",
    "add_feedback_entry",
    "add_from_resident",
    "add_note",
    "add_public_update",
    "assign_owner",
    "attach_media",
    "change_details",
    "check_clocks",
    "follow",
    "link",
    "link_contact",
    "merge",
    "open_case",
    "remove_policy",
    "reopen",
    "save_policy",
    "split",
    "take_step",
    "unfollow",
    "unlink",
]
