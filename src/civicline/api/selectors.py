"""All reads of the public interface."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from civicline.api.models import ApiToken, Webhook, WebhookDelivery
from civicline.kernel import clock, ids, rows

MOST_TOKEN = 200


def find_token(secret: str) -> ApiToken | None:
    """Return the token of these words when it is good now; None when unknown, expired or revoked."""
    if not secret.startswith("cvl_") or len(secret) > MOST_TOKEN:
        return None
    # Found by the hash of all of it: how long the index looks tells nothing about a secret of 192 random bits.
    token = ApiToken.objects.filter(secret_hash=ids.hash_secret(secret), revoked_at__isnull=True).first()
    return (
        token if token is not None and (token.expires_at is None or token.expires_at > clock.now()) else None
    )


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


# -- webhooks


def has_webhooks() -> bool:
    """Whether any is switched on: asked for every batch of events, and most towns have none."""
    return rows.key(Webhook, where={"active": True}) is not None


def active_webhooks() -> list[Webhook]:
    """Those that are told of events now: switched on, and of a token that is still good (or of none)."""
    if not has_webhooks():
        return []
    return [hook for hook in Webhook.objects.filter(active=True).select_related("token") if _good(hook.token)]


def _good(token: ApiToken | None) -> bool:
    if token is None:
        return True
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > clock.now())


def may_tell_text(hook: Webhook) -> bool:
    """Whether the words of messages go along: asked for, and its token may read contacts."""
    return (
        hook.include_text
        and (hook.token is None or "contacts:read" in hook.token.scopes)
        and _good(hook.token)
    )


def old_secret_of(hook: Webhook) -> str:
    """The secret before the last change while it still signs, or ""."""
    until = hook.old_secret_until
    return hook.old_secret if until is not None and until > clock.now() else ""


def last_deliveries() -> dict[UUID, WebhookDelivery]:
    """The newest delivery of each webhook that has one."""
    newest = (
        WebhookDelivery.objects.values("webhook_id").annotate(last=Max("pk")).values_list("last", flat=True)
    )
    return {row.webhook_id: row for row in WebhookDelivery.objects.filter(pk__in=list(newest))}


def count_deliveries(webhook_id: UUID) -> dict[str, int]:
    """{state: deliveries} of a webhook's log."""
    rows = WebhookDelivery.objects.filter(webhook_id=webhook_id).values_list("state").annotate(Count("pk"))
    return dict(rows.order_by())


def list_webhooks() -> list[Webhook]:
    """All webhooks, newest first."""
    return list(Webhook.objects.select_related("token").order_by("-created_at", "-pk"))


def get_webhook(webhook_id: UUID) -> Webhook | None:
    """Return a webhook, or None."""
    return Webhook.objects.filter(pk=webhook_id).first()


def owed_webhooks(now: datetime, *, without: Collection[UUID] = ()) -> list[UUID]:
    """The webhooks that something is owed to now, those `without` left out."""
    rows = _owed(now).exclude(webhook_id__in=without)
    return list(rows.order_by().values_list("webhook_id", flat=True).distinct())


def owed_deliveries(now: datetime, limit: int, *, webhook_id: UUID) -> list[int]:
    """Keys of a webhook's deliveries that should be sent now, or whose lease ran out; in the order of the log."""
    rows = _owed(now).filter(webhook_id=webhook_id)
    return list(rows.order_by("next_try_at", "event_seq", "pk").values_list("pk", flat=True)[:limit])


def _owed(now: datetime) -> QuerySet[WebhookDelivery]:
    due = Q(state__in=("queued", "retry"), next_try_at__lte=now) | Q(state="in_flight", leased_until__lte=now)
    return WebhookDelivery.objects.filter(due, webhook__active=True)


def page_of_deliveries(
    webhook_id: UUID, *, state: str | None = None, after: str = "", limit: int = 50
) -> tuple[list[WebhookDelivery], str]:
    """One page of a webhook's log, newest first, and where it ended ("" on the last page)."""
    rows = WebhookDelivery.objects.filter(webhook_id=webhook_id)
    if state is not None:
        rows = rows.filter(state=state)
    if after:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit], str(found[limit - 1].pk) if len(found) > limit else ""
