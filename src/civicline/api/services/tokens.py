"""Tokens: made, used, revoked. The secret is shown once and kept as a hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civicline.api.models import ApiToken
from civicline.api.scopes import SCOPES
from civicline.kernel import audit, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound

PREFIX = "cvl"
PREFIX_LENGTH = 8
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Created:
    """A new token, and the words that its holder sends: shown now and never again."""

    token: ApiToken
    secret: str


@writes
def create_token(
    *,
    name: str,
    scopes: Sequence[str],
    rate_per_minute: int = 600,
    expires_at: datetime | None = None,
    by: UUID | None = None,
) -> Created:
    """Make a token `cvl_<prefix>_<secret>`. Raises `Invalid` naming each field that cannot be used."""
    name, now = name.strip(), clock.now()
    wrong: dict[str, object] = {}
    if not name or len(name) > 100:
        wrong["name"] = _(
            "Give the token a name of at most 100 characters, such as that of the other system."
        )
    if not scopes or not set(scopes) <= set(SCOPES):
        wrong["scopes"] = _("Choose what the token is for.")
    if not 1 <= rate_per_minute <= 1_000_000:
        wrong["rate_per_minute"] = _("Give a number from 1 to 1000000.")
    if expires_at is not None and expires_at <= now:
        wrong["expires_at"] = _("This moment is over already.")
    if wrong:
        raise Invalid(fields=wrong)  # type: ignore[arg-type]  # lazy sentences are what it takes
    prefix = ids.hash_secret(ids.new_secret())[:PREFIX_LENGTH]
    secret = f"{PREFIX}_{prefix}_{ids.new_secret()}"
    token = ApiToken(
        id=ids.new_id(),
        name=name,
        prefix=prefix,
        secret_hash=ids.hash_secret(secret),
        scopes=sorted(set(scopes)),
        rate_per_minute=rate_per_minute,
        created_by_id=by,
        created_at=now,
        expires_at=expires_at,
    )
    token.save(force_insert=True)
    audit.record("token.created", object=("token", token.id), data={"name": name, "scopes": token.scopes})
    return Created(token, secret)


@writes
def revoke_token(*, token_id: UUID, reason: str = "") -> None:
    """The token opens nothing from now on. Harmless when repeated. Raises `NotFound`."""
    if not ApiToken.objects.filter(pk=token_id).exists():
        raise NotFound(_("There is no such token."), code="token-unknown")
    if ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=clock.now()):
        audit.record("token.revoked", object=("token", token_id), reason=reason)


@writes
def token_used(*, token_id: UUID) -> None:
    """Keep when a token was used last: at most one write a minute."""
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY)
    ApiToken.objects.filter(stale, pk=token_id).update(last_used_at=now)
