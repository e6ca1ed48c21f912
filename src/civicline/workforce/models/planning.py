"""What comes, what it takes, who works when: history, forecasts, promises to plan by, contracts, rosters."""

import uuid

from django.db import models

from civicline.workforce.models.places import Place, Site


class HistoryDay(models.Model):
    """What came on one local day to one queue, channel and language: one count a slot; null is unknown.

    `source` says who counted: the event log, or a table that somebody imported (which the log never overwrites).
    """

    class Source(models.TextChoices):
        LOG = "log"
        IMPORT = "import"

    queue = models.ForeignKey("routing.Queue", on_delete=models.CASCADE, related_name="history_days")
    channel = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=12, blank=True)
    day = models.DateField()
    interval = models.PositiveSmallIntegerField(default=15)  # minutes of a slot
    counts = models.JSONField(default=list)  # 1440 / interval numbers
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.LOG)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "channel", "language", "day"], name="historyday_once")
        ]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.channel} {self.language} {self.day}"


class DayMark(models.Model):
    """Something that people know about days: an event to come, a day off, or a day to learn nothing from."""

    class Kind(models.TextChoices):
        EVENT = "event"
        HOLIDAY = "holiday"
        OUTLIER = "outlier"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=80)
    first = models.DateField()
    last = models.DateField()
    factor = models.FloatField(default=1.0)  # what people expect of an event: 1.3 is 30 % more
    queue = models.ForeignKey("routing.Queue", null=True, on_delete=models.CASCADE, related_name="day_marks")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["first", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.first}"


class Forecast(models.Model):
    """One run of the forecast for a queue; channel and language "" are all. The newest done one is what plans use.

    `rows` has median, expected, low and high, each days x slots, in contacts. `accuracy` has the weighted error of
    past weeks as shares: ours, seasonal naive, the Poisson floor, and the share of counts inside the range.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey("routing.Queue", on_delete=models.CASCADE, related_name="forecasts")
    channel = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=12, blank=True)
    interval = models.PositiveSmallIntegerField(default=30)
    days = models.PositiveSmallIntegerField(default=28)
    like = models.ForeignKey("routing.Queue", null=True, on_delete=models.SET_NULL, related_name="+")
    scale = models.FloatField(default=1.0)  # of `like`, for a service without a history of its own
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    problem = models.TextField(blank=True)  # a sentence of the source, for `refusals.kept_words`
    problem_values = models.JSONField(default=dict)
    first = models.DateField(null=True)
    starts = models.JSONField(default=list)  # minute of the day at which each slot begins
    rows = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    accuracy = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["queue", "state", "made_at"], name="forecast_newest")]

    def __str__(self) -> str:
        return f"{self.queue_id} {self.first} {self.state}"


class Staffing(models.Model):
    """What a queue's staffing is planned by: the promise, how long work takes, how long residents wait."""

    queue = models.OneToOneField(
        "routing.Queue", on_delete=models.CASCADE, primary_key=True, related_name="staffing"
    )
    share = models.FloatField(default=0.8)
    within_seconds = models.PositiveIntegerField(default=180)
    handle_seconds = models.PositiveIntegerField(default=420)
    patience_seconds = models.PositiveIntegerField(null=True)  # null: nobody gives up
    max_occupancy = models.FloatField(default=0.85)
    max_abandon = models.FloatField(null=True)
    shrinkage = models.FloatField(default=0.15)  # paid time away without notice; leave is planned apart
    opens = models.PositiveSmallIntegerField(default=480)  # minute of the day
    closes = models.PositiveSmallIntegerField(default=1080)
    weekdays = models.JSONField(default=list)  # 0 is Monday
    # Share of the contacts forecast that will be solved without a person; nought again once the counts show it.
    self_service = models.FloatField(default=0.0)
    callback_minutes = models.PositiveSmallIntegerField(
        default=0
    )  # a call back is offered from this wait on; 0: never

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.share} within {self.within_seconds} s"


