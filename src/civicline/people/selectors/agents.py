"""Reads of agents: who takes contacts, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from civicline.kernel import rows
from civicline.kernel.errors import NotFound
from civicline.kernel.readings import Reading
from civicline.people.models import Agent, AgentSkill, User


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


def get_agent(agent_id: UUID) -> Agent:
    """The agent with their account and presence; NotFound when there is none."""
    agent = find_agent(agent_id)
    if agent is None:
        raise NotFound(_("There is no such agent."), code="agent-unknown")
    return agent


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


_NAME = Reading(lambda *, agent_id: Agent.objects.filter(pk=agent_id).values_list("user__name"))


def names_of(agent_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these agents are called, those who left too; for the few that a page speaks of."""
    return {agent_id: name for agent_id in set(agent_ids) for (name,) in _NAME(agent_id=agent_id)}
