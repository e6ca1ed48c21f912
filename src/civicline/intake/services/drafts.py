"""Forms begun and not yet sent: saved at each step, found again by the secret in a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.intake.models import Draft, Service
from civicline.kernel import clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import NotFound

DRAFT_DAYS = 28
"""Days that a form is kept from its last save. No setting: pages promise it to residents, in every language."""

KEPT_FOR = timedelta(days=DRAFT_DAYS)


@dataclass(frozen=True, slots=True)
class DraftBegun:
    """A new draft and the secret that opens it; the secret is not kept."""

    draft: Draft
    secret: str


@writes
def begin_draft(*, service: Service, language: str) -> DraftBegun:
    """Start a form about `service`. It is kept for 28 days from the last save."""
    now, secret = clock.now(), ids.new_secret()
    draft = Draft(
        id=ids.new_id(),
        secret_hash=ids.hash_secret(secret),
        service=service,
        language=language,
        created_at=now,
        saved_at=now,
        expires_at=now + KEPT_FOR,
    )
    draft.save(force_insert=True)
    return DraftBegun(draft=draft, secret=secret)


@writes
def save_draft(*, draft_id: UUID, answers: dict[str, Any], step: str) -> Draft:
    """Add `answers` to those given before. Raises `NotFound` when it has expired or was sent."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id, contact__isnull=True).first()
    if draft is None or draft.expires_at <= clock.now():
        raise NotFound(code="draft-unknown", text=_("This form is not there any more. Please start again."))
    now = clock.now()
    draft.answers = {**draft.answers, **answers}
    draft.step, draft.saved_at, draft.expires_at = step, now, now + KEPT_FOR
    draft.save(update_fields=["answers", "step", "saved_at", "expires_at"])
    return draft


@writes
def submit_draft(*, draft_id: UUID, contact_id: UUID) -> bool:
    """Mark the draft as sent with `contact_id`; False when it was sent before (a second click)."""
    return (
        Draft.objects.filter(pk=draft_id, contact__isnull=True).update(contact_id=contact_id, answers={}) == 1
    )


@writes
def drop_old_drafts() -> int:
    """Delete drafts past their time; return how many. Run by the retention job."""
    return Draft.objects.filter(expires_at__lte=clock.now()).delete()[0]
