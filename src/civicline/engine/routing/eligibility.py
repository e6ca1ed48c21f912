"""Who may serve what: profiles of agents, needs of contacts, and how a need relaxes ring by ring."""

from __future__ import annotations

from typing import NamedTuple

from civicline.engine.routing.values import (
    ANY_QUEUE,
    HIGHEST_LEVEL,
    LOWEST_LEVEL,
    NeedTold,
    QueuePolicy,
    Requirement,
    RoutingError,
)


class Ability(NamedTuple):
    """All that decides what an agent may serve; agents with equal abilities share a profile."""

    skills: frozenset[tuple[str, int]]
    languages: frozenset[str]
    pools: frozenset[str]


class Fit(NamedTuple):
    """How well an ability fits a need; smaller is better. `level`: sum over the skills needed, negated."""

    language: int
    level: int


def relax(requirement: Requirement, policy: QueuePolicy, ring: int, channel_class: str) -> NeedTold:
    """The need of a contact of this queue once `ring` rings (0 to all) have opened. Rings only ever widen."""
    opened = policy.rings[:ring]
    drop = max((r.level_drop for r in opened), default=0)
    ceilings = [r.min_level for r in opened if r.min_level is not None]
    skills = tuple(
        sorted(
            (skill, max(LOWEST_LEVEL, min([level - drop, *ceilings]))) for skill, level in requirement.skills
        )
    )
    pools = dict.fromkeys((policy.queue_id, *(pool for r in opened for pool in r.overflow_queues)))
    any_language = not requirement.languages or any(r.drop_languages for r in opened)
    return NeedTold(channel_class, skills, requirement.languages, any_language, tuple(pools))


def fit(ability: Ability, need: NeedTold) -> Fit | None:
    """How this ability fits, or None if it does not."""
    if ability.pools.isdisjoint(need.pools) and ANY_QUEUE not in ability.pools:
        return None
    levels = dict(ability.skills)
    if any(levels.get(skill, 0) < least for skill, least in need.skills):
        return None
    spoken = next((at for at, lang in enumerate(need.languages) if lang in ability.languages), None)
    if spoken is None:
        if not need.any_language:
            return None
        spoken = len(need.languages)
    return Fit(spoken, -sum(levels[skill] for skill, _ in need.skills))


def check_levels(agent_id: str, skills: frozenset[tuple[str, int]]) -> None:
    """RoutingError for a level outside 1-5."""
    for skill, level in sorted(skills):
        if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
            raise RoutingError(f"Agent {agent_id} has level {level} in {skill}. Give a level from 1 to 5.")
