"""The live loop: a day of contacts through the router that the dispatcher uses, event by event.

Ties in time are settled as they are in life: who has finished is free before the next contact comes, and who is
taken at the last moment has not given up. Contacts are known to the router by their place in the day.

The wait that a contact may expect on arrival, by which a callback is offered, is the work in front of it: the
handling times of all who wait for the people of its queue (those of another queue count by the share of its
people whom both have), and its own, divided by the number of its people who are there. A callback that may be made
later is no work in front of it until it is due.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf

import numpy as np

from civicline.engine.routing import ANY_QUEUE, AgentState, Decision, QueuePolicy, Requirement, Waiting
from civicline.engine.simulation.crowd import Crowd
from civicline.engine.simulation.driving import Drive
from civicline.engine.simulation.outcomes import Fates, Outcome
from civicline.engine.simulation.values import DAY, Agent, Queue, Scenario, Stretch

END, DUTY, PICK, QUIT, WAKE, AGAIN = range(6)
"""Kinds of events, in the order in which they happen at one moment; arrivals come last."""

ANSWERED, ABANDONED, DIVERTED = int(Outcome.ANSWERED), int(Outcome.ABANDONED), int(Outcome.DIVERTED)
CALLED_BACK, UNREACHED, WAITING = int(Outcome.CALLED_BACK), int(Outcome.UNREACHED), int(Outcome.WAITING)

Event = tuple[float, int, int]


def run_floor(scenario: Scenario, crowd: Crowd, working: list[list[Stretch]]) -> Fates:
    """One replication through the live engine."""
    floor = Floor(scenario, crowd, working)
    floor.run()
    return floor.fates()


class Floor:
    """The state of one replication."""

    def __init__(self, scenario: Scenario, crowd: Crowd, working: list[list[Stretch]]) -> None:
        self.scenario = scenario
        self.arrived = crowd.arrived.tolist()
        self.queue_of = crowd.queue.tolist()
        self.patience = crowd.patience.tolist()
        self.service = crowd.service.tolist()
        self.wrap_up = crowd.wrap_up.tolist()
        self.language = crowd.language
        self.priority = crowd.priority.tolist()
        self.chance, self.reached = crowd.callback.tolist(), crowd.reached.tolist()
        number = len(self.arrived)
        self.outcome = [WAITING] * number
        self.wait, self.hold, self.handle = [0.0] * number, [-1.0] * number, [0.0] * number
        self.names = [f"c{at:07}" for at in range(number)]
        for at in np.flatnonzero(crowd.self_served).tolist():
            self.outcome[at] = int(Outcome.SELF_SERVED)
        for at in np.flatnonzero(crowd.closed).tolist():
            self.outcome[at] = int(Outcome.CLOSED)
        self.agents = {agent.agent_id: at for at, agent in enumerate(scenario.agents)}
        self.in_hand = [0] * len(scenario.agents)
        self.busy = [0.0] * len(scenario.agents)
        self.since = [0.0] * len(scenario.agents)
        self.there = [False] * len(scenario.agents)
        self.gone_at = [0.0] * len(scenario.agents)
        self.late = [0.0] * len(scenario.agents)
        self.holder: dict[int, int] = {}
        self.set_back: dict[int, float] = {}
        self.needs: dict[tuple[int, str], Requirement] = {}
        self.waiting = 0
        self.in_line = [0] * len(scenario.queues)
        self.callback_line: set[int] = set()
        self.tries: dict[int, int] = {}
        self.owed = 0
        self.work = Work(scenario) if any(queue.callback for queue in scenario.queues) else None
        self.timed = any(queue.rings for queue in scenario.queues)
        self.wake_at = inf
        self.drive = Drive(policy_of(queue) for queue in scenario.queues)
        self.events: list[Event] = []
        self.turns: list[tuple[int, bool]] = []
        self._plan(working)

    def _plan(self, working: list[list[Stretch]]) -> None:
        """Everybody's comings and goings as events; nobody is there before the first."""
        for at, (agent, stretches) in enumerate(zip(self.scenario.agents, working, strict=True)):
            self.drive.staff(state_of(agent))
            for begins, ends in stretches:
                for moment, there in ((begins, True), (ends, False)):
                    self.events.append((moment, DUTY, len(self.turns)))
                    self.turns.append((at, there))
        self.events.append((inf, WAKE, 0))  # the last: so the heap is never empty
        heapify(self.events)

    # --- the loop -----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until nothing happens any more."""
        arrived, outcome, events = self.arrived, self.outcome, self.events
        for at in [at for at in range(len(arrived)) if outcome[at] == WAITING]:
            now = arrived[at]
            if events[0][0] <= now:
                self._until(now)
            self._arrive(at, now)
            self._share_out(now)
        self._until(inf)

    def _until(self, moment: float) -> None:
        """Everything that happens up to this moment."""
        events = self.events
        handlers = (self._end, self._duty, self._pick, self._quit, self._wake, self._call_again)
        while events[0][0] <= moment and len(events) > 1:
            now, kind, which = heappop(events)
            handlers[kind](which, now)
            if self.waiting:
                self._share_out(now)

    def _share_out(self, now: float) -> None:
        """A round of decisions, as the dispatcher makes one after everything it hears."""
        for decision in self.drive.decide(now):
            self._offered(decision, now)
        if self.timed:
            self._set_alarm(now)

    def _arrive(self, at: int, now: float) -> None:
        which = self.queue_of[at]
        queue = self.scenario.queues[which]
        if queue.room is not None and self.in_line[which] >= queue.room:
            self.outcome[at] = DIVERTED
            return
        if self.work is not None and queue.callback is not None and self._rather_called(at, which, queue):
            self.callback_line.add(at)
            self.owed += 1
            self.hold[at] = 0.0
        elif self.patience[at] < inf:
            heappush(self.events, (now + self.patience[at], QUIT, at))
        self._line_up(at, now)

    def _line_up(self, at: int, now: float) -> None:
        """Into the line, at its place; who is called back, as far behind it as their queue says."""
        which, language = self.queue_of[at], self.language[at]
        place, callback = self.arrived[at], self.scenario.queues[which].callback
        if callback is not None and at in self.callback_line:
            place += callback.later_seconds
        need = self.needs.get((which, language)) or self._need(which, language)
        queue_id = self.scenario.queues[which].queue_id
        self.drive.line_up(Waiting(self.names[at], queue_id, need, place, self.priority[at]), now)
        self.waiting += 1
        self.in_line[which] += 1
        if self.work is not None:
            self.work.joined(at, which, place, now)

    def _left_line(self, at: int) -> None:
        which = self.queue_of[at]
        self.waiting -= 1
        self.in_line[which] -= 1
        if self.work is not None:
            self.work.left(at, which)

    def _rather_called(self, at: int, which: int, queue: Queue) -> bool:
        offer = queue.callback
        if self.work is None or offer is None or self.chance[at] >= offer.accepted:
            return False
        if offer.most is not None and self.owed >= offer.most:
            return False
        return self.work.expected_wait(which, self.arrived[at]) > offer.above_seconds

    def _offered(self, decision: Decision, now: float) -> None:
        """The router's decision: the agent takes it, at once or after it has rung for a while."""
        at = int(decision.contact_id[1:])
        for other in (*decision.interrupts, *decision.parks):
            # Written work in the same hand rests as long as this takes.
            held = int(other[1:])
            self.set_back[held] = self.set_back.get(held, 0.0) + self.service[at] + self.wrap_up[at]
        self.holder[at] = self.agents[decision.agent_id]
        if self.scenario.answer_seconds:
            heappush(self.events, (now + self.scenario.answer_seconds, PICK, at))
        else:
            self._pick(at, now)

    def _pick(self, at: int, now: float) -> None:
        """The agent takes the contact, if it is still there."""
        if self.outcome[at] != WAITING:
            return
        self.drive.took(self.names[at], now)
        agent = self.holder[at]
        self.wait[at] = now - self.arrived[at]
        self.outcome[at] = ANSWERED
        takes = self._call_back(at) if at in self.callback_line else self.service[at] + self.wrap_up[at]
        self.handle[at] += takes
        if not self.in_hand[agent]:
            self.since[agent] = now
            if self.work is not None:
                self.work.busy(agent, 1)
        self.in_hand[agent] += 1
        self._left_line(at)
        heappush(self.events, (now + takes, END, at))

    def _call_back(self, at: int) -> float:
        """The call is made; how many seconds it takes the agent."""
        offer = self.scenario.queues[self.queue_of[at]].callback
        tries = self.tries[at] = self.tries.get(at, 0) + 1
        if offer is not None and self.reached[at] >= 1 - (1 - offer.reached) ** tries:
            self.outcome[at] = UNREACHED
            return float(offer.attempt_seconds)
        self.outcome[at] = CALLED_BACK
        self.owed -= 1
        return float(self.service[at] + self.wrap_up[at])

    def _rest(self, at: int, now: float) -> None:
        """Nobody answered: it rests until the next attempt, unless that was the last."""
        callback = self.scenario.queues[self.queue_of[at]].callback
        if callback is not None and self.tries[at] < callback.attempts:
            heappush(self.events, (now + callback.again_seconds, AGAIN, at))
        else:
            self.owed -= 1

    def _call_again(self, at: int, now: float) -> None:
        """Back into the line, at the place it had."""
        self.outcome[at] = WAITING
        self._line_up(at, now)

    def _end(self, at: int, now: float) -> None:
        later = self.set_back.pop(at, 0.0) if self.set_back else 0.0
        if later:
            heappush(self.events, (now + later, END, at))
            return
        self.drive.ended(self.names[at], now)
        agent = self.holder.pop(at)
        self.in_hand[agent] -= 1
        if not self.in_hand[agent]:
            self.busy[agent] += now - self.since[agent]
            self._finished_late(agent, now)
            if self.work is not None:
                self.work.busy(agent, -1)
        if self.outcome[at] == UNREACHED:
            self._rest(at, now)

    def _quit(self, at: int, now: float) -> None:
        if self.outcome[at] == WAITING:
            self.drive.left(self.names[at])
            self.holder.pop(at, None)
            self.outcome[at] = ABANDONED
            self.wait[at] = now - self.arrived[at]
            self._left_line(at)

    def _duty(self, turn: int, now: float) -> None:
        at, there = self.turns[turn]
        if not there:
            self.gone_at[at] = now
        elif self.in_hand[at]:
            self._finished_late(at, now)
        self.there[at] = there
        self.drive.presence(self.scenario.agents[at].agent_id, there, now)
        if self.work is not None:
            self.work.presence(at, 1 if there else -1)

    def _finished_late(self, agent: int, now: float) -> None:
        """Count what was done since they should have gone."""
        if not self.there[agent]:
            self.late[agent] += now - max(self.gone_at[agent], self.since[agent])

    def _wake(self, _: int, now: float) -> None:
        """A ring opens: the round of decisions that follows every event is all it takes."""
        self.wake_at = inf

    def _set_alarm(self, now: float) -> None:
        if self.waiting:
            deadline = self.drive.deadline(now)
            if deadline is not None and now < deadline < self.wake_at:
                self.wake_at = deadline
                heappush(self.events, (deadline, WAKE, 0))

    # --- within -------------------------------------------------------------------------------------------

    def _need(self, which: int, language: str) -> Requirement:
        queue = self.scenario.queues[which]
        need = Requirement(queue.skills, (language,) if language else (), queue.channel)
        self.needs[(which, language)] = need
        return need

    def fates(self) -> Fates:
        """What became of everybody. Who still waits has waited until the end."""
        wait = np.array(self.wait)
        outcome = np.array(self.outcome, dtype=np.uint8)
        still = outcome == WAITING
        end = self.scenario.days * DAY
        wait[still] = np.maximum(end - np.array(self.arrived)[still], 0.0)
        hold = np.where(np.array(self.hold) == 0.0, 0.0, wait)
        return Fates(outcome, wait, hold, np.array(self.handle), np.array(self.busy), np.array(self.late))


