"""Answers given once: the same request with the same key finds the first answer again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from civicline.api.models import IdempotentAnswer
from civicline.api.problems import Problem
from civicline.cases import selectors as cases
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.kernel.db import writes

KEPT = timedelta(days=7)
BLANKED = 410
"""Status of an answer whose words are gone: the key stays taken, so that a late repeat begins nothing anew."""

Said = tuple[int, dict[str, Any]]


def once(
    *, token_id: UUID, key: str, fingerprint: str, work: Callable[[], Said]
) -> tuple[int, dict[str, Any], bool]:
    """Do `work` and keep its answer (status, body), in one transaction; or return the answer kept, and True.

    Two at the same moment: one does it, the other finds its answer. Raises `Problem` 422 for a key that belongs to
    another request, or whose answer had to be forgotten. An answer kept must hold no secret.
    """
    try:
        return _once(token_id=token_id, key=key, fingerprint=fingerprint, work=work)
    except IntegrityError:
        return _once(token_id=token_id, key=key, fingerprint=fingerprint, work=work)


@writes
def _once(
    *, token_id: UUID, key: str, fingerprint: str, work: Callable[[], Said]
) -> tuple[int, dict[str, Any], bool]:
    known = IdempotentAnswer.objects.filter(token_id=token_id, key=key).first()
    if known is not None:
        if known.fingerprint != fingerprint:
            raise Problem("key-reused")
        if known.status == BLANKED:
            raise Problem("key-reused", "What was begun with this key has been erased since. Use a new key.")
        return known.status, known.body, True
    status, body = work()
    IdempotentAnswer.objects.create(
        token_id=token_id, key=key, fingerprint=fingerprint, status=status, body=body, created_at=clock.now()
    )
    return status, body, False


@writes
def forget_answers() -> int:
    """Drop answers older than a week; return how many."""
    dropped, _ = IdempotentAnswer.objects.filter(created_at__lt=clock.now() - KEPT).delete()
    return dropped


def forget_words(kind: str, ids: Sequence[UUID]) -> None:
    """Empty the answers kept that tell of these contacts or cases, in the write that blanks them."""
    if not IdempotentAnswer.objects.exists():
        return
    for one in ids:
        if kind == "contact":
            _blank(
                Q(body__id__in=[str(one), *(str(said.pk) for said in intake.list_messages(one, notes=True))])
            )
        elif kind == "case":
            lines = [line.id for line in cases.case_timeline(one)]
            # Numbers of lines are small: another kind of answer may bear the same.
            _blank(Q(body__id=str(one)) | Q(body__id__in=lines, body__has_key="audience"))


def _blank(told: Q) -> None:
    IdempotentAnswer.objects.filter(told).update(status=BLANKED, body={})
