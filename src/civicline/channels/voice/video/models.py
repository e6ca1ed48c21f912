"""Which queues are called with a picture, which agents take such calls, and who is on one."""

from django.db import models


class VideoRule(models.Model):
    """Whether a queue is called in sign language, with a picture; without a row it is not."""

    queue = models.OneToOneField(
        "routing.Queue", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    offered = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.queue_id}: {'video' if self.offered else 'no video'}"


class Camera(models.Model):
    """This agent takes calls with a picture, in the browser. Who has none is never offered one unasked."""

    agent = models.OneToOneField("people.Agent", on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"camera of {self.agent_id}"


class Visit(models.Model):
    """One resident who calls with a picture from a page of ours: what they chose there, and the call it became.

    `mark` follows from the ticket of their line and is dialled with the call, so that page and call find each other
    and nobody else finds either. `sign` and `language` are BCP 47 tags: what they sign, and what the page is in.
    """

    mark = models.CharField(max_length=24, primary_key=True)
    queue = models.ForeignKey("routing.Queue", on_delete=models.CASCADE, related_name="+")
    sign = models.CharField(max_length=12)
    language = models.CharField(max_length=12)
    sound = models.BooleanField(default=False)  # their microphone is on
    made_at = models.DateTimeField()
    call = models.OneToOneField("voice.Call", null=True, on_delete=models.CASCADE, related_name="+")
    waived = models.BooleanField(default=False)  # they agreed to go on without sign language
    caller_picture = models.BooleanField(default=True)  # their camera is on
    agent_picture = models.BooleanField(default=True)  # the agent's is

    class Meta:
        indexes = [
            models.Index(fields=["made_at"], name="visit_unused", condition=models.Q(call__isnull=True))
        ]

    def __str__(self) -> str:
        return f"visit in {self.sign} for {self.queue_id}"
