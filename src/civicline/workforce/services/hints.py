"""Hints to pages that are open: the plan of a day, or what was offered for it, is another than a moment ago."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from civicline.kernel import bus


def plan_changed(agent_ids: Iterable[UUID | None] = ()) -> None:
    """Tell the telephones of these people, and whoever looks at the day under way. Sent once the write is durable."""
    for agent_id in {one for one in agent_ids if one is not None}:
        bus.publish(f"user:{agent_id}", {"kind": "shift"})
    bus.publish("board", {"kind": "plan"})
