"""Calls as they stand, those that are owed, and the telephones of the people who take them."""

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
    keys = models.CharField(max_length=64, blank=True)  # pressed for the other side, and not yet sent
    pressed = models.CharField(max_length=32, blank=True)  # by the caller in this talk; • is a hidden one
    paying = models.BooleanField(default=False)  # payment data is being given
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


class Callback(models.Model):
    """A call that we owe somebody: asked for in a menu or in line, planned, or placed from the desk at once.

    States: `engine.callbacks.CALLBACK`. Its contact is in the queue as any other, and is offered as any other; the
    number is dialled once its agent is on the telephone. `tries` counts how often it rang outside; try N of a call has
    its own name in the exchange, so none is ever placed twice.
    """

    class Kind(models.TextChoices):
        CALLBACK = "callback"  # the caller kept their place and hung up
        PLANNED = "planned"  # for a time that was agreed on
        DIRECT = "direct"  # from the desk, at once

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField("intake.Contact", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, default="waiting")
    number = models.CharField(max_length=40, blank=True)  # E.164
    language = models.CharField(max_length=12, blank=True)
    queue = models.ForeignKey("routing.Queue", on_delete=models.PROTECT, related_name="+")
    about = models.UUIDField(null=True)  # the contact or case that a call from the desk is about
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=20, blank=True)  # of the last try
    next_at = models.DateTimeField(null=True)  # not before
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="callback_dialled_once", condition=models.Q(state="dialling")
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="callback_open",
                condition=models.Q(state__in=["planned", "waiting", "resting", "dialling"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"


class CallingRule(models.Model):
    """What callers of a queue hear while they wait, and by which rule we call back. Seconds; 0 is never.

    Without a row the defaults of `engine.callbacks.Rule` and `engine.announcing.Rule` hold.
    """

    queue = models.OneToOneField(
        "routing.Queue", on_delete=models.CASCADE, primary_key=True, related_name="calling_rule"
    )
    callbacks = models.BooleanField(default=True)
    tries = models.PositiveSmallIntegerField(default=3)
    pause_seconds = models.PositiveIntegerField(default=900)
    busy_seconds = models.PositiveIntegerField(default=180)
    ring_seconds = models.PositiveSmallIntegerField(default=30)
    calendar = models.ForeignKey("intake.Calendar", null=True, on_delete=models.PROTECT, related_name="+")
    caller_id = models.CharField(max_length=20, blank=True)  # E.164; empty: the number that was called
    comfort_seconds = models.PositiveIntegerField(default=45)
    news_seconds = models.PositiveIntegerField(default=120)
    offer_seconds = models.PositiveIntegerField(default=90)  # a call back is offered to whoever waits so long

    def __str__(self) -> str:
        return f"calling rule of {self.queue_id}"


class NoCall(models.Model):
    """A number that nobody here calls, unless its owner asked to be called back."""

    number = models.CharField(max_length=20, unique=True)  # E.164
    reason = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.number


class Recording(models.Model):
    """What was said in one call, or left on the answering machine. The sound lies encrypted in a file.

    `name` is the file in the exchange's spool while it is written there, `file` the encrypted one. `silent`: payment
    data is being given, so silence is recorded. `picture`: the loudest sample of each of its parts, 0 to 100.
    """

    class Kind(models.TextChoices):
        TALK = "talk"
        MESSAGE = "message"

    class State(models.TextChoices):
        RUNNING = "running"
        KEPT = "kept"
        LOST = "lost"  # nothing was on disk
        ERASED = "erased"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey("intake.Contact", on_delete=models.CASCADE, related_name="+")
    call = models.ForeignKey(Call, null=True, on_delete=models.CASCADE, related_name="recordings")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TALK)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    name = models.CharField(max_length=100, unique=True)
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.SET_NULL, related_name="+")
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=8, blank=True)  # the rule under which it was made: consent, always
    silent = models.BooleanField(default=False)
    file = models.CharField(max_length=80, blank=True)
    key_name = models.CharField(max_length=32, blank=True)
    seconds = models.FloatField(default=0)
    picture = models.JSONField(default=list)
    transcript = models.TextField(blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-started_at", "id"], name="recording_kept", condition=models.Q(state="kept")
            ),
            models.Index(fields=["started_at"], name="recording_runs", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"recording {self.pk} {self.state}"


class RecordingRule(models.Model):
    """What one queue records and how long it is kept; a queue without a rule follows the settings."""

    class Mode(models.TextChoices):
        NEVER = "never"
        CONSENT = "consent"
        ALWAYS = "always"

    queue = models.OneToOneField(
        "routing.Queue", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    mode = models.CharField(max_length=8, choices=Mode.choices)
    days = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.mode}"
