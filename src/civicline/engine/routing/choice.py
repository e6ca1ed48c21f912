"""Which of the free agents gets a contact, and which rule decided."""

from __future__ import annotations

from civicline.engine.routing.eligibility import Fit
from civicline.engine.routing.lines import Line
from civicline.engine.routing.pools import Agent, Idle, Pools

Choice = tuple[Agent, str, int, Fit, int]
"""The agent, the rule that decided, how many could have had it, how the agent fits, and in which slot."""


def choose(pools: Pools, line: Line, preferred: str | None) -> Choice | None:
    """The agent for the head of a line, or None if none of those it may go to is free."""
    for slot, mask in line.need.ways:
        free = mask & pools.free
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
    found = line.need.fits.get(agent.profile)
    if found is None:
        return None
    if line.only is not None:
        return agent, "preferred", 1, found, slot
    candidates = sum(profile.counts[slot] for profile in pools.in_mask(free))
    candidates -= sum(_is_open(pools, line, slot, shunned) for shunned in line.excluded)
    return agent, "preferred", candidates, found, slot


def _is_open(pools: Pools, line: Line, slot: int, agent_id: str) -> bool:
    agent = pools.agents.get(agent_id)
    return agent is not None and bool(agent.open >> slot & 1) and agent.profile in line.need.fits


def _by_tier(pools: Pools, line: Line, slot: int, free: int) -> Choice:
    """Anybody may take it: the first of each profile in the best tier. `free` is not empty."""
    need = line.need
    if not free & (free - 1):
        profile = pools.by_bit[free.bit_length() - 1]
        total = profile.counts[slot]
        rule = "longest_idle" if total > 1 else "only_candidate"
        first = profile.heaps[slot][0]
        if first[3] != first[4].stamp:
            first = profile.first(slot)
        return first[4], rule, total, need.fits[profile], slot
    tiers = iter(need.tiers)
    found, members = next((found, members) for found, mask, members in tiers if mask & free)
    firsts: list[Idle] = []
    equals = 0
    for profile in members:
        count = profile.counts[slot]
        if count:
            equals += count
            first = profile.heaps[slot][0]
            firsts.append(first if first[3] == first[4].stamp else profile.first(slot))
    rule, total = "longest_idle", equals
    for later, mask, members in tiers:
        if mask & free:
            if total == 1:  # nobody else fits as well: what told the one from the next best decided
                rule = _apart(found, later)
            for profile in members:
                total += profile.counts[slot]
    return min(firsts)[4], rule, total, found, slot


def _of_all(pools: Pools, line: Line, slot: int, free: int) -> Choice | None:
    """Somebody has declined it, so look at each agent; such contacts are few."""
    ranked = sorted(
        (found, agent.standing.count, agent.idle_since, agent.agent_id)
        for profile in pools.in_mask(free)
        for found in (line.need.fits[profile],)
        for agent in profile.agents.values()
        if agent.open >> slot & 1 and agent.agent_id not in line.excluded
    )
    if not ranked:
        return None
    best = ranked[0][0]
    if len(ranked) == 1:
        rule = "only_candidate"
    elif ranked[1][0] == best:
        rule = "longest_idle"
    else:
        rule = _apart(best, ranked[1][0])
    return pools.agents[ranked[0][3]], rule, len(ranked), best, slot


def _apart(best: Fit, runner_up: Fit) -> str:
    """The rule that told the best fit from the next."""
    return "language" if runner_up.language != best.language else "level"
