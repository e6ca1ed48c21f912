"""Telephone menus as they are kept: one draft each, versions that never change, and the prompts they say."""

from django.db import models


class CallFlow(models.Model):
    """One menu under a short name. `draft` is what is edited, as `engine.callflow.flow_as_plain` writes it.

    `numbers` are the dialled numbers that it answers; the `main` one answers every other.
    """

    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)  # {language: text}
    draft = models.JSONField(default=dict)
    numbers = models.JSONField(default=list)  # E.164
    main = models.BooleanField(default=False)
    published = models.ForeignKey("FlowVersion", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-main", "code"]
        constraints = [
            models.UniqueConstraint(fields=["main"], condition=models.Q(main=True), name="one_main_flow")
        ]

    def __str__(self) -> str:
        return self.code


class FlowVersion(models.Model):
    """A menu as it was published, with the words and recordings of that moment. Rows are only ever added."""

    flow = models.ForeignKey(CallFlow, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    plain = models.JSONField()
    prompts = models.JSONField()  # {key: {language: {"text": ..., "recording": sha256 or ""}}}
    mark = models.CharField(
        max_length=32, default=""
    )  # of no other version anywhere: read menus are kept by it
    note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["flow", "number"], name="one_number_a_flow")]

    def __str__(self) -> str:
        return f"{self.flow_id} version {self.number}"


class Prompt(models.Model):
    """A sentence that callers hear. A recording in a language goes before the text in it."""

    key = models.SlugField(max_length=64, unique=True)
    texts = models.JSONField(default=dict)  # {language: text with places like {low}}
    recordings = models.JSONField(default=dict)  # {language: {"sha256": ..., "seconds": ..., "name": ...}}
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key


class OutsideNumber(models.Model):
    """A number outside the house to which a menu may connect."""

    number = models.CharField(max_length=20, unique=True)  # E.164
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
