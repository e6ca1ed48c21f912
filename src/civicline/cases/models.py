"""The matter itself. History is appended, never edited."""

import uuid

from django.db import models


class Case(models.Model):
    """A complaint, application, information request or incident. States: `engine.workflow`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True)
    secret_hash = models.CharField(max_length=64)
    type = models.CharField(max_length=32)
    state = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=0)
    service = models.ForeignKey("intake.Service", null=True, on_delete=models.PROTECT, related_name="cases")
    resident = models.ForeignKey(
        "people.Resident", null=True, on_delete=models.SET_NULL, related_name="cases"
    )
    owner = models.ForeignKey(
        "people.Agent", null=True, on_delete=models.SET_NULL, related_name="owned_cases"
    )
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    priority = models.SmallIntegerField(default=0)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    address = models.CharField(max_length=300, blank=True)
    address_id = models.CharField(max_length=64, blank=True)
    zipcode = models.CharField(max_length=16, blank=True)
    media_url = models.CharField(max_length=2000, blank=True)
    agency = models.CharField(max_length=200, blank=True)
    answers = models.JSONField(default=dict)  # {attribute code: value or list of values}
    status_note = models.TextField(blank=True)  # the last public word on it
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    public = models.BooleanField(default=True)  # shown by Open311 (never with personal data)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True)
    contacts = models.ManyToManyField("intake.Contact", through="CaseContact", related_name="cases")

    class Meta:
        indexes = [
            models.Index(fields=["state", "opened_at"], name="case_state_opened"),
            models.Index(fields=["resident", "-opened_at"], name="case_resident"),
            models.Index(fields=["service", "-opened_at"], name="case_service_opened"),
            models.Index(fields=["-opened_at"], name="case_opened"),
            models.Index(fields=["updated_at"], name="case_updated"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.type} {self.state}"


class CaseContact(models.Model):
    """A contact that was about a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    contact = models.ForeignKey("intake.Contact", on_delete=models.CASCADE)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "contact"], name="casecontact_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.contact_id}"


class CaseEntry(models.Model):
    """One line of a case's history: a step, a note, a public answer, a change of owner, a link."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)  # see docs/subsystems/cases.md
    transition = models.CharField(max_length=32, blank=True)
    from_state = models.CharField(max_length=32, blank=True)
    to_state = models.CharField(max_length=32, blank=True)
    actor_kind = models.CharField(max_length=16)
    actor = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True)
    public = models.BooleanField(default=False)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["at"], name="caseentry_notes", condition=models.Q(kind="note"))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"


class CaseLink(models.Model):
    """Two cases that belong together."""

    class Kind(models.TextChoices):
        RELATED = "related"
        DUPLICATE = "duplicate"
        SPLIT = "split"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "other", "kind"], name="caselink_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"


class CaseFollower(models.Model):
    """A member of staff who wants to hear of each change."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followers")
    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="followed_cases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="casefollower_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.case_id}"


class SlaClock(models.Model):
    """One promise on one case, in open seconds of a calendar: the stored form of `engine.sla.Clock`."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=32)  # first_answer, resolution, review: engine.workflow.ClockName
    target_seconds = models.PositiveIntegerField()
    calendar = models.ForeignKey("intake.Calendar", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list)  # [[from, to or null, reason], ...] ISO 8601
    due_at = models.DateTimeField(null=True)  # null while paused
    stopped_at = models.DateTimeField(null=True)
    called_off = models.BooleanField(
        default=False
    )  # stopped, but nothing was fulfilled: withdrawn, duplicate
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="slaclock_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="slaclock_running",
                condition=models.Q(stopped_at__isnull=True, breached_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} due {self.due_at}"


class CasePolicy(models.Model):
    """Promises per case type (and service, where it differs): open seconds per clock."""

    type = models.CharField(max_length=32)
    service = models.ForeignKey("intake.Service", null=True, on_delete=models.CASCADE, related_name="+")
    targets = models.JSONField(default=dict)  # {"first_answer": 86400, "resolution": 864000}
    calendar = models.ForeignKey("intake.Calendar", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "service"], name="casepolicy_once"),
            models.UniqueConstraint(
                fields=["type"], name="casepolicy_default_once", condition=models.Q(service__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.service_id or ''}"
