"""Every waiting contact in the line where it belongs just now, and the alarms that move it to a wider one.

A contact's order never changes while it waits, so moving between lines never costs it its place.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

from civicline.engine.routing.eligibility import relax
from civicline.engine.routing.lines import Contact, Line
from civicline.engine.routing.pools import Need, Pools
from civicline.engine.routing.values import NeedTold, Requirement

SWEEP_FROM = 1024
LineKey = tuple[Need, frozenset[str], str | None]


class Filing:
    """Contacts by id, their lines and their alarms."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self.contacts: dict[str, Contact] = {}
        self.dirty: set[Line] = set()
        self.shunning: dict[LineKey, Line] = {}
        self.held: dict[str, dict[LineKey, Line]] = {}
        self._hoping: dict[str, dict[str, Contact]] = {}
        self._needs: dict[tuple[str, Requirement, int, bool], Need] = {}
        self._alarms: list[tuple[float, str, int, Contact]] = []
        self.serial = count(1).__next__
        """Gives a number never given before."""
        self._sweep_at = SWEEP_FROM

    def enter(self, contact: Contact, now: float) -> None:
        """Take a new contact in."""
        told = contact.waiting
        self.contacts[told.contact_id] = contact
        if told.preferred_agent is not None:
            self._hoping.setdefault(told.preferred_agent, {})[told.contact_id] = contact
        self.file(contact, now)

    def leave(self, contact: Contact) -> None:
        """Let a contact go for good."""
        told = contact.waiting
        self.unfile(contact)
        del self.contacts[told.contact_id]
        if told.preferred_agent is not None:
            hoping = self._hoping[told.preferred_agent]
            del hoping[told.contact_id]
            if not hoping:
                del self._hoping[told.preferred_agent]

    def unfile(self, contact: Contact) -> None:
        """Take a contact out of its line (it is offered, or leaves); it keeps its order."""
        contact.timer = 0
        if contact.token:
            line = contact.line
            line.take(contact)
            if line is not line.need.line and not line.live:
                self._drop(line)

    def file(self, contact: Contact, now: float) -> None:
        """Put a contact into the line where it belongs at `now`, and set its next alarm."""
        policy, entered = contact.policy, contact.entered
        rings = policy.rings
        while contact.ring < len(rings) and entered + rings[contact.ring].after_seconds <= now:
            contact.ring += 1
        due = [entered + rings[contact.ring].after_seconds] if contact.ring < len(rings) else []
        need = self.need(contact)
        only = None
        if contact.waiting.preferred_agent is not None and self._held_for_preferred(contact, need, now):
            only = contact.waiting.preferred_agent
            due.append(entered + policy.preferred_seconds)
        if contact.declined:
            contact.declined = {agent: until for agent, until in contact.declined.items() if until > now}
            due.extend(contact.declined.values())
        line = self._line(need, frozenset(contact.declined), only)
        if not contact.token or contact.line is not line:
            self.unfile(contact)
            line.push(contact, self.serial())
            self.dirty.add(line)
        self._set_alarm(contact, due)

    def refile_hoping(self, agent_id: str, now: float) -> None:
        """The presence of an agent changed: contacts that prefer them may now wait for them, or no longer."""
        for contact in list(self._hoping.get(agent_id, {}).values()):
            if contact.offer is None:
                self.file(contact, now)

    def tick(self, now: float) -> None:
        """Ring every alarm up to `now`."""
        alarms = self._alarms
        while alarms and alarms[0][0] <= now:
            _, _, serial, contact = heappop(alarms)
            if contact.timer == serial:
                self.file(contact, now)

    def next_alarm(self) -> float | None:
        """When the next contact moves by itself."""
        alarms = self._alarms
        while alarms and alarms[0][3].timer != alarms[0][2]:
            heappop(alarms)
        return alarms[0][0] if alarms else None

    def need(self, contact: Contact) -> Need:
        """What a contact needs at its ring."""
        told, urgent = contact.waiting, contact.order[0] == 0
        key = (told.queue_id, told.requirement, contact.ring, urgent)
        need = self._needs.get(key)
        if need is None:
            if len(self._needs) >= self._sweep_at:
                self._needs.clear()
                self._sweep_at = max(SWEEP_FROM, 2 * self._pools.sweep())
            channel = told.requirement.channel
            of_class = self._pools.table.names[self._pools.table.class_of(channel)]
            relaxed: NeedTold = relax(told.requirement, contact.policy, contact.ring, of_class)
            need = self._needs[key] = self._pools.need(relaxed, urgent=urgent)
        return need

    def forget_needs(self) -> None:
        """A policy changed: work the needs out anew."""
        self._needs.clear()

    def _held_for_preferred(self, contact: Contact, need: Need, now: float) -> bool:
        """Whether it still waits for its preferred agent alone. An emergency waits for nobody."""
        if (
            contact.order[0] == 0
            or contact.refused
            or now >= contact.entered + contact.policy.preferred_seconds
        ):
            return False
        agent = self._pools.agents.get(contact.waiting.preferred_agent or "")
        return (
            agent is not None
            and agent.available
            and agent.profile in need.fits
            and agent.standing.capacity[need.of_class] > 0
        )

    def _line(self, need: Need, excluded: frozenset[str], only: str | None) -> Line:
        if only is None and not excluded:
            return need.line
        key = (need, excluded, only)
        lines = self.shunning if only is None else self.held.setdefault(only, {})
        line = lines.get(key)
        if line is None:
            line = lines[key] = Line(need, excluded, only)
            need.extra_lines += 1
        return line

    def _drop(self, line: Line) -> None:
        line.need.extra_lines -= 1
        self.dirty.discard(line)
        key = (line.need, line.excluded, line.only)
        if line.only is None:
            del self.shunning[key]
        else:
            del self.held[line.only][key]
            if not self.held[line.only]:
                del self.held[line.only]

    def _set_alarm(self, contact: Contact, due: list[float]) -> None:
        contact.timer = 0
        if due:
            contact.timer = self.serial()
            heappush(self._alarms, (min(due), contact.waiting.contact_id, contact.timer, contact))
            if len(self._alarms) > 2 * len(self.contacts) + SWEEP_FROM:
                self._alarms = [alarm for alarm in self._alarms if alarm[3].timer == alarm[2]]
                heapify(self._alarms)
