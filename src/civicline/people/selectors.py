"""Reads of people: residents, staff, skills, and the agents as the dispatcher sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel import clock, rows
from civicline.kernel.errors import NotFound
from civicline.kernel.readings import Reading, RowReading
from civicline.people import personal
from civicline.people.models import Agent, AgentSkill, LegalHold, Presence, Resident, Skill, User
from civicline.people.permissions import Role, roles_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

__all__ = [
    "AgentFacts",
    "agent_names",
    "agent_states",
    "agents_gone_since",
    "available_agent_ids",
    "expiring_skills",
    "find_agent",
    "find_presence",
    "find_resident",
    "find_residents",
    "get_agent",
    "get_hold",
    "get_resident",
    "get_user",
    "held_ids",
    "hold_on",
    "is_held",
    "is_staff",
    "list_agents",
    "list_holds",
    "list_skills",
    "list_staff",
    "names_of",
    "names_of_skills",
    "roles_of",
    "search_residents",
    "signed_in_agent_ids",
    "skill_levels",
    "skill_names",
    "users_with_role",
    "waiting_erasures",
    "who_is_there",
]


@dataclass(frozen=True, slots=True)
class AgentFacts:
    """One agent as the dispatcher needs them; skills hold today (an expired certificate is left out).

    skills {code: level 1-5} without languages, but with sign languages: who needs one asks for it as for a skill;
    languages {BCP 47 tag: level}, spoken and signed; capacity {class: contacts at once};
    offer_seconds None means the queue's own time.
    """

    agent_id: UUID
    name: str
    state: str
    reason: str
    since: datetime
    idle_since: datetime
    last_seen_at: datetime | None
    version: int
    capacity: dict[str, int]
    offer_seconds: int | None
    skills: dict[str, int]
    languages: dict[str, int]
    engaged: bool = False

    @property
    def available(self) -> bool:
        """Whether they say that they take contacts, and do not help with somebody else's just now."""
        return self.state == "available" and not self.engaged


def find_agent(agent_id: UUID) -> Agent | None:
    """The agent with their account and presence, or None."""
    return Agent.objects.select_related("user", "presence").filter(pk=agent_id).first()


def own_agent(user: User) -> Agent | None:
    """The agent's part of an account, None for those who take no contacts; read once for each account object."""
    known: dict[str, Agent | None] = user._state.fields_cache
    if "agent" not in known:
        agent = known["agent"] = rows.one(Agent, where={"user_id": user.pk})
        if agent is not None:
            agent._state.fields_cache["user"] = user
    return known["agent"]


def find_presence(agent_id: UUID) -> Presence | None:
    """What an agent says they are doing now, or None."""
    return rows.one(Presence, where={"agent_id": agent_id})


def get_agent(agent_id: UUID) -> Agent:
    """The agent with their account and presence; NotFound when there is none."""
    agent = find_agent(agent_id)
    if agent is None:
        raise NotFound(_("There is no such agent."), code="agent-unknown")
    return agent


def get_user(user_id: UUID) -> User:
    """A member of staff by id; NotFound when there is none."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(_("There is no such account."), code="staff-unknown")
    return user


def list_agents(*, active: bool = True) -> QuerySet[Agent]:
    """Agents by name, with account, presence and skills: three queries however many there are."""
    agents = Agent.objects.select_related("user", "presence").prefetch_related(
        Prefetch("agent_skills", queryset=AgentSkill.objects.select_related("skill").order_by("skill__code"))
    )
    return (agents.filter(active=True, user__is_active=True) if active else agents).order_by(
        "user__name", "pk"
    )


def _agent_names() -> QuerySet[Agent, tuple[UUID, str]]:
    agents = Agent.objects.filter(active=True, user__is_active=True)
    return agents.order_by("user__name", "pk").values_list("pk", "user__name")


_AGENT_NAMES = Reading(_agent_names)


def agent_names() -> list[tuple[UUID, str]]:
    """Id and name of every active agent, by name: what a choice of people shows."""
    return [(agent_id, name) for agent_id, name in _AGENT_NAMES()]


_NAMES_AND_STATES = Reading(
    lambda: (
        Agent.objects.filter(active=True, user__is_active=True)
        .order_by("user__name", "pk")
        .values_list("pk", "user__name", "presence__state")
    )
)


def who_is_there() -> list[tuple[UUID, str, str]]:
    """Id, name and what they say they do of every active agent, by name; who never came is signed out."""
    return [(agent_id, name, state or "signed_out") for agent_id, name, state in _NAMES_AND_STATES()]


_NAME = Reading(lambda *, agent_id: Agent.objects.filter(pk=agent_id).values_list("user__name"))


def names_of(agent_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these agents are called, those who left too; for the few that a page speaks of."""
    return {agent_id: name for agent_id in set(agent_ids) for (name,) in _NAME(agent_id=agent_id)}


def list_staff() -> QuerySet[User]:
    """All accounts by name, with their grants and agent rows."""
    return User.objects.select_related("agent").prefetch_related("grants").order_by("name", "pk")


