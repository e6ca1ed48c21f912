"""Who should learn what first: trainings person by queue, taken one after the other where the simulator gains most.

A second skill for a few people buys nearly all that full flexibility would (the chain: Jordan and Graves 1995;
Wallace and Whitt 2004), but which few depends on the day. So each training that is open is simulated over the same
contacts (common random numbers), the best by seconds of wait saved for each hour of training is taken, and the next
is looked for from there. A training counts only where the range of its gain leaves nought out. In a large town only
as many are simulated as `Terms.work` allows, those that promise most first (`promising`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from civicline.engine.simulation.promising import promises
from civicline.engine.simulation.results import Estimate, Figures, Results, compare
from civicline.engine.simulation.running import simulate
from civicline.engine.simulation.spreads import SimulationError
from civicline.engine.simulation.values import Agent, Scenario

Ended = Literal["most", "hours", "no_gain", "nobody"]
"""Why no more is taken: as many as asked for, no hours left, none that surely helps, nothing left to learn."""


class Candidate(NamedTuple):
    """One training: a person, the queue they learn, and its hours. `alike`: others for whom it would be the same."""

    agent_id: str
    queue_id: str
    hours: float
    alike: tuple[str, ...] = ()


class TrainingStep(NamedTuple):
    """A training that was taken: what it changes beside all steps before it, in the same days.

    `wait` in seconds of mean wait, `abandonment` as share; below 0 is better. `figures`: those with this step.
    """

    training: Candidate
    wait: Estimate
    abandonment: Estimate
    figures: Figures


class TrainingPlan(NamedTuple):
    """Trainings in the order in which they pay; `before`: the figures of the day without any."""

    before: Figures
    steps: tuple[TrainingStep, ...]
    tried: int
    ended: Ended

    @property
    def hours(self) -> float:
        """What all of them cost."""
        return sum(step.training.hours for step in self.steps)


FEWEST = 8
"""So many replications tell a gain from chance, however much work each is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How far to look. `most` trainings; `budget` in hours (None: no end).

    All open trainings are simulated `trials` times; the `shortlist` best of them `replications` times. `work`: so many
    contacts at most are simulated for each of these two; beyond it fewer times, and only the most promising trainings.
    """

    most: int = 3
    budget: float | None = None
    replications: int = 30
    trials: int = 8
    shortlist: int = 3
    seed: int = 1
    work: int = 500_000

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        if self.most < 1 or self.shortlist < 1 or not 2 <= self.trials <= self.replications:
            raise SimulationError("A training plan takes one training or more, and two simulations or more.")

    def within(self, contacts: float, trainings: int) -> Terms:
        """These terms for a day of so many contacts and open trainings, as far as the work allows."""
        replications = int(self.work / max(1.0, contacts * self.shortlist))
        trials = int(self.work / max(1.0, contacts * trainings))
        replications = min(self.replications, max(FEWEST, replications))
        return replace(self, trials=min(self.trials, replications, max(2, trials)), replications=replications)


def taught(agent: Agent, queue_ids: Collection[str], skills: Mapping[str, int]) -> Agent:
    """The agent with these queues too, and with at least these levels of skill."""
    levels = {name: max(level, agent.skills.get(name, 0)) for name, level in skills.items()}
    return replace(agent, queues=agent.queues | frozenset(queue_ids), skills={**agent.skills, **levels})


def candidates_of(scenario: Scenario, hours: Mapping[str, float]) -> list[Candidate]:
    """Every training that is open: a queue with `hours` that a person does not serve yet.

    People who do the same at the same times are alike: one of them, the first by id, stands for all.
    """
    same: dict[tuple[object, ...], list[Agent]] = {}
    for agent in sorted(scenario.agents, key=lambda one: one.agent_id):
        if agent.shifts:
            skills, capacity = tuple(sorted(agent.skills.items())), tuple(sorted(agent.capacity.items()))
            key = (agent.queues, agent.shifts, skills, agent.languages, capacity)
            same.setdefault(key, []).append(agent)
    known = [queue.queue_id for queue in scenario.queues if queue.queue_id in hours]
    return [
        Candidate(first.agent_id, queue_id, hours[queue_id], tuple(one.agent_id for one in others))
        for first, *others in same.values()
        for queue_id in known
        if queue_id not in first.queues
    ]


def plan_training(
    scenario: Scenario,
    hours: Mapping[str, float],
    terms: Terms | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingPlan:
    """The trainings that pay most on this day, one after the other. `hours`: what learning each queue takes.

    `progress`: called with (steps looked at, steps at most). Raises SimulationError for hours below 0.
    """
    terms = terms or Terms()
    if any(not one > 0 for one in hours.values()):
        raise SimulationError("A training takes more than 0 hours.")
    contacts = simulate(scenario, 2, terms.seed).total["offered"].mean
    terms = terms.within(contacts, len(candidates_of(scenario, hours)))
    now, steps, tried = scenario, [], 0
    before = figures = simulate(now, terms.replications, terms.seed)
    left = float("inf") if terms.budget is None else terms.budget
    ended: Ended = "most"
    for number in range(terms.most):
        able = candidates_of(now, hours)
        payable = [one for one in able if one.hours <= left]
        if not payable:
            ended = "hours" if able else "nobody"
            break
        chosen = _promising(
            figures, payable, max(terms.shortlist, int(terms.work / max(1.0, contacts * terms.trials)))
        )
        tried += len(chosen)
        found = _best(now, figures, chosen, terms)
        if found is None:
            ended = "no_gain"
            break
        step, now, figures = found
        steps.append(step)
        left -= step.training.hours
        if progress is not None:
            progress(number + 1, terms.most)
    return TrainingPlan(before.total, tuple(steps), tried, ended)


def _promising(base: Results, able: Sequence[Candidate], most: int) -> Sequence[Candidate]:
    """As many trainings as there is time for, those first that promise most."""
    if len(able) <= most:
        return able
    promised = promises(base, {(one.agent_id, one.queue_id): one.hours for one in able})
    return sorted(able, key=lambda one: (-promised[one.agent_id, one.queue_id], one))[:most]


def _best(
    scenario: Scenario, base: Results, able: Sequence[Candidate], terms: Terms
) -> tuple[TrainingStep, Scenario, Results] | None:
    """The training that surely saves most waiting for its hours."""
    rough = simulate(scenario, terms.trials, terms.seed)
    gains = {
        one: -compare(rough, simulate(_with(scenario, one), terms.trials, terms.seed))["mean_wait"].mean
        / one.hours
        for one in able
    }
    best: tuple[TrainingStep, Scenario, Results] | None = None
    most = 0.0
    for one in sorted(gains, key=lambda one: (-gains[one], one))[: terms.shortlist]:
        trained = _with(scenario, one)
        results = simulate(trained, terms.replications, terms.seed)
        change = compare(base, results)
        gain = -change["mean_wait"].mean / one.hours
        if change["mean_wait"].high < 0 and gain > most:
            step = TrainingStep(one, change["mean_wait"], change["abandonment"], results.total)
            best, most = (step, trained, results), gain
    return best


def _with(scenario: Scenario, training: Candidate) -> Scenario:
    """The same people, one of whom can do more."""
    needed = next(dict(queue.skills) for queue in scenario.queues if queue.queue_id == training.queue_id)
    agents = tuple(
        taught(one, {training.queue_id}, needed) if one.agent_id == training.agent_id else one
        for one in scenario.agents
    )
    return replace(scenario, agents=agents)
