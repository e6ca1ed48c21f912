"""Sharing out: every offer that can be made now, looking only where something changed."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heapreplace

from civicline.engine.routing.choice import choose
from civicline.engine.routing.filing import Filing
from civicline.engine.routing.lines import NOBODY, Line
from civicline.engine.routing.offers import Offers
from civicline.engine.routing.pools import Pools, Profile
from civicline.engine.routing.values import Decision


class Sharing:
    """Lines with a new contact and agents who became free, brought together."""

    def __init__(self, pools: Pools, filing: Filing, offers: Offers) -> None:
        self._pools = pools
        self._filing = filing
        self._offers = offers

    def share_out(self, now: float) -> list[Decision]:
        """Every offer that can be made at `now`, in order. Afterwards nothing counts as changed."""
        lines, wanted = self._changed()
        heads = [line.head for line in lines]
        decisions: list[Decision] = []
        pools, unfile, make = self._pools, self._filing.unfile, self._offers.make
        free, left = pools.free, wanted.items()
        ordered = False
        entry = min(heads, default=NOBODY)
        while entry is not NOBODY:
            contact = entry[4]
            line = contact.line
            choice = choose(pools, line, contact.waiting.preferred_agent)
            if choice is not None:
                unfile(contact)
                decisions.append(make(contact, line, choice, now))
                # Once all who became free are taken again, no line that was looked at has anybody left.
                for slot, mask in left:
                    if mask & free[slot]:
                        break
                else:
                    break
            if not ordered:  # only now: most often one agent became free, and one contact ends the round
                heapify(heads)
                ordered = True
            heapreplace(heads, NOBODY if choice is None else line.head)
            entry = heads[0]
        pools.freed.clear()
        self._filing.dirty.clear()
        return decisions

    def _changed(self) -> tuple[list[Line] | set[Line], dict[int, int]]:
        """The lines that something changed for, each once: a new contact, or a newly free agent.

        And, by slot, the mask of the profiles that may still matter to them. The order in which lines come up
        does not matter: their contacts are totally ordered.
        """
        pools, filing = self._pools, self._filing
        lines: list[Line] = []
        wanted: dict[int, int] = {}
        became: Iterable[tuple[Profile, int]]
        if len(pools.freed) == 1:  # by far most often
            (agent,) = pools.freed.values()
            became = ((agent.profile, agent.open),)
        else:
            became = {(agent.profile, agent.open) for agent in pools.freed.values()}
        sources = 0
        for profile, opened in became:
            sources += 1
            bit, by_slot = profile.bit, profile.lines
            for slot in pools.slots_in[opened]:
                own = by_slot[slot]
                if own:
                    wanted[slot] = wanted.get(slot, 0) | bit
                    lines += own
        for line in filing.dirty:
            need = line.need
            mask = need.mask & pools.free[need.widest]
            if mask:
                sources += 1
                lines.append(line)
                wanted[need.widest] = wanted.get(need.widest, 0) | mask
        if filing.shunning or filing.held:
            lines += self._apart(wanted)
            sources += 1
        # One changed thing alone brings no line up twice.
        return (lines if sources == 1 else set(lines)), wanted

    def _apart(self, wanted: dict[int, int]) -> list[Line]:
        """Lines of those who shun an agent, or wait for one, that an agent who became free may serve."""
        filing, freed = self._filing, self._pools.freed
        lines = [
            line for line in filing.shunning.values() if line.need.mask & wanted.get(line.need.widest, 0)
        ]
        for agent_id in freed.keys() & filing.held.keys():
            lines += filing.held[agent_id].values()
        return lines
