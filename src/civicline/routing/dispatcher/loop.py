"""The dispatcher's loop: one active per installation, by lease; the others stand by and take over."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import close_old_connections

from civicline.kernel import bus, clock, metrics, precedence
from civicline.kernel.leases import Lease
from civicline.routing import counting, services
from civicline.routing.dispatcher.floor import Floor
from civicline.routing.dispatcher.nudges import Heard, Nudges
from civicline.routing.services.positions import tell_positions

if TYPE_CHECKING:
    from civicline.intake.models import Contact
    from civicline.routing.models import Offer

log = structlog.get_logger(__name__)

LEASE = "dispatcher"
LEASE_S = 3.0
RENEW_S = 1.0
STANDBY_S = 0.5
LOOK_S = 15.0
HOUSEKEEPING_S = 2.0
LONGEST_SLEEP_S = 0.5
TURN_S = 0.003
"""So long does somebody else's write wait for its turn at the floor; reading rows holds it for less."""


class Dispatcher:
    """Makes every offer. Its memory is a copy of the rows: kill it at any moment and the next one starts from them.

    The floor belongs to whoever holds `_turn`: this loop, or a write that asks for an offer at once. The loop never
    writes while it holds it, so that a write may wait for it without waiting for another write.
    """

    def __init__(self, holder: str | None = None) -> None:
        self.lease = Lease(LEASE, holder, seconds=LEASE_S)
        self.nudges = Nudges()
        self.floor = Floor()
        self.fence = 0
        self._turn = threading.Lock()
        self._decided: list[services.Candidate] = []  # in a write for somebody else; this loop stores them
        self._jumps = clock.Jumps()
        self._trust_presence_from = 0.0
        self._next_renewal = 0.0
        self._next_look = 0.0
        self._next_housekeeping = 0.0

    def run(self, stop: threading.Event) -> None:
        """Stand by until the lease is ours, then dispatch until it is lost or `stop` is set."""
        subscription = bus.subscribe(["queue-line"], self.nudges.take)
        try:
            while not stop.is_set():
                close_old_connections()
                fence = self.lease.acquire()
                if fence is None:
                    stop.wait(STANDBY_S)
                    continue
                self.start(fence)
                try:
                    services.put_in_charge(self)
                    self._dispatch(stop)
                finally:
                    services.relieve(self)
                    counting.lines_now({})
        finally:
            subscription.close()
            self.lease.release()

    def start(self, fence: int) -> None:
        """Take over: the floor is built anew from the rows."""
        self.fence = fence
        self.nudges.drain()
        self._jumps.seconds()  # a jump while this one stood by was another's to follow
        with self._turn:
            self.floor, self._decided = Floor.built(_seconds()), []
        moment = clock.monotonic()
        self._next_renewal, self._next_look = moment + RENEW_S, moment + LOOK_S
        self._next_housekeeping = moment
        # Nobody could say that they were there while the house was away: what they have in hand stays theirs.
        self._trust_presence_from = moment + services.LOST_AFTER.total_seconds()
        log.info("dispatcher.active", fence=fence, depth=sum(self.floor.depth().values()))

    def _dispatch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self._keep_lease():
                return
            try:
                self.step()
            except services.LeaseLost:
                log.warning("dispatcher.lease_lost", fence=self.fence)
                return
            finally:
                precedence.served()
            self.nudges.wait(self._sleep(), stop)

    def _keep_lease(self) -> bool:
        if clock.monotonic() < self._next_renewal:
            return True
        self._next_renewal = clock.monotonic() + RENEW_S
        kept = self.lease.renew()
        if not kept:
            log.warning("dispatcher.lease_lost", fence=self.fence)
        return kept

    def _sleep(self) -> float:
        with self._turn:
            now = _seconds()
            deadlines = (self.floor.router.next_deadline(now), self.floor.next_wrap_up_over())
        left = (deadline - now for deadline in deadlines if deadline is not None)
        return max(0.0, min([LONGEST_SLEEP_S, *left]))

    def step(self) -> int:
        """One round: hear what changed, do what the clock asks for, decide, store. Returns the offers stored."""
        precedence.give_way(besides=precedence.OFFER)
        jumped = self._jumps.seconds()
        if jumped:
            self._follow_clock(jumped)
        with self._turn:
            now = _seconds()
            heard = self.nudges.drain()
            if heard.everything or clock.monotonic() >= self._next_look:
                self._next_look = clock.monotonic() + LOOK_S
                self.floor.look(now)
            self._refresh(heard, now)
        self._keep_time()
        return self._decide()

    def _refresh(self, heard: Heard, now: float) -> None:
        if heard.agents:
            self.floor.refresh_agents(heard.agents, now)
        if heard.contacts:
            self.floor.refresh_contacts(heard.contacts, now)

    def offer_at_once(self, contact: Contact, told: services.Told) -> Offer | None:
        """In the write of a contact, on its thread: hear what changed, decide, and store its offer with it.

        None when it has to wait: nobody is free, the floor is taken, or it does not stand as the rows tell.
        """
        if not self._turn.acquire(timeout=TURN_S):
            return None
        try:
            mine = self._decide_for(contact)
        finally:
            self._turn.release()
        if mine is None:
            return None
        told(mine)
        return self._store_at_once(mine)

    def _decide_for(self, contact: Contact) -> services.Candidate | None:
        if not self.lease.held or self._jumps.unseen:
            return None
        now = _seconds()
        heard = self.nudges.drain()
        try:
            if heard.everything:
                return None
            self._refresh(heard, now)
            if not self.floor.take_in(contact, now):
                return None
            heard = Heard()
        finally:
            if heard:
                self.nudges.take({})  # the loop makes good what was not made equal here
        mine, others = None, []
        for candidate in self.floor.decide(now):
            if candidate.decision.contact_id == str(contact.id):
                mine = candidate
            else:
                others.append(candidate)
        if others:
            self._decided += others
            self.nudges.wake()
        return mine

    def _store_at_once(self, mine: services.Candidate) -> Offer | None:
        contact_id = mine.decision.contact_id
        stored: list[Offer] = []
        try:
            stored = services.store_offers(candidates=[mine], lease=self.lease)
        except services.LeaseLost:
            log.warning("dispatcher.lease_lost", fence=self.fence)
        with self._turn:
            if stored:
                self.floor.stored(contact_id)
                self.nudges.known(stored[0].contact_id)
                _observe(mine)
                return stored[0]
            self.floor.refused(contact_id, _seconds())
        self.nudges.take({"agent": mine.decision.agent_id})
        return None

    def _follow_clock(self, jumped: float) -> None:
        """The wall clock was set: offers ring on for what was left of their time, and nobody is gone by it."""
        log.warning("dispatcher.clock_set", seconds=round(jumped, 1))
        services.carry_offers_over(jumped=jumped, lease=self.lease)
        self._trust_presence_from = clock.monotonic() + services.LOST_AFTER.total_seconds()
        with self._turn:
            before, now = self.floor, _seconds()
            self.floor = Floor.built(now)
            self.floor.keep_promises(before, now)

    def _keep_time(self) -> None:
        """Offers whose time is up go back, and wrap-ups that are over end, at once; the rest every few seconds."""
        with self._turn:
            now = _seconds()
            overdue, wrapped_up = self.floor.router.overdue(now), self.floor.wrap_ups_over(now)
        moment = datetime.fromtimestamp(now, tz=UTC)
        if overdue:
            self._take_back(services.expire_offers(now=moment))
        for contact_id, version in wrapped_up.items():
            # Each in a write of its own: callers wait for one of them, not for all that are over.
            if not services.close_wrap_up(contact_id=contact_id, version=version):
                self.nudges.take({"contact": contact_id})
        if clock.monotonic() < self._next_housekeeping:
            return
        self._next_housekeeping = clock.monotonic() + HOUSEKEEPING_S
        # Also offers that the floor has forgotten, since their resident left: their agents are not responding now,
        # and the round that follows must not offer them something.
        self._take_back(services.expire_offers(now=moment))
        if clock.monotonic() >= self._trust_presence_from:
            services.return_lost_contacts(now=moment)
        with self._turn:
            depths = self.floor.depth()
        counting.lines_now(depths)

    def _take_back(self, expired: list[Offer]) -> None:
        if expired:
            with self._turn:
                now = _seconds()
                self.floor.refresh_contacts({offer.contact_id for offer in expired}, now)
                self.floor.refresh_agents({offer.agent_id for offer in expired}, now)

    def _decide(self) -> int:
        with self._turn:
            candidates = [*self._decided, *self.floor.decide(_seconds())]
            self._decided = []
        if not candidates:
            self._tell_positions()
            return 0
        stored = services.store_offers(candidates=candidates, lease=self.lease)
        with self._turn:
            self._follow(candidates, stored)
        self._tell_positions()
        return len(stored)

    def _follow(self, candidates: list[services.Candidate], stored: list[Offer]) -> None:
        """What was stored stands; what lost waits again, as its row tells."""
        now = _seconds()
        won = {str(offer.contact_id) for offer in stored}
        lost: set[UUID] = set()
        for candidate in candidates:
            contact_id = candidate.decision.contact_id
            if contact_id in won:
                self.floor.stored(contact_id)
                _observe(candidate)
            else:
                self.floor.refused(contact_id, now)
                lost.add(UUID(contact_id))
        if lost:
            agents = {
                UUID(row.decision.agent_id) for row in candidates if UUID(row.decision.contact_id) in lost
            }
            self.floor.refresh_agents(agents, now)
            self.floor.refresh_contacts(lost, now)

    def _tell_positions(self) -> None:
        with self._turn:
            changes = self.floor.moved_back()
        if changes:
            tell_positions(changes=changes)


def _observe(stored: services.Candidate) -> None:
    """How long this house took, where people were there: who waited for somebody to come free waited for people."""
    if stored.prompt:
        metrics.offer_latency.observe(stored.decision.waited)


def _seconds() -> float:
    return clock.now().timestamp()
