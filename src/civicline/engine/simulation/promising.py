"""Which trainings are worth a simulation, where a town has too many to simulate each of them.

A second skill helps where residents wait while the person is there and their own queues keep them less busy. So a
training promises the waiting of its queue during the person's hours, the less the more their own residents wait then.
It only chooses what is simulated: what is gained is told by the simulator alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from civicline.engine.simulation.results import Results
from civicline.engine.simulation.values import Agent

PATIENT_SECONDS = 60.0
"""Where one's own residents wait so long, half of what a training promises is left."""


class Promise:
    """What trainings promise on the days that were simulated."""

    def __init__(self, results: Results) -> None:
        self._slot = results.scenario.interval_seconds
        told = {queue.queue_id: results.by_interval(queue.queue_id) for queue in results.scenario.queues}
        self._mean = {name: np.asarray(rows["mean_wait"]) for name, rows in told.items()}
        self._waited = {name: np.asarray(rows["offered"]) * self._mean[name] for name, rows in told.items()}
        self._length = len(next(iter(self._mean.values())))

    def of(self, agent: Agent, queue_id: str, hours: float) -> float:
        """Seconds of waiting that a person could take away by learning a queue, for each hour of learning."""
        own = [self._mean[name] for name in agent.queues if name in self._mean]
        pressed = np.mean(own, axis=0) if own else np.zeros(self._length)
        reach = self._there(agent) * self._waited[queue_id] / (1.0 + pressed / PATIENT_SECONDS)
        return float(reach.sum()) / hours

    def _there(self, agent: Agent) -> np.ndarray:
        """The share of each interval for which a person is planned to be there; breaks count with it."""
        starts = np.arange(self._length) * self._slot
        there = np.zeros(self._length)
        for shift in agent.shifts:
            there += np.clip(
                np.minimum(starts + self._slot, shift.end) - np.maximum(starts, shift.start), 0.0, None
            )
        return np.minimum(there / self._slot, 1.0)


def promises(results: Results, wanted: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """What each (agent, queue) of so many hours promises."""
    agents = {agent.agent_id: agent for agent in results.scenario.agents}
    promise = Promise(results)
    return {
        (agent_id, queue_id): promise.of(agents[agent_id], queue_id, hours)
        for (agent_id, queue_id), hours in wanted.items()
    }
