"""What changes hands between agents: shifts, and turns on call."""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models

from civicline.workforce.models.on_call import OnCallDuty
from civicline.workforce.models.planning import Decision, Shift


class Trade(models.Model):
    """Something (`thing`) that is given away, swapped for a colleague's (`other`), or open and wanted."""

    class Kind(models.TextChoices):
        GIVE = "give"
        SWAP = "swap"
        BID = "bid"

    if TYPE_CHECKING:  # what it is about: each kind of thing has trades of its own
        thing: Any
        thing_id: uuid.UUID
        other: Any

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    asked_by = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="+")
    # Whoever takes it; a colleague has to agree first. Null: nobody yet.
    taker = models.ForeignKey("people.Agent", null=True, on_delete=models.CASCADE, related_name="+")
    agreed = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=Decision.choices, default=Decision.ASKED)
    findings = models.JSONField(default=list)  # why the rule left it to the planner
    reason = models.CharField(max_length=300, blank=True)
    by_rule = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["state", "asked_at"], name="%(class)s_state_asked")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id} {self.state}"


class ShiftTrade(Trade):
    """A shift that changes hands."""

    thing = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="trades")
    other = models.ForeignKey(Shift, null=True, on_delete=models.CASCADE, related_name="+")


class DutyTrade(Trade):
    """A turn on call that changes hands."""

    thing = models.ForeignKey(OnCallDuty, on_delete=models.CASCADE, related_name="trades")
    other = models.ForeignKey(OnCallDuty, null=True, on_delete=models.CASCADE, related_name="+")
