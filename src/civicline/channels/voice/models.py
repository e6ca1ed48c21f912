"""Calls as they stand, and the telephones of the people who take them."""

import uuid

from django.db import models


class Call(models.Model):
    """One telephone call. States: `engine.calls.CALL`. What is wished for stands here, the exchange follows it.

    `channel` is the caller's leg in Asterisk. The names of the other parts follow from the key of the call and of the
    offer (see `control.names`), so that a new process finds them again without asking anybody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField("intake.Contact", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, default="ringing")
    version = models.PositiveIntegerField(default=0)
    direction = models.CharField(max_length=3, default="in")  # in, out
    channel = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=40, blank=True)  # of the caller, as the network told it
    called = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=12, blank=True)
    muted = models.BooleanField(default=False)  # the caller does not hear the agent
    recording = models.CharField(max_length=80, blank=True)
    flow = models.JSONField(null=True)  # where in its menu the call is, for the process that takes over
    started_at = models.DateTimeField()
    talking_at = models.DateTimeField(null=True)  # first word with an agent
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)  # why it ended
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["started_at"], name="call_live", condition=~models.Q(state__in=["wrapup", "ended"])
            )
        ]

    def __str__(self) -> str:
        return f"call {self.pk} {self.state}"


class Phone(models.Model):
    """The telephone of one agent. Its passwords follow from the installation's secret and are not stored."""

    class Kind(models.TextChoices):
        BROWSER = "browser"
        SIP = "sip"

    agent = models.OneToOneField("people.Agent", on_delete=models.CASCADE, primary_key=True, related_name="+")
    name = models.CharField(max_length=20, unique=True)  # the extension, digits
    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = models.CharField(
        max_length=120, blank=True
    )  # sip:7001@10.0.0.7:5060; empty: it signs in itself

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"
