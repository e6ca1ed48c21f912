"""Nobody reads an action's name in the audit: all that is written there is told in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from civicline.web.admin import deeds

SOURCE = Path(deeds.__file__).parents[2]
WRITERS = {"record", "audited", "_audited", "_note", "_told", "_tell_prompt"}
MADE_UP = [
    "staff.roles_changed", "staff.active_changed", "staff.account_changed", "staff.skills_changed",
    "staff.capacity_changed", "contact.listed", "contact.read", "case.listed", "queue.created", "queue.changed",
    "service.changed", "service_message.created", "route.changed", "calendar.created", "attribute.changed",
    "call_flow.changed", "canned_text.created", "case_policy.changed", "resident.created", "resident.changed",
    "skill.changed", "phone.saved", "phone.removed", "phone.camera_chosen", "leave.asked", "leave.approved",
    "leave.refused", "trade.approved", "trade.refused", "duty_trade.approved", "plan_change.approved",
    "plan_change.refused", "plan_change.undone", "schedule.published", "schedule.withdrawn", "shift.added",
    "shift.changed", "shift.removed", "shift.given", "shift.traded", "day.marked", "day.unmarked", "day_offer.taken",
    "day_offer.declined", "day_offer.undone",
]  # fmt: skip
"""Actions whose names are put together where they are written."""


def _literal_actions() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in WRITERS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and "." in first.value:
                    yield first.value


@pytest.mark.parametrize("action", sorted({*_literal_actions(), *MADE_UP}))
def test_every_action_has_its_words(action: str) -> None:
    with translation.override("en"):
        told = deeds.in_words(action)
        assert told
        assert action not in told
        assert "_" not in told


def test_words_of_an_action_are_its_kind_and_what_was_done() -> None:
    with translation.override("en"):
        assert deeds.in_words("staff.capacity_changed") == "Member of staff: changed the capacity"
        assert deeds.in_words("resident.created") == "Resident: created"
        assert deeds.in_words("moon.eaten") == ""
        assert deeds.kind("service_message") == "Message to residents"
