"""What arrives: services to choose from, contacts, their messages, and what is to be sent back."""

import uuid

from django.db import models


class Calendar(models.Model):
    """Opening hours in the plain form that `engine.hours.from_plain` reads, and which public holidays close it."""

    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    timezone = models.CharField(max_length=64, default="UTC")
    weekly = models.JSONField(default=list)
    exceptions = models.JSONField(default=dict)
    holiday_country = models.CharField(max_length=2, blank=True)
    holiday_subdivision = models.CharField(max_length=8, blank=True)

    def __str__(self) -> str:
        return self.code


class Service(models.Model):
    """What the body offers (HSDS, Open311 `service_code`): what residents choose and routing hangs on."""

    class Kind(models.TextChoices):
        REALTIME = "realtime"
        BATCH = "batch"
        BLACKBOX = "blackbox"

    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)  # {language: text}
    description = models.JSONField(default=dict)
    group = models.JSONField(default=dict)
    icon = models.CharField(max_length=32, blank=True)
    keywords = models.JSONField(default=list)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.REALTIME)
    case_type = models.CharField(max_length=32, blank=True)  # "" = a question: no case is opened by itself
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="services")
    channels = models.JSONField(
        default=list
    )  # channel codes residents may use: ["chat", "webform", "open311"]
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    # What happens next, told on the confirmation page: {language: text}
    next_steps = models.JSONField(default=dict)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code


class ServiceAttribute(models.Model):
    """One question of a service's form: an Open311 attribute and a page of the web form alike."""

    class Datatype(models.TextChoices):
        STRING = "string"
        NUMBER = "number"
        DATETIME = "datetime"
        TEXT = "text"
        SINGLEVALUELIST = "singlevaluelist"
        MULTIVALUELIST = "multivaluelist"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="attributes")
    code = models.SlugField(max_length=64)
    datatype = models.CharField(max_length=16, choices=Datatype.choices)
    label = models.JSONField(default=dict)
    hint = models.JSONField(default=dict)
    required = models.BooleanField(default=False)
    variable = models.BooleanField(default=True)  # False: a text that informs and takes no answer
    values = models.JSONField(default=list)  # [{"key": "...", "name": {language: text}}]
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["service", "code"], name="serviceattribute_once")]

    def __str__(self) -> str:
        return f"{self.service_id}.{self.code}"


