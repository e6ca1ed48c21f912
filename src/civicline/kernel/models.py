"""Rows of the kernel. The event log is append-only: nothing here is edited but publication and lease marks."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Event(models.Model):
    """One thing that happened. Written in the transaction of the change it tells of; this row is the outbox.

    `seq` is the publication sequence. The relay gives it after commit, without gaps: row ids commit out of
    order, so nothing may be read "after id N".
    """

    id = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seq = models.BigIntegerField(null=True)
    name = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(default=1)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    contact_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        # An event enters few indexes: it is written in the middle of everybody's work.
        constraints = [
            models.UniqueConstraint(
                fields=["seq"], name="event_seq_once", condition=models.Q(seq__isnull=False)
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="event_unpublished", condition=models.Q(seq__isnull=True)),
            models.Index(
                fields=["contact_id", "id"],
                name="event_contact",
                condition=models.Q(contact_id__isnull=False),
            ),
            models.Index(
                fields=["case_id", "id"], name="event_case", condition=models.Q(case_id__isnull=False)
            ),
            models.Index(fields=["name", "at"], name="event_name_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq or '-'} {self.name} {self.subject_kind}:{self.subject_id}"


class HandlerRun(models.Model):
    """What one handler still owes, or has done, for one event: at least once, each handler on its own."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="runs")
    handler = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="handlerrun_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="handlerrun_owed", condition=models.Q(state="pending"))
        ]

    def __str__(self) -> str:
        return f"{self.handler} of event {self.event_id}: {self.state}"


class Job(models.Model):
    """Work to do later or outside a request. A worker leases the row; a dead worker's lease runs out."""

    class State(models.TextChoices):
        QUEUED = "queued"
        LEASED = "leased"
        DONE = "done"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128, null=True, unique=True)  # noqa: DJ001 -- NULL means "no key": many allowed
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    run_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=10)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "run_at"], name="job_due")]

    def __str__(self) -> str:
        return f"job {self.pk} {self.kind} {self.state}"


class Lease(models.Model):
    """Who holds a role of which there is only one (the active dispatcher), with a fencing number that only grows."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    fence = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.holder or 'free'} #{self.fence}"


class AuditEntry(models.Model):
    """Who read or changed what. Append-only; kept apart from the event log because it has its own retention."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32)
    object_id = models.CharField(max_length=64)
    resident_id = models.UUIDField(null=True, db_index=True)
    reason = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_id", "id"], name="audit_object")]

    def __str__(self) -> str:
        return (
            f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_id} {self.action} {self.object_kind}:{self.object_id}"
        )


class AuditSeal(models.Model):
    """A run of audit entries under one digest, chained to the seal before: what was changed or taken out shows.

    When retention removes the entries the seal stays, as the stone that tells how many there were, from when to when.
    """

    id = models.BigAutoField(primary_key=True)
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    entries_digest = models.CharField(max_length=64)  # SHA-256 over the entries
    digest = models.CharField(max_length=64)  # over the digest before, the facts above and `entries_digest`
    sealed_at = models.DateTimeField()
    disposed_at = models.DateTimeField(null=True)  # from here on its entries are being removed, or gone

    def __str__(self) -> str:
        return f"audit {self.first_entry}-{self.last_entry} {self.digest[:12]}"


class Counter(models.Model):
    """A named number that only grows, taken inside a transaction (references, publication sequence)."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
