"""From a planned day and what somebody wants to change to two scenarios for the simulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from civicline.engine.simulation import (
    DAY,
    Agent,
    Callback,
    Queue,
    Rates,
    Scenario,
    Shift,
    exponential,
    line_of,
    taught,
)
from civicline.kernel.errors import Invalid, Refused
from civicline.people import selectors as people
from civicline.routing import selectors as routing
from civicline.routing.channels import is_live
from civicline.workforce.queue_rules import LENT, RuleChange, with_lent, with_rule
from civicline.workforce.selectors.coverage import shifts_between
from civicline.workforce.selectors.forecasts import days_of, newest_of_all
from civicline.workforce.selectors.history import local_midnight
from civicline.workforce.selectors.queue_rules import faults, rule_of, skills_of_all
from civicline.workforce.selectors.rosters import list_contracts
from civicline.workforce.selectors.staffing import all_staffing

if TYPE_CHECKING:
    from civicline.workforce.models import Forecast, Staffing
    from civicline.workforce.models import Shift as PlannedShift

DEFAULT_COST = 20.0
WRITTEN = "~"
"""Behind the code of a queue: its written work, which has a promise of its own."""
CALLED_BACK = 0.5
"""Share of residents who take a call back when it is offered."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What both scenarios assume (the first three), and what B does otherwise. Minutes are of the day.

    `more`, `handle`: per cent more contacts, longer handling; `absent`: per cent of people who do not come.
    `extra`: people more in `extra_queue` from `extra_from` to `extra_until`. `learner` takes `learner_queue` too.
    `pool`: everybody takes every queue. `callback`: offered above so many minutes of expected wait, 0 is never.
    `self_service`: per cent solved without a person. `opens`, `closes`: other hours for all queues, None as now.
    `rule_queue`: the queue whose rules change: after `help_after` seconds (None: as now) the people of `help_from`
    help, and it goes so many steps of priority further `ahead`.
    """

    more: int = 0
    handle: int = 0
    absent: int = 0
    extra: int = 0
    extra_queue: str = ""
    extra_from: int = 540
    extra_until: int = 1020
    learner: str = ""
    learner_queue: str = ""
    pool: bool = False
    callback: int = 0
    self_service: int = 0
    opens: int | None = None
    closes: int | None = None
    rule_queue: str = ""
    help_after: int | None = None
    help_from: str = ""
    ahead: int = 0

    @property
    def rule(self) -> RuleChange | None:
        """What becomes otherwise in the rules of a queue, if anything does."""
        change = RuleChange(self.rule_queue, self.help_from, self.help_after, self.ahead)
        return None if change == RuleChange("") else change

    def check(self) -> None:
        """Raise Invalid for what cannot be simulated, or when B changes nothing."""
        wrong: dict[str, Any] = {}
        bounds = {
            "more": (-90, 300), "handle": (-80, 300), "absent": (0, 80), "extra": (0, 200), "callback": (0, 120),
            "self_service": (0, 95),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                wrong[name] = _("Give a number in sensible bounds.")
        if self.extra and self.extra_until <= self.extra_from:
            wrong["extra_until"] = _("The last minute has to come after the first.")
        if bool(self.learner) != bool(self.learner_queue):
            wrong["learner_queue"] = _("Say who learns, and which queue.")
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            wrong["closes"] = _("The last minute has to come after the first.")
        if self.rule is not None:
            wrong |= faults(self.rule)
        changed = (self.extra, self.learner, self.pool, self.callback, self.self_service, self.rule)
        if not wrong and not any(changed) and self.opens is None and self.closes is None:
            wrong["name"] = _("Scenario B is like A. Change something.")
        if wrong:
            raise Invalid(fields=wrong, code="scenario-invalid")


def scenarios(day: date, changes: Changes) -> tuple[Scenario, Scenario]:
    """A: the day as planned; B: with the changes. Refused without a forecast or without shifts on the day."""
    base = planned_scenario(day, changes)
    return base, changed(base, changes)


def planned_scenario(day: date, changes: Changes | None = None) -> Scenario:
    """A day as planned, under what both sides of `changes` assume. Refused without a forecast or without shifts."""
    changes = changes or Changes()
    rules, made = all_staffing(), newest_of_all()
    codes = {queue.pk: queue.code for queue in routing.list_queues()}
    queues = [
        one
        for pk, code in codes.items()
        if pk in made and (one := _queue(code, made[pk], rules[pk], day, changes))
    ]
    planned = [shift for shift in shifts_between(day, 1) if shift.agent_id and shift.kind != "training"]
    if not queues:
        raise Refused(_("There is no forecast of this day."), code="no-forecast")
    if not planned:
        raise Refused(_("Nobody has a shift on this day."), code="no-shifts")
    return Scenario(
        queues=tuple(queues), agents=_agents(day, planned, codes), title="A", interval_seconds=1800.0,
        absence=changes.absent / 100,
    )  # fmt: skip


def _queue(code: str, made: Forecast, rule: Staffing, day: date, changes: Changes) -> Queue | None:
    found = next(iter(days_of(made, day, 1)), None)
    if found is None or not sum(found.expected):
        return None
    queue = routing.get_queue(code)
    if queue is None:
        return None
    rule_now = rule_of(queue)
    priorities = list((rule_now.priorities or {}).values())
    more = 1 + changes.more / 100
    return Queue(
        queue_id=code,
        arrivals=Rates(tuple(count * more for count in found.expected), made.interval * 60.0, found.starts[0] * 60.0),
        service=exponential(rule.handle_seconds * (1 + changes.handle / 100)),
        patience=exponential(rule.patience_seconds) if rule.patience_seconds else None,
        within_seconds=rule.within_seconds, hours=((rule.opens * 60.0, rule.closes * 60.0),),
        rings=with_lent(rule_now.rings, LENT + code), skills=skills_of_all(queue), emergency=queue.emergency,
        priority=round(sum(priorities) / len(priorities)) if priorities else 0,
        ageing_seconds=float(queue.ageing_seconds),
        self_service=rule.self_service,
        callback=Callback(rule.callback_minutes * 60.0, CALLED_BACK) if rule.callback_minutes else None,
    )  # fmt: skip


def _agents(day: date, planned: Sequence[PlannedShift], codes: Mapping[int, str]) -> tuple[Agent, ...]:
    midnight = local_midnight(day)
    costs = {one.agent_id: float(one.hour_cost) for one in list_contracts()}
    serves = _pools(codes)
    levels = people.levels_of([agent_id for agent_id in {shift.agent_id for shift in planned} if agent_id])
    by_agent: dict[UUID, list[Shift]] = {}
    for shift in planned:
        start, end = ((at - midnight).total_seconds() for at in (shift.start, shift.end))
        start, end = max(0.0, start), min(86_400.0, end)
        breaks = tuple(
            (start + after * 60.0, start + (after + minutes) * 60.0)
            for after, minutes, _paid in shift.breaks
            if start + (after + minutes) * 60.0 <= end
        )
        if shift.agent_id and end > start:
            by_agent.setdefault(shift.agent_id, []).append(Shift(start, end, breaks))
    return tuple(
        Agent(
            agent_id=str(agent_id), shifts=tuple(own), hourly_cost=costs.get(agent_id, DEFAULT_COST),
            queues=frozenset(serves.get(agent_id, ())), skills=levels.get(agent_id, {}),
        )
        for agent_id, own in by_agent.items()
    )  # fmt: skip


def _pools(codes: Mapping[int, str]) -> dict[UUID, set[str]]:
    """The queues that each person serves; those of a partner body only where they are lent to."""
    found: dict[UUID, set[str]] = {}
    for pk, code in codes.items():
        for agent_id, lent in routing.lent_by_agent(pk).items():
            found.setdefault(agent_id, set()).add(LENT + code if lent else code)
    return found


def changed(base: Scenario, changes: Changes) -> Scenario:
    """A scenario with the changes: queues are meant by their line, so those of a past day are too."""
    queues = [_other_queue(queue, changes) for queue in base.queues]
    if (rule := changes.rule) is not None:
        helpers = _needs(base, rule.helper)[0]
        queues = [
            with_rule(queue, rule, helpers) if code_of(queue.queue_id) == rule.queue else queue
            for queue in queues
        ]
    return replace(base, queues=tuple(queues), agents=_other_agents(base, changes), title="B")


def _other_agents(base: Scenario, changes: Changes) -> tuple[Agent, ...]:
    agents = list(base.agents)
    if changes.learner:
        ids, skills = _needs(base, changes.learner_queue)
        agents = [taught(one, ids, skills) if one.agent_id == changes.learner else one for one in agents]
    if changes.extra:
        cost = max((one.hourly_cost for one in base.agents), default=DEFAULT_COST)
        hours = (Shift(changes.extra_from * 60.0, changes.extra_until * 60.0),)
        ids, skills = _needs(base, changes.extra_queue)
        languages = frozenset(name for one in base.agents for name in one.languages)
        agents += [
            Agent(f"extra-{number}", ids, hours, skills=skills, languages=languages, hourly_cost=cost)
            for number in range(changes.extra)
        ]
    if changes.pool:
        agents = [taught(one, *_needs(base, "")) for one in agents]
    return tuple(agents)


def _needs(base: Scenario, code: str) -> tuple[frozenset[str], dict[str, int]]:
    """The queues of a code ("" is all of them), and the least levels of skill that their contacts need."""
    queues = [queue for queue in base.queues if not code or code_of(queue.queue_id) == code]
    levels: dict[str, int] = {}
    for queue in queues:
        levels |= {skill: max(level, levels.get(skill, 0)) for skill, level in queue.skills}
    ids = frozenset(queue.queue_id for queue in queues)
    return ids or frozenset({code} - {""}), levels


def code_of(queue_id: str) -> str:
    """The code of the queue that a queue of a scenario stands for."""
    return line_of(queue_id).removesuffix(WRITTEN)


def _other_queue(queue: Queue, changes: Changes) -> Queue:
    hours = queue.hours
    if changes.opens is not None or changes.closes is not None:
        first, last = hours[0] if hours else (0.0, DAY)
        opens = changes.opens * 60.0 if changes.opens is not None else first
        closes = changes.closes * 60.0 if changes.closes is not None else last
        hours = ((opens, closes),)
    callback = queue.callback
    if changes.callback and is_live(queue.channel):
        callback = Callback(changes.callback * 60.0, CALLED_BACK)
    solved = changes.self_service / 100 if changes.self_service else queue.self_service
    return replace(queue, callback=callback, self_service=solved, hours=hours)


def next_planned_day(first: date) -> date:
    """The first day from `first` on with shifts, for beginning with something; `first` itself when none is near."""
    for number in range(8):
        if shifts_between(first + timedelta(days=number), 1):
            return first + timedelta(days=number)
    return first