class Contact(models.Model):
    """One attempt of one resident on one channel, from arrival to closure. States: `engine.lifecycle.CONTACT`.

    Every change of `state` goes through `intake.services.move_contact`, a compare-and-set on (state, version).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20)
    secret_hash = models.CharField(max_length=64)  # SHA-256 of the secret that the resident alone was told
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=12, default="received")
    version = models.PositiveIntegerField(default=0)
    service = models.ForeignKey(Service, null=True, on_delete=models.PROTECT, related_name="contacts")
    # Where an index of several columns begins with a reference, the reference has none of its own.
    resident = models.ForeignKey(
        "people.Resident", null=True, on_delete=models.SET_NULL, related_name="contacts", db_index=False
    )
    queue = models.ForeignKey(
        "routing.Queue", null=True, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    agent = models.ForeignKey(
        "people.Agent", null=True, on_delete=models.SET_NULL, related_name="contacts", db_index=False
    )
    preferred_agent = models.ForeignKey(
        "people.Agent", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    languages = models.JSONField(default=list)  # in order of preference
    skills = models.JSONField(default=list)  # [[skill code, minimum level], ...] beyond those of the service
    priority = models.SmallIntegerField(
        default=0
    )  # bigger is sooner; one step is worth the queue's ageing weight
    emergency = models.BooleanField(default=False)
    subject = models.CharField(max_length=300, blank=True)
    message_count = models.PositiveIntegerField(default=0)  # the last message's `number`
    told_low_s = models.PositiveIntegerField(null=True)  # the range told at arrival, for calibration
    told_high_s = models.PositiveIntegerField(null=True)
    arrived_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)  # first entry in any queue: the place in the line hangs on it
    offered_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(null=True)
    wrapped_at = models.DateTimeField(null=True)  # when wrap-up began
    closed_at = models.DateTimeField(null=True)  # set with the states that end it, and with no other
    due_at = models.DateTimeField(null=True)  # promise for written work
    last_in_at = models.DateTimeField(null=True)  # last word of the resident
    last_out_at = models.DateTimeField(null=True)  # last word of ours
    disposition = models.CharField(max_length=64, blank=True)
    cause = models.CharField(max_length=64, blank=True)  # avoidable contact reason (NI14)
    data = models.JSONField(default=dict)  # channel facts: page url, user agent family, open311 device id

    class Meta:
        # No index holds the state, which changes most: PostgreSQL leaves such a row on its page, and its indexes alone.
        # What is live has no `closed_at`, and a reading of it says so.
        constraints = [models.UniqueConstraint(fields=["reference"], name="contact_reference_once")]
        indexes = [
            models.Index(
                fields=["queued_at"], name="contact_open", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["agent"], name="contact_in_hand", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(
                fields=["closed_at"], name="contact_ended", condition=models.Q(closed_at__isnull=False)
            ),
            models.Index(fields=["resident", "-arrived_at"], name="contact_resident"),
            models.Index(fields=["arrived_at"], name="contact_arrived"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.channel} {self.state}"


class Message(models.Model):
    """One utterance in a contact. `number` counts from 1 within the contact: a client resyncs by it."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"
        NOTE = "note"  # internal: never leaves the house
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="messages", db_index=False)
    number = models.PositiveIntegerField()
    direction = models.CharField(max_length=6, choices=Direction.choices)
    author = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True)
    mentions = models.JSONField(default=list)  # user ids named in a note
    client_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 -- NULL: the sender gave none
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    data = models.JSONField(
        default=dict
    )  # system messages: {"code": ..., "params": {...}}, worded at display

    class Meta:
        ordering = ["number"]
        # Who was named in a note of this week is asked with every page of staff; nothing else is written here.
        indexes = [models.Index(fields=["at"], name="message_notes", condition=models.Q(direction="note"))]
        constraints = [
            models.UniqueConstraint(fields=["contact", "number"], name="message_number_once"),
            models.UniqueConstraint(fields=["contact", "client_key"], name="message_client_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} #{self.number} {self.direction}"


class Attachment(models.Model):
    """A file that came with a message: stored re-encoded under a random name, never under the sender's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="attachments")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="attachments")
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message on its way out. A worker claims it by lease and sends it outside any transaction."""

    id = models.BigAutoField(primary_key=True)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="delivery")
    channel = models.CharField(max_length=16)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=12, default="queued")  # engine.lifecycle.DELIVERY
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=64, blank=True)
    leased_until = models.DateTimeField(null=True)
    provider_reference = models.CharField(max_length=128, blank=True)
    error = models.CharField(max_length=500, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="delivery_owed",
                condition=models.Q(state__in=["queued", "retry", "in_flight"]),
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} {self.state}"


class IntakeKey(models.Model):
    """The idempotency key of a contact that was received: a repeat finds the first answer."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    fingerprint = models.CharField(max_length=64)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="intakekey_once")]

    def __str__(self) -> str:
        return f"{self.scope}:{self.key}"


class Draft(models.Model):
    """A form begun and not yet sent: found again by the secret in its link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=12)
    answers = models.JSONField(default=dict)
    step = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"draft of {self.service_id}, saved {self.saved_at:%Y-%m-%d %H:%M}"


class ServiceMessage(models.Model):
    """What everyone should know before they ask: a disruption or news, above the waits."""

    class Kind(models.TextChoices):
        INFORMATION = "information"
        DISRUPTION = "disruption"
        OVER = "over"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    services = models.ManyToManyField(Service, blank=True, related_name="service_messages")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