class Pattern(models.Model):
    """A kind of shift: when it begins and ends on the local clock, and its breaks."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    start = models.PositiveSmallIntegerField()  # minute of the day
    minutes = models.PositiveSmallIntegerField()  # from begin to end, breaks included
    breaks = models.JSONField(default=list)  # [[minutes after the start, minutes, paid], ...]
    weekdays = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["start", "minutes", "code"]

    def __str__(self) -> str:
        return self.code


class Contract(models.Model):
    """What law and contract allow for one agent. Minutes are paid time."""

    agent = models.OneToOneField(
        "people.Agent", on_delete=models.CASCADE, primary_key=True, related_name="contract"
    )
    week_min = models.PositiveSmallIntegerField(default=1920)
    week_max = models.PositiveSmallIntegerField(default=2400)
    day_max = models.PositiveSmallIntegerField(default=600)
    rest = models.PositiveSmallIntegerField(default=660)  # between two shifts
    row_max = models.PositiveSmallIntegerField(default=5)  # days of work in a row
    weekends = models.BooleanField(default=True)  # may work on Saturday and Sunday
    patterns = models.ManyToManyField(Pattern, blank=True, related_name="contracts")  # none: every pattern
    hour_cost = models.DecimalField(max_digits=7, decimal_places=2, default=20)
    place = models.CharField(max_length=6, default=Place.OFFICE)  # where one may work: office, home or either
    site = models.ForeignKey(
        Site, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # whose seats it takes
    on_call = models.BooleanField(default=False)  # whether they take their turn at being reachable

    def __str__(self) -> str:
        return f"contract of {self.agent_id}"


class WeekdayWish(models.Model):
    """When an agent cannot work, or would rather (not), on one weekday; or where they would rather work then."""

    class Kind(models.TextChoices):
        CANNOT = "cannot"
        RATHER_NOT = "rather_not"
        LIKES = "likes"
        HOME = "home"
        OFFICE = "office"

    weekday = models.PositiveSmallIntegerField()
    start = models.PositiveSmallIntegerField(default=0)
    end = models.PositiveSmallIntegerField(default=1440)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        abstract = True
        ordering = ["weekday", "start"]


class Wish(WeekdayWish):
    """What an agent says now; plans to come heed it."""

    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="wishes")

    class Meta(WeekdayWish.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} {self.weekday}"


class Decision(models.TextChoices):
    """How a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Leave(models.Model):
    """Days on which an agent is away. Sick days are told, not asked for."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday"
        SICK = "sick"
        TRAINING = "training"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="leaves")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.HOLIDAY)
    first = models.DateField()
    last = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=Decision.choices, default=Decision.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "first"], name="leave_state_first")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} {self.first}"


class Schedule(models.Model):
    """The plan of one week, from its Monday. Agents see it once it is published."""

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    week = models.DateField(unique=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    planning = models.CharField(max_length=8, blank=True)  # "", waiting, running, done, failed
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    findings = models.JSONField(default=list)  # sentences about what could not be kept
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.week} {self.state}"


class KeptWish(WeekdayWish):
    """A wish as it stood when a week was published: what that week is measured by, whatever is wished for later."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="wishes")
    agent = models.ForeignKey("people.Agent", on_delete=models.CASCADE, related_name="+")

    class Meta(WeekdayWish.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} {self.weekday} of {self.schedule_id}"


class Shift(models.Model):
    """One person's work from `start` to `end`; without a person it is open for bids. `breaks`: offset and minutes."""

    class Kind(models.TextChoices):
        WORK = "work"
        OVERTIME = "overtime"
        TRAINING = "training"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="shifts")
    agent = models.ForeignKey("people.Agent", null=True, on_delete=models.CASCADE, related_name="shifts")
    start = models.DateTimeField()
    end = models.DateTimeField()
    breaks = models.JSONField(default=list)  # [[minutes after the start, minutes, paid], ...]
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.WORK)
    place = models.CharField(max_length=6, choices=Place.choices, default=Place.OFFICE)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["start", "pk"]
        indexes = [models.Index(fields=["agent", "start"], name="shift_agent_start")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.start:%Y-%m-%d %H:%M}"


class FeedKey(models.Model):
    """The secret address of an agent's calendar feed; only its hash is kept. A new one ends the old one."""

    agent = models.OneToOneField(
        "people.Agent", on_delete=models.CASCADE, primary_key=True, related_name="feed_key"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"feed of {self.agent_id}"


class WhatIf(models.Model):
    """Something that was asked of the simulator. `changes` is what is otherwise, or by which terms it was asked.

    `kind`: plan (a day to come, as planned and changed), past (a day of the log, as it was and changed),
    training (who should learn what) or hiring (how many people to hire).
    """

    kind = models.CharField(max_length=8, default="plan")
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    day = models.DateField()
    changes = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="waiting")  # waiting, running, done, failed
    progress = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)  # a sentence of the source, for `refusals.kept_words`
    problem_values = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.name


class ChangeRequest(models.Model):
    """A scenario that somebody wants to become real; an administrator says yes or no, with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    what_if = models.ForeignKey(WhatIf, on_delete=models.CASCADE, related_name="requests")
    state = models.CharField(max_length=9, choices=Decision.choices, default=Decision.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    done = models.JSONField(
        default=list
    )  # what a yes changed: [{kind, of, before, after}, ...], for taking it back
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.what_if_id} {self.state}"
