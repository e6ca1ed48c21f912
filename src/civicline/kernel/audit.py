"""Who read or changed what."""

import uuid
from collections.abc import Mapping
from typing import Any

from civicline.kernel import actors, clock
from civicline.kernel.db import joins
from civicline.kernel.models import AuditEntry
from civicline.kernel.rows import add

REASON_LENGTH = 500


@joins
def record(
    action: str,
    *,
    object: tuple[str, object],
    resident_id: uuid.UUID | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note that the current actor did `action` on `object` (kind, id). Joins the write, or makes its own.

    `resident_id` is whose data it was, so that a resident can be told who looked. `reason` is cut at 500 characters.
    """
    who = actors.current()
    add(
        AuditEntry, at=clock.now(), actor_kind=who.kind, actor_id=who.id, action=action, object_kind=object[0],
        object_id=str(object[1]), resident_id=resident_id, reason=reason[:REASON_LENGTH], data=dict(data or {}),
    )  # fmt: skip
