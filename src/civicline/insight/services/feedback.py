"""What a resident says afterwards, kept once for each contact and each case."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from civicline.cases.services import add_feedback_entry
from civicline.insight.models import Feedback
from civicline.kernel import audit, clock
from civicline.kernel.db import undoable, writes
from civicline.kernel.errors import Conflict, Invalid

SATISFACTION = range(1, 6)
"""Very dissatisfied to very satisfied (GOV.UK Service Manual, measuring user satisfaction)."""
EASE = range(1, 8)
"""Strongly disagree to strongly agree that we made it easy (Customer Effort Score 2.0)."""
MOST_TEXT = 1_200


@writes
def give_feedback(
    *,
    contact_id: UUID | None = None,
    case_id: UUID | None = None,
    satisfaction: int | None = None,
    ease: int | None = None,
    text: str = "",
    language: str = "",
) -> Feedback:
    """Keep one answer about a contact or a case. Who may give it is for the caller to prove.

    Raises `Invalid` when nothing was answered, an answer is off its scale or the text is too long; `Conflict`
    when there is feedback already.
    """
    if (contact_id is None) == (case_id is None):
        raise ValueError("feedback is about one contact or one case")
    text = text.replace("\x00", "").strip()
    _check(satisfaction, ease, text)
    row = Feedback(
        contact_id=contact_id,
        case_id=case_id,
        satisfaction=satisfaction,
        ease=ease,
        text=text,
        language=language[:12],
        at=clock.now(),
    )
    try:
        with undoable():
            row.save(force_insert=True)
    except IntegrityError as fault:
        raise Conflict(code="feedback-given", text=_("You have told us already. Thank you.")) from fault
    if case_id is not None:
        add_feedback_entry(case_id=case_id, data={"satisfaction": satisfaction, "ease": ease})
    subject = ("contact", str(contact_id)) if contact_id else ("case", str(case_id))
    audit.record("feedback.given", object=subject)
    return row


def _check(satisfaction: int | None, ease: int | None, text: str) -> None:
    if satisfaction is None and ease is None and not text:
        raise Invalid(fields={"satisfaction": _("Answer at least one of the questions")})
    if satisfaction is not None and satisfaction not in SATISFACTION:
        raise Invalid(fields={"satisfaction": _("Choose one of the five answers")})
    if ease is not None and ease not in EASE:
        raise Invalid(fields={"ease": _("Choose one of the seven answers")})
    if len(text) > MOST_TEXT:
        raise Invalid(
            fields={"text": _("Shorten your text to %(most)s characters or fewer")},
            code="too-long",
            most=MOST_TEXT,
        )
