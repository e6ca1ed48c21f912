"""The columns of a workflow table."""

from dataclasses import dataclass
from typing import Literal

CaseType = Literal["complaint", "application", "information_request", "incident"]
Role = Literal["agent", "supervisor", "system", "resident"]
ClockName = Literal["first_answer", "resolution", "review"]
Need = Literal["note", "reason", "duplicate_of"]
ClockMode = Literal["running", "paused", "stopped"]
Open311Status = Literal["open", "closed"]

FIRST_ANSWER: ClockName = "first_answer"
RESOLUTION: ClockName = "resolution"
REVIEW: ClockName = "review"


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands. `step` is what residents see on the progress line.

    clocks          running, paused (it is not our turn), or stopped (nothing is owed).
    for_resident    true when the resident has to do something before it goes on.
    """

    code: str
    step: str
    clocks: ClockMode = "running"
    open311: Open311Status = "open"
    for_resident: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from any of `origins` to `target`, by any of `roles`.

    past            the verb in the past, for the history ("acknowledged").
    needs           facts that must be given and not be blank.
    starts, stops   clocks that begin, and clocks whose promise is fulfilled by this.
    calls_off       every clock ends without having been fulfilled (withdrawn, duplicate).
    restarts        clocks that had ended and run on, the time between not counted (reopened).
    other_person    the one who acts must not be the one who decided before (facts `actor`, `decided_by`).
    within_days     allowed only while the fact `days_since_closed` is at most this; agents and supervisors
                    are bound too, so that an old matter becomes a new case.
    """

    name: str
    past: str
    origins: tuple[str, ...]
    target: str
    roles: frozenset[Role]
    needs: tuple[Need, ...] = ()
    starts: tuple[ClockName, ...] = ()
    stops: tuple[ClockName, ...] = ()
    calls_off: bool = False
    restarts: tuple[ClockName, ...] = ()
    other_person: bool = False
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """The table of one case type. `entries` are the states a case may be opened in, the usual one first.

    steps   the public progress line, three to five codes in order.
    """

    type: CaseType
    steps: tuple[str, ...]
    entries: tuple[str, ...]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    @property
    def initial(self) -> str:
        """The state in which a case is opened unless another entry is asked for."""
        return self.entries[0]

    def state(self, code: str) -> State | None:
        """The state of this code, None when there is none."""
        return next((state for state in self.states if state.code == code), None)

    def transition(self, name: str) -> Transition | None:
        """The transition of this name, None when there is none. Names are unique in a table."""
        return next((one for one in self.transitions if one.name == name), None)
