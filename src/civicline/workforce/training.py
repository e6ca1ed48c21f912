"""Trainings that pay: a planned day and the hours that each queue takes to learn, for the simulator to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from civicline.engine.simulation import Estimate, Terms, TrainingPlan, plan_training
from civicline.kernel.errors import Invalid
from civicline.workforce.scenarios import planned_scenario

MOST, LONGEST = 8, 400
USUAL_HOURS = 16


@dataclass(frozen=True, slots=True)
class TrainingAsked:
    """`most` trainings; `hours`: what learning a queue takes, by code (others `usual`); `budget` hours, 0: no end."""

    most: int = 3
    usual: int = USUAL_HOURS
    budget: int = 0
    hours: Mapping[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raise Invalid for what cannot be planned."""
        wrong: dict[str, Any] = {}
        if not 1 <= self.most <= MOST:
            wrong["most"] = _("Give a number from 1 to 8.")
        if not all(1 <= one <= LONGEST for one in (self.usual, *self.hours.values())):
            wrong["usual"] = _("A training takes from 1 to 400 hours.")
        if self.budget < 0:
            wrong["budget"] = _("Give hours from 0 upwards.")
        if wrong:
            raise Invalid(fields=wrong, code="training-invalid")


def training_answer(
    day: date,
    asked: TrainingAsked,
    *,
    replications: int = 30,
    seed: int = 1,
    tell: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """The trainings that pay most on a planned day, as plain data. Refused without a forecast or shifts."""
    scenario = planned_scenario(day)
    hours = {queue.queue_id: float(asked.hours.get(queue.queue_id, asked.usual)) for queue in scenario.queues}
    terms = Terms(
        asked.most,
        asked.budget or None,
        replications=max(2, replications),
        trials=max(2, min(8, replications)),
        seed=seed,
    )
    return _plain(plan_training(scenario, hours, terms, tell))


def _plain(plan: TrainingPlan) -> dict[str, Any]:
    return {
        "before": {name: _three(plan.before[name]) for name in ("mean_wait", "abandonment", "service_level")},
        "steps": [
            {
                "agent": step.training.agent_id, "queue": step.training.queue_id, "hours": step.training.hours,
                "alike": list(step.training.alike), "wait": _three(step.wait), "abandonment": _three(step.abandonment),
                "after": {
                    name: _three(step.figures[name]) for name in ("mean_wait", "abandonment", "service_level")
                },
            }
            for step in plan.steps
        ],
        "tried": plan.tried, "ended": plan.ended, "hours": plan.hours,
    }  # fmt: skip


def _three(told: Estimate) -> list[float]:
    return [round(float(number), 5) for number in told]
