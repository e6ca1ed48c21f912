"""What happens to cases, in the past tense. Data holds ids, codes and numbers, never what anybody wrote."""

from civicline.kernel.events import EventType

CASE_OPENED = EventType("case.opened")
"""data: reference, type, state, service (code or ""), contact (id or "")."""

CASE_STEP_TAKEN = EventType("case.step_taken")
"""data: transition, from, to, version, public_step, open311."""

CASE_CLOSED = EventType("case.closed")
"""data: transition, to. Beside case.step_taken, when nothing more is owed (Open311: closed)."""

CASE_REOPENED = EventType("case.reopened")
"""data: transition, to. Beside case.step_taken."""

CASE_UPDATED = EventType("case.updated")
"""data: kind (note, update, resident, media, contact, details), entry (id)."""

CASE_ASSIGNED = EventType("case.assigned")
"""data: from, to (agent ids or "")."""

CASE_LINKED = EventType("case.linked")
"""data: other (case id), kind (related, duplicate, split)."""

CASE_MERGED = EventType("case.merged")
"""data: into (case id), reference (of the target), contacts (how many)."""

CASE_SPLIT = EventType("case.split")
"""data: new (case id), contacts (ids)."""

CASE_FOLLOWED = EventType("case.followed")
"""data: user, following (bool)."""

CASE_SLA_BREACHED = EventType("case.sla_breached")
"""data: clock (first_answer, resolution, review), due_at (ISO 8601)."""

ALL = (
    CASE_OPENED,
    CASE_STEP_TAKEN,
    CASE_CLOSED,
    CASE_REOPENED,
    CASE_UPDATED,
    CASE_ASSIGNED,
    CASE_LINKED,
    CASE_MERGED,
    CASE_SPLIT,
    CASE_FOLLOWED,
    CASE_SLA_BREACHED,
)
