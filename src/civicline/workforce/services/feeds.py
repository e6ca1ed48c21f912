"""The secret address at which an agent's own calendar fetches their shifts."""

from __future__ import annotations

from uuid import UUID

from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.workforce.models import FeedKey


@writes
def make_feed(*, agent_id: UUID) -> str:
    """A new secret, told once; the one before opens nothing any more."""
    secret = ids.new_secret()
    values = {"secret_hash": ids.hash_secret(secret), "made_at": clock.now()}
    FeedKey.objects.update_or_create(agent_id=agent_id, defaults=values)
    audit.record("feed.made", object=("agent", agent_id))
    return secret


@writes
def end_feed(*, agent_id: UUID) -> None:
    """The address opens nothing any more."""
    FeedKey.objects.filter(agent_id=agent_id).delete()
    audit.record("feed.ended", object=("agent", agent_id))
