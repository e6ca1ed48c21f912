"""A small floor for the routing rules: queues, people and contacts with little to say of each."""

from __future__ import annotations

from civicline.engine.routing import AgentState, CapacityTable, QueuePolicy, Requirement, Router, Waiting

EVERYTHING = {"voice": 1, "chat": 2, "written": 2}


def desk(*policies: QueuePolicy, table: CapacityTable | None = None) -> Router:
    router = Router(table)
    for policy in policies or (QueuePolicy("tax"),):
        router.add_policy(policy)
    return router


def agent(
    agent_id: str,
    *,
    languages: str = "en",
    queues: str = "tax",
    capacity: dict[str, int] | None = None,
    idle_since: float = 0.0,
    available: bool = True,
    in_hand: tuple[tuple[str, str], ...] | None = None,
    **skills: int,
) -> AgentState:
    return AgentState(
        agent_id,
        skills,
        frozenset(languages.split()),
        frozenset(queues.split()),
        EVERYTHING if capacity is None else capacity,
        available,
        idle_since,
        in_hand,
    )


def contact(
    contact_id: str,
    arrived: float = 0.0,
    *,
    queue: str = "tax",
    channel: str = "chat",
    languages: str = "",
    priority: int = 0,
    preferred: str | None = None,
    emergency: bool = False,
    entered: float | None = None,
    **skills: int,
) -> Waiting:
    need = Requirement(tuple(skills.items()), tuple(languages.split()), channel)
    return Waiting(contact_id, queue, need, arrived, priority, preferred, emergency, entered)


def offers(router: Router, now: float) -> list[tuple[str, str, str]]:
    return [(d.contact_id, d.agent_id, d.rule) for d in router.assign(now)]
