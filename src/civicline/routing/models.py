"""Queues and what the engine decided. The dispatcher alone makes offers."""

import uuid

from django.db import models


class Queue(models.Model):
    """An ordered line of contacts that share a service promise."""

    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    calendar = models.ForeignKey("intake.Calendar", on_delete=models.PROTECT, related_name="queues")
    target_seconds = models.PositiveIntegerField(default=180)
    target_share = models.FloatField(default=0.8)
    short_abandon_seconds = models.PositiveIntegerField(default=5)
    ageing_seconds = models.PositiveIntegerField(default=300)  # one priority step is worth so much waiting
    offer_seconds = models.PositiveIntegerField(default=20)
    wrap_up_seconds = models.PositiveIntegerField(default=120)  # then it closes by itself
    preferred_seconds = models.PositiveIntegerField(default=60)
    written_target_seconds = models.PositiveIntegerField(
        default=86_400
    )  # open seconds for forms and the like
    max_waiting = models.PositiveIntegerField(
        null=True
    )  # past it, residents are asked to write, the wait told
    emergency = models.BooleanField(default=False)
    alarm_longest_seconds = models.PositiveIntegerField(default=600)
    alarm_waiting = models.PositiveIntegerField(default=10)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code


class Ring(models.Model):
    """How a queue's requirements relax after a time (bullseye): level, then overflow queue, then partner body."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="rings")
    after_seconds = models.PositiveIntegerField()
    level_drop = models.PositiveSmallIntegerField(default=0)
    overflow = models.ForeignKey(Queue, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["after_seconds"]
        constraints = [models.UniqueConstraint(fields=["queue", "after_seconds"], name="ring_once")]

    def __str__(self) -> str:
        return f"{self.queue_id} after {self.after_seconds} s"


class QueueMember(models.Model):
    """An agent who serves a queue. `partner` marks people lent by another body: reached by the last ring only."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="members")
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="queue_memberships")
    partner = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "agent"], name="queuemember_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.queue_id}"


class Route(models.Model):
    """Where contacts about a service go and what the agent must be able to do."""

    service = models.OneToOneField("intake.Service", on_delete=models.CASCADE, related_name="route")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="routes")
    skills = models.JSONField(default=list)  # [[skill code, minimum level], ...]
    priority = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.service_id} to {self.queue_id}"


class Offer(models.Model):
    """One contact reserved for one agent. States: `engine.lifecycle.OFFER`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey("intake.Contact", on_delete=models.CASCADE, related_name="offers")
    # Offers are asked for by contact, or while they are open.
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="offers", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="offers", db_index=False)
    state = models.CharField(max_length=10, default="open")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=dict)
    fence = models.BigIntegerField()  # the dispatcher's fencing number when it was made

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], name="offer_one_open_per_contact", condition=models.Q(state="open")
            )
        ]
        indexes = [
            models.Index(fields=["agent"], name="offer_agent_open", condition=models.Q(state="open")),
            models.Index(fields=["expires_at"], name="offer_expiring", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} to {self.agent_id}: {self.state}"


class WaitCalibration(models.Model):
    """What the told ranges of a queue were worth: the stored form of `engine.waits.Calibration`."""

    queue = models.OneToOneField(
        Queue, on_delete=models.CASCADE, primary_key=True, related_name="calibration"
    )
    state = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calibration of {self.queue_id}"


class WaitExperience(models.Model):
    """What a queue learned from the waits of its own past: the stored form of `engine.experience.Experience`.

    `state` is empty while what it learned was worth less than the theory. `judged`: waits of late that it was tried on;
    `error_s`, `plain_error_s`: its mean absolute error on them, and that of always saying the usual wait.
    """

    queue = models.OneToOneField(Queue, on_delete=models.CASCADE, primary_key=True, related_name="experience")
    state = models.JSONField(default=dict)
    judged = models.PositiveIntegerField(default=0)
    coverage = models.FloatField(default=0.0)
    error_s = models.FloatField(default=0.0)
    plain_error_s = models.FloatField(default=0.0)
    learned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"experience of {self.queue_id}"


class Alarm(models.Model):
    """Something on the live board that is wrong until its cause is gone or a person takes it."""

    queue = models.ForeignKey(Queue, null=True, on_delete=models.CASCADE, related_name="alarms")
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=24)  # longest_wait, too_many_waiting, nobody_serves, not_responding
    since = models.DateTimeField()
    taken_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    taken_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)  # quiet until then, while its cause goes on
    over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["since"], name="alarm_live", condition=models.Q(over_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since:%H:%M}"
