"""Those in a call beside the caller and its agent, and what a site says about listening."""

import uuid

from django.db import models

from civicline.engine.parties import PRESENT


class Party(models.Model):
    """One of them. States: `engine.parties.PARTY`. The name of the leg follows from the keys (see `control.names`).

    `agent`: one of ours, rung at their telephone; else `number` is outside the house (E.164).
    """

    class Kind(models.TextChoices):
        CONSULT = "consult"
        MONITOR = "monitor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey("voice.Call", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, default="ringing")
    wish = models.CharField(max_length=10, default="private")  # what they come to be once they have answered
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.CASCADE, related_name="+")
    number = models.CharField(max_length=40, blank=True)
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey("people.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField(blank=True)  # for whoever is rung; of a supervisor: why
    asked_at = models.DateTimeField()
    dialled_at = models.DateTimeField(null=True)  # their telephone may have rung since
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["call", "asked_at"], name="party_of_call"),
            models.Index(
                fields=["agent"], name="party_present", condition=models.Q(state__in=(*PRESENT, "took_over"))
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "agent"], name="once_in_a_call", condition=models.Q(state__in=PRESENT)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"


class ListeningRule(models.Model):
    """What the law of the site says about supervisors who listen; one row at most."""

    sign = models.BooleanField(default=True)  # the agent sees who listens, and how

    def __str__(self) -> str:
        return "sign" if self.sign else "no sign"
