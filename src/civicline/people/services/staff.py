"""Staff: accounts, roles, skills, capacity, preferences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from civicline.kernel import audit, bus, clock, events
from civicline.kernel.db import after_commit, writes
from civicline.kernel.errors import Conflict, Invalid, NotFound, Refused
from civicline.people import personal
from civicline.people.events import STAFF_CHANGED, STAFF_CREATED
from civicline.people.models import Agent, AgentSkill, Presence, RoleGrant, Skill, User
from civicline.people.roles import Role

LOWEST_LEVEL, HIGHEST_LEVEL = 1, 5
CAPACITY_CLASSES: dict[str, int] = {"voice": 1, "chat": 5, "written": 10}
"""The classes of engine.routing.capacity, each with the most that one person may hold at once."""
DEFAULT_CAPACITY = {"voice": 1, "chat": 3, "written": 5}
LONGEST_OFFER_SECONDS = 120
SHORTEST_OFFER_SECONDS = 5
_TAKES_CONTACTS = {Role.AGENT, Role.SUPERVISOR}


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """One skill of an agent: `level` 1-5; `expires_on` is the last day on which a certificate holds."""

    code: str
    level: int = 3
    expires_on: date | None = None


@writes
def create_staff(
    *,
    email: str,
    name: str,
    roles: Iterable[Role | str] = (),
    password: str | None = None,
    password_hash: str = "",
    language: str = "en",
    capacity: Mapping[str, int] | None = None,
) -> User:
    """A new account with its roles; agents and supervisors get an agent row and a presence, signed out.

    Without a password they sign in by passkey or the body's own sign-in. `password_hash` is a password hashed
    before, outside of the write: hashing is slow on purpose. Conflict when the address is taken.
    """
    address, shown = personal.clean_email(email), personal.clean_name(name)
    missing: dict[str, Promise] = {}
    if not address:
        missing["email"] = _("Give an email address.")
    if not shown:
        missing["name"] = _("Give a name.")
    if missing:
        raise Invalid(fields={**missing})
    if User.objects.filter(email=address).exists():
        raise Conflict(_("There is already an account for %(email)s."), code="email-taken", email=address)
    user = User.objects.create_user(address, password, name=shown, language=language)
    if password_hash:
        user.password = password_hash
        user.save(update_fields=["password"])
    granted = [_role(role) for role in roles]
    for role in granted:
        RoleGrant.objects.get_or_create(user=user, role=role.value)
    if _TAKES_CONTACTS & set(granted):
        _make_agent(user, _capacity(capacity or DEFAULT_CAPACITY))
    data = {"roles": sorted(role.value for role in granted)}
    events.emit(STAFF_CREATED, subject=("staff", str(user.pk)), data=data)
    audit.record("staff.created", object=("staff", str(user.pk)), data=data)
    return user


def _make_agent(user: User, capacity: dict[str, int]) -> Agent:
    agent, _made = Agent.objects.get_or_create(user=user, defaults={"capacity": capacity})
    now = clock.now()
    Presence.objects.get_or_create(agent=agent, defaults={"since": now, "idle_since": now})
    return agent


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError as fault:
        raise Invalid(fields={"roles": _("There is no role “%(role)s”.")}, role=str(role)) from fault


def _user(user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(_("There is no such account."), code="staff-unknown")
    return user


def _agent(agent_id: UUID) -> Agent:
    agent = Agent.objects.filter(pk=agent_id).select_related("user").first()
    if agent is None:
        raise NotFound(_("There is no such agent."), code="agent-unknown")
    return agent


def _told(user_id: UUID, changed: str, *, data: Mapping[str, Any], line: bool = False) -> None:
    """Put a change of staff into the log and the audit; `line` wakes the dispatcher, for it changes who can serve."""
    events.emit(STAFF_CHANGED, subject=("staff", str(user_id)), data={"changed": [changed]})
    audit.record(f"staff.{changed}_changed", object=("staff", str(user_id)), data=data)
    if line:
        after_commit(lambda: bus.publish("queue-line", {"agent": str(user_id)}))


@writes
def grant_role(*, user_id: UUID, role: Role | str) -> None:
    """Give a role; one that is held already stays as it is."""
    user, given = _user(user_id), _role(role)
    _grant, made = RoleGrant.objects.get_or_create(user=user, role=given.value)
    if not made:
        return
    if given in _TAKES_CONTACTS:
        _make_agent(user, dict(DEFAULT_CAPACITY))
    _told(user_id, "roles", data={"granted": given.value}, line=given in _TAKES_CONTACTS)


@writes
def revoke_role(*, user_id: UUID, role: Role | str) -> None:
    """Take a role away; one that is not held is ignored. The last administrator keeps theirs (Refused)."""
    user, taken = _user(user_id), _role(role)
    grants = RoleGrant.objects.filter(user=user, role=taken.value)
    if not grants.exists():
        return
    if taken is Role.ADMINISTRATOR:
        _keep_one_administrator(user)
    grants.delete()
    _told(user_id, "roles", data={"revoked": taken.value}, line=taken in _TAKES_CONTACTS)


def _keep_one_administrator(user: User) -> None:
    others = RoleGrant.objects.filter(role=Role.ADMINISTRATOR.value, user__is_active=True).exclude(user=user)
    if not others.exists():
        raise Refused(
            _("This is the last administrator. Make somebody else one first."), code="last-administrator"
        )


@writes
def set_active(*, user_id: UUID, active: bool) -> User:
    """Let somebody sign in, or no longer. Who may not is signed out of the line; history keeps their name."""
    user = _user(user_id)
    if user.is_active == active:
        return user
    if not active and RoleGrant.objects.filter(user=user, role=Role.ADMINISTRATOR.value).exists():
        _keep_one_administrator(user)
    user.is_active = active
    user.save(update_fields=["is_active"])
    Agent.objects.filter(pk=user_id).update(active=active)
    _told(user_id, "active", data={"active": active}, line=True)
    return user


@writes
def change_staff(*, user_id: UUID, name: str | None = None, email: str | None = None) -> User:
    """Correct an account's name or address; None leaves it. Conflict when the address belongs to another."""
    user = _user(user_id)
    wanted: dict[str, str] = {}
    if name is not None:
        wanted["name"] = personal.clean_name(name)
    if email is not None:
        wanted["email"] = personal.clean_email(email)
        if User.objects.filter(email=wanted["email"]).exclude(pk=user_id).exists():
            raise Conflict(
                _("There is already an account for %(email)s."), code="email-taken", email=wanted["email"]
            )
    if "" in wanted.values():
        raise Invalid(fields={key: _("This cannot be empty.") for key, value in wanted.items() if not value})
    for key, value in wanted.items():
        setattr(user, key, value)
    if wanted:
        user.save(update_fields=list(wanted))
        _told(user_id, "account", data={"fields": sorted(wanted)})
    return user


