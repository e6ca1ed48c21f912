"""Residents and staff."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

from civicline.kernel.readings import RowReading


class Resident(models.Model):
    """A person who contacts the public body. Everything but the id may be unknown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=12, blank=True)
    # What staff must know first: "hard_of_hearing", "large_print", "relay_call", "interpreter", "sign_language".
    needs = models.JSONField(default=list)
    external_id = models.CharField(max_length=128, blank=True)  # e.g. Open311 account_id
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    # Somebody asked for erasure while a part was on legal hold: the rest follows when the hold has ended.
    erase_asked_at = models.DateTimeField(null=True)
    erase_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        # Named here and not at their fields, where PostgreSQL would get a second one for each, for LIKE.
        indexes = [
            models.Index(fields=["email"], name="resident_email"),
            models.Index(fields=["phone"], name="resident_phone"),
            models.Index(fields=["external_id"], name="resident_external_id"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone or str(self.id)


class LegalHold(models.Model):
    """A case, a contact or a resident that must stay as it is, for a court or an inquiry: neither retention nor
    erasure touches it. A row is never deleted: it ends."""

    class Kind(models.TextChoices):
        CASE = "case"
        CONTACT = "contact"
        RESIDENT = "resident"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    object_id = models.UUIDField()
    reference = models.CharField(max_length=20, blank=True)  # of the case or contact; a resident has none
    resident_id = models.UUIDField(null=True)  # whose it was when the hold began, for the audit
    reason = models.CharField(max_length=500)
    review_on = models.DateField(null=True)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    end_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"],
                condition=models.Q(ended_at__isnull=True),
                name="legalhold_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference or self.object_id}"


class StaffManager(BaseUserManager["User"]):
    """Makes staff accounts by email address."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """One account; by its key alone, as for whoever is behind a request, the short way and with its agent."""
        key = kwargs.get("pk")
        if args or len(kwargs) != 1 or not isinstance(key, uuid.UUID) or type(self) is not StaffManager:
            return super().get(*args, **kwargs)  # a related manager asks for less
        found = _ACCOUNT.first(pk=key)
        if found is None:
            raise self.model.DoesNotExist
        return found

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Return a saved account; without a password it can sign in only by OIDC or passkey."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Return an account that may do everything in Django's own tools; Civicline's roles are granted apart."""
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff who can sign in. Roles are grants (`RoleGrant`), never a column here."""

    class Theme(models.TextChoices):
        AUTO = "auto"
        LIGHT = "light"
        DARK = "dark"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=12, default="en")
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    preferences = models.JSONField(default=dict)  # see people.services.staff.PREFERENCES
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffManager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's admin is not mounted; only superusers would pass."""
        return self.is_superuser


_ACCOUNT = RowReading(lambda *, pk: User.objects.filter(pk=pk).select_related("agent"))


class RoleGrant(models.Model):
    """One role of one member of staff (agent, supervisor, planner, editor, administrator, auditor)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="rolegrant_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Skill(models.Model):
    """What an agent can do. Languages are skills whose code is a BCP 47 tag: `language` those that are spoken and
    written, `signed` sign languages (bfi, ase, gsg, fsl).
    """

    class Kind(models.TextChoices):
        SERVICE = "service"
        LANGUAGE = "language"
        SIGNED = "signed"
        CHANNEL = "channel"
        CERTIFICATE = "certificate"

    code = models.SlugField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.JSONField(default=dict)  # {language: text}

    def __str__(self) -> str:
        return self.code


class Agent(models.Model):
    """The part of a member of staff that takes contacts."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="agent")
    # Contacts at once per class of channel: {"voice": 1, "chat": 3, "written": 5}. See engine.routing.capacity.
    capacity = models.JSONField(default=dict)
    offer_seconds = models.PositiveSmallIntegerField(null=True)  # a person may need longer; in no report
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.user)


class AgentSkill(models.Model):
    """One agent's level 1-5 in one skill; a certificate may expire."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="agent_skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="agent_skills")
    level = models.PositiveSmallIntegerField(default=3)
    expires_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "skill"], name="agentskill_once"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="agentskill_level_1_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.skill_id} {self.level}"


class Presence(models.Model):
    """What an agent says they are doing now. "With a resident" and "wrap-up" are derived from contacts in hand."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="presence")
    state = models.CharField(max_length=16, default="signed_out")
    reason = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    idle_since = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    engaged = models.BooleanField(default=False)  # beside a contact of somebody else, as in a consultation
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.state}"
