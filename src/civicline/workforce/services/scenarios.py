"""What the simulator is asked: a day to come or a past one changed, trainings, hiring. A job answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine.hiring import HiringError
from civicline.engine.simulation import (
    Measured,
    PastDay,
    Scenario,
    SimulationError,
    compare,
    line_of,
    measured,
    simulate,
    waits_by_interval,
)
from civicline.kernel import clock, ids, jobs
from civicline.kernel.db import writes
from civicline.kernel.errors import Invalid, Refused
from civicline.kernel.events import emit
from civicline.routing import selectors as routing
from civicline.workforce import events
from civicline.workforce.day_replay import past_day, replayed
from civicline.workforce.hiring import HiringAsked, hiring_answer
from civicline.workforce.models import WhatIf
from civicline.workforce.refusals import GIVEN_UP, refused_to_keep, to_keep
from civicline.workforce.scenarios import WRITTEN, Changes, scenarios
from civicline.workforce.selectors.queue_rules import rule_of
from civicline.workforce.training import TrainingAsked, training_answer

WHAT_IF_JOB = "workforce.what_if"
REPLICATIONS = 30
SEED = 1
MEASURES = (
    "service_level", "mean_wait", "asa", "abandonment", "occupancy", "cost", "paid_hours", "queue_gap", "offered",
    "answered",
)  # fmt: skip
OF_PAST = (
    "service_level",
    "mean_wait",
    "asa",
    "abandonment",
    "offered",
    "answered",
    "mean_handle",
    "occupancy",
    "cost",
)
OF_QUEUE = ("service_level", "mean_wait", "offered")
Tell = Callable[[int, int], None]


@writes
def ask_what_if(
    *, name: str, day: date, changes: Changes, past: bool = False, by: UUID | None = None
) -> WhatIf:
    """Ask that a day be simulated as planned (`past`: as it was, from the log) and as changed; a job does it."""
    changes.check()
    return _ask("past" if past else "plan", name, day, asdict(changes), by)


@writes
def ask_training(*, name: str, day: date, asked: TrainingAsked, by: UUID | None = None) -> WhatIf:
    """Ask which trainings would pay most on a day; a job looks for them."""
    asked.check()
    return _ask("training", name, day, asdict(asked), by)


@writes
def ask_hiring(*, name: str, day: date, asked: HiringAsked, by: UUID | None = None) -> WhatIf:
    """Ask how many people to hire when, from the month after `day` on; a job works it out."""
    asked.check()
    return _ask("hiring", name, day, asdict(asked), by)


def _ask(kind: str, name: str, day: date, terms: dict[str, Any], by: UUID | None) -> WhatIf:
    if not name.strip():
        raise Invalid(fields={"name": _("Give it a name.")}, code="scenario-invalid")
    row = WhatIf(
        id=ids.new_id(), kind=kind, name=name.strip()[:120], day=day, changes=terms, asked_at=clock.now(),
        asked_by_id=by,
    )  # fmt: skip
    row.save(force_insert=True)
    jobs.enqueue(WHAT_IF_JOB, {"what_if": str(row.pk)}, key=f"{WHAT_IF_JOB}:{row.pk}", max_attempts=2)
    return row


def what_if_job(payload: Mapping[str, Any]) -> None:
    """The job behind what is asked."""
    run_what_if(UUID(payload["what_if"]))


def what_if_given_up(payload: Mapping[str, Any]) -> None:
    """Nobody waits for ever for an answer whose workers died with it."""
    WhatIf.objects.filter(pk=UUID(payload["what_if"])).exclude(state="done").update(
        state="failed", **to_keep(GIVEN_UP)
    )


def run_what_if(what_if_id: UUID, replications: int = REPLICATIONS) -> None:
    """Answer what was asked and store the figures, or the sentence that says why not. A second run does no harm."""
    row = WhatIf.objects.filter(pk=what_if_id).first()
    if row is None or row.state == "done":
        return
    _change(what_if_id=what_if_id, state="running", progress=1)
    try:
        result = _ANSWERS[row.kind](row, replications, _teller(what_if_id))
    except (Refused, SimulationError, HiringError) as wrong:
        why = refused_to_keep(wrong) if isinstance(wrong, Refused) else to_keep(str(wrong))
        _change(what_if_id=what_if_id, state="failed", **why)
        return
    _store(what_if_id=what_if_id, result={**result, "replications": replications})


def _plan(row: WhatIf, replications: int, tell: Tell) -> dict[str, Any]:
    base, other = scenarios(row.day, Changes(**row.changes))
    first = simulate(base, replications, SEED, lambda done, of: tell(done, 2 * of))
    second = simulate(other, replications, SEED, lambda done, of: tell(of + done, 2 * of))
    return {
        **_rule_as_it_is(row),
        "a": _figures(first.total), "b": _figures(second.total), "difference": _figures(compare(first, second)),
        "waits_a": first.by_interval()["mean_wait"], "waits_b": second.by_interval()["mean_wait"],
        "offered": first.by_interval()["offered"],
        "lines": {
            queue.queue_id: {
                side: _figures(results.of_queues([queue.queue_id]), OF_QUEUE)
                for side, results in (("a", first), ("b", second))
            }
            for queue in base.queues
        },
    }  # fmt: skip


def _past(row: WhatIf, replications: int, tell: Tell) -> dict[str, Any]:
    answer = past_answer(past_day(row.day), Changes(**row.changes), replications=replications, tell=tell)
    return {**_rule_as_it_is(row), **answer}


def _rule_as_it_is(row: WhatIf) -> dict[str, Any]:
    """The rule that was simulated and changed: what is made real later begins from the same one."""
    change = Changes(**row.changes).rule
    queue = routing.get_queue(change.queue) if change is not None else None
    return {} if queue is None else {"rule": rule_of(queue).plain()}


def past_answer(
    day: PastDay,
    changes: Changes,
    *,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """A past day: what really was, beside it replayed as it was, beside it changed.

    In all (of those who wait on the line) and by line, as plain data. Measures are (mean, low, high), real ones single
    numbers; `waits_*` are seconds by half hour.
    """
    base, other = replayed(day, changes)
    first = simulate(base, replications, seed, lambda done, of: tell(done, 2 * of) if tell else None)
    second = simulate(other, replications, seed, lambda done, of: tell(of + done, 2 * of) if tell else None)
    lines = sorted({one.line for one in day.came})
    # Who writes a letter does not wait as those on the line do: the figures in all are theirs, if there are any.
    live = [line for line in lines if not line.endswith(WRITTEN)] or lines
    queues = _queues_of(base, live)
    counts, waits = waits_by_interval(day, live)
    return {
        "real": _real(measured(day, live)), "a": _figures(first.of_queues(queues), OF_PAST),
        "b": _figures(second.of_queues(queues), OF_PAST),
        "difference": _figures(compare(first, second, queues), OF_PAST), "waits_real": waits,
        "waits_a": first.by_interval(among=queues)["mean_wait"],
        "waits_b": second.by_interval(among=queues)["mean_wait"],
        "offered": counts, "people": [one.agent_id for one in day.people], "until": day.until,
        "lines": {
            line: {
                "real": _real(measured(day, [line])),
                "a": _figures(first.of_queues(_queues_of(base, [line])), OF_PAST),
                "b": _figures(second.of_queues(_queues_of(base, [line])), OF_PAST),
            }
            for line in lines
        },
    }  # fmt: skip


def _queues_of(scenario: Scenario, lines: Collection[str]) -> list[str]:
    return [one.queue_id for one in scenario.queues if line_of(one.queue_id) in lines]


def _real(found: Measured) -> dict[str, float]:
    return {name: round(float(value), 5) for name, value in found._asdict().items()}


def _figures(found: Mapping[str, Any], names: tuple[str, ...] = MEASURES) -> dict[str, list[float]]:
    return {name: [round(float(number), 5) for number in found[name]] for name in names if name in found}


def _training(row: WhatIf, replications: int, tell: Tell) -> dict[str, Any]:
    return training_answer(row.day, TrainingAsked(**row.changes), replications=replications, tell=tell)


def _hiring(row: WhatIf, _replications: int, _tell: Tell) -> dict[str, Any]:
    return hiring_answer(row.day, HiringAsked(**row.changes))


_ANSWERS: dict[str, Callable[[WhatIf, int, Tell], dict[str, Any]]] = {
    "plan": _plan, "past": _past, "training": _training, "hiring": _hiring,
}  # fmt: skip


def _teller(what_if_id: UUID) -> Tell:
    told = time.monotonic()

    def tell(done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _change(what_if_id=what_if_id, progress=min(99, 100 * done // of))

    return tell


@writes
def _change(*, what_if_id: UUID, **fields: Any) -> None:
    WhatIf.objects.filter(pk=what_if_id).update(**fields)


@writes
def _store(*, what_if_id: UUID, result: dict[str, Any]) -> None:
    WhatIf.objects.filter(pk=what_if_id).update(
        state="done", progress=100, problem="", problem_values={}, result=result
    )
    emit(events.SCENARIO_SIMULATED, subject=("what_if", what_if_id), data={"days": result["replications"]})