@writes
def save_skill(*, code: str, kind: str, name: Mapping[str, str]) -> Skill:
    """A skill under its code, new or changed. Languages are skills whose code is their BCP 47 tag."""
    if kind not in Skill.Kind.values:
        raise Invalid(fields={"kind": _("There is no kind of skill “%(kind)s”.")}, kind=kind)
    if not any(text.strip() for text in name.values()):
        raise Invalid(fields={"name": _("Give a name in at least one language.")})
    skill, made = Skill.objects.update_or_create(code=code, defaults={"kind": kind, "name": dict(name)})
    audit.record("skill.created" if made else "skill.changed", object=("skill", code), data={"kind": kind})
    return skill


@writes
def set_skills(*, agent_id: UUID, skills: Iterable[SkillLevel]) -> None:
    """What an agent can do, as a whole: skills that are not named are taken away.

    Invalid names a skill that does not exist, a level outside 1-5, or a skill that is named twice.
    """
    agent, wanted = _agent(agent_id), list(skills)
    known = {skill.code: skill for skill in Skill.objects.filter(code__in=[one.code for one in wanted])}
    for one in wanted:
        if one.code not in known:
            raise Invalid(fields={"skills": _("There is no skill “%(skill)s”.")}, skill=one.code)
        if not LOWEST_LEVEL <= one.level <= HIGHEST_LEVEL:
            raise Invalid(
                fields={"skills": _("The level of “%(skill)s” is not from 1 to 5.")}, skill=one.code
            )
    if len(known) < len(wanted):
        raise Invalid(fields={"skills": _("A skill is named twice.")})
    AgentSkill.objects.filter(agent=agent).exclude(skill__in=known.values()).delete()
    for one in wanted:
        AgentSkill.objects.update_or_create(
            agent=agent, skill=known[one.code], defaults={"level": one.level, "expires_on": one.expires_on}
        )
    levels = {one.code: one.level for one in wanted}
    _told(agent_id, "skills", data={"skills": levels}, line=True)


