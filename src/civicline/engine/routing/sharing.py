"""Sharing out: every offer that can be made now, looking only where something changed."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heapreplace
from operator import attrgetter

from civicline.engine.routing.choice import choose
from civicline.engine.routing.filing import Filing
from civicline.engine.routing.lines import NOBODY, Entry, Line
from civicline.engine.routing.offers import Offers
from civicline.engine.routing.pools import Pools, Profile
from civicline.engine.routing.values import Decision

HEAD = attrgetter("head")


class Sharing:
    """Lines with a new contact and agents who became free, brought together."""

    def __init__(self, pools: Pools, filing: Filing, offers: Offers) -> None:
        self._pools = pools
        self._filing = filing
        self._offers = offers

    def share_out(self, now: float) -> list[Decision]:
        """Every offer that can be made at `now`, in order. Afterwards nothing counts as changed."""
        lines, wanted = self._changed()
        decisions: list[Decision] = []
        pools, unfile, make = self._pools, self._filing.unfile, self._offers.make
        heads: list[Entry] = []
        entry = min(map(HEAD, lines), default=NOBODY)
        while entry is not NOBODY:
            contact = entry[4]
            line = contact.line
            choice = choose(pools, line, contact.waiting.preferred_agent)
            if choice is not None:
                unfile(contact)
                decisions.append(make(contact, line, choice, now))
                # Once all who became free are taken again, no line that was looked at has anybody left.
                if not wanted & pools.free:
                    break
            follows = NOBODY if choice is None else line.head
            if heads:
                heapreplace(heads, follows)
            else:  # only now: most often one agent became free, and one contact ends the round
                heads = [follows, *(other.head for other in set(lines) if other is not line)]
                heapify(heads)
            entry = heads[0]
        pools.freed.clear()
        self._filing.dirty.clear()
        return decisions

    def _changed(self) -> tuple[list[Line], int]:
        """The lines that something changed for (some twice): a new contact, or a newly free agent.

        And the bits of the profiles that may still matter to them. The order in which lines come up does not matter:
        their contacts are totally ordered.
        """
        filing, free, freed = self._filing, self._pools.free, self._pools.freed
        lines: list[Line] = []
        wanted = 0
        for line in filing.dirty:
            mask = line.need.wide & free
            if mask:
                lines.append(line)
                wanted |= mask
        became: Iterable[tuple[Profile, int]]
        if len(freed) == 1:  # by far most often
            (agent,) = freed.values()
            became = ((agent.profile, agent.open),)
        else:
            became = {(agent.profile, agent.open) for agent in freed.values()}
        for profile, opened in became:
            own, bits = profile.serving(opened)
            lines += own
            wanted |= bits
        if filing.shunning or filing.held:
            lines += self._apart(wanted)
        return lines, wanted

    def _apart(self, wanted: int) -> list[Line]:
        """Lines of those who shun an agent, or wait for one, that an agent who became free may serve."""
        filing, freed = self._filing, self._pools.freed
        lines = [line for line in filing.shunning.values() if line.need.wide & wanted]
        for agent_id in freed.keys() & filing.held.keys():
            lines += filing.held[agent_id].values()
        return lines
