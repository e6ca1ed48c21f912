"""When the day differs from the plan: more hours or time off, who was asked, who took it."""

from django.db import models

from civicline.workforce.models.planning import Shift


class DayOffer(models.Model):
    """The day differs from the plan: more hours for whoever wants them, or time off for whoever wants that.

    `invited`: only those who were asked (`invites`) may take it; else everybody may.
    """

    class Kind(models.TextChoices):
        OVERTIME = "overtime"
        TIME_OFF = "time_off"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    start = models.DateTimeField()
    end = models.DateTimeField()
    places = models.PositiveSmallIntegerField(default=1)
    invited = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["start", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.start:%Y-%m-%d %H:%M}"


class DayInvite(models.Model):
    """One agent was asked whether they want an offer; without `declined_at` they have not said no."""

    offer = models.ForeignKey(DayOffer, on_delete=models.CASCADE, related_name="invites")
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="day_invites")
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "agent"], name="dayinvite_once")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.agent_id}"


class DayOfferTaken(models.Model):
    """One agent took one place of an offer. `before`: the shift as it stood, for taking it back; {} without one.

    `shift`: what came of it, at `version`; None where nothing of a shift was left.
    """

    offer = models.ForeignKey(DayOffer, on_delete=models.CASCADE, related_name="taken")
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="+")
    shift = models.ForeignKey(Shift, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offer", "agent"], name="dayoffer_taken_once")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.agent_id}"