@writes
def set_skill(*, agent_id: UUID, code: str, level: int | None) -> None:
    """Give an agent one skill that exists at this level (1-5), or take it away (None); the others stay as they are."""
    agent, skill = _agent(agent_id), Skill.objects.get(code=code)
    if level is None:
        AgentSkill.objects.filter(agent=agent, skill=skill).delete()
    else:
        AgentSkill.objects.update_or_create(
            agent=agent, skill=skill, defaults={"level": level, "expires_on": None}
        )
    _told(agent_id, "skills", data={"skills": {code: level}}, line=True)


def _capacity(capacity: Mapping[str, int]) -> dict[str, int]:
    for name, count in capacity.items():
        most = CAPACITY_CLASSES.get(name)
        if most is None:
            raise Invalid(fields={"capacity": _("There is no kind of contact “%(kind)s”.")}, kind=name)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= most:
            raise Invalid(
                fields={"capacity": _("Give a number from 0 to %(most)s for “%(kind)s”.")},
                kind=name,
                most=most,
            )
    return dict(capacity)


@writes
def set_capacity(
    *, agent_id: UUID, capacity: Mapping[str, int] | None = None, offer_seconds: int | None = None
) -> Agent:
    """How many contacts of each class an agent holds at once, and how long they have to answer an offer.

    `offer_seconds` None means the queue's own time; a longer one is a matter of accessibility, in no report.
    """
    agent = _agent(agent_id)
    if offer_seconds is not None and not SHORTEST_OFFER_SECONDS <= offer_seconds <= LONGEST_OFFER_SECONDS:
        raise Invalid(
            fields={"offer_seconds": _("Give from %(least)s to %(most)s seconds.")},
            least=SHORTEST_OFFER_SECONDS,
            most=LONGEST_OFFER_SECONDS,
        )
    if capacity is not None:
        agent.capacity = _capacity(capacity)
    agent.offer_seconds = offer_seconds
    agent.save(update_fields=["capacity", "offer_seconds"])
    _told(agent_id, "capacity", data={"capacity": agent.capacity}, line=True)
    return agent


PREFERENCES: dict[str, type] = {
    "sound": bool,
    "volume": int,
    "single_keys": bool,
    "desktop_notices": bool,
    "dense": bool,
    "reduced_motion": bool,
}
"""What everybody sets for themselves, by name, with the type of its value."""


@writes
def set_preferences(
    *,
    user_id: UUID,
    language: str | None = None,
    theme: str | None = None,
    preferences: Mapping[str, Any] | None = None,
) -> User:
    """A person's own language, theme ("auto", "light", "dark") and switches; what is not named stays."""
    user = _user(user_id)
    if language is not None:
        tag = personal.clean_language(language)
        if not tag:
            raise Invalid(fields={"language": _("We do not know this language.")})
        user.language = tag
    if theme is not None:
        if theme not in User.Theme.values:
            raise Invalid(fields={"theme": _("Choose automatic, light or dark.")})
        user.theme = theme
    for key, value in (preferences or {}).items():
        wanted = PREFERENCES.get(key)
        if wanted is None or type(value) is not wanted:
            raise Invalid(fields={"preferences": _("We do not know the switch “%(key)s”.")}, key=key)
        user.preferences = {**user.preferences, key: value}
    user.save(update_fields=["language", "theme", "preferences"])
    return user
