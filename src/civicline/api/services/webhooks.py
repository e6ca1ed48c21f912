"""Webhooks: registered, changed, removed; their deliveries queued, claimed and settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from civicline.api.models import Webhook, WebhookDelivery
from civicline.api.webhooks import events, signing
from civicline.api.webhooks.addresses import RefusedAddress, check
from civicline.kernel import audit, bus, clock, ids
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, NotFound

LEASE = timedelta(seconds=60)
OVERLAP = timedelta(days=1)
"""So long after a change of secret the old one signs as well."""
KEPT = timedelta(days=30)
FAILING = timedelta(days=5)
TOPIC = "webhooks"
RESPONSE_LENGTH = 1000
MOST_WEBHOOKS = 100


@writes
def register_webhook(
    *,
    name: str,
    url: str,
    wanted: Sequence[str],
    include_text: bool = False,
    token_id: UUID | None = None,
) -> Webhook:
    """Register a webhook; its secret is in the row. Raises `Invalid` naming each field that cannot be used."""
    wrong = _faults(name=name, url=url, wanted=wanted)
    if Webhook.objects.count() >= MOST_WEBHOOKS:
        wrong["url"] = _("There are 100 webhooks already. Remove one first.")
    if wrong:
        raise Invalid(fields=wrong)
    hook = Webhook(
        id=ids.new_id(),
        name=name.strip(),
        url=url,
        secret=signing.new_secret(),
        events=sorted(set(wanted)),
        include_text=include_text,
        token_id=token_id,
        created_at=clock.now(),
    )
    hook.save(force_insert=True)
    audit.record("webhook.created", object=("webhook", hook.id), data=_changes({}, _told(hook)))
    return hook


def _told(hook: Webhook) -> dict[str, Any]:
    """What the audit keeps of a webhook; never its secret."""
    return {name: getattr(hook, name) for name in ("name", "url", "events", "include_text", "active")}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    changed = {
        name: {"from": before.get(name), "to": value}
        for name, value in after.items()
        if name not in before or before[name] != value
    }
    return {"changes": changed}


def _faults(*, name: str | None, url: str | None, wanted: Sequence[str] | None) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if name is not None and not 1 <= len(name.strip()) <= 100:
        wrong["name"] = _("Give the webhook a name of at most 100 characters.")
    if url is not None:
        try:
            check(url)
        except RefusedAddress as refused:
            wrong["url"] = str(refused)
    if wanted is not None:
        unknown = [one for one in wanted if not events.known(one)]
        if unknown or not wanted:
            wrong["events"] = _("Choose events that are told outside.")
    return wrong


@writes
def change_webhook(
    *,
    webhook_id: UUID,
    name: str | None = None,
    url: str | None = None,
    wanted: Sequence[str] | None = None,
    include_text: bool | None = None,
    active: bool | None = None,
) -> Webhook:
    """Change a webhook; None leaves it. Switched on again it starts afresh. Raises `Invalid`, `NotFound`."""
    hook = _load(webhook_id)
    if wrong := _faults(name=name, url=url, wanted=wanted):
        raise Invalid(fields=wrong)
    before = _told(hook)
    hook.name = hook.name if name is None else name.strip()
    hook.url = hook.url if url is None else url
    hook.events = hook.events if wanted is None else sorted(set(wanted))
    hook.include_text = hook.include_text if include_text is None else include_text
    if active is not None:
        hook.active, hook.failing_since = active, None
        hook.disabled_reason = ""
    hook.save()
    if (changed := _changes(before, _told(hook)))["changes"]:
        audit.record("webhook.changed", object=("webhook", hook.id), data=changed)
    return hook


def _load(webhook_id: UUID) -> Webhook:
    hook = Webhook.objects.filter(pk=webhook_id).first()
    if hook is None:
        raise NotFound(_("There is no such webhook."), code="webhook-unknown")
    return hook


@writes
def rotate_secret(*, webhook_id: UUID) -> str:
    """A new secret, shown to the caller now and never again; the old one signs beside it for a day. `NotFound`."""
    hook, secret = _load(webhook_id), signing.new_secret()
    hook.old_secret, hook.old_secret_until = hook.secret, clock.now() + OVERLAP
    hook.secret = secret
    hook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    audit.record("webhook.secret_changed", object=("webhook", webhook_id))
    return secret


@writes
def remove_webhook(*, webhook_id: UUID) -> None:
    """Remove a webhook with its log. Harmless when repeated."""
    gone, _rows = Webhook.objects.filter(pk=webhook_id).delete()
    if gone:
        audit.record("webhook.removed", object=("webhook", webhook_id))


@writes
def test_webhook(*, webhook_id: UUID) -> WebhookDelivery:
    """Queue an event of no meaning, to see whether it arrives. Tests have numbers below nought."""
    _load(webhook_id)
    now, uid = clock.now(), ids.new_id()
    at = now.isoformat().replace("+00:00", "Z")
    body = events.envelope(
        uid=str(uid), name=events.TEST, subject=f"webhook/{webhook_id}", at=at, data={}, sequence=0
    )
    seq = -(uid.int >> 80) * 1000 - uid.int % 1000
    row = WebhookDelivery.objects.create(
        webhook_id=webhook_id,
        event_seq=seq,
        event_name=events.TEST,
        body=body,
        next_try_at=now,
        created_at=now,
        changed_at=now,
    )
    bus.publish(TOPIC)
    return row


@writes
def queue_deliveries(*, webhook_ids: Sequence[UUID], seq: int, name: str, body: Mapping[str, Any]) -> None:
    """One row for each webhook; those that have one for this event keep it."""
    now = clock.now()
    rows = [
        WebhookDelivery(
            webhook_id=webhook_id,
            event_seq=seq,
            event_name=name,
            body=dict(body),
            next_try_at=now,
            created_at=now,
            changed_at=now,
        )
        for webhook_id in webhook_ids
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    bus.publish(TOPIC)


@writes
def claim(*, owner: str, delivery_ids: Sequence[int]) -> list[WebhookDelivery]:
    """Lease these rows to `owner` and return those won."""
    now = clock.now()
    due = Q(state__in=("queued", "retry")) | Q(state="in_flight", leased_until__lte=now)
    won = [
        pk
        for pk in delivery_ids
        if WebhookDelivery.objects.filter(due, pk=pk).update(
            state="in_flight",
            lease_owner=owner,
            leased_until=now + LEASE,
            attempts=F("attempts") + 1,
            changed_at=now,
        )
    ]
    return list(
        WebhookDelivery.objects.filter(pk__in=won)
        .select_related("webhook__token")
        .order_by("event_seq", "pk")
    )


@writes
def hand_back(*, delivery_id: int, owner: str) -> None:
    """Let go of a row that `owner` claimed and did not try after all; it is owed as before."""
    WebhookDelivery.objects.filter(pk=delivery_id, state="in_flight", lease_owner=owner).update(
        state="retry", lease_owner="", leased_until=None, attempts=F("attempts") - 1, changed_at=clock.now()
    )


@writes
def settle(
    *, delivery_id: int, owner: str, state: str, status: int | None, error: str = "",
    response: str = "", pause_s: float = 0.0,
) -> None:  # fmt: skip
    """Write down what came of an attempt, if the row is `owner`'s; a webhook failing for days ends."""
    now = clock.now()
    mine = WebhookDelivery.objects.filter(pk=delivery_id, state="in_flight", lease_owner=owner)
    webhook_id = mine.values_list("webhook_id", flat=True).first()
    moved = mine.update(
        state=state,
        status=status,
        error=error[:500],
        response=response[:RESPONSE_LENGTH],
        next_try_at=now + timedelta(seconds=pause_s),
        lease_owner="",
        leased_until=None,
        changed_at=now,
    )
    if not moved or webhook_id is None:
        return
    hook = Webhook.objects.filter(pk=webhook_id)
    if state == "sent":
        hook.filter(failing_since__isnull=False).update(failing_since=None)
        return
    hook.filter(failing_since__isnull=True).update(failing_since=now)
    reason = f"No delivery succeeded for {FAILING.days} days. Last: {error}"[:200]
    off = hook.filter(failing_since__lte=now - FAILING, active=True).update(
        active=False, disabled_reason=reason
    )
    if off or status == 410:
        reason = reason if off else "The receiver answered 410 Gone."
        hook.update(active=False, disabled_reason=reason)
        audit.record("webhook.disabled", object=("webhook", webhook_id), reason=reason)


@writes
def send_again(*, webhook_id: UUID, delivery_id: int) -> WebhookDelivery:
    """Owe a delivery once more, however it ended. Raises `NotFound`."""
    now = clock.now()
    rows = WebhookDelivery.objects.filter(pk=delivery_id, webhook_id=webhook_id)
    if not rows.exists():
        raise NotFound(_("There is no such delivery."), code="delivery-unknown")
    rows.exclude(state="in_flight").update(
        state="queued", attempts=0, next_try_at=now, created_at=now, changed_at=now, error=""
    )
    bus.publish(TOPIC)
    return rows.get()


@writes
def forget_deliveries() -> int:
    """Drop what was settled more than 30 days ago; return how many."""
    old = WebhookDelivery.objects.filter(changed_at__lt=clock.now() - KEPT, state__in=("sent", "failed"))
    return old.delete()[0]
