"""Services that nobody could serve, found before residents find out by waiting."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from civicline.people import selectors as people
from civicline.routing.models import QueueMember, Route


class Gap(NamedTuple):
    """A service whose contacts nobody could take: `later` says whether somebody can once rings relax."""

    service: str
    queue: str
    skills: tuple[tuple[str, int], ...]
    later: bool


def list_gaps() -> list[Gap]:
    """Services that nobody active could serve, to be named before residents find out by waiting."""
    facts = {fact.agent_id: fact for fact in people.agent_states()}
    members: dict[int, list[UUID]] = {}
    for queue_id, agent_id in QueueMember.objects.values_list("queue_id", "agent_id"):
        members.setdefault(queue_id, []).append(agent_id)
    gaps = []
    for route in Route.objects.select_related("queue", "service").prefetch_related("queue__rings"):
        drop = max((ring.level_drop for ring in route.queue.rings.all()), default=0)
        reach = [route.queue_id, *(ring.overflow_id for ring in route.queue.rings.all() if ring.overflow_id)]
        needs = tuple((skill, int(level)) for skill, level in route.skills)
        now = [facts[agent] for agent in members.get(route.queue_id, []) if agent in facts]
        later = [facts[agent] for queue_id in reach for agent in members.get(queue_id, []) if agent in facts]
        if any(all(fact.skills.get(skill, 0) >= level for skill, level in needs) for fact in now):
            continue
        least = [(skill, max(1, level - drop)) for skill, level in needs]
        able = any(all(fact.skills.get(skill, 0) >= level for skill, level in least) for fact in later)
        gaps.append(Gap(route.service.code, route.queue.code, needs, later=able))
    return gaps
