"""Tokens of the interface as api_keys of Open311."""

from __future__ import annotations

from civicline.api import selectors, services
from civicline.api.services.tokens import USED_EVERY
from civicline.channels.open311.access import KeyHolder
from civicline.kernel import clock


def verify(key: str, scope: str) -> KeyHolder | None:
    """The holder of a key, None unless it is a good token with this scope."""
    token = selectors.find_token(key)
    if token is None or scope not in token.scopes:
        return None
    if token.last_used_at is None or clock.now() - token.last_used_at > USED_EVERY:
        services.token_used(token_id=token.pk)
    return KeyHolder(id=str(token.pk), name=token.name, rate_per_minute=token.rate_per_minute)
