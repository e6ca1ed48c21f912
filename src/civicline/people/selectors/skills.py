"""Reads of skills: what they are called, who has which today, and what runs out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from civicline.kernel import clock
from civicline.kernel.readings import Reading
from civicline.people.models import AgentSkill, Skill

FEW = 8
"""So many are read one by one, by a statement that is there already."""


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


def skill_levels(agent_id: UUID) -> dict[str, int]:
    """The skills of one agent today, languages left out: code and level, in one query."""
    return levels_of([agent_id]).get(agent_id, {})


def levels_of(agent_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The skills of these agents today, languages left out: {code: level} by agent; many of them in one query."""
    return {
        agent_id: {code: level for code, kind, level in held if kind != Skill.Kind.LANGUAGE}
        for agent_id, held in skills_today(agent_ids).items()
    }


SkillRow = tuple[str, str, int]
"""Code, kind, level."""
LANGUAGES = frozenset({Skill.Kind.LANGUAGE, Skill.Kind.SIGNED})


def skills_today(agent_ids: Sequence[UUID] | None) -> dict[UUID, list[SkillRow]]:
    """What these agents, or all, can today: rows by agent; a certificate that ran out is left out."""
    if agent_ids is None:
        held = _ALL_SKILLS()
    elif len(agent_ids) <= FEW:
        held = [row for agent_id in agent_ids for row in _SKILLS_OF_ONE(agent_id=agent_id)]
    else:
        held = list(AgentSkill.objects.filter(agent_id__in=agent_ids).values_list(*_SKILL_COLUMNS))
    today = clock.now().date()
    found: dict[UUID, list[SkillRow]] = {}
    for agent_id, code, kind, level, ends in held:
        if ends is None or ends >= today:
            found.setdefault(agent_id, []).append((code, kind, level))
    return found


_SKILL_COLUMNS = ("agent_id", "skill__code", "skill__kind", "level", "expires_on")
_ALL_SKILLS = Reading(lambda: AgentSkill.objects.values_list(*_SKILL_COLUMNS))
_SKILLS_OF_ONE = Reading(
    lambda *, agent_id: AgentSkill.objects.filter(agent_id=agent_id).values_list(*_SKILL_COLUMNS)
)