class Work:
    """The work that waits in front of a contact, and who is there to do it."""

    def __init__(self, scenario: Scenario) -> None:
        people = [
            {a for a, agent in enumerate(scenario.agents) if agent.queues & {queue.queue_id, ANY_QUEUE}}
            for queue in scenario.queues
        ]
        self.handle = [q.service.average + (q.wrap_up.average if q.wrap_up else 0.0) for q in scenario.queues]
        self.shared = [
            [(other, len(own & theirs) / len(theirs)) for other, theirs in enumerate(people) if own & theirs]
            for own in people
        ]
        self.serves = [[q for q, able in enumerate(people) if a in able] for a in range(len(scenario.agents))]
        self.there = [0] * len(scenario.queues)
        self.at_work = [0] * len(scenario.queues)
        self.in_front = [0] * len(scenario.queues)
        self.later: list[tuple[float, int, int]] = []
        self.not_yet: set[int] = set()

    def presence(self, agent: int, change: int) -> None:
        """One more or one less for every queue that this agent serves."""
        for queue in self.serves[agent]:
            self.there[queue] += change

    def busy(self, agent: int, change: int) -> None:
        """One more or one less with something in hand."""
        for queue in self.serves[agent]:
            self.at_work[queue] += change

    def joined(self, contact: int, queue: int, place: float, now: float) -> None:
        """One more in line: in front of who comes now, or of who comes from `place` on."""
        if place > now:
            heappush(self.later, (place, contact, queue))
            self.not_yet.add(contact)
        else:
            self.in_front[queue] += 1

    def left(self, contact: int, queue: int) -> None:
        """One less in line."""
        if contact in self.not_yet:
            self.not_yet.remove(contact)
        else:
            self.in_front[queue] -= 1

    def expected_wait(self, queue: int, now: float) -> float:
        """Seconds; 0 while somebody is free, infinity if nobody is there."""
        while self.later and self.later[0][0] <= now:
            _, contact, whose = heappop(self.later)
            if contact in self.not_yet:
                self.not_yet.remove(contact)
                self.in_front[whose] += 1
        there = self.there[queue]
        if not there:
            return inf
        if self.at_work[queue] < there and not self.in_front[queue]:
            return 0.0
        work = sum(share * self.in_front[other] * self.handle[other] for other, share in self.shared[queue])
        return (work + self.handle[queue]) / there


def policy_of(queue: Queue) -> QueuePolicy:
    """A queue as the router knows it."""
    return QueuePolicy(
        queue.queue_id,
        rings=queue.rings,
        ageing_seconds=queue.ageing_seconds,
        offer_seconds=queue.offer_seconds,
        emergency=queue.emergency,
    )


def state_of(agent: Agent) -> AgentState:
    """An agent as the router knows them, before their first stretch of work."""
    return AgentState(
        agent.agent_id,
        dict(agent.skills),
        agent.languages,
        agent.queues,
        dict(agent.capacity),
        available=False,
    )
