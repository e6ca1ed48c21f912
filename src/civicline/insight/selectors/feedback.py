"""What residents said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from civicline.insight.models import Feedback


def has_feedback(*, contact_id: UUID | None = None, case_id: UUID | None = None) -> bool:
    """Whether this contact or case has been judged by its resident."""
    if case_id is not None:
        return Feedback.objects.filter(case_id=case_id).exists()
    return contact_id is not None and Feedback.objects.filter(contact_id=contact_id).exists()


def list_feedback(start: datetime, end: datetime) -> list[Feedback]:
    """Answers given from `start` up to, and without, `end`, oldest first."""
    rows = Feedback.objects.filter(at__gte=start, at__lt=end).select_related(
        "contact__service", "case__service"
    )
    return list(rows.order_by("at", "pk"))
