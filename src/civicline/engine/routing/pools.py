"""Agents, grouped by profile: who is open for what, as bits; the longest idle of each group, as heaps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from civicline.engine.routing.capacity import CapacityTable, Standing
from civicline.engine.routing.eligibility import Ability, Fit, fit
from civicline.engine.routing.lines import SLACK, Line
from civicline.engine.routing.values import NeedTold


class Hand(NamedTuple):
    """How an agent holds a contact: on offer or accepted, counted or parked."""

    of_class: int
    parkable: bool
    offered: bool
    parked: bool = False


hand = cache(Hand)
"""The one `Hand` of its kind: there are few kinds, and one is needed for each offer and each answer."""


class Agent:
    """An agent as the router knows them. `open`: the slots in which they may be offered a contact now."""

    __slots__ = (
        "agent_id",
        "available",
        "hands",
        "idle_since",
        "open",
        "profile",
        "stamp",
        "standing",
    )

    def __init__(self, agent_id: str, profile: Profile, standing: Standing) -> None:
        self.agent_id = agent_id
        self.profile = profile
        self.standing = standing
        self.available = False
        self.idle_since = 0.0
        self.hands: dict[str, Hand] = {}
        self.open = 0
        self.stamp = 0


Idle = tuple[int, float, str, int, Agent]
"""(contacts in hand, idle since, agent id, stamp that makes it valid, agent): smaller goes first."""


class Profile:
    """Agents with one ability. In every mask its bits, one for each slot, begin at `shift`.

    By slot: `counts` of the agents open for it, `heaps` with the longest idle in front, `lines` to serve.
    """

    __slots__ = ("_serving", "ability", "agents", "counts", "heaps", "lines", "needs", "shift")

    def __init__(self, ability: Ability, shift: int, slots: int) -> None:
        self.ability = ability
        self.shift = shift
        self.agents: dict[str, Agent] = {}
        self.counts = [0] * slots
        self.heaps: list[list[Idle]] = [[] for _ in range(slots)]
        self.needs: list[Need] = []
        self.lines: list[list[Line]] = [[] for _ in range(slots)]
        self._serving: dict[int, tuple[list[Line], int]] = {}

    def first(self, slot: int) -> Idle:
        """The agent open for `slot` who goes first (there must be one)."""
        heap = self.heaps[slot]
        while heap[0][3] != heap[0][4].stamp:
            heappop(heap)
        return heap[0]

    def serving(self, opened: int) -> tuple[list[Line], int]:
        """The lines that an agent open for the slots `opened` may serve, and the bits of those slots."""
        found = self._serving.get(opened)
        if found is None:
            slots = [slot for slot, lines in enumerate(self.lines) if lines and opened >> slot & 1]
            lines = [line for slot in slots for line in self.lines[slot]]
            found = self._serving[opened] = (lines, sum(1 << slot for slot in slots) << self.shift)
        return found

    def learn(self, need: Need) -> None:
        """Serve a need that this ability fits."""
        self.needs.append(need)
        self.lines[need.widest].append(need.line)
        self._serving.clear()

    def keep(self, needs: set[Need]) -> None:
        """Forget all needs but these."""
        self.needs = [need for need in self.needs if need in needs]
        self.lines = [[line for line in lines if line.need in needs] for lines in self.lines]
        self._serving.clear()


class Need:
    """A need with the profiles that fit it: `tiers`, best first, are (fit, mask of all their bits, the profiles).

    `fits`: the same by profile. `ways`: the slots where a contact with this need may be offered and the mask of the
    profiles' bits for it, the `widest` last. `extra_lines`: how many lines but the common one (for contacts that wait
    for one agent, or shun one) use this need.
    """

    __slots__ = ("extra_lines", "fits", "line", "of_class", "tiers", "told", "ways", "wide", "widest")

    def __init__(self, told: NeedTold, of_class: int, slots: tuple[int, ...]) -> None:
        self.told = told
        self.of_class = of_class
        self.ways = [(slot, 0) for slot in slots]
        self.widest = slots[-1]
        self.wide = 0
        self.tiers: list[tuple[Fit, int, tuple[Profile, ...]]] = []
        self.fits: dict[Profile, Fit] = {}
        self.line = Line(self)
        self.extra_lines = 0

    def learn(self, profile: Profile) -> None:
        """Take a new profile into account."""
        found = fit(profile.ability, self.told)
        if found is not None:
            self.fits[profile] = found
            self._count(profile)
            tiers = {fitting: (mask, members) for fitting, mask, members in self.tiers}
            mask, members = tiers.get(found, (0, ()))
            tiers[found] = (mask | _all_bits(profile), (*members, profile))
            self.tiers = [(fitting, *tiers[fitting]) for fitting in sorted(tiers)]
            profile.learn(self)

    def forget(self, profile: Profile) -> None:
        """Drop a profile that no agent has any more."""
        del self.fits[profile]
        self._count(profile)
        bits = _all_bits(profile)
        self.tiers = [
            (found, mask & ~bits, tuple(member for member in members if member is not profile))
            for found, mask, members in self.tiers
            if mask != bits
        ]

    def _count(self, profile: Profile) -> None:
        """A profile comes or goes: turn its bits over."""
        self.ways = [(slot, mask ^ 1 << profile.shift + slot) for slot, mask in self.ways]
        self.wide = self.ways[-1][1]


def _all_bits(profile: Profile) -> int:
    return (1 << len(profile.counts)) - 1 << profile.shift


class Pools:
    """All agents, by id and profile. `free` has the bits of each profile for the slots somebody is open for."""

    def __init__(self, table: CapacityTable) -> None:
        self.table = table
        self.agents: dict[str, Agent] = {}
        self.needs: dict[tuple[NeedTold, bool], Need] = {}
        self.free = 0
        self.slots_in = [
            tuple(slot for slot in range(table.slots) if bits >> slot & 1) for bits in range(1 << table.slots)
        ]
        self.freed: dict[str, Agent] = {}
        self._profiles: dict[Ability, Profile] = {}
        self.by_bit: list[Profile] = []
        self._spare: list[int] = []

    def need(self, told: NeedTold, *, urgent: bool) -> Need:
        """The one Need of this kind, made when first asked for."""
        need = self.needs.get((told, urgent))
        if need is None:
            of_class = self.table.class_of(told.channel_class)
            need = Need(told, of_class, self.table.slots_for(of_class, urgent=urgent))
            self.needs[told, urgent] = need
            for profile in self._profiles.values():
                need.learn(profile)
        return need

    def sweep(self) -> int:
        """Forget the needs nobody waits with, so that a long life does not fill memory. How many stay."""
        self.needs = {kind: need for kind, need in self.needs.items() if need.line.live or need.extra_lines}
        kept = set(self.needs.values())
        for profile in self._profiles.values():
            profile.keep(kept)
        return len(self.needs)

    def profile(self, ability: Ability) -> Profile:
        """The profile of this ability, made when first asked for; bits of forgotten ones are used again."""
        profile = self._profiles.get(ability)
        if profile is None:
            slots = self.table.slots
            shift = self._spare.pop() if self._spare else len(self.by_bit)
            profile = self._profiles[ability] = Profile(ability, shift, slots)
            self.by_bit[shift : shift + slots] = [profile] * slots
            for need in self.needs.values():
                need.learn(profile)
        return profile

    def profiles(self) -> Iterator[Profile]:
        """Every profile that an agent has."""
        yield from self._profiles.values()

    def in_mask(self, mask: int) -> Iterator[Profile]:
        """The profiles whose bits, each for the same slot, are set."""
        while mask:
            low = mask & -mask
            profile = self.by_bit[low.bit_length() - 1]
            yield profile
            mask ^= low

    def join(self, agent: Agent) -> None:
        """Enter an agent under their profile."""
        self.agents[agent.agent_id] = agent
        agent.profile.agents[agent.agent_id] = agent

    def leave(self, agent: Agent) -> None:
        """Take an agent out, and their profile if it was the last with it."""
        profile = agent.profile
        agent.available = False
        self.refresh(agent)
        self.freed.pop(agent.agent_id, None)
        del self.agents[agent.agent_id], profile.agents[agent.agent_id]
        if not profile.agents:
            del self._profiles[profile.ability]
            self._spare.append(profile.shift)
            for need in profile.needs:
                need.forget(profile)

    def refresh(self, agent: Agent) -> None:
        """Bring bits and heaps up to date after anything about an agent changed; note who became open."""
        before = agent.open
        agent.open = now = agent.standing.bits if agent.available else 0
        agent.stamp += 1
        if now:
            self._line_up(agent, now)
        if now != before:
            gained, lost = now & ~before, before & ~now
            if gained:
                self.freed[agent.agent_id] = agent
                self._gain(agent.profile, gained)
            if lost:
                self._lose(agent.profile, lost)

    def _line_up(self, agent: Agent, slots: int) -> None:
        """Put an agent at their place among the idle of their profile."""
        profile = agent.profile
        entry = (agent.standing.count, agent.idle_since, agent.agent_id, agent.stamp, agent)
        limit = 2 * len(profile.agents) + SLACK
        heaps = profile.heaps
        for slot in self.slots_in[slots]:
            heap = heaps[slot]
            heappush(heap, entry)
            if len(heap) > limit:
                heap[:] = [idle for idle in heap if idle[3] == idle[4].stamp]
                heapify(heap)

    def _gain(self, profile: Profile, slots: int) -> None:
        """One more of this profile is open for these slots."""
        counts = profile.counts
        for slot in self.slots_in[slots]:
            counts[slot] += 1
        self.free |= slots << profile.shift

    def _lose(self, profile: Profile, slots: int) -> None:
        """One less of this profile is open for these slots."""
        counts = profile.counts
        for slot in self.slots_in[slots]:
            counts[slot] = others = counts[slot] - 1
            if others:
                slots ^= 1 << slot
        self.free ^= slots << profile.shift
