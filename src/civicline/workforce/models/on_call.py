"""Being reachable outside shifts: which duties there are, who has them, and when somebody was called out."""

import uuid

from django.db import models

from civicline.workforce.models.planning import Schedule


class OnCallRule(models.Model):
    """A duty that comes again: on which weekdays (empty is all), from when, how long, and for how many people."""

    name = models.CharField(max_length=60)
    weekdays = models.JSONField(default=list)  # 0 is Monday; the day on which it begins
    start = models.PositiveSmallIntegerField(default=1080)  # minute of the day
    minutes = models.PositiveSmallIntegerField(default=840)
    people = models.PositiveSmallIntegerField(default=1)
    queue = models.ForeignKey(
        "routing.Queue", null=True, on_delete=models.CASCADE, related_name="+"
    )  # who serves it
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["start", "pk"]

    def __str__(self) -> str:
        return self.name


class OnCallDuty(models.Model):
    """One place of a duty on one day; without an agent it is open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.ForeignKey(OnCallRule, on_delete=models.CASCADE, related_name="duties")
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="duties")
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.CASCADE, related_name="duties")
    start = models.DateTimeField()
    end = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["agent", "start"], name="duty_agent_start")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.agent_id} {self.start:%Y-%m-%d %H:%M}"


class CallOut(models.Model):
    """Somebody on call had to work: from when until when, and what for. Rest is due after its end."""

    duty = models.ForeignKey(OnCallDuty, on_delete=models.CASCADE, related_name="call_outs")
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="call_outs")
    start = models.DateTimeField()
    end = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField()

    class Meta:
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["agent", "end"], name="callout_agent_end")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.start:%Y-%m-%d %H:%M}"
