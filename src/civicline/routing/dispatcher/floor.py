"""The floor: the engine's router, kept equal to the database.

The database is the truth. Whatever a nudge says, the rows it names are read again and the router is told what
became of them; a nudge that got lost is made good by the next full look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID

from civicline.engine.routing import PositionChange, Router, Waiting
from civicline.intake import selectors as intake
from civicline.kernel import clock
from civicline.routing.channels import TABLE
from civicline.routing.dispatcher import loading
from civicline.routing.services import Candidate

if TYPE_CHECKING:
    from civicline.intake.models import Contact

PROMISED_S = 60.0
FRESH_S = 15.0
"""Who entered the line longer ago and is new here comes back to it, or a dispatcher has just begun."""
Where = Literal["line", "offer", "hand"]
_WHERE: dict[str, Where] = {"queued": "line", "offered": "offer", "connected": "hand", "wrap_up": "hand"}


class WrappedUp(NamedTuple):
    """A contact in wrap-up: in which queue, since when (seconds), and the version of the row that says so."""

    queue_id: int | None
    since: float
    version: int


@dataclass(frozen=True, slots=True)
class Known:
    """Where the router believes a contact to be, with whom, and the version of the row that says so."""

    where: Where
    agent: str | None
    version: int
    waiting: Waiting | None
    channel: str


class Floor:
    """Everything that waits and everyone who could take it, as the engine decides on it. Owned by one thread."""

    def __init__(self) -> None:
        self.router = Router(TABLE)
        self._promised: dict[str, float] = {}  # contacts whose own write is not committed yet, and until when
        self._known: dict[str, Known] = {}
        self._agents: dict[str, loading.AgentOnFloor] = {}
        self._hands: dict[str, dict[str, str]] = {}  # agent -> contact -> channel
        self._queues: frozenset[str] = frozenset()
        self._fresh: set[str] = set()  # came into the line since the last decisions
        self._wrap_ups: dict[str, WrappedUp] = {}
        self._wrap_up_seconds: dict[int, int] = {}  # queue -> how long

    # --- from the database -----------------------------------------------------------------------------------

    @classmethod
    def built(cls, now: float) -> Floor:
        """A floor as the rows tell it: queues, agents, the line, open offers, and what everyone holds."""
        floor = cls()
        floor.look(now)
        return floor

    def look(self, now: float) -> None:
        """Compare everything with the rows: the start, and the safety net in case a nudge was lost."""
        self._load_policies()
        self.refresh_agents(None, now)
        rows = list(intake.contacts_in_states(loading.ON_FLOOR))
        promised = {key for key, until in self._promised.items() if clock.monotonic() < until}
        gone = set(self._known) - {str(row.id) for row in rows} - promised
        for contact_id in sorted(gone):
            self._take_out(contact_id, now)
        self._apply([row for row in rows if not self._is_current(row)], now)

    def _load_policies(self) -> None:
        policies = loading.policies()
        for policy in policies:
            self.router.add_policy(policy)
        self._queues = frozenset(policy.queue_id for policy in policies)
        self._wrap_up_seconds = loading.wrap_up_seconds()

    def refresh_agents(self, agent_ids: Iterable[UUID] | None, now: float) -> None:
        """Read agents again (all, or those named): skills, queues, capacity, presence."""
        named = None if agent_ids is None else set(agent_ids)
        found = {agent.state.agent_id: agent for agent in loading.agents(named)}
        for key, agent in found.items():
            if self._agents.get(key) != agent:
                self._agents[key] = agent
                self._put_agent(key)
        asked = set(self._agents) if named is None else {str(agent_id) for agent_id in named}
        for key in sorted(asked & set(self._agents) - set(found)):
            self._sign_out(key, now)

    def _put_agent(self, key: str) -> None:
        if (agent := self._agents.get(key)) is not None:
            hand = tuple(sorted(self._hands.get(key, {}).items()))
            self.router.put_agent(replace(agent.state, in_hand=hand))

    def _sign_out(self, key: str, now: float) -> None:
        """An agent who was removed altogether. Their open offers wait again; the rows follow by time-out."""
        for contact_id in self.router.remove_agent(key, now):
            known = self._known[contact_id]
            self._known[contact_id] = replace(known, where="line", agent=None)
        del self._agents[key]

    def refresh_contacts(self, contact_ids: set[UUID], now: float) -> None:
        """Read contacts again and tell the router what became of each."""
        for contact_id in contact_ids:
            self._promised.pop(str(contact_id), None)
        rows = intake.find_contacts(contact_ids)
        for missing in sorted(
            {str(contact_id) for contact_id in contact_ids} - {str(row.id) for row in rows}
        ):
            self._take_out(missing, now)
        self._apply([row for row in rows if not self._is_current(row)], now)

    def _is_current(self, row: Contact) -> bool:
        known = self._known.get(str(row.id))
        return known is not None and known.version == row.version and known.where == _WHERE.get(row.state)

    # --- one contact's truth ---------------------------------------------------------------------------------

    def _apply(self, rows: list[Contact], now: float) -> None:
        answers = loading.last_answers(row.id for row in rows if self._was_offered(str(row.id)))
        offers = loading.open_offers(row.id for row in rows if row.state == "offered")
        for row in rows:
            where = _WHERE.get(row.state)
            if where == "line" and str(row.queue_id) in self._queues:
                self._line_up(row, answers.get(row.id, (None, "withdrawn"))[1], now)
            elif where == "offer" and row.id in offers:
                self._put_on_offer(row, offers[row.id].expires_at.timestamp(), now)
            elif where == "hand" and row.agent_id is not None:
                self._put_in_hand(row, now)
            else:
                self._take_out(str(row.id), now)
            self._note_wrap_up(row)

    def _note_wrap_up(self, row: Contact) -> None:
        if row.state == "wrap_up" and row.wrapped_at is not None:
            self._wrap_ups[str(row.id)] = WrappedUp(row.queue_id, row.wrapped_at.timestamp(), row.version)
        else:
            self._wrap_ups.pop(str(row.id), None)

    def _was_offered(self, key: str) -> bool:
        known = self._known.get(key)
        return known is not None and known.where == "offer"

    def _line_up(self, row: Contact, answer: str, now: float) -> None:
        key, waiting = str(row.id), loading.waiting(row)
        known = self._known.get(key)
        if known is not None and known.where == "offer":
            self._report(key, answer, now)
        elif known is not None and known.where == "hand":
            self._take_out(key, now)
        # Putting an unchanged contact again would forget who declined it.
        if known is None or known.where == "hand" or known.waiting != waiting:
            self.router.put_contact(waiting, now)
        if known is None and waiting.entered is not None and now - waiting.entered < FRESH_S:
            self._fresh.add(key)
        self._known[key] = Known("line", None, row.version, waiting, row.channel)

    def _report(self, key: str, answer: str, now: float) -> None:
        report = {"declined": self.router.declined, "timed_out": self.router.timed_out}
        report.get(answer, self.router.withdrawn)(key, now)

    def _put_on_offer(self, row: Contact, expires_at: float, now: float) -> None:
        """Restore an offer that is open in the database (after a start), or confirm one just made."""
        key, agent, waiting = str(row.id), str(row.agent_id), loading.waiting(row)
        known = self._known.get(key)
        if known is None or known.where != "offer" or known.agent != agent:
            self._take_out(key, now)
            if agent not in self._agents:
                return  # its agent is not on the floor: the offer's own time limit brings it back
            self.router.put_contact(waiting, now)
            self.router.reserve(key, agent, now, max(0.0, expires_at - now))
        self._known[key] = Known("offer", agent, row.version, waiting, row.channel)

    def _put_in_hand(self, row: Contact, now: float) -> None:
        key, agent = str(row.id), str(row.agent_id)
        known = self._known.get(key)
        if known is not None and known.agent == agent and known.where == "offer":
            self.router.accepted(key, now)
            self._hands.setdefault(agent, {})[key] = row.channel
        elif known is None or known.where != "hand" or known.agent != agent:
            self._take_out(key, now)
            self._hands.setdefault(agent, {})[key] = row.channel
            self._put_agent(agent)
        self._known[key] = Known("hand", agent, row.version, None, row.channel)

    def take_in(self, row: Contact, now: float) -> bool:
        """A contact that is being written comes into the line before others can read its row; False: no such queue.

        It is believed in until a hint names it, which comes after the commit or when the write came to nothing; and
        never longer than a write may take.
        """
        if str(row.queue_id) not in self._queues:
            return False
        self._promised[str(row.id)] = clock.monotonic() + PROMISED_S
        self._line_up(row, "withdrawn", now)
        return True

    def keep_promises(self, before: Floor, now: float) -> None:
        """What the floor before this one had promised to contacts that are still being written."""
        for key in before._promised:
            known = before._known.get(key)
            if known is None or known.waiting is None or key in self._known:
                continue
            self._promised[key] = clock.monotonic() + PROMISED_S
            self.router.put_contact(known.waiting, now)
            if known.where == "offer" and known.agent in self._agents:
                self.router.reserve(key, known.agent, now)
            self._known[key] = known

    def _take_out(self, key: str, now: float) -> None:
        self._promised.pop(key, None)
        self._wrap_ups.pop(key, None)
        known = self._known.pop(key, None)
        if known is None:
            return
        if known.where == "hand" and known.agent is not None:
            self._hands.get(known.agent, {}).pop(key, None)
            if known.agent in self._agents:
                self.router.finished(key, now)
            return
        self.router.remove_contact(key)

    # --- wrap-ups --------------------------------------------------------------------------------------------

    def wrap_ups_over(self, now: float) -> dict[str, int]:
        """Contacts whose queue allows no more wrap-up, with the version of each one's row."""
        return {key: row.version for key, row in self._wrap_ups.items() if self._over(row) <= now}

    def next_wrap_up_over(self) -> float | None:
        """When the next one is over, in seconds; None when nobody is in wrap-up."""
        return min(map(self._over, self._wrap_ups.values()), default=None)

    def _over(self, row: WrappedUp) -> float:
        limit = 0 if row.queue_id is None else self._wrap_up_seconds.get(row.queue_id, 0)
        return row.since + limit

    # --- decisions -------------------------------------------------------------------------------------------

    def decide(self, now: float) -> list[Candidate]:
        """Ask the engine; each decision comes with the version of the contact it was made on."""
        candidates = []
        fresh, self._fresh = self._fresh, set()
        for decision in self.router.assign(now):
            known = self._known[decision.contact_id]
            own_seconds = self._agents[decision.agent_id].offer_seconds
            if own_seconds is not None:
                decision = decision._replace(expires_at=decision.at + own_seconds)  # noqa: PLW2901 -- a longer copy
            self._known[decision.contact_id] = replace(known, where="offer", agent=decision.agent_id)
            candidates.append(Candidate(decision, known.version, prompt=decision.contact_id in fresh))
        return candidates

    def stored(self, contact_id: str) -> None:
        """The offer was stored: its row has been moved once, by us."""
        known = self._known.get(contact_id)
        if known is not None:
            self._known[contact_id] = replace(known, version=known.version + 1)

    def refused(self, contact_id: str, now: float) -> None:
        """The offer lost against a change: the contact waits again until its row has been read."""
        known = self._known.get(contact_id)
        if known is not None and known.where == "offer":
            self.router.withdrawn(contact_id, now)
            self._known[contact_id] = replace(known, where="line", agent=None, version=-1)

    def moved_back(self) -> list[PositionChange]:
        """Why positions worsened since the last call."""
        return self.router.position_changes()

    def depth(self) -> dict[str, int]:
        """How many contacts stand in each queue, those on offer included."""
        return {view.queue_id: len(view.contacts) for view in self.router.snapshot().queues}
