"""What the tables allow, and what follows from a step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from civicline.engine.workflow.table import (
    FIRST_ANSWER,
    RESOLUTION,
    CaseType,
    ClockName,
    Open311Status,
    Role,
    State,
    Transition,
    Workflow,
)
from civicline.engine.workflow.types import WORKFLOWS


class TransitionRefused(ValueError):
    """A step that the table does not allow.

    code: unknown_type, unknown_state, unknown_transition, not_from_here {state}, not_your_role {role, roles},
    needs_note, needs_reason, needs_duplicate_of, same_person, too_late {days}. `params` also holds type,
    state and transition.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(f"step refused: {code} {params}")
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class PublicStep:
    """What the resident sees: step `number` of `of`, and whether it is their turn."""

    code: str
    number: int
    of: int
    for_resident: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to store after a step, and what to do with the case's SLA clocks.

    starts, stops   clocks that begin, and clocks whose promise this fulfils.
    calls_off       end every running clock unfulfilled.     restarts   these ended clocks run on.
    pauses, resumes every running clock pauses, or runs again.
    events          names for the log: case.step_taken, and case.closed or case.reopened where it is one.
    """

    type: CaseType
    transition: str
    past: str
    origin: str
    state: str
    starts: tuple[ClockName, ...]
    stops: tuple[ClockName, ...]
    calls_off: bool
    restarts: tuple[ClockName, ...]
    pauses: bool
    resumes: bool
    public: PublicStep
    open311: Open311Status
    events: tuple[str, ...]


def _table(case_type: str) -> Workflow:
    for known, table in WORKFLOWS.items():
        if known == case_type:
            return table
    raise TransitionRefused("unknown_type", type=case_type, types=tuple(WORKFLOWS))


def _state(table: Workflow, code: str) -> State:
    state = table.state(code)
    if state is None:
        raise TransitionRefused("unknown_state", type=table.type, state=code)
    return state


def _step(table: Workflow, state: State) -> PublicStep:
    return PublicStep(state.step, table.steps.index(state.step) + 1, len(table.steps), state.for_resident)


def public_step(case_type: str, state: str) -> PublicStep:
    """Where a case in this state stands on the resident's progress line."""
    table = _table(case_type)
    return _step(table, _state(table, state))


def opening_clocks(case_type: str, state: str) -> tuple[ClockName, ...]:
    """The clocks that start when a case is opened in this state: none for a draft, else the first two."""
    found = _state(_table(case_type), state)
    return () if found.clocks == "stopped" else (FIRST_ANSWER, RESOLUTION)


def allowed(case_type: str, state: str, role: Role) -> tuple[Transition, ...]:
    """The transitions that this role may take from this state, in the table's order."""
    table = _table(case_type)
    _state(table, state)
    return tuple(one for one in table.transitions if state in one.origins and role in one.roles)


def _fault(one: Transition, state: str, role: Role, facts: Mapping[str, object]) -> tuple[str, object] | None:
    """The first reason to refuse, with its value."""
    if state not in one.origins:
        return "not_from_here", one.origins
    if role not in one.roles:
        return "not_your_role", tuple(sorted(one.roles))
    for need in one.needs:
        if not str(facts.get(need) or "").strip():
            return f"needs_{need}", None
    if one.other_person and facts.get("actor") is not None and facts["actor"] == facts.get("decided_by"):
        return "same_person", facts["actor"]
    days = facts.get("days_since_closed")
    if one.within_days is not None and isinstance(days, int | float) and days > one.within_days:
        return "too_late", one.within_days
    return None


def apply(
    case_type: str, state: str, transition: str, role: Role, facts: Mapping[str, object] | None = None
) -> Outcome:
    """What follows when `role` takes this step from this state; TransitionRefused says why it may not.

    facts   note, reason, duplicate_of: texts. actor, decided_by: ids, for a review by another person.
            days_since_closed: number, for reviews and reopening. Facts that are absent forbid nothing but
            the needs of the table.
    """
    table = _table(case_type)
    origin = _state(table, state)
    one = table.transition(transition)
    place = {"type": table.type, "state": state, "transition": transition, "role": role}
    if one is None:
        raise TransitionRefused("unknown_transition", **place)
    fault = _fault(one, state, role, facts or {})
    if fault is not None:
        raise TransitionRefused(fault[0], **place, value=fault[1])
    target = _state(table, one.target)
    return Outcome(
        type=table.type,
        transition=one.name,
        past=one.past,
        origin=state,
        state=target.code,
        starts=one.starts,
        stops=one.stops,
        calls_off=one.calls_off,
        restarts=one.restarts,
        pauses=target.clocks == "paused",
        resumes=origin.clocks == "paused" and target.clocks == "running",
        public=_step(table, target),
        open311=target.open311,
        events=_events(origin, target, one),
    )


def _events(origin: State, target: State, one: Transition) -> tuple[str, ...]:
    closing = ("case.closed",) if (origin.open311, target.open311) == ("open", "closed") else ()
    return ("case.step_taken", *closing, *(("case.reopened",) if one.restarts else ()))


def _reached(first: Iterable[str], rows: Iterable[tuple[str, str]]) -> set[str]:
    found, pairs = set(first), list(rows)
    grown = True
    while grown:
        more = {target for origin, target in pairs if origin in found} - found
        found |= more
        grown = bool(more)
    return found


def find_faults(table: Workflow) -> list[str]:
    """What is wrong with a table, [] when it is sound: unknown or unreachable states, states without an exit
    or with no way to an end, names used twice, nobody who may act, a bad progress line."""
    codes = {state.code for state in table.states}
    pairs = [(origin, one.target) for one in table.transitions for origin in one.origins]
    named = [one.name for one in table.transitions]
    found = [f"unknown state {code}" for code in sorted({c for pair in pairs for c in pair} - codes)]
    found += [f"unknown entry {code}" for code in table.entries if code not in codes]
    found += [
        f"name used twice: {name}" for name in sorted({name for name in named if named.count(name) > 1})
    ]
    found += [f"unreachable {code}" for code in sorted(codes - _reached(table.entries, pairs))]
    found += [f"no exit from {code}" for code in sorted(codes - {origin for origin, _ in pairs})]
    ends = {state.code for state in table.states if state.open311 == "closed"}
    home = _reached(ends, [(target, origin) for origin, target in pairs])
    found += [f"no way to an end from {code}" for code in sorted(codes - home)]
    found += [f"nobody may {one.name}" for one in table.transitions if not one.roles]
    if not 3 <= len(table.steps) <= 5:
        found.append("the progress line has three to five steps")
    steps = {state.step for state in table.states}
    found += [f"step {step} is not on the progress line" for step in sorted(steps - set(table.steps))]
    found += [f"no state shows step {step}" for step in table.steps if step not in steps]
    return found
