"""Answers given once: the same request with the same key finds the first answer again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from civicline.api.models import IdempotentAnswer
from civicline.api.problems import Problem
from civicline.kernel import clock
from civicline.kernel.db import writes

KEPT = timedelta(days=7)
Said = tuple[int, dict[str, Any]]


def once(
    *, token_id: UUID, key: str, fingerprint: str, work: Callable[[], Said]
) -> tuple[int, dict[str, Any], bool]:
    """Do `work` and keep its answer (status, body), in one transaction; or return the answer kept, and True.

    Two at the same moment: one does it, the other finds its answer. Raises `Problem` 422 for a key that belongs to
    another request. An answer kept must hold no secret.
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
