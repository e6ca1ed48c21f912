"""All reads of the public interface."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from civicline.api.models import ApiToken
from civicline.kernel import clock, ids

MOST_TOKEN = 200


def find_token(secret: str) -> ApiToken | None:
    """Return the token of these words when it is good now; None when unknown, expired or revoked."""
    if not secret.startswith("cvl_") or len(secret) > MOST_TOKEN:
        return None
    # Found by the hash of all of it: how long the index looks tells nothing about a secret of 192 random bits.
    token = ApiToken.objects.filter(secret_hash=ids.hash_secret(secret), revoked_at__isnull=True).first()
    return token if token is not None and (token.expires_at is None or token.expires_at > clock.now()) else None


def list_tokens(*, good: bool = False) -> QuerySet[ApiToken]:
    """Tokens, newest first, with who made them; only those that are good now if asked."""
    rows = ApiToken.objects.select_related("created_by").order_by("-created_at")
    if good:
        rows = rows.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now()), revoked_at__isnull=True
        )
    return rows


def get_token(token_id: UUID) -> ApiToken | None:
    """Return a token, good or not, or None."""
    return ApiToken.objects.filter(pk=token_id).first()
