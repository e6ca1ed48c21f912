"""Which of the free agents gets a contact, and which rule decided."""

from __future__ import annotations

from typing import NamedTuple

from civicline.engine.routing.eligibility import Fit, fit
from civicline.engine.routing.lines import Line
from civicline.engine.routing.pools import Agent, Idle, Pools


class Choice(NamedTuple):
    """The agent, the rule that decided, how many could have had it, and in which slot."""

    agent: Agent
    rule: str
    candidates: int
    fit: Fit
    slot: int


def choose(pools: Pools, line: Line, preferred: str | None) -> Choice | None:
    """The agent for the head of a line, or None if none of those it may go to is free."""
    for slot in line.need.slots:
        free = line.need.mask & pools.free[slot]
        if free:
            found = None
            if preferred is not None:
                found = _preferred(pools, line, slot, free, preferred)
            if found is None and line.only is None:
                found = (
                    _of_all(pools, line, slot, free) if line.excluded else _by_tier(pools, line, slot, free)
                )
            if found is not None:
                return found
    return None


def _preferred(pools: Pools, line: Line, slot: int, free: int, agent_id: str) -> Choice | None:
    """The agent who knows the resident's matter, if free and able."""
    agent = pools.agents.get(agent_id)
    if agent is None or agent_id in line.excluded or not agent.open >> slot & 1:
        return None
    found = fit(agent.profile.ability, line.need.told)
    if found is None:
        return None
    candidates = sum(profile.counts[slot] for profile in pools.in_mask(free))
    candidates -= sum(_is_open(pools, line, slot, shunned) for shunned in line.excluded)
    return Choice(agent, "preferred", candidates, found, slot)


def _is_open(pools: Pools, line: Line, slot: int, agent_id: str) -> bool:
    agent = pools.agents.get(agent_id)
    return agent is not None and bool(agent.open >> slot & 1 and agent.profile.bit & line.need.mask)


def _by_tier(pools: Pools, line: Line, slot: int, free: int) -> Choice:
    """Anybody may take it: the first of each profile in the best tier. `free` is not empty."""
    profiles = pools.by_bit
    tiers = line.need.tiers
    at = 0
    while not (within := tiers[at][1] & free):
        at += 1
    low = within & -within
    profile = profiles[low.bit_length() - 1]
    best: Idle = profile.first(slot)
    equals = profile.counts[slot]
    others = within ^ low
    while others:
        low = others & -others
        others ^= low
        profile = profiles[low.bit_length() - 1]
        equals += profile.counts[slot]
        first = profile.first(slot)
        if first < best:
            best = first
    total, runner_up = equals, None
    rest = free & ~within
    if rest:
        total += sum(profile.counts[slot] for profile in pools.in_mask(rest))
        runner_up = next(found for found, mask in tiers[at + 1 :] if mask & rest)
    return Choice(best[4], _rule(total, equals, tiers[at][0], runner_up), total, tiers[at][0], slot)


def _of_all(pools: Pools, line: Line, slot: int, free: int) -> Choice | None:
    """Somebody has declined it, so look at each agent; such contacts are few."""
    ranked = sorted(
        (found, agent.count, agent.idle_since, agent.agent_id)
        for profile in pools.in_mask(free)
        if (found := fit(profile.ability, line.need.told)) is not None
        for agent in profile.agents.values()
        if agent.open >> slot & 1 and agent.agent_id not in line.excluded
    )
    if not ranked:
        return None
    best = ranked[0][0]
    equals = sum(entry[0] == best for entry in ranked)
    runner_up = ranked[equals][0] if equals < len(ranked) else None
    rule = _rule(len(ranked), equals, best, runner_up)
    return Choice(pools.agents[ranked[0][3]], rule, len(ranked), best, slot)


def _rule(total: int, equals: int, best: Fit, runner_up: Fit | None) -> str:
    """The last rule that was needed to tell the chosen one from the others."""
    if total == 1:
        return "only_candidate"
    if equals > 1 or runner_up is None:
        return "longest_idle"
    return "language" if runner_up.language != best.language else "level"