def users_with_role(role: Role) -> QuerySet[User]:
    """Active members of staff who hold a role, by name."""
    return User.objects.filter(is_active=True, grants__role=role.value).order_by("name", "pk")


_SKILL_NAMES = Reading(lambda: Skill.objects.order_by("kind", "code").values_list("code", "kind", "name"))


def skill_names(kind: str = "") -> dict[str, dict[str, str]]:
    """What the skills of one kind, or of all, are called, {language: name} by code, the short way."""
    return {code: name for code, its_kind, name in _SKILL_NAMES() if kind in ("", its_kind)}


_SKILL_NAME = Reading(lambda *, code: Skill.objects.filter(code=code).values_list("name"))


def names_of_skills(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """What these skills are called, {language: name} by code, unknown ones left out; for the few that a page tells."""
    return {code: name for code in set(codes) for (name,) in _SKILL_NAME(code=code)}


def list_skills(kind: str = "") -> QuerySet[Skill]:
    """Skills by code, of one kind or of all."""
    skills = Skill.objects.order_by("kind", "code")
    return skills.filter(kind=kind) if kind else skills


def expiring_skills(*, within_days: int = 30) -> QuerySet[AgentSkill]:
    """Certificates that run out within so many days, or have run out, soonest first."""
    until = clock.now().date() + timedelta(days=within_days)
    return (
        AgentSkill.objects.filter(expires_on__lte=until, agent__active=True)
        .select_related("agent__user", "skill")
        .order_by("expires_on", "pk")
    )


def agent_states(agent_ids: Iterable[UUID] | None = None) -> list[AgentFacts]:
    """The active agents, all or some, in two queries; those who were never present are left out."""
    wanted = None if agent_ids is None else sorted(set(agent_ids))
    if wanted is None:
        found = _ALL_PRESENT()
    elif len(wanted) <= FEW:
        found = [row for agent_id in wanted for row in _ONE_PRESENT(agent_id=agent_id)]
    else:
        found = list(_present().filter(pk__in=wanted))
    skills = _skills_today([row.pk for row in found] if wanted is not None else None)
    return [_facts(row, skills.get(row.pk, [])) for row in found]


def _present() -> QuerySet[Agent, Agent]:
    agents = Agent.objects.filter(active=True, user__is_active=True, presence__isnull=False)
    agents = agents.filter(user__grants__role__in=[Role.AGENT.value, Role.SUPERVISOR.value]).distinct()
    return agents.select_related("user", "presence").order_by("pk")


FEW = 8
"""So many are read one by one, by a statement that is there already."""
_ALL_PRESENT = RowReading(_present)
_ONE_PRESENT = RowReading(lambda *, agent_id: _present().filter(pk=agent_id))


def skill_levels(agent_id: UUID) -> dict[str, int]:
    """The skills of one agent today, languages left out: code and level, in one query."""
    return levels_of([agent_id]).get(agent_id, {})


def levels_of(agent_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The skills of these agents today, languages left out: {code: level} by agent; many of them in one query."""
    return {
        agent_id: {code: level for code, kind, level in held if kind != Skill.Kind.LANGUAGE}
        for agent_id, held in _skills_today(agent_ids).items()
    }


def available_agent_ids(agent_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these agents say that they take contacts, and do not help with somebody else's just now."""
    found = rows.many(
        Presence, where={"state": "available", "engaged": False}, any_of=("agent_id", agent_ids)
    )
    return {presence.agent_id for presence in found}


def signed_in_agent_ids(agent_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these agents are signed in, on a break or not."""
    return _ids_where(agent_ids, ~Q(state="signed_out"))


def agents_gone_since(agent_ids: Iterable[UUID], moment: datetime) -> set[UUID]:
    """Which of these agents have been silent, or signed out, since before `moment`; unknown ones are gone."""
    wanted = set(agent_ids)
    silent = Q(last_seen_at__lt=moment) | Q(last_seen_at__isnull=True, since__lt=moment)
    gone = silent | Q(state="signed_out", since__lt=moment) | Q(agent__active=False)
    return wanted - _ids_where(wanted, ~gone)


def _ids_where(agent_ids: Iterable[UUID], condition: Q) -> set[UUID]:
    return set(
        Presence.objects.filter(condition, agent_id__in=list(agent_ids)).values_list("agent_id", flat=True)
    )


_SkillRow = tuple[str, str, int]
LANGUAGES = frozenset({Skill.Kind.LANGUAGE, Skill.Kind.SIGNED})


def _skills_today(agent_ids: Sequence[UUID] | None) -> dict[UUID, list[_SkillRow]]:
    if agent_ids is None:
        held = _ALL_SKILLS()
    elif len(agent_ids) <= FEW:
        held = [row for agent_id in agent_ids for row in _SKILLS_OF_ONE(agent_id=agent_id)]
    else:
        held = list(AgentSkill.objects.filter(agent_id__in=agent_ids).values_list(*_SKILL_COLUMNS))
    today = clock.now().date()
    found: dict[UUID, list[_SkillRow]] = {}
    for agent_id, code, kind, level, ends in held:
        if ends is None or ends >= today:
            found.setdefault(agent_id, []).append((code, kind, level))
    return found


_SKILL_COLUMNS = ("agent_id", "skill__code", "skill__kind", "level", "expires_on")
_ALL_SKILLS = Reading(lambda: AgentSkill.objects.values_list(*_SKILL_COLUMNS))
_SKILLS_OF_ONE = Reading(
    lambda *, agent_id: AgentSkill.objects.filter(agent_id=agent_id).values_list(*_SKILL_COLUMNS)
)


def _facts(agent: Agent, skills: list[_SkillRow]) -> AgentFacts:
    presence = agent.presence
    return AgentFacts(
        agent_id=agent.pk,
        name=agent.user.name,
        state=presence.state,
        reason=presence.reason,
        since=presence.since,
        idle_since=presence.idle_since,
        last_seen_at=presence.last_seen_at,
        version=presence.version,
        capacity=dict(agent.capacity),
        offer_seconds=agent.offer_seconds,
        skills={code: level for code, kind, level in skills if kind != Skill.Kind.LANGUAGE},
        languages={code: level for code, kind, level in skills if kind in LANGUAGES},
        engaged=presence.engaged,
    )


def find_resident(resident_id: UUID) -> Resident | None:
    """A resident by id, erased ones too, or None."""
    return Resident.objects.filter(pk=resident_id).first()


def find_residents(resident_ids: Iterable[UUID]) -> dict[UUID, Resident]:
    """Residents by id, erased ones too; those that are unknown are left out."""
    return {row.pk: row for row in rows.many(Resident, where={}, any_of=("id", resident_ids))}


def get_resident(resident_id: UUID) -> Resident:
    """A resident by id; NotFound when there is none or they were erased."""
    resident = find_resident(resident_id)
    if resident is None or resident.erased_at is not None:
        raise NotFound(_("We have no such resident."), code="resident-unknown")
    return resident


def search_residents(text: str, *, limit: int = 20) -> list[Resident]:
    """Residents by part of a name, of an email address or of a telephone number, newest first.

    Fewer than two characters find nobody. The caller puts the reading of what is shown into the audit.
    """
    wanted = personal.clean_text(text)
    if len(wanted) < 2:
        return []
    found = Q(name__icontains=wanted) | Q(email__icontains=wanted.casefold()) | Q(external_id=wanted)
    digits = "".join(sign for sign in wanted if sign.isdigit())
    if len(digits) >= 4 and not any(sign.isalpha() for sign in wanted):
        # As stored (E.164): the zero in front of a national number is not part of it.
        found |= Q(phone__contains=digits.lstrip("0"))
    return list(Resident.objects.filter(found, erased_at__isnull=True).order_by("-created_at")[:limit])


def is_staff(user: User | AnonymousUser | None) -> bool:
    """Whether this is a signed-in member of staff with at least one role."""
    return bool(roles_of(user))


# -- legal holds


def held_ids(kind: str) -> QuerySet[LegalHold, UUID]:
    """The ids of what is on hold now, of one kind ("case", "contact", "resident"), to be used inside of a query."""
    return LegalHold.objects.filter(kind=kind, ended_at__isnull=True).values_list("object_id", flat=True)


def is_held(kind: str, object_id: UUID) -> bool:
    """Whether this very thing is on hold now."""
    return held_ids(kind).filter(object_id=object_id).exists()


def hold_on(kind: str, object_id: UUID) -> LegalHold | None:
    """The hold that this very thing is on now, or None."""
    rows = LegalHold.objects.select_related("placed_by")
    return rows.filter(kind=kind, object_id=object_id, ended_at__isnull=True).first()


def hold_over(things: Mapping[str, UUID | None]) -> LegalHold | None:
    """The oldest hold that goes on over any of these, named {kind: id}; None when there is none."""
    over = [Q(kind=kind, object_id=object_id) for kind, object_id in things.items() if object_id]
    if not over:
        return None
    rows = LegalHold.objects.filter(reduce(or_, over), ended_at__isnull=True)
    return rows.order_by("placed_at", "pk").first()


def list_holds(*, active: bool = True) -> QuerySet[LegalHold]:
    """Holds that go on, or those that have ended; newest first."""
    rows = LegalHold.objects.select_related("placed_by", "ended_by").filter(ended_at__isnull=active)
    return rows.order_by("-placed_at" if active else "-ended_at", "pk")


def get_hold(hold_id: UUID) -> LegalHold:
    """A hold, ended or not; NotFound when there is none."""
    hold = LegalHold.objects.select_related("placed_by", "ended_by").filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(_("There is no such hold."), code="hold-unknown")
    return hold


def waiting_erasures() -> int:
    """How many residents asked to be erased and wait for a hold to end."""
    return Resident.objects.filter(erase_asked_at__isnull=False, erased_at__isnull=True).count()
