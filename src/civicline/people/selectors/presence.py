"""Reads of presence: who is there, and the agents as the dispatcher sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from civicline.kernel import rows
from civicline.kernel.readings import Reading, RowReading
from civicline.people.models import Agent, Presence, Skill
from civicline.people.permissions import Role
from civicline.people.selectors.skills import FEW, LANGUAGES, SkillRow, skills_today


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


def find_presence(agent_id: UUID) -> Presence | None:
    """What an agent says they are doing now, or None."""
    return rows.one(Presence, where={"agent_id": agent_id})


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


_STATES = Reading(
    lambda: (
        Presence.objects.filter(agent__active=True, agent__user__is_active=True)
        .exclude(state="signed_out")
        .values_list("agent_id", "state", "engaged")
    )
)


def signed_in_states() -> dict[UUID, tuple[str, bool]]:
    """State, and whether they help with somebody else's, of everybody who is signed in: what changes all the time."""
    return {agent_id: (state, engaged) for agent_id, state, engaged in _STATES()}


_SILENT = Reading(lambda: _present().filter(presence__state="not_responding").order_by().values_list("pk"))


def silent_agent_ids() -> set[UUID]:
    """The active agents whose desk does not respond."""
    return {agent_id for (agent_id,) in _SILENT()}


def agent_states(agent_ids: Iterable[UUID] | None = None) -> list[AgentFacts]:
    """The active agents, all or some, in two queries; those who were never present are left out."""
    wanted = None if agent_ids is None else sorted(set(agent_ids))
    if wanted is None:
        found = _ALL_PRESENT()
    elif len(wanted) <= FEW:
        found = [row for agent_id in wanted for row in _ONE_PRESENT(agent_id=agent_id)]
    else:
        found = list(_present().filter(pk__in=wanted))
    skills = skills_today([row.pk for row in found] if wanted is not None else None)
    return [_facts(row, skills.get(row.pk, [])) for row in found]


def _present() -> QuerySet[Agent, Agent]:
    agents = Agent.objects.filter(active=True, user__is_active=True, presence__isnull=False)
    agents = agents.filter(user__grants__role__in=[Role.AGENT.value, Role.SUPERVISOR.value]).distinct()
    return agents.select_related("user", "presence").order_by("pk")


_ALL_PRESENT = RowReading(_present)
_ONE_PRESENT = RowReading(lambda *, agent_id: _present().filter(pk=agent_id))


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


def _facts(agent: Agent, skills: list[SkillRow]) -> AgentFacts:
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
