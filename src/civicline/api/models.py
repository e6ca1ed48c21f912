"""Machine access: scoped tokens, remembered answers, webhooks and their delivery log."""

import uuid

from django.db import models


class ApiToken(models.Model):
    """A token of another system. Only its hash is kept; `prefix` lets people tell tokens apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    rate_per_minute = models.PositiveIntegerField(default=600)
    created_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"


class IdempotentAnswer(models.Model):
    """The answer already given to a request with this key: a repeat gets it again."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotentanswer_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class Webhook(models.Model):
    """Where another system wants to hear of events, and the secret that signs what it is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    # The secret before the last change signs too until then, so that the receiver has time to take the new one over.
    old_secret = models.CharField(max_length=100, blank=True)
    old_secret_until = models.DateTimeField(null=True)
    events = models.JSONField(default=list)  # event names, or prefixes that end in ".*"
    active = models.BooleanField(default=True)
    include_text = models.BooleanField(
        default=False
    )  # messages with their words; needs the scope contacts:read
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.CASCADE, related_name="webhooks")
    failing_since = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event on its way to one webhook; unique, so a repeat of the handler is harmless."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event_seq = models.BigIntegerField()
    event_name = models.CharField(max_length=64)
    body = models.JSONField()
    state = models.CharField(max_length=12, default="queued")
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=500, blank=True)
    response = models.CharField(max_length=1000, blank=True)  # the beginning of what the receiver said
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event_seq"], name="webhookdelivery_once")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="webhookdelivery_owed",
                condition=models.Q(state__in=["queued", "retry", "in_flight"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_name} to {self.webhook_id}: {self.state}"
